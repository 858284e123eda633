"""Puts what tests write into memory where there is enough of it: every commit waits for the disk otherwise."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - what is in it is ours alone: pytest makes a folder that nobody else may open
_ENOUGH_BYTES = 4_000_000_000


def use_memory() -> None:
    """From now on temporary folders are made in memory; not where TMPDIR names a place, nor where memory is short."""
    if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
