"""The server itself; started by serve.py, which checks the model and the token."""

# ruff: noqa: E402 - Rasa is imported once it is guarded

from __future__ import annotations

import logging
import os
import sys
import threading
from http import HTTPStatus

from rasa_guard import guard_rasa

guard_rasa()  # before Rasa is imported
from rasa.core.agent import Agent
from rasa.core.run import configure_app
from rasa.utils.common import update_sanic_log_level
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, empty

# Rasa's other routes keep conversations, train, and load models from elsewhere.
OPEN = {"/", "/status", "/model/parse"}


async def only_these(request: Request) -> HTTPResponse | None:
    """Close every route but the few that keep nothing."""
    return None if request.path in OPEN else empty(status=HTTPStatus.NOT_FOUND)


def end_with_input() -> None:
    """End when standard input closes: whoever started us is gone, and nobody knows our token any more."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


async def ready(app: Sanic, _loop: object) -> None:
    """Parse once before the first child does, so that nobody waits for the encoder to load."""
    await app.ctx.agent.parse_message("ready")
    sys.stdout.write("The bot is awake\n")
    sys.stdout.flush()


def main() -> int:
    """Load the model named on the command line and listen until told to stop."""
    model, host, port = sys.argv[1:]
    if os.environ.get("BOT_ENDS_WITH_INPUT"):
        threading.Thread(target=end_with_input, daemon=True).start()
    # Left alone, structlog prints every message a child sends at debug level.
    configure_structlog(logging.ERROR)
    # Without a channel of its own this server has no webhook; a webhook asks for no token.
    app = configure_app(input_channels=None, auth_token=os.environ["BOT_TOKEN"], port=int(port))
    app.ctx.agent = Agent.load(model)
    app.register_middleware(only_these, "request")
    app.register_listener(ready, "before_server_start")
    update_sanic_log_level()
    # The access log would hold the token, which Rasa takes from the query.
    app.run(host=host, port=int(port), workers=1, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
