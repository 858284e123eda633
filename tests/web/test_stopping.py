"""The app stops, whatever becomes of what goes round beside its pages."""

import asyncio

from api.background import stop


async def test_what_loses_its_cancellation_is_ended_all_the_same() -> None:
    """As a database's driver might lose it while it opens a line."""
    lost = 0

    async def deaf() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1
                if lost == 3:
                    raise

    tasks = [asyncio.create_task(deaf()), asyncio.create_task(asyncio.sleep(0))]
    await asyncio.sleep(0.01)
    async with asyncio.timeout(15):
        await stop(*tasks)
    assert lost == 3
    assert all(task.done() for task in tasks)


async def test_nothing_to_stop_is_stopped_at_once() -> None:
    async with asyncio.timeout(1):
        await stop()
