"""Hears what a child feels, as they tell it: their own feeling, now. Its card stands above the answer."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from accessibility.yaml_text import read_yaml
from content.danger_words import STOP, Spelling

FEELINGS = Path(__file__).with_name("talk") / "feelings.yml"
_I = "i (?:am|feel|felt so|get|have been|have got|been|keep getting|keep feeling)"
_MAKES_ME = "(?:make|makes|made|making|leaves|got|has) me(?: feel)?"
_SO = "so|soo|too|even|dead|mad|well|getting|getin|gettin|more|being|feeling|most|now|both|that|in|the|rather|dying"
_FIRST_WORDS = "and|but|omg|oh|god|cos|because|yes|yeah|ok|okay|hi|hey|hello|now|well|feel|feeling|is"
_LAST_WORDS = (
    "now|rn|tho|though|tbh|bro|bruv|fam|man|mate|x|xx|xxx|pls|please|today|tonight|lately|anymore|at the moment|atm"
    "|innit|help|here|in this|alone|you know|yk|with this|with it|for me|to me"
)
_STANDS_FOR = {
    "(me)": f"(?:{_I}|{_MAKES_ME})",
    "(so)": f"(?:(?:{_SO}) )*",
    "(start)": f"{STOP} (?:(?:{_FIRST_WORDS}) )*",
    "(end)": f"(?=(?: (?:{_LAST_WORDS}))* {STOP})",
    "(idk)": f"(?:i dont know|{STOP} (?:dont know|dunno|dont no))",
    "(nobody)": "(?:nobody|not anyone|no adult|not single person)",
}
_ROW = re.compile(r"( \S+)\1{3,}")
_GONE = "~"
"""Stands where something was taken out, so that what was on either side of it does not become one phrase."""
_FIRST, _LAST = 300, 200
"""How many letters are read of a long message: how it starts, and how it ends."""


class Feelings:
    """The patterns, read once. Raises KeyError or re.error when the file is broken, as a test finds before a child."""

    def __init__(self, path: Path = FEELINGS) -> None:
        read: Mapping[str, Any] = read_yaml(path.read_text("utf-8"))
        feelings: Mapping[str, list[str]] = read["feelings"]
        self._others = _any_of(read["others"])
        self._patterns = {key: _any_of(lines) for key, lines in feelings.items()}
        self._faces = {
            key: re.compile(f"(?: [{faces}]){{3}}|{STOP}(?: [{faces}])+ {STOP}") for key, faces in read["faces"].items()
        }
        self._laughs = frozenset(map(str, read["laughs"]))
        # A word of the patterns is never taken for a slip of another.
        patterns = (self._others, *self._patterns.values())
        known = {word for pattern in patterns for word in re.findall(r"[^\W_]+", pattern.pattern)}
        self._spelling = Spelling.of(read["spellings"], read["fillers"], read["strong"], read["leave_alone"], known)

    @property
    def keys(self) -> frozenset[str]:
        """Every card that a feeling leads to."""
        return frozenset(self._patterns)

    def hear(self, text: str) -> str | None:
        """The key of the card of the feeling that a child tells of; None where no feeling of their own is told."""
        if len(text) > _FIRST + _LAST:
            text = f"{text[:_FIRST]}\n{text[-_LAST:]}"
        plain = _ROW.sub(r"\1\1\1", f" {self._spelling.plain(text)}")
        own = self._others.sub(f" {_GONE}", plain)
        told = next((key for key, pattern in self._patterns.items() if pattern.search(own)), None)
        return told or self._seen_in_faces(plain)

    def _seen_in_faces(self, plain: str) -> str | None:
        if not self._laughs.isdisjoint(plain.split()):
            return None
        return next((key for key, faces in self._faces.items() if faces.search(plain)), None)


def _any_of(lines: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all of these. Lines that start alike stand behind one start, so that it is looked for once."""
    starts: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        start = next((sign for sign in _STANDS_FOR if line.startswith(sign)), "")
        starts[start].append(_written_out(line.removeprefix(start)))
    groups = (f"{_written_out(start)}(?:{'|'.join(ends)})" for start, ends in starts.items())
    return re.compile(f" (?:{'|'.join(groups)})(?= )")


def _written_out(line: str) -> str:
    line = line.replace("| ", "|")  # A long line of the file goes on after a |.
    for sign, words in _STANDS_FOR.items():
        line = line.replace(sign, words)
    return line
