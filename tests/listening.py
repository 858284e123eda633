"""An app of this process, at an address: for tests in which another program asks it while they look inside."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """The address, on loopback, until the end of the block. The app was started, and is ended, by whoever asks."""
    # It listens already, so whoever asks before the server serves waits a moment and is not refused.
    with socket.create_server(("127.0.0.1", 0)) as line:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
        # Not `serve`, which takes the signals that end the tests; and it does not wait for streams that are open.
        serving = asyncio.create_task(server._serve(sockets=[line]))
        yield f"http://127.0.0.1:{line.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        await serving
