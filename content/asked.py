"""Which of the things that a bubble may answer (ANSWERS in content/card.py) a message asks, by its question words."""

import re
from collections.abc import Mapping

from content.follow_up import bare

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
_LONGEST = 300


def asked(text: str) -> tuple[str, ...]:
    """What a message asks, by names of ANSWERS, the surest first; empty where its words do not say."""
    words = bare(text[-_LONGEST:])
    return tuple(name for name, pattern in _PATTERNS.items() if pattern.search(words))
