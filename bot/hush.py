"""Comes before Rasa: keeps it from reporting to its makers, from reading JAX in, and from quoting messages."""

from __future__ import annotations

import os
import sys
import warnings

if os.environ.get("RASA_TELEMETRY_ENABLED") != "false":
    raise SystemExit("Start this with bot/train.py or bot/serve.py: they switch Rasa's reporting off.")

# TensorFlow would read JAX in, to convert models that we have none of: 67 MB, and an eighth of the waking.
sys.modules["jax"] = None  # type: ignore[assignment]

# Sanic asks for every deprecation to be shown, so it is let do that first. Rasa's own warnings quote messages.
import sanic  # noqa: E402, F401

warnings.simplefilter("ignore")
