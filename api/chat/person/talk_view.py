"""What the page of a talk shows by its state, at its reader's level: for the whole page, and for its live parts."""

from dataclasses import dataclass, replace
from typing import Any

from accessibility.finding import LEVELS
from accessibility.symbols import symbols
from api.chat.page_view import ANY, page_view
from api.chat.person.handle import Handle
from api.chat.person.room import Way
from api.chat.person.sight import Sight
from api.chat.person.talk_words import call_due, closing_card, news, nobody_there, waited_for, who
from api.chat.person.terms import pack_of
from api.chat.room import Room
from api.chat.token import Chat
from api.records.handovers.hours import uk
from api.records.handovers.reading import Shown
from api.records.handovers.safe import Line, Said
from api.records.handovers.states import State, waited
from api.records.handovers.tables import Handover
from api.records.handovers.talk import WORDS
from content.situations import ROOT

READS: frozenset[State] = frozenset({"waiting", "call-back"})
"""While nobody has come, the cards are there to read. From the claim on there are none."""


@dataclass(frozen=True)
class View:
    """How one page shows a talk: to this reader's chat (level, card, help that stays), by this room's words."""

    room: Room
    way: Way
    chat: Chat

    def state(self, seen: Sight) -> dict[str, Any]:
        """What changes on the page while it is open, beside its lines."""
        stands, handover, now = seen.standing, seen.handover, self.way.now()
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
            "choices": waits and waited(handover.asked_at, now) == "choices",
            "nobody": nobody_there(stands.provider, now) if waits else None,
            "due": call_due(handover) if handover.state in ("call-back", "calling") else None,
            "with_worker": self.with_worker(seen),
            "read_on": page_view(self.room, self.chat) if handover.state in READS else None,
            **self._closed(handover),
        }

    def lines(self, seen: Sight) -> dict[str, Any]:
        """The lines, with what their hard words mean, and what their writers are called."""
        pack, today = pack_of(self.room, seen.handover.force or None), self.room.shelf.today()
        shown = [Shown.of(line, self.chat.level, pack, self.way.renderer, today) for line in seen.lines]
        return {"lines": shown, "names": seen.names, "symbols": symbols()}

    def with_worker(self, seen: Sight) -> bool:
        """True where the child asked with a worker."""
        return self.way.talks.safe.sent(seen.handover).worker is not None

    def unsent(self) -> Shown:
        """An empty line of the child's own, which the script fills while it is being sent."""
        return Shown(Line(0, 0, "child", WORDS, Said(" "), self.way.now()), None, ())

    def _closed(self, handover: Handover) -> dict[str, Any]:
        key, pack = closing_card(handover), pack_of(self.room, handover.force or None)
        signed = pack.card(key, self.room.shelf.today()) if key else None
        return {
            "closing": signed.words.levels[self.chat.level] if signed else None,
            "closing_language": signed.words.language if signed else "en",
            "purged": uk(handover.purge_at).date() if handover.purge_at else None,
            "face": handover.face,
        }


def own_chat(handover: Handover) -> Chat:
    """The chat of a page that comes without one."""
    return Chat(handover.force or None, next((one for one in LEVELS if one == handover.level), "simple"))


def at_the_wait(room: Room, way: Way, handle: Handle, chat: Chat, *, opened_now: bool) -> Chat:
    """The chat that a page of this handover carries. One that is opened now does not say what was read before."""
    menu = opened_now or chat.last is None
    chat = room.helper.open_card(chat, ROOT)[0] if menu and not _at_menu(chat) else chat
    return replace(chat, person=way.handles.write(handle, way.now()))


def _at_menu(chat: Chat) -> bool:
    return chat.last is not None and chat.last.menu == ROOT
