"""What a reading rule says about a text: which rule, how bad, where, and a kinder way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["standard", "simple", "easy"]
LEVELS: tuple[Level, ...] = ("standard", "simple", "easy")
Severity = Literal["error", "warning"]

Glossary = Mapping[str, str]
"""Every way a glossary word may be written (lower case), to the glossary id."""


@dataclass(frozen=True)
class Finding:
    """One thing to mend. `rule` is the number in the content standard; an error blocks publishing."""

    rule: int
    severity: Severity
    text: str
    problem: str
    suggestion: str


@dataclass(frozen=True)
class Answer:
    """The words of one card at one level, as a child gets them.

    `bubbles` holds plain text with everything filled in; `verbatim` the numbers of the bubbles that quote
    the law word for word, and `local` those of the bubbles that hold what only a force can say. `pictures` are
    the symbol ids, one a bubble; None when pictures do not belong to the text. `button` is what leads here: the whole
    question, or a short label. `help` is True for words of the house, the alarm or a feeling.
    """

    level: Level
    question: str
    button: str
    bubbles: tuple[str, ...]
    verbatim: frozenset[int] = frozenset()
    local: frozenset[int] = frozenset()
    pictures: tuple[str | None, ...] | None = None
    help: bool = False

    @property
    def own_bubbles(self) -> tuple[str, ...]:
        """The bubbles that are our own words, so that the rules apply to them."""
        return tuple(text for number, text in enumerate(self.bubbles) if number not in self.verbatim)

    @property
    def body(self) -> str:
        """All our own bubbles as one text, a line each."""
        return "\n".join(self.own_bubbles)
