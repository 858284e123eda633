"""What a line is marked with: its language, who learns from it, and what the reader made of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.shared.nlu.constants import METADATA_INTENT

ENGLISH = "en"
CALM = "calm"
"""The intent of a line that tells of no danger, whatever it asks: nothing but danger is learnt from it."""
_LETTERS = "letters"
READ_AS_DANGER = "read_as_danger"
"""The part of a message that holds the reader's log-odds of danger."""
READ_AS_NAMES = "read_as_names"
"""The part of a message that holds the reader's score for each intent that it was taught to name."""


def language_of(metadata: Mapping[str, Any]) -> str:
    """The language code of a line; English where nothing is said."""
    return str((metadata.get(METADATA_INTENT) or {}).get("language") or ENGLISH)


def for_letters_alone(metadata: Mapping[str, Any]) -> bool:
    """True for a line of bot/lines/danger: only the estimators of letters learn it, so it needs no sentence vector."""
    return (metadata.get(METADATA_INTENT) or {}).get("learns") == _LETTERS
