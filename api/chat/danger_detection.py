"""When the alarm rings: the phrase file on the raw text first, then what the bot heard; either is enough."""

import asyncio
import logging
import time
from dataclasses import dataclass, field

from api.chat.chat_token import Turn
from api.chat.rasa_client import Understood
from content.danger import Alarm, Kind
from content.danger_pieces import HEARD_AT_ONCE

# A missed danger costs more than a help card too many, so the bot's alarm needs less than an answer does
# (docs/understanding.md).
RINGS = 0.15
MOST_URGENT = next(iter(Kind))
ALARM_CARDS = {f"alarm-{kind}": kind for kind in Kind}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DangerDetector:
    """Listens to raw texts. A long one is read to its end a piece at a time, so that it holds up nobody else.

    One long text is read at once, with as much time for others as for it; what fits in one piece never waits.
    """

    alarm: Alarm
    _long_texts: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def hear(self, text: str) -> Turn | None:
        """The alarm's turn, when a phrase in the raw text rings; help is shown too when the phrases cannot be used."""
        try:
            kind = self.alarm.hear(text) if len(text) <= HEARD_AT_ONCE else await self._piece_by_piece(text)
        except Exception:  # noqa: BLE001 - a fault in the alarm must show help, never silence
            _log.error("the alarm failed; help is shown")
            return Turn("alarm", "in-danger", Kind.DANGER_NOW)
        return Turn("alarm", f"alarm-{kind}", kind) if kind else None

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


def heard(understood: Understood, near: tuple[str, ...]) -> Turn | None:
    """The alarm of the likeliest kind, when the bot's shares of all kinds of danger together are enough."""
    if understood.share(ALARM_CARDS) < RINGS:
        return None
    card = next(key for key, _ in understood.ranking if key in ALARM_CARDS)
    return Turn("alarm", card, ALARM_CARDS[card], near)
