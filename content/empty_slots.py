"""Puts the honest sentence of an empty slot in the place of the sentence that holds it, and leaves the others."""

import re
from collections.abc import Mapping

from accessibility.language import sentences
from content.slots import slots_of

_CLOSING = re.compile(r"\*\*\s+")


def beside_empty(text: str, missing: Mapping[str, str]) -> str:
    """A text with its empty slots told of. `missing` holds the honest sentence of each, in the order they stand.

    Slots that say the same say it once. Where a sentence cannot be taken out whole, the first honest one is all that is
    said.
    """
    told: set[str] = set()
    lines = [_told(line, missing, told) for line in text.splitlines()]
    # A line may have been nothing but a sentence that was told before.
    found = "\n".join(line.rstrip() for line in lines if sentences(line))
    left = [name for name in slots_of(found) if name in missing]
    torn = (text.count("**") - found.count("**")) % 2
    return next(iter(missing.values())) if left or torn else found


def _told(line: str, missing: Mapping[str, str], told: set[str]) -> str:
    """The line with each sentence that has an empty slot replaced, or left out where `told` has the same already."""
    for sentence in sentences(line):
        honest = next((missing[name] for name in slots_of(sentence) if name in missing), None)
        if honest:
            before, _, after = line.partition(_whole(sentence))
            line = before + after.lstrip() if honest in told else before + honest + after
            told.add(honest)
    return line


def _whole(sentence: str) -> str:
    """A sentence without marks of bold at its start whose other halves stand in other sentences."""
    closing = _CLOSING.match(sentence)
    alone = sentence[closing.end() :] if closing else sentence
    return alone.removeprefix("**") if alone.count("**") % 2 else alone
