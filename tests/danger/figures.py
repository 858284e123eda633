"""What an alarm made of the cries and twins: counts, and no line."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from content.danger import Alarm
from content.danger_letters import DangerLetters
from tests.danger.lines import Half, Line, lines

BY_PHRASES = frozenset(
    {
        "not-breathing",
        "swallowed-medicine",
        "swallowed-cleaner",
        "swallowed-battery",
        "swallowed-magnet",
        "bare-help",
        "bare-999",
        "cannot-talk",
    }
)
"""The causes that must be heard by phrases alone: the bot may be away, and no time is left."""
_CAUSES = Path(__file__).with_name("causes.yml")


@dataclass(frozen=True)
class Rung:
    """A line, and what rang at it; `calmed` where the bot takes back what only doubtful phrases rang at.

    `letters` ring while the bot is away, and are not asked while it is there.
    """

    line: Line
    phrases: bool
    letters: bool = False
    bot: bool = False
    calmed: bool = False

    @property
    def without_bot(self) -> bool:
        """Whether a child sees help while the bot is away."""
        return self.phrases or self.letters

    @property
    def either(self) -> bool:
        """Whether a child sees help."""
        return self.bot or (self.phrases and not self.calmed)


@dataclass(frozen=True)
class Row:
    """One row of the table: how many lines, and how many rang by phrases, with the bot away, and with the bot."""

    name: str
    lines: int
    phrases: int
    without: int
    either: int

    @property
    def by_phrases(self) -> float:
        """The part that phrases alone rang at, 0 to 1."""
        return self.phrases / self.lines if self.lines else 0.0

    @property
    def without_bot(self) -> float:
        """The part that rang while the bot was away, by phrases or letters, 0 to 1."""
        return self.without / self.lines if self.lines else 0.0

    @property
    def by_either(self) -> float:
        """The part that phrases or the bot rang at, 0 to 1."""
        return self.either / self.lines if self.lines else 0.0


def by_phrases(half: Half) -> list[Rung]:
    """What the phrases alone make of every line of this half, and the letters while the bot is away."""
    alarm, letters = Alarm.load(), DangerLetters.load()
    return [Rung(line, alarm.hear(line.text) is not None, letters.ring(line.text)) for line in lines(half)]


def rows(rung: Sequence[Rung]) -> list[Row]:
    """In all, those happening now, the twins, the causes that phrases must hear, then each group of causes."""
    groups = _groups()

    def row(name: str, of: Callable[[Line], bool]) -> Row:
        chosen = [one for one in rung if of(one.line)]
        phrases, without = sum(one.phrases for one in chosen), sum(one.without_bot for one in chosen)
        return Row(name, len(chosen), phrases, without, sum(one.either for one in chosen))

    return [
        row("cries", lambda line: line.cry),
        row("now", lambda line: line.now),
        row("twins", lambda line: not line.cry),
        row("by phrases", lambda line: line.cry and line.cause in BY_PHRASES),
        *(
            row(group, lambda line, group=group: line.cry and groups[line.cause] == group)
            for group in dict.fromkeys(groups.values())
        ),
    ]


def _groups() -> dict[str, str]:
    """The group of each cause: the heading that stands above it in the file."""
    found, group = {}, ""
    for heading, cause in re.findall(r"^  # (.+)$|^  - id: (.+)$", _CAUSES.read_text("utf-8"), re.MULTILINE):
        group = heading or group
        if cause:
            found[cause] = group
    return found
