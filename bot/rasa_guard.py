"""Guards what Rasa does beside answering: it reports to nobody, writes down no message and keeps to its processors."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

SILENCE = {
    # Rasa sends usage to Segment and errors to Sentry, in training too, unless this says false.
    "RASA_TELEMETRY_ENABLED": "false",
    "HF_HUB_OFFLINE": "1",
    # A cache would keep half-trained pieces of older words about.
    "RASA_MAX_CACHE_SIZE": "0",
    "LOG_LEVEL": "ERROR",
    # Rasa's warnings quote the message they are about.
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL_LIBRARIES": "CRITICAL",
    "SANIC_WORKERS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    # Those two are read by Rasa, this by TensorFlow itself.
    "TF_NUM_INTRAOP_THREADS": "1",
}


SPARING = {"MALLOC_MMAP_THRESHOLD_": str(2**20)}
"""Memory to serve in: what was read once to be made smaller (weights) goes back to the machine, where glibc would keep
a tenth of a gigabyte."""
LAVISH = {"MALLOC_MMAP_THRESHOLD_": str(2**25), "MALLOC_TRIM_THRESHOLD_": str(2**32)}
"""Memory to train in: what was used once is used again. To hand it back and ask anew takes many seconds on a virtual
machine."""


def become(script: str, *words: str, threads: int = 1, memory: Mapping[str, str] = SPARING) -> NoReturn:
    """Turn this process into another of our scripts, in the quiet environment.

    Set before the interpreter starts, because TensorFlow, BLAS and glibc read theirs only once. `threads` is 1 to
    serve: more make one short sentence slower, and leave no room for the API beside it.
    """
    path = Path(__file__).resolve().parent / script
    processors = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTEROP_THREADS"), str(threads))
    environment = {**os.environ, **SILENCE, **processors, **memory}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, str(path), *words], environment)  # noqa: S606


def guard_rasa() -> None:
    """Comes before Rasa is imported: keeps it from reporting to its makers, reading JAX in, and quoting messages.

    Raises SystemExit where the environment of `become` is missing: telemetry would be on.
    """
    if os.environ.get("RASA_TELEMETRY_ENABLED") != "false":
        raise SystemExit("Start this with bot/train.py or bot/serve.py: they switch Rasa's reporting off.")
    # TensorFlow would read JAX in, to convert models that we have none of: 67 MB, and an eighth of the waking.
    sys.modules["jax"] = None  # type: ignore[assignment]
    # Sanic asks for every deprecation to be shown, so it is let do that first. Rasa's own warnings quote messages.
    import sanic  # noqa: F401

    warnings.simplefilter("ignore")
