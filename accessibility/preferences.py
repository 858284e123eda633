"""How a reader likes to read: words in an address, never anything about the reader."""

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

from accessibility.rule_finding import Level

Size = Literal["as-is", "bigger", "much-bigger", "biggest"]
Font = Literal["clear", "lexend", "dyslexic", "own"]
Spacing = Literal["close", "wide"]
Paper = Literal["device", "cream", "white", "blue", "yellow", "dark", "contrast"]
Movement = Literal["device", "still"]
Pictures = Literal["pictures", "no-pictures"]
Pace = Literal["level", "one-at-a-time", "all-at-once"]
Place = Literal["alone", "shared", "alongside"]


@dataclass(frozen=True)
class Reading:
    """How a page is shown. Everything at its first value is what a reader gets who chose nothing.

    `level` is None until it is chosen, and then where new talks start; a talk keeps its own. `pace` "level" shows one
    idea at a time to readers of easy words. `place` "shared" is a screen that others use too;
    "alongside" one that a worker looks at together with a young person.
    """

    level: Level | None = None
    pictures: Pictures = "pictures"
    pace: Pace = "level"
    size: Size = "as-is"
    font: Font = "clear"
    spacing: Spacing = "close"
    paper: Paper = "device"
    movement: Movement = "device"
    place: Place = "alone"

    @property
    def code(self) -> str:
        """What was chosen, as words with dots between them: "easy.no-pictures.dark"; "" when nothing was.

        Each word belongs to one choice only, except that "device" and "level" never stand in a code.
        """
        chosen = (getattr(self, choice.name) for choice in fields(self))
        return ".".join(word for word, first in zip(chosen, _FIRSTS, strict=True) if word and word != first)

    @property
    def address(self) -> str:
        """The code as an address carries it where the device remembers another: "as-is" when nothing was chosen."""
        return self.code or _FIRSTS[_SIZE]

    @classmethod
    def of(cls, code: str) -> "Reading":
        """The choices in a code, of whatever anybody may have typed: what is no choice is left out."""
        # Longer than all choices together is no code of ours.
        words = code[:_LONGEST].split(".")
        found = {name: word for word in words for name, choices in CHOICES.items() if word in choices[1:]}
        return cls(**found)  # type: ignore[arg-type]

    def but(self, **chosen: str) -> "Reading":
        """The same with other choices, by name; what is no choice is left as it was."""
        known = {name: word for name, word in chosen.items() if word in CHOICES.get(name, ())}
        return replace(self, **known)  # type: ignore[arg-type]

    def one_at_a_time(self, level: Level) -> bool:
        """True when one idea of an answer at this level is shown at a time."""
        return level == "easy" if self.pace == "level" else self.pace == "one-at-a-time"


CHOICES: dict[str, tuple[str, ...]] = {
    "level": ("", *get_args(Level)),
    "pictures": get_args(Pictures),
    "pace": get_args(Pace),
    "size": get_args(Size),
    "font": get_args(Font),
    "spacing": get_args(Spacing),
    "paper": get_args(Paper),
    "movement": get_args(Movement),
    "place": get_args(Place),
}
"""Every choice by name, with what it may be; the first is what a reader gets who chose nothing."""

_FIRSTS = tuple(choices[0] for choices in CHOICES.values())
_SIZE = list(CHOICES).index("size")
_LONGEST = 200
