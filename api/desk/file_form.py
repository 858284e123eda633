"""Reads what somebody brings in at the desk: a zip or single files, and later the changes that they have looked at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import FormData, UploadFile

from api.records.layer_changes import Changes
from content.pack_archive import texts, unzipped
from content.pack_files import FACTS, README, BrokenFiles, PackTexts

_ZIP = b"PK\x03\x04"
_AS_THEY_ARE = (FACTS, README)


async def read_uploads(form: FormData) -> dict[str, str]:
    """The texts that were brought in, by path in the pack. Raises BrokenFiles for what cannot be read."""
    sent = [(file.filename or "", await file.read()) for file in form.getlist("files") if isinstance(file, UploadFile)]
    sent = [(name, data) for name, data in sent if name]
    if not sent:
        raise BrokenFiles({"Files": "Choose a zip, or one or more .md files, and then press the button again."})
    if len(sent) == 1 and sent[0][1].startswith(_ZIP):
        return texts(unzipped(sent[0][1]))
    return texts(_paths(sent))


def _paths(sent: list[tuple[str, bytes]]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    problems: dict[str, str] = {}
    for name, data in sent:
        path = name if name in _AS_THEY_ARE else f"cards/{name}"
        if name.lower().endswith(".zip"):
            problems[name] = "This is no zip that can be read, or not the only file. Bring in one whole zip alone."
        elif path in found:
            problems[name] = "It was chosen twice. Choose one of the two."
        found[path] = data
    if problems:
        raise BrokenFiles(problems)
    return found


@dataclass(frozen=True)
class ReviewedChanges:
    """Changes that somebody has looked at and now wants made: what was brought in, and what stood there then."""

    brought: PackTexts
    cards: Mapping[str, int]
    facts: Mapping[str, int]

    def only_if_unmoved(self, changes: Changes) -> Changes:
        """The changes, to be made only where nothing has moved since they were looked at."""
        return replace(
            changes,
            facts=tuple(replace(fact, seen=self.facts.get(fact.slot, 0)) for fact in changes.facts),
            words=tuple(replace(words, seen=self.cards.get(words.card, 0)) for words in changes.words),
        )


def read_looked_at(form: FormData, slots: Mapping[str, object]) -> ReviewedChanges:
    """The form that follows a look at the changes. Raises BrokenFiles for texts that no upload gave."""
    cards = {name.removeprefix("card."): str(form[name]).encode() for name in form if name.startswith("card.")}
    facts = {slot: str(form[f"fact.{slot}"]) for slot in slots if f"fact.{slot}" in form}
    return ReviewedChanges(
        PackTexts(texts(cards), facts),
        {key: _number(form.get(f"seen.card.{key}")) for key in cards},
        {slot: _number(form.get(f"seen.fact.{slot}")) for slot in facts},
    )


def _number(sent: object) -> int:
    return int(sent) if isinstance(sent, str) and re.fullmatch(r"[0-9]{1,18}", sent) else 0
