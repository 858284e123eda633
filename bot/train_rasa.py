"""The training itself; started by train.py, which knows when it is needed."""

# ruff: noqa: E402 - Rasa is imported once it is guarded

from __future__ import annotations

import gc
import logging
import sys
import time
from pathlib import Path
from typing import Any

from rasa_guard import guard_rasa

guard_rasa()  # before Rasa is imported
from model_fingerprint import HOME, BotFiles
from rasa.engine.graph import GraphNodeHook
from rasa.engine.training import graph_trainer
from rasa.model_training import train_nlu
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from tarsafe import TarSafe

START = time.monotonic()


class Steps(logging.Handler):
    """Shows each step of Rasa's training with the seconds so far."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the step as one plain line."""
        say(record.getMessage())


class NotKept(GraphNodeHook):
    """In place of Rasa's hook that hashes every line after every step for its cache; we keep none (rasa_guard.py)."""

    def __init__(self, **_: object) -> None:
        """Rasa names its cache and more here."""

    def on_before_node(self, *_: object, **__: object) -> dict[str, object]:
        """Nothing to look up."""
        return {}

    def on_after_node(self, *_: object, **__: object) -> None:
        """Nothing to keep."""


def pack_lightly(name: str, mode: str = "r", fileobj: Any = None, compresslevel: int = 1, **rest: Any) -> Any:
    """Opens Rasa's model archive. Pressing weights hardest, as Rasa does, takes a quarter of a minute for nothing."""
    return _PACK(name, mode, fileobj, compresslevel, **rest)


_PACK = TarSafe.gzopen


def told_apart(message: Message) -> str:
    """Tells two lines apart by what they say, in hexadecimal. Rasa's own way takes in every field, again and again."""
    known = (message.get(TEXT), message.get(INTENT), str(message.get(ENTITIES)), str(message.get(METADATA)))
    return f"{hash(known) & sys.maxsize:x}"


def shared(message: Message, _copied: dict[int, Any]) -> Message:
    """The message itself. Rasa copies every line three times while it reads, and changes none of the copies."""
    return message


def generated(_reader: RasaYAMLReader, _text: str) -> None:
    """In place of Rasa's check of a file's shape, which reads it twice: `python -m content train` wrote this one."""


def say(line: str) -> None:
    """One line with the seconds so far, at once."""
    sys.stdout.write(f"{time.monotonic() - START:5.1f} s  {line}\n")
    sys.stdout.flush()


def learn(files: BotFiles, model: Path) -> None:
    """Train into the model file; an unfinished training leaves the models as they were.

    Raises:
        SystemExit: when Rasa made no model.
    """
    files.models.mkdir(parents=True, exist_ok=True)
    # A half-written file under the final name would pass for a fresh model.
    draft = files.models / f"draft-{model.name}"
    graph_trainer.TrainingHook = NotKept
    TarSafe.gzopen = pack_lightly
    Message.fingerprint = told_apart
    Message.__deepcopy__ = shared
    RasaYAMLReader.validate = generated
    made = train_nlu(
        config=str(HOME / "config.yml"),
        nlu_data=str(files.data),
        output=str(files.models),
        fixed_model_name=draft.name,
    )
    if made is None or not Path(made).exists():
        raise SystemExit(f"Rasa made no model from {files.data}. The lines above say why.")
    Path(made).replace(model)


def main() -> int:
    """Learn from one folder into one model file, both named on the command line."""
    # The lines become millions of objects that live until the end: to look for dead ones again and again takes 6 s.
    gc.disable()
    data, model = Path(sys.argv[1]), Path(sys.argv[2])
    files = BotFiles(data, model.parent)
    steps = logging.getLogger("rasa.engine.training.hooks")
    steps.setLevel(logging.INFO)
    steps.addHandler(Steps())
    say("Rasa is awake. Reading the lines ...")
    learn(files, model)
    for old in files.clear(keep=model):
        say(f"Removed the older {old.name}")
    say(f"Trained {model.name} ({model.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
