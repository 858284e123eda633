"""The turns in which asks are written: one at a time, origins in turn, and nobody waits for ever."""

import asyncio
from dataclasses import replace

import pytest

from api.chat.person.ask_turns import AskTurns, NoTurn
from tests.doors import doors
from tests.person_app import PersonApp


async def written(turns: AskTurns, done: list[str], origin: str) -> None:
    """Writes one ask of an origin, in its turn; others can go on meanwhile."""
    async with turns.turn(origin):
        done.append(f"{origin} begins")
        await asyncio.sleep(0)
        done.append(f"{origin} ends")


async def test_one_is_written_at_a_time_and_a_flood_waits_behind_itself() -> None:
    turns, done = AskTurns(), list[str]()
    flood = [asyncio.create_task(written(turns, done, "flood")) for _ in range(9)]
    await asyncio.sleep(0)
    await asyncio.gather(*flood, *(written(turns, done, origin) for origin in ("home", "school")))
    begun = [line.removesuffix(" begins") for line in done[::2]]
    assert done[1::2] == [f"{origin} ends" for origin in begun]
    assert begun == ["flood", "home", "school", *["flood"] * 8]


async def test_who_gives_up_waiting_or_fails_keeps_nobody_else_waiting() -> None:
    turns, done = AskTurns(), list[str]()
    async with turns.turn("home"):
        left = asyncio.create_task(written(turns, done, "home"))
        await asyncio.sleep(0)
        left.cancel()
    with pytest.raises(ZeroDivisionError):
        async with turns.turn("home"):
            _ = 1 / 0
    await written(turns, done, "home")
    assert done == ["home begins", "home ends"]


@pytest.mark.parametrize("origin", ["home", "school"])
async def test_nobody_waits_for_ever(origin: str) -> None:
    turns = AskTurns(0.01, 0.01)
    async with turns.turn("home"):
        with pytest.raises(NoTurn):
            await written(turns, [], origin)


async def test_a_child_whose_turn_does_not_come_sends_the_same_again(one_app: PersonApp) -> None:
    await one_app.provider()
    turns = AskTurns(0.01, 0.01)
    doors(one_app.app).person_door = replace(doors(one_app.app).person_door, ask_turns=turns)
    child, program = one_app.child(), one_app.json_child()
    await child.open()
    await child.press("details")
    await child.press("next", name="Robin", question="Who can see my record?", how="here")
    await program.open()
    async with turns.turn("somebody else's"):
        await child.press("send")
        assert "We cannot send it right now. What you typed is still on this page." in child.html
        assert (await program.send(program.body())).status_code == 503
    await child.press("send")
    assert child.words
    assert (await program.send(program.body())).status_code == 201
