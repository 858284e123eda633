"""Comes before Rasa: refuses to let it report to its makers, and silences the warnings that Sanic switches on."""

from __future__ import annotations

import os
import warnings

if os.environ.get("RASA_TELEMETRY_ENABLED") != "false":
    raise SystemExit("Start this with bot/train.py or bot/serve.py: they switch Rasa's reporting off.")

# Sanic asks for every deprecation to be shown, so it is let do that first. Rasa's own warnings quote messages.
import sanic  # noqa: F401

warnings.simplefilter("ignore")
