"""Hears which hard word a message asks the meaning of: "what does bail mean", "whats a caution"."""

import re
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from content.follow_up import bare
from content.glossary import Word

_LONGEST = 120
# A word of this many letters may have one wrong, and from so many two; in shorter ones that is too often another word.
_ONE_WRONG, _TWO_WRONG = 6, 8
_WHAT = "(?:what|wat|wot|wht|wut|wats|wots|whats)"
_WHATS = "(?:whats|wats|wots|wuts|(?:what|wat|wot|wht|wut) (?:s|is|are|r))"
_IS = "(?:s|is|are|r)"
_DO = "(?:does|do|dose|dus|duz|did)"
_MEAN = "(?:mean|means|meen|meens|ment|meant|stand for)"
_WORD = "(?:the )?(?:words? )?(?:an? |the )?(?P<word>.+?)"
_BEFORE = (
    "(?:(?:and|but|so|ok|okay|hi|hello|hey|um|please|pls|sorry) )*"
    "(?:(?:i dont (?:know|understand|get)|can you (?:tell|explain)(?: to)?(?: me)?|do you know|tell me|explain) )?"
)
_AFTER = "(?: (?:exactly|again|please|pls|plz|then|tho|thanks|even|actually|to me|in easy words))*"
_QUESTIONS = (
    rf"{_WHAT}(?: {_DO})? {_WORD} (?:even )?{_MEAN}",
    rf"{_WHAT}(?: {_IS})? (?:the )?(?:meaning|definition) of {_WORD}",
    rf"(?:the )?(?:meaning|definition) of {_WORD}",
    rf"{_WHATS} {_WORD}",
    rf"{_WHAT} (?:do|does) (?:you|u|they|it|that|police|the police) mean (?:by|when you say|when they say) {_WORD}",
    rf"{_WHAT} {_DO} it mean (?:by|when you say) {_WORD}",
    rf"{_WORD} (?:{_WHAT} (?:{_DO} )?(?:that|it|this) {_MEAN}|{_WHAT}(?: {_IS})? (?:that|it|this)|meaning)",
    rf"(?:define|explain) {_WORD}",
)


class WordQuestions:
    """The ways to ask for a meaning. Only a whole message that is nothing but the question and a glossary word counts.

    So "what is a youth caution and who gets to see it" stays a question about the caution.
    """

    def __init__(self, glossary: Mapping[str, Word]) -> None:
        self._ids = {bare(form): word.id for word in glossary.values() for form in word.forms}
        self._keys = {
            word.id: tuple(form.replace(" ", "-") for form in (word.word.lower(), *word.forms))
            for word in glossary.values()
        }
        self._questions = [re.compile(f"{_BEFORE}(?:{question}){_AFTER}") for question in _QUESTIONS]

    def cards_named_as(self, word: str) -> tuple[str, ...]:
        """The keys that a card about this word may have: "youth-caution" for a caution."""
        return self._keys[word]

    def hear(self, text: str) -> str | None:
        """The id of the glossary word that is asked about; None when the message is something else."""
        if len(text) > _LONGEST:
            return None
        said = bare(text)
        asked = [hit["word"] for question in self._questions if (hit := question.fullmatch(said))]
        exact = next((self._ids[word] for word in asked if word in self._ids), None)
        return exact or next((found for word in asked if (found := self._nearest(word))), None)

    def named(self, text: str) -> str | None:
        """The id of the one glossary word that a message names, where the message is known to ask for a meaning."""
        said = f" {bare(text[:_LONGEST])} "
        found = {key for form, key in self._ids.items() if f" {form} " in said}
        return found.pop() if len(found) == 1 else None

    def _nearest(self, typed: str) -> str | None:
        """The one glossary word that is spelt nearly so. Of one word alone: "prime number" is near "crime number"."""
        if len(typed) < _ONE_WRONG or " " in typed:
            return None
        most = 1 + (len(typed) >= _TWO_WRONG)
        near = process.extract(typed, list(self._ids), scorer=OSA.distance, score_cutoff=most, limit=None)
        least = min((wrong for _, wrong, _ in near), default=0)
        found = {self._ids[form] for form, wrong, _ in near if wrong == least}
        return found.pop() if len(found) == 1 else None
