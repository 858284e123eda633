"""Starts the bot's server on loopback, if its model is today's: the command people and `make run` use."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from model_fingerprint import BotFiles
from rasa_guard import become

TEACHES = """\
Serves the trained bot. It answers POST /model/parse?token=... with {"text": "..."} and nothing else:
no webhook, no tracker, no conversation is kept. It writes no message down, and reports to nobody.
The token is read from BOT_TOKEN, never from the command line, where other users could see it."""
EXAMPLES = """\
examples:
  BOT_TOKEN=$(openssl rand -hex 16) bot/.venv/bin/python bot/serve.py
  BOT_TOKEN=... bot/.venv/bin/python bot/serve.py --port 5105"""
SHORTEST_TOKEN = 16


def parser() -> argparse.ArgumentParser:
    """The command line, with help that teaches."""
    words = argparse.ArgumentParser(
        prog="bot/serve.py",
        description=TEACHES,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words.add_argument("--port", type=int, default=5005, help="port to listen on (default: 5005)")
    words.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    words.add_argument("--data", type=Path, default=BotFiles.data, help="training data (default: bot/data)")
    words.add_argument("--models", type=Path, default=BotFiles.models, help="where models are (default: bot/models)")
    return words


def refusal(model: Path) -> str | None:
    """Why the bot must not be served now, in one line; None when it may."""
    if len(os.environ.get("BOT_TOKEN", "")) < SHORTEST_TOKEN:
        return f"BOT_TOKEN must hold at least {SHORTEST_TOKEN} characters. Make one with: openssl rand -hex 16"
    if not model.exists():
        return f"The bot's model is not today's ({model.name} is missing). Run: make train"
    return None


def main() -> int:
    """Refuse in one line, or become the server."""
    wish = parser().parse_args()
    model = BotFiles(wish.data.resolve(), wish.models.resolve()).model()
    why = refusal(model)
    if why:
        sys.stderr.write(f"{why}\n")
        return 2
    sys.stdout.write(f"The bot is waking on {wish.host}:{wish.port} (15 to 25 s) ...\n")
    return become("rasa_server.py", str(model), wish.host, str(wish.port))


if __name__ == "__main__":
    raise SystemExit(main())
