"""Trains the bot when anything it is made from has changed: the command people and `make train` use."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from model_fingerprint import BotFiles
from rasa_guard import LAVISH, become

TEACHES = """\
Trains the bot, but only when something it is made from has changed.

It is made from bot/data/*.yml (written by `python -m content train` from the cards), bot/config.yml,
the pipeline's own parts beside it and requirements/bot.txt. The model is named after a hash of those,
bot/models/know-<hash>.tar.gz, so a fresh one is known by its name. Older models are removed.
Training takes about 3 minutes on two processors, uses every processor and needs no network."""
EXAMPLES = """\
examples:
  bot/.venv/bin/python bot/train.py            train if needed
  bot/.venv/bin/python bot/train.py --check    say whether it is needed; exit 1 if so
  bot/.venv/bin/python bot/train.py --force    train again whatever the hash says"""


def parser() -> argparse.ArgumentParser:
    """The command line, with help that teaches."""
    words = argparse.ArgumentParser(
        prog="bot/train.py",
        description=TEACHES,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words.add_argument("--check", action="store_true", help="train nothing; exit 1 if the model is not today's")
    words.add_argument("--force", action="store_true", help="train even if the model is today's")
    words.add_argument("--data", type=Path, default=BotFiles.data, help="training data (default: bot/data)")
    words.add_argument("--models", type=Path, default=BotFiles.models, help="where models go (default: bot/models)")
    return words


def say(line: str) -> None:
    """One line to the person watching, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Decide without waking Rasa; hand over to train_rasa.py when there is something to learn."""
    wish = parser().parse_args()
    files = BotFiles(wish.data.resolve(), wish.models.resolve())
    if not any(files.data.glob("*.yml")):
        say(f"There is no training data in {files.data}. Write it with: python -m content train")
        return 2
    model = files.model()
    if model.exists() and not wish.force:
        say(f"The bot is fresh ({model.name}). Nothing to train.")
        return 0
    if wish.check:
        say(f"The bot is stale: {model.name} is not trained yet. Run: make train")
        return 1
    say(f"Training the bot into {model.name}: about 3 minutes. Waking Rasa (about 10 s) ...")
    return become("train_rasa.py", str(files.data), str(model), threads=os.cpu_count() or 1, memory=LAVISH)


if __name__ == "__main__":
    raise SystemExit(main())
