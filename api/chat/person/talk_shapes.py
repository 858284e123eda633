"""A talk as JSON gives it: where it stands in the signed sentences of the page, and its lines at a level."""

from dataclasses import asdict

from api.chat.person.receipt import Receipt
from api.chat.person.sight import Sight
from api.chat.person.talk_models import EndedView, ForgottenView, LineView, StateView
from api.chat.person.talk_view import View
from api.chat.person.talk_words import Told, closing_card, minutes_since, news, nobody_there, who
from api.chat.person.terms import pack_of
from api.chat.room import Room
from api.chat.view import MeaningView, card_view
from api.hall.pages import day
from api.records.handovers.hours import uk
from api.records.handovers.reading import Shown
from api.records.handovers.states import waited
from api.records.handovers.tables import Handover


def state_view(view: View, seen: Sight, here: str = "", *, opened: bool = False) -> StateView:
    """Where a talk stands. `opened` when somebody asks how many messages there are."""
    stands, handover, now = seen.standing, seen.handover, view.way.now()
    waits = handover.state == "waiting"
    told, nobody = news(stands, now), nobody_there(stands.provider, now) if waits else None
    return StateView(
        here=here,
        state=handover.state,
        danger=handover.danger,
        who_can_see=spoken(view.room, who(stands)),
        news=spoken(view.room, told) if told else None,
        provider=stands.provider.name,
        advocate=stands.advocate or None,
        watchers=list(stands.watchers),
        asked_at=handover.asked_at,
        minutes=minutes_since(handover.asked_at, now),
        waited=waited(handover.asked_at, now) if waits else None,
        place=stands.place or None,
        nobody=spoken(view.room, nobody) if nobody else None,
        call_from=handover.due_from,
        call_until=handover.due_until,
        ended=_ended(view, handover),
        changes=handover.changes,
        messages=seen.before if opened else None,
        with_worker=view.with_worker(seen),
    )


def line_view(view: View, seen: Sight, shown: Shown) -> LineView:
    """One line; of the house's own, the sentence that tells what happened."""
    line, room = shown.line, view.room
    house = line.writer == "house"
    pack, today = pack_of(room, seen.handover.force or None), room.shelf.today()
    told = Told(f"line_{line.kind.replace('-', '_')}", {"who": line.said.who})
    return LineView(
        number=line.number,
        change=line.change,
        writer=line.writer,
        who=line.said.who or seen.names.get(line.account_id or 0, ""),
        kind=line.kind,
        text=spoken(room, told) if house else line.said.text,
        symbol=line.said.symbol,
        card=card_view(line.said.card, view.chat.level, pack, today) if line.said.card else None,
        meanings=[MeaningView(word=word.word, meaning=word.meaning) for word in shown.meanings],
        at=line.at,
        lost=line.said.lost,
    )


def forgotten_view(receipt: Receipt) -> ForgottenView:
    """A receipt of forgetting."""
    return ForgottenView(**asdict(receipt))


def spoken(room: Room, told: Told) -> str:
    """A sentence of the interface, in English."""
    filled = {name: value if isinstance(value, str) else day(value) for name, value in told.filled.items()}
    return room.pages.words.say(told.name, **filled)


def _ended(view: View, handover: Handover) -> EndedView | None:
    key, pack = closing_card(handover), pack_of(view.room, handover.force or None)
    if key is None:
        return None
    return EndedView(
        by=handover.closed_by or "",
        outcome=handover.outcome or "",
        card=card_view(key, view.chat.level, pack, view.room.shelf.today()),
        deleted_on=uk(handover.purge_at).date() if handover.purge_at else None,
        face=handover.face,
    )
