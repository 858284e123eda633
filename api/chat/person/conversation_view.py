"""What the page of a talk shows and says by its state, at its reader's level: as a whole, and in its live parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from accessibility.rule_finding import LEVELS
from accessibility.symbols import symbols
from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY, answer_view
from api.chat.dialogue.state import Chat
from api.chat.person import plain_times
from api.chat.person.ask_view import helplines
from api.chat.person.handover_token import HandoverToken
from api.chat.person.person_door import PersonDoor
from api.records.handovers.conversation import WORDS
from api.records.handovers.message_cipher import MessageBody, OpenedMessage
from api.records.handovers.message_reading import ExplainedMessage
from api.records.handovers.new_handover import CallWindow
from api.records.handovers.opening_hours import uk
from api.records.handovers.opening_week import BrokenHours
from api.records.handovers.states import State
from api.records.handovers.status import HandoverStatus, Snapshot, waited
from api.records.handovers.tables import Handover, Provider
from content.helplines import Helpline
from content.situations import ROOT

READS: frozenset[State] = frozenset({"waiting", "call-back"})
"""While nobody has come, the cards are there to read. From the claim on there are none."""
_CLOSED_BY = {
    "answered": "person-closed",
    "passed-on": "person-closed",
    "child-left": "person-closed",
    "not-reached": "person-not-reached",
    "no-answer": "person-no-answer",
}
_ENDED = "person-ended"
# Said where the page was left until the clock closed the talk: neither side ended it.
_LEFT = "talk-to-a-person"
_MANY_MINUTES = 120
_WAITED = {"looking": "wait_looking", "still-looking": "wait_still", "choices": "wait_choices"}


@dataclass(frozen=True)
class FilledString:
    """An interface string, with what fills its blanks."""

    name: str
    filled: Mapping[str, str | date] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """How one page shows a talk: to this reader's chat (level, card, help that stays), by this force's words."""

    chat_door: ChatDoor
    person_door: PersonDoor
    chat: Chat

    def state(self, seen: Snapshot) -> dict[str, Any]:
        """What changes on the page while it is open, beside its lines."""
        stands, handover, now = seen.standing, seen.handover, self.person_door.now()
        waits = handover.state == "waiting"
        return {
            "slug": self.chat.force or ANY,
            "level": self.chat.level,
            "symbols": symbols(),
            "state": handover.state,
            "rung": self.chat.rung or handover.danger,
            "provider": stands.provider.name,
            "who": who(stands),
            "news": news(stands, now),
            "place": str(stands.place) if waits else "",
            "waited": waited_for(handover, now) if waits else None,
            "choices": waits and (stands.full or waited(handover.asked_at, now) == "choices"),
            "full": stands.full,
            "numbers": self.numbers(seen),
            "nobody": nobody_there(stands.provider, now) if waits else None,
            "due": call_due(handover) if handover.state in ("call-back", "calling") else None,
            "with_worker": self.with_worker(seen),
            "read_on": answer_view(self.chat_door, self.chat) if handover.state in READS else None,
            **self._closed(handover),
        }

    def numbers(self, seen: Snapshot) -> tuple[Helpline, ...]:
        """Who else can be reached, beside 999 and Childline, for a child whom nobody is free to talk with now."""
        if not seen.standing.full:
            return ()
        force = self.chat_door.force(self.chat.force)
        return helplines(force.nation if force else None)

    def lines(self, seen: Snapshot) -> dict[str, Any]:
        """The lines, with what their hard words mean, and what their writers are called."""
        pack, today = self.chat_door.pack_or_national(seen.handover.force or None), self.chat_door.pack_cache.today()
        shown = [
            ExplainedMessage.of(line, self.chat.level, pack, self.person_door.renderer, today) for line in seen.lines
        ]
        return {"lines": shown, "names": seen.names, "symbols": symbols()}

    def with_worker(self, seen: Snapshot) -> bool:
        """True where the child asked with a worker."""
        return self.person_door.handover_context.message_cipher.sent(seen.handover).worker is not None

    def unsent(self) -> ExplainedMessage:
        """An empty line of the child's own, which the script fills while it is being sent."""
        return ExplainedMessage(OpenedMessage(0, 0, "child", WORDS, MessageBody(" "), self.person_door.now()), None, ())

    def _closed(self, handover: Handover) -> dict[str, Any]:
        key, pack = closing_card(handover), self.chat_door.pack_or_national(handover.force or None)
        signed = pack.card(key, self.chat_door.pack_cache.today()) if key else None
        return {
            "closing": signed.words.levels[self.chat.level] if signed else None,
            "closing_language": signed.words.language if signed else "en",
            "purged": uk(handover.purge_at).date() if handover.purge_at else None,
            "face": handover.face,
        }


def own_chat(handover: Handover) -> Chat:
    """The chat of a page that comes without one."""
    return Chat(handover.force or None, next((one for one in LEVELS if one == handover.level), "simple"))


def at_the_wait(
    chat_door: ChatDoor, person_door: PersonDoor, handle: HandoverToken, chat: Chat, *, opened_now: bool
) -> Chat:
    """The chat that a page of this handover carries. One that is opened now does not say what was read before."""
    menu = opened_now or chat.last is None
    chat = chat_door.helper.open_card(chat, ROOT)[0] if menu and not _at_menu(chat) else chat
    return replace(chat, person=person_door.handover_tokens.write(handle, person_door.now()))


def _at_menu(chat: Chat) -> bool:
    return chat.last is not None and chat.last.menu == ROOT


def who(stands: HandoverStatus) -> FilledString:
    """Who can see this talk now."""
    handover, provider = stands.handover, stands.provider.name
    also = ", ".join(stands.watchers)
    if handover.purge_at:
        return FilledString("who_closed", {"provider": provider, "date": uk(handover.purge_at).date()})
    if stands.advocate and also:
        return FilledString("who_two", {"who": stands.advocate, "also": also, "provider": provider})
    if stands.advocate:
        return FilledString("who_one", {"who": stands.advocate, "provider": provider})
    return FilledString("who_watched", {"also": also, "provider": provider}) if also else FilledString("who_nobody")


def news(stands: HandoverStatus, now: datetime) -> FilledString | None:
    """What there is to say of it beside who reads; None once it is closed, and where the name was altered."""
    handover, provider = stands.handover, stands.provider.name
    match handover.state:
        case "waiting":
            return FilledString(_WAITED[waited(handover.asked_at, now)])
        case "call-back":
            return FilledString("call_waits", {"provider": provider})
        case "talking" if stands.advocate:
            return FilledString("talk_here", {"who": stands.advocate})
        case "calling" if stands.advocate:
            return FilledString("call_comes", {"who": stands.advocate})
        case _:
            return None


def waited_for(handover: Handover, now: datetime) -> FilledString:
    """How long it is since the first ask. A clock that was put back counts as no time."""
    minutes = minutes_since(handover.asked_at, now)
    if minutes < 1:
        return FilledString("waited_none")
    if minutes == 1:
        return FilledString("waited_one")
    if minutes < _MANY_MINUTES:
        return FilledString("waited_minutes", {"minutes": str(minutes)})
    return FilledString("waited_hours", {"hours": str(minutes // 60)})


def minutes_since(moment: datetime, now: datetime) -> int:
    """Whole minutes since a moment, none for one that is to come."""
    return max(0, int((now - moment).total_seconds() // 60))


def nobody_there(provider: Provider, now: datetime) -> FilledString | None:
    """When somebody is there again; None while somebody should be, and where the hours cannot be read."""
    try:
        hours = provider.opening_hours
    except BrokenHours:
        return None
    if hours.open_at(now):
        return None
    opens = hours.opens_next(now)
    return (
        FilledString("there_again", {"time": plain_times.day_and_time(opens)})
        if opens
        else FilledString("there_unknown")
    )


def call_due(handover: Handover) -> FilledString | None:
    """When the call comes; None where none is agreed."""
    if not handover.due_from or not handover.due_until:
        return None
    return FilledString("call_due", {"time": plain_times.label(CallWindow(handover.due_from, handover.due_until))})


def closing_card(handover: Handover) -> str | None:
    """The key of the card that says how a talk ended; None while it is open."""
    if handover.closed_by is None:
        return None
    if handover.closed_by == "child":
        return _ENDED
    left = handover.closed_by == "clock" and handover.outcome == "child-left"
    return _LEFT if left else _CLOSED_BY[handover.outcome or "answered"]
