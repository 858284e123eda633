"""All questions that a child of a force can open: by situation, in the order of the menu, and by letter of subject."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from accessibility.rule_finding import LEVELS, Level
from api.chat.journey_view import NAMES, key_of
from content.card import Kind
from content.language import Language
from content.pack import Pack
from content.signoff import SignOff
from content.situations import ROOT, Menu
from content.subject_names import subject_names

LISTED: frozenset[Kind] = frozenset({"card", "journey"})
"""The kinds that answer a question. House words, the alarm's and those of the talk are shown in their own places."""

# "your phone" is looked for under P. A name keeps the other words that it begins with, so its letter is its first one.
_SMALL = ("a", "an", "the", "this", "your")
_JOURNEYS = {key_of(name): name for name in NAMES}


@dataclass(frozen=True)
class ListedQuestion:
    """A question at the reader's level, and what it opens: a card, or the journey of this name."""

    key: str
    text: str
    language: Language
    journey: str = ""


@dataclass(frozen=True)
class SituationQuestions:
    """The questions of a situation, its journeys first. `label` is in English here, as all words of the menu."""

    name: str
    label: str
    symbol: str | None
    questions: tuple[ListedQuestion, ...]


@dataclass(frozen=True)
class SubjectQuestions:
    """The questions about a subject, named as a child would look for it: "Police record"."""

    name: str
    questions: tuple[ListedQuestion, ...]


@dataclass(frozen=True)
class LetterQuestions:
    """The subjects under a letter."""

    letter: str
    subjects: tuple[SubjectQuestions, ...]


def listed(pack: Pack, today: date) -> Mapping[str, SignOff]:
    """The signed words of every question that may be shown today, by key."""
    return {key: signed for key, signed in pack.live(today).items() if signed.words.kind in LISTED}


def question_of(signed: SignOff, level: Level) -> ListedQuestion:
    """A question as the list shows it."""
    words = signed.words
    return ListedQuestion(signed.card, words.levels[level].question, words.language, _JOURNEYS.get(signed.card, ""))


def by_situation(live: Mapping[str, SignOff], level: Level, menu: Menu) -> list[SituationQuestions]:
    """Each situation of the menu that has a question."""
    found = []
    for key in (page for group in menu.entries[ROOT].opens for page in menu.entries[group].opens):
        name, entry = menu.situation(key) or "", menu.entries[key]
        naming = [one for one, signed in live.items() if name in signed.words.situations]
        journeys = [one for one in _JOURNEYS if one in naming]
        ordered = dict.fromkeys((*journeys, *(one for one in entry.opens if one in live), *naming))
        if ordered:
            questions = tuple(question_of(live[one], level) for one in ordered)
            found.append(SituationQuestions(name, entry.label, entry.symbol, questions))
    return found


def by_letter(live: Mapping[str, SignOff], level: Level) -> list[LetterQuestions]:
    """Every question once, under the letter of what it is about."""
    subjects: dict[str, list[ListedQuestion]] = {}
    for signed in live.values():
        subjects.setdefault(_subject(signed), []).append(question_of(signed, level))
    named = [
        SubjectQuestions(name, tuple(sorted(subjects[name], key=_sorted_by))) for name in sorted(subjects, key=_plain)
    ]
    return [LetterQuestions(letter, tuple(group)) for letter, group in groupby(named, lambda one: _letter(one.name))]


def words_of(live: Mapping[str, SignOff]) -> Mapping[str, list[str]]:
    """What each question says at every level, and what it is about: to be searched while the bot is away."""
    return {key: list(dict.fromkeys((*_said(signed), _subject(signed)))) for key, signed in live.items()}


def _said(signed: SignOff) -> Iterator[str]:
    for level in LEVELS:
        yield signed.words.levels[level].question


def _subject(signed: SignOff) -> str:
    """The name of what a card is about, without the small words before it; its own question where it has no name."""
    name = subject_names().get(signed.words.about) or signed.words.levels["easy"].question
    first, _, rest = name.partition(" ")
    bare = rest if first in _SMALL and rest else name
    return bare[:1].upper() + bare[1:]


def _sorted_by(question: ListedQuestion) -> str:
    return _plain(question.text)


def _plain(text: str) -> str:
    """Text to sort by: small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def _letter(name: str) -> str:
    return next((one for one in _plain(name).upper() if one.isalnum()), "?")
