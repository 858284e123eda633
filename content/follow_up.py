"""Hears what only makes sense after what was just shown: "how long for?", "and my mum?", "no the other one"."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from accessibility.yaml_text import read_yaml
from content.training import read_talk

TALK = Path(__file__).with_name("talk")
FOLLOW_UPS = TALK / "follow-ups.yml"
PEOPLE = TALK / "people.yml"
_STANDS_FOR = {
    "(it)": r"(?:it|that|this|them|these|those|dat|tht)",
    "(they)": r"(?:they|the police|police|he|she|dey|the feds|feds)",
    "(see)": r"(?:see|c|look at|read|watch|view|hear)",
    "(delete)": r"(?:delete|remove|erase|wipe|get rid of|bin|take off|take down|destroy)",
    "(name)": r"(?:my |the |a |his |her |their |our |me )?(?P<name>.+?)",
}
_LONGEST = 80

Way = Literal["asks", "same-for", "pick", "situation"]


@dataclass(frozen=True)
class FollowUp:
    """What a message after another means.

    `way` says how to read `value`: what is asked (`asks`), a button (`pick`: other, first ... last), a situation. For
    "same-for" the question stays and the `subject` or the `person` changes; a word such as "school" can be both.
    """

    way: Way
    value: str = ""
    subject: str | None = None
    person: str | None = None


class FollowUps:
    """The patterns, read once. Raises KeyError or re.error when the file is broken, as a test finds before a child."""

    def __init__(self, path: Path = FOLLOW_UPS, people: Path = PEOPLE) -> None:
        read: Mapping[str, Any] = read_yaml(path.read_text("utf-8"))
        self._asks = list(_patterns(read["asks"]))
        self._picks = list(_patterns(read["picks"]))
        self._situations = list(_patterns(read["situations"]))
        self._same_for = [_pattern(line) for line in read["same_for"]]
        self._cards: Mapping[str, Mapping[str, str]] = read_yaml(people.read_text("utf-8"))
        words = read_talk(TALK).words
        self._subjects, self._persons = _names(words["subject"]), _names(words["person"])

    def hear(self, text: str) -> FollowUp | None:
        """What the message means after another; None when it is not a follow-up."""
        if len(text) > _LONGEST:
            return None
        words = bare(text)
        ways: tuple[tuple[Way, list[tuple[str, re.Pattern[str]]]], ...] = (
            ("asks", self._asks),
            ("pick", self._picks),
            ("situation", self._situations),
        )
        for way, patterns in ways:
            value = next((value for value, pattern in patterns if pattern.fullmatch(words)), None)
            if value:
                return FollowUp(way, value)
        return self._hear_name(words)

    def card_for(self, person: str, asks: str) -> str | None:
        """The card that says what this person is told, or shown when `asks` says so; None where no card is theirs."""
        cards = self._cards.get(person, {})
        return cards.get(asks, cards.get("card"))

    @property
    def cards(self) -> frozenset[str]:
        """Every card that a person leads to."""
        return frozenset(key for cards in self._cards.values() for key in cards.values())

    def _hear_name(self, words: str) -> FollowUp | None:
        for pattern in self._same_for:
            found = pattern.fullmatch(words)
            subject, person = (names.get(found["name"]) if found else None for names in (self._subjects, self._persons))
            if subject or person:
                return FollowUp("same-for", subject=subject, person=person)
        return None


def _patterns(read: Mapping[str, list[str]]) -> Iterator[tuple[str, re.Pattern[str]]]:
    return ((value, _pattern(line)) for value, lines in read.items() for line in lines)


def _pattern(line: str) -> re.Pattern[str]:
    for sign, words in _STANDS_FOR.items():
        line = line.replace(sign, words)
    return re.compile(f"(?:and |but |so |ok |okay )?(?:{line})(?: pls| please| tho| then)?")


def _names(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The name that stands behind each way of writing it."""
    return {bare(way): name for name, ways in words.items() for way in (name, *ways)}


def bare(text: str) -> str:
    """What was typed as the patterns are written, in small letters without signs: "What's that?" is "whats that"."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "").replace("'", "")
    return " ".join(re.findall(r"[^\W_]+", folded))
