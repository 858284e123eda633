"""What tests of the console's lists may ask for: children who wait, and what became of them."""

from datetime import timedelta

from sqlalchemy import select

from api.records.handovers.conversation import say_as_child
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import CallBack, Sent
from api.records.handovers.new_handover import Ask, CallWindow, ask
from api.records.handovers.states import Wants
from api.records.handovers.tables import Handover, Provider
from tests.desk_app import DeskApp, Person
from tests.doors import doors

WORDS = "quokka under the stairs"
"""What every child of these tests writes: no list and no log may hold it."""
NAME = "Pim"
CALL = CallBack("+447700900123", "friend", voicemail=False, say="Sam from the library", code_word="otter")


def handover_context(desk: DeskApp) -> HandoverContext:
    """The safe and the bells of the app."""
    found: HandoverContext = doors(desk.app).console.handover_context
    return found


async def child(
    desk: DeskApp,
    provider: Provider,
    wants: Wants = "here",
    *,
    danger: bool = False,
    due_in: timedelta = timedelta(0),
    force: str = "northmoor",
    call: CallBack | None = CALL,
    origin: str | None = None,
) -> str:
    """A child asks for a person; one who wants a call, from so much later on for two hours. Gives the ref."""
    starts = desk.clock() + due_in
    window = CallWindow(starts, starts + timedelta(hours=2)) if wants == "call-back" else None
    sent = Sent(NAME, WORDS, (), call if window else None)
    once = f"page {desk.people} {starts.isoformat()} {desk.clock().isoformat()} {wants} {danger} {force}"
    desk.people += 1
    new = Ask(once, force, "simple", danger, wants, sent, {}, window, origin)
    async with desk.database.begin() as session:
        return (await ask(session, handover_context(desk), provider, new, desk.clock())).handover.ref


async def kept(desk: DeskApp, ref: str) -> Handover:
    """A handover as it is kept now."""
    async with desk.database.begin() as session:
        found = await session.scalar(select(Handover).where(Handover.ref == ref))
    assert found
    return found


async def says(desk: DeskApp, ref: str, client_id: str) -> None:
    """The child writes once more."""
    async with desk.database.begin() as session:
        handover = await session.scalar(select(Handover).where(Handover.ref == ref))
        assert handover
        await say_as_child(session, handover_context(desk), handover, WORDS, client_id, desk.clock())


async def takes(who: Person, ref: str) -> None:
    """An advocate comes and takes a child."""
    assert (await who.post("/console/here")).status_code == 303
    answer = await who.post(f"/console/queue/{ref}/claim")
    assert answer.status_code == 303, answer.text
