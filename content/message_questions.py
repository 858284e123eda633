"""What a message asks, by its words: its parts that are questions, which of ANSWERS they want, and what a word means.

ANSWERS, in content/card.py, are the things that a bubble may answer.
"""

import re
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from content.follow_up import bare
from content.glossary import Word

MOST_PARTS = 3
"""So many parts are looked at, the last ones: who tells a story asks at its end."""
_ASKING = (
    r"can|cn|could|do|does|dus|did|will|wil|would|wud|is|are|am|was|were|should|shud|have|has|what|whats|wat|wats|wot|"
    r"wots|who|whos|when|wen|where|why|how|if"
)
_END = re.compile(r"(?<=[.?!])\s+|\s*\n+\s*")
_NEXT = re.compile(rf"[\s,]+(?:and|n|an|also|plus|but|or)\s+(?=(?:also\s+|then\s+)?(?:{_ASKING})\b)", re.IGNORECASE)
_QUESTION = re.compile(rf"^(?:(?:and|an|but|so|also|ok|then|plus|or)\s+)*(?:{_ASKING})\b|\?\s*$", re.IGNORECASE)
# Fewer words than this say nothing alone, so they stay with what stands before.
_FEWEST_WORDS = 2
_WAYS: Mapping[str, tuple[str, ...]] = {
    "if-no": (
        r"(?:what|wot|wat)s? (?:happens |hapens )?(?:if|wen|when) i (?:say no|dont|do not|refuse"
        r"|say nothing|just dont|wont|not)",
        r"an?d? if i (?:say no|dont|refuse|not)",
        r"^if i (?:say no|dont|refuse|not)",
        r"can i (?:say no|refuse)",
    ),
    "how-long": (
        r"how long",
        r"how many (?:days|weeks|months|years)",
        r"for ?ever",
        r"4 ?ever",
        r"til wen",
        r"until when",
        r"how much longer",
    ),
    "why": (r"^(?:but )?(?:why|y|wy|how come)\b",),
    "when": (
        r"^(?:so )?(?:when|wen)\b",
        r"how soon",
    ),
    "who-decides": (
        r"who (?:decides|chooses|picks|says)",
        r"whose (?:choice|decision)",
    ),
    "who-sees": (
        r"who (?:else )?(?:sees|can see|gets|looks|reads|knows|finds out|will|do they tell|is told)",
        r"(?:can|will|do|does|would|could) (?:\w+ ){1,3}(?:see|read|watch|know|find out|be told|hear)",
        r"(?:tell|told|ring|phone|show) (?:my|me|the|his|her)",
    ),
    "if-wrong": (
        r"(?:what|wot) if (?:its|it is|they|theyre|that is|thats) (?:wrong|not true|lying|lie|say no|a lie)",
        r"its not true",
        r"they got it wrong",
    ),
    "must-i": (
        r"(?:do|d) i (?:have|hav|av|need) ?(?:to|2|ta)",
        r"\bhave i got to",
        r"must i",
        r"am i (?:forced|made) to",
    ),
    "ask": (
        r"what (?:do|should|shud|can) i (?:say|ask|write|tell)",
        r"how (?:do|can) i (?:ask|say|get|do)",
        r"who do i (?:ask|tell|ring|call)",
    ),
    "can-they": (
        r"(?:can|could|are|r) (?:they|police|the police|feds|officers|he|she) (?:allowed|alowed|just"
        r"|even|really|do|take|keep|make|look|search|ask|force|come|hold|touch|stop)",
        r"is that (?:allowed|legal|right)",
        r"they allowed",
    ),
    "can-i": (
        r"^(?:so |and |but )?(?:can|could|am i allowed|may) (?:i|we)\b",
        r"am i allowed",
    ),
    "help": (
        r"who can help",
        r"help me",
        r"not safe",
        r"scared",
    ),
}
_PATTERNS = {name: re.compile("|".join(ways)) for name, ways in _WAYS.items()}
_LONGEST_READ = 300
_LONGEST_WORD_QUESTION = 120
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


def parts(text: str) -> list[str]:
    """The message in parts, at most MOST_PARTS, the last ones; the whole message where it is one."""
    found: list[str] = []
    for sentence in _END.split(text.strip()):
        for part in _NEXT.split(sentence):
            if found and len(part.split()) < _FEWEST_WORDS:
                found[-1] = f"{found[-1]} {part}"
            elif part.strip():
                found.append(part.strip())
    return found[-MOST_PARTS:]


def asks(part: str) -> bool:
    """True where a part is a question as children write them, with or without a sign."""
    return _QUESTION.search(part) is not None


def asked(text: str) -> tuple[str, ...]:
    """What a message asks, by names of ANSWERS, the surest first; empty where its words do not say."""
    words = bare(text[-_LONGEST_READ:])
    return tuple(name for name, pattern in _PATTERNS.items() if pattern.search(words))


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
        if len(text) > _LONGEST_WORD_QUESTION:
            return None
        said = bare(text)
        asked = [hit["word"] for question in self._questions if (hit := question.fullmatch(said))]
        exact = next((self._ids[word] for word in asked if word in self._ids), None)
        return exact or next((found for word in asked if (found := self._nearest(word))), None)

    def named(self, text: str) -> str | None:
        """The id of the one glossary word that a message names, where the message is known to ask for a meaning."""
        said = f" {bare(text[:_LONGEST_WORD_QUESTION])} "
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
