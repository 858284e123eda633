"""Hears what a child feels, as they tell it: their own feeling, now. Its card stands above the answer."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accessibility.yaml_text import read_yaml
from content.danger_words import Spelling
from content.feeling_patterns import Patterns, any_of, written_out

FEELINGS = Path(__file__).with_name("talk") / "feelings.yml"
SECTIONS = ("feelings", "whole", "in_earnest")
_ROW = re.compile(r"((?: \S+){1,4}?)\1{3,}")
_GONE = "~"
"""Stands where something was taken out, so that what was on either side of it does not become one phrase."""
_FIRST, _LAST = 700, 300
"""How many letters are read of a long message: how it starts, and how it ends. The chat takes no more than these."""


class Feelings:
    """The patterns, read once. Raises KeyError, ValueError or re.error for a broken file, before a child meets it."""

    def __init__(self, path: Path = FEELINGS) -> None:
        read: Mapping[str, Any] = read_yaml(path.read_text("utf-8"))
        self._keys = tuple(read["feelings"])
        self._own, self._whole, self._in_earnest = (Patterns(read[section]) for section in SECTIONS)
        self._others = any_of(read["others"])
        self._signs = {sign.casefold(): face for face, signs in read["signs"].items() for sign in signs}
        self._sign = re.compile("|".join(map(re.escape, self._signs)), re.IGNORECASE)
        self._faces = {key: re.compile(f" [{faces}](?= )") for key, faces in read["faces"].items()}
        self._laughs = frozenset(map(str, read["laughs"]))
        # A word of the patterns is never taken for a slip of another.
        lines = [*read["others"], *(line for s in SECTIONS for lines in read[s].values() for line in lines)]
        known = set(re.findall(r"[^\W_]+", " ".join(map(written_out, lines))))
        self._spelling = Spelling.of(read["spellings"], read["fillers"], read["strong"], read["leave_alone"], known)

    @property
    def keys(self) -> frozenset[str]:
        """Every card that a feeling leads to."""
        return frozenset(self._keys)

    def hear(self, text: str) -> str | None:
        """The key of the card of the feeling that a child tells of; None where no feeling of their own is told."""
        if len(text) > _FIRST + _LAST:
            text = f"{text[:_FIRST]}\n{text[-_LAST:]}"
        text = self._sign.sub(lambda sign: f" {self._signs[sign.group().casefold()]} ", text)
        whole = _ROW.sub(r"\1\1\1", f" {self._spelling.plain(text)}")
        own = self._others.sub(f" {_GONE}", whole)
        return self._own.first(own) or self._whole.first(whole) or self._heard_in_earnest(whole)

    def _heard_in_earnest(self, whole: str) -> str | None:
        if not self._laughs.isdisjoint(whole.split()):
            return None
        faces = (key for key, faces in self._faces.items() if faces.search(whole))
        return self._in_earnest.first(whole) or next(faces, None)
