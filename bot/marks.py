"""What a training line is marked with: the language it is in, and who learns from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.shared.nlu.constants import METADATA_INTENT

ENGLISH = "en"
_LETTERS = "letters"


def language_of(metadata: Mapping[str, Any]) -> str:
    """The language code of a line; English where nothing is said."""
    return str((metadata.get(METADATA_INTENT) or {}).get("language") or ENGLISH)


def for_letters_alone(metadata: Mapping[str, Any]) -> bool:
    """True for a line that only the judges of letters learn from (content/heard): it needs no sentence vector."""
    return (metadata.get(METADATA_INTENT) or {}).get("learns") == _LETTERS
