"""When the alarm rings: the phrase file on the raw text first, then what the bot heard; either is enough."""

import logging

from api.chat.brain import Understood
from api.chat.token import Turn
from content.danger import Alarm, Kind

# A missed danger costs more than a help card too many, so the bot's alarm needs less than an answer does
# (docs/understanding.md).
RINGS = 0.14
ALARM_CARDS = {f"alarm-{kind}": kind for kind in Kind}

_log = logging.getLogger(__name__)


def hear(alarm: Alarm, text: str) -> Turn | None:
    """The alarm's turn, when a phrase in the raw text rings; help is shown too when the phrases cannot be used."""
    try:
        kind = alarm.hear(text)
    except Exception:  # noqa: BLE001 - a fault in the alarm must show help, never silence
        _log.error("the alarm failed; help is shown")
        return Turn("alarm", "in-danger", Kind.DANGER_NOW)
    return Turn("alarm", f"alarm-{kind}", kind) if kind else None


def heard(understood: Understood, near: tuple[str, ...]) -> Turn | None:
    """The alarm of the likeliest kind, when the bot's shares of all kinds of danger together are enough."""
    if understood.share(ALARM_CARDS) < RINGS:
        return None
    card = next(key for key, _ in understood.ranking if key in ALARM_CARDS)
    return Turn("alarm", card, ALARM_CARDS[card], near)
