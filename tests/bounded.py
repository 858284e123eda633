"""Ends a test that waits for ever after some minutes, and says at which line it waited."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import pytest

_SECONDS = 300
"""Several times what the slowest takes on a busy machine. Without it such a test takes its worker's others with it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test that awaits gets the limit. Hypothesis calls its own tests many times, and has limits of its own."""
    for item in items:
        if (
            isinstance(item, pytest.Function)
            and inspect.iscoroutinefunction(item.obj)
            and not hasattr(item.obj, "hypothesis")
        ):
            item.obj = _bounded(item.obj)


def _bounded(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @wraps(test)
    async def within(*given: Any, **named: Any) -> None:
        async with asyncio.timeout(_SECONDS):
            await test(*given, **named)

    return within
