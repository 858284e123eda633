"""Waiting for what nothing tells of: asked again and again, for as long as a slow machine may take."""

import asyncio
from collections.abc import Callable


async def until(happened: Callable[[], bool], seconds: float = 30) -> None:
    """Waits for something to be so. Raises TimeoutError when it is not so after that long."""
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
