"""When the alarm rings: the phrase file on the raw text first, then what the bot heard; either is enough.

While the bot is away, letters are asked in its place (`content/danger_letters.py`).
"""

import asyncio
import logging
import time
from dataclasses import dataclass, field

from api.chat.dialogue.state import Turn
from api.chat.dialogue.understand import Understood
from content.danger import HEARD_AT_ONCE, Alarm, Kind
from content.danger_letters import DangerLetters

# What the bot alone must hear to ring: much in a talk that was calm until then, little where danger was told before.
# What is in between is answered, with help offered quietly under it (docs/understanding.md).
RINGS = 0.75
RINGS_FIRST = 0.15
"""The same while no answer is open: who cries for help does so first, and few calm first messages ring."""
RINGS_AGAIN = 0.05
PLAINLY = 0.8
"""What is told as plainly as this is remembered, and RINGS_AGAIN is enough after it; else one false alarm in a calm
talk would bring the next."""
RINGS_AFTER = 0.45
"""The same for the message after the question of the open card, which says what "he is on the stairs" is about."""
HINTS = 0.05
HINTS_AFTER = 0.3
CALM = 0.01
"""Below this the bot hears nothing of danger. Where only doubtful phrases rang, help is then offered quietly."""
MOST_URGENT = next(iter(Kind))
ALARM_CARDS = {f"alarm-{kind}": kind for kind in Kind}
HELP_FOR_ANYBODY = Turn("alarm", "in-danger", Kind.DANGER_NOW)
"""999, Childline and a person: what is shown where nothing says which kind of danger it is."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DangerDetector:
    """Listens to raw texts. A long one is read to its end a piece at a time, so that it holds up nobody else.

    One long text is read at once, with as much time for others as for it; what fits in one piece never waits.
    """

    alarm: Alarm
    letters: DangerLetters
    _long_texts: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def hear(self, text: str) -> Turn | None:
        """The alarm's turn, when a phrase in the raw text rings; help is shown too when the phrases cannot be used."""
        try:
            kind = self.alarm.hear(text) if len(text) <= HEARD_AT_ONCE else await self._piece_by_piece(text)
        except Exception:  # noqa: BLE001 - a fault in the alarm must show help, never silence
            _log.error("the alarm failed; help is shown")
            return HELP_FOR_ANYBODY
        return Turn("alarm", f"alarm-{kind}", kind) if kind else None

    def without_bot(self, text: str) -> Turn | None:
        """Help for whatever it is, when the letters of a text tell of danger and the bot is not there to read it."""
        return HELP_FOR_ANYBODY if self.letters.ring(text) else None

    def calmed(self, text: str, understood: Understood) -> bool:
        """Whether only doubtful phrases ring at this text, and the bot, which has read it all, hears nothing in it."""
        if len(text) > HEARD_AT_ONCE or understood.share(ALARM_CARDS) >= CALM:
            return False
        try:
            return self.alarm.doubts(text)
        except Exception:  # noqa: BLE001 - as in `hear`: a fault never takes help away
            _log.error("the alarm failed; help is shown")
            return False

    async def _piece_by_piece(self, text: str) -> Kind | None:
        heard = set[Kind | None]()
        async with self._long_texts:
            begun = time.monotonic()
            for kind in self.alarm.listen(text):
                if kind is MOST_URGENT:
                    return kind
                heard.add(kind)
                await asyncio.sleep(time.monotonic() - begun)
                begun = time.monotonic()
        return next((kind for kind in Kind if kind in heard), None)


def heard(
    understood: Understood, near: tuple[str, ...], *, again: bool = False, after: Understood | None = None
) -> Turn | None:
    """The alarm of the likeliest kind, when the bot's shares of all kinds of danger together are enough.

    `again`: whether danger was told earlier in this talk. `after` is the message after the question of the open card,
    None where no card is open.
    """
    least = RINGS_AGAIN if again else RINGS if after else RINGS_FIRST
    told = _likeliest(understood) if understood.share(ALARM_CARDS) >= least else None
    told = told or (_likeliest(after) if after and after.share(ALARM_CARDS) >= RINGS_AFTER else None)
    return Turn("alarm", f"alarm-{told}", told, near) if told else None


def told_plainly(understood: Understood) -> bool:
    """Whether danger was told so plainly that less of it is enough from now on."""
    return understood.share(ALARM_CARDS) >= PLAINLY


def hinted(understood: Understood, after: Understood | None = None) -> Kind | None:
    """The likeliest kind of danger where it is too unlikely to ring, but likely enough to offer help quietly."""
    if understood.share(ALARM_CARDS) >= HINTS:
        return _likeliest(understood)
    return _likeliest(after) if after and after.share(ALARM_CARDS) >= HINTS_AFTER else None


def _likeliest(understood: Understood) -> Kind:
    return next(ALARM_CARDS[key] for key, _ in understood.ranking if key in ALARM_CARDS)
