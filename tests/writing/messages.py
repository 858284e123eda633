"""First messages as young people type them, each beside the same in plain English, with what would answer it.

A file is one author, a line of JSON one message: `group` is the manner of writing, `kind` what it is (a question asks;
chat and elsewhere are out of scope; cry, hint and harmless are for the alarm). Labels are as in `tests/talks/marks.py`,
by somebody who did not write the message.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DEVELOPMENT, SEALED = HERE / "development", HERE / "sealed"
Message = Mapping[str, Any]
PLAIN = "plain"
"""The group that writes as books do; the others are held against it."""


def messages(folder: Path) -> list[Message]:
    """Every message of a folder."""
    return [
        json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]


def is_out(message: Message) -> bool:
    """True where nothing of ours answers it."""
    return list(message["want"]) == ["out-of-scope"]
