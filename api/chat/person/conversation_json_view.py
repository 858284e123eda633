"""A talk as JSON gives it: where it stands in the signed sentences of the page, and its lines at a level."""

from dataclasses import asdict

from api.chat.chat_door import ChatDoor
from api.chat.chat_json_models import MeaningView
from api.chat.person.conversation_models import EndedView, ForgottenView, LineView, NumberView, StateView
from api.chat.person.conversation_view import FilledString, View, closing_card, minutes_since, news, nobody_there, who
from api.chat.person.forget_receipt import Receipt
from api.chat.reply_view import card_view
from api.records.handovers.message_reading import ExplainedMessage
from api.records.handovers.opening_hours import uk
from api.records.handovers.status import Snapshot, waited
from api.records.handovers.tables import Handover
from api.web.pages import day


def state_view(view: View, seen: Snapshot, here: str = "", *, opened: bool = False) -> StateView:
    """Where a talk stands. `opened` when somebody asks how many messages there are."""
    stands, handover, now = seen.standing, seen.handover, view.person_door.now()
    waits = handover.state == "waiting"
    told, nobody = news(stands, now), nobody_there(stands.provider, now) if waits else None
    return StateView(
        here=here,
        state=handover.state,
        danger=handover.danger,
        who_can_see=spoken(view.chat_door, who(stands)),
        news=spoken(view.chat_door, told) if told else None,
        provider=stands.provider.name,
        advocate=stands.advocate or None,
        watchers=list(stands.watchers),
        asked_at=handover.asked_at,
        minutes=minutes_since(handover.asked_at, now),
        waited=waited(handover.asked_at, now) if waits else None,
        place=stands.place or None,
        full=stands.full,
        numbers=[NumberView(name=one.name, how=one.show, phone=one.phone, web=one.web) for one in view.numbers(seen)],
        nobody=spoken(view.chat_door, nobody) if nobody else None,
        call_from=handover.due_from,
        call_until=handover.due_until,
        ended=_ended(view, handover),
        changes=handover.changes,
        messages=seen.before if opened else None,
        with_worker=view.with_worker(seen),
    )


def line_view(view: View, seen: Snapshot, shown: ExplainedMessage) -> LineView:
    """One line; of the house's own, the sentence that tells what happened."""
    line, chat_door = shown.line, view.chat_door
    house = line.writer == "house"
    pack, today = chat_door.pack_or_national(seen.handover.force or None), chat_door.pack_cache.today()
    told = FilledString(f"line_{line.kind.replace('-', '_')}", {"who": line.said.who})
    return LineView(
        number=line.number,
        change=line.change,
        writer=line.writer,
        who=line.said.who or seen.names.get(line.account_id or 0, ""),
        kind=line.kind,
        text=spoken(chat_door, told) if house else line.said.text,
        symbol=line.said.symbol,
        card=card_view(line.said.card, view.chat.level, pack, today) if line.said.card else None,
        meanings=[MeaningView(word=word.word, meaning=word.meaning) for word in shown.meanings],
        at=line.at,
        lost=line.said.lost,
    )


def forgotten_view(receipt: Receipt) -> ForgottenView:
    """A receipt of forgetting."""
    return ForgottenView(**asdict(receipt))


def spoken(chat_door: ChatDoor, told: FilledString) -> str:
    """A sentence of the interface, in English."""
    filled = {name: value if isinstance(value, str) else day(value) for name, value in told.filled.items()}
    return chat_door.pages.words.say(told.name, **filled)


def _ended(view: View, handover: Handover) -> EndedView | None:
    key, pack = closing_card(handover), view.chat_door.pack_or_national(handover.force or None)
    if key is None:
        return None
    return EndedView(
        by=handover.closed_by or "",
        outcome=handover.outcome or "",
        card=card_view(key, view.chat.level, pack, view.chat_door.pack_cache.today()),
        deleted_on=uk(handover.purge_at).date() if handover.purge_at else None,
        face=handover.face,
    )
