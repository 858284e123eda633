"""The keys of talks: how long rewriting them all takes when one is forgotten, and how long a child waits meanwhile."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from sqlalchemy import insert

from api.records.handovers.data_keys import destroy_keys
from api.records.handovers.tables import DataKey
from api.records.handovers.wipe_keys import wipe
from tests.handover_app import House, house

_KEYS, _TIMES = 10_000, 20


def key_rows(url: str) -> Iterator[tuple[str, str, str]]:
    """Twenty talks of ten thousand are forgotten while a child writes as fast as they can."""
    rewriting, waits, before = asyncio.run(_measure(url))
    yield f"{_KEYS:,} keys are rewritten", f"{_spread(rewriting)}", "under 500 ms"
    yield "a child's message kept meanwhile", f"{_spread(waits)}", "under 1 s"
    yield "a child's message kept at other times", f"{_spread(before)}", ""


def _spread(seconds: list[float]) -> str:
    return f"{median(seconds) * 1000:.0f} ms ({max(seconds) * 1000:.0f} ms at most, {len(seconds)} times)"


async def _measure(url: str) -> tuple[list[float], list[float], list[float]]:
    async with house(url) as one:
        async with one.database.begin() as session:
            rows = [
                {"handover_id": 10**6 + n, "sealed": one.handover_context.message_cipher.new_key().sealed}
                for n in range(_KEYS)
            ]
            await session.execute(insert(DataKey), rows)
        before = await _writes(one, asyncio.create_task(asyncio.sleep(3)))
        forgetting = asyncio.create_task(_forgets(one))
        waits = await _writes(one, forgetting)
        return forgetting.result(), waits, before


async def _forgets(one: House) -> list[float]:
    took = []
    for number in range(_TIMES):
        async with one.database.begin() as session:
            await destroy_keys(session, DataKey.handover_id == 10**6 + number)
        began = time.perf_counter()
        assert await wipe(one.database, 5)
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.1)
    return took


async def _writes(one: House, until: "asyncio.Task[Any]") -> list[float]:
    child = await one.child(await one.provider(f"bench-{secrets.token_hex(4)}"))
    took = []
    while not until.done():
        began = time.perf_counter()
        await child.says("hello")
        took.append(time.perf_counter() - began)
    return took
