"""What a line is marked with: its language, who learns from it, and what the reader made of a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.shared.nlu.constants import METADATA_INTENT

ENGLISH = "en"
CALM = "calm"
"""The intent of a line that tells of no danger, whatever it asks: nothing but danger is learnt from it."""
_LETTERS = "letters"
READINGS = "readings"
"""The part of a message that holds its readings, a list of `MessageReading`; the first is the message as typed."""


@dataclass(frozen=True)
class MessageReading:
    """One way to read a message: its words, how likely they are meant, and what the encoders and the reader make of it.

    `danger` is the reader's log-odds of danger, `names` its score for each intent that it was taught to name; None for
    another language.
    """

    text: str
    share: float
    vector: NDArray[np.float32]
    danger: float
    names: NDArray[np.float32] | None


def language_of(metadata: Mapping[str, Any]) -> str:
    """The language code of a line; English where nothing is said."""
    return str((metadata.get(METADATA_INTENT) or {}).get("language") or ENGLISH)


def for_letters_alone(metadata: Mapping[str, Any]) -> bool:
    """True for a line of bot/lines/danger: only the estimators of letters learn it, so it needs no sentence vector."""
    return (metadata.get(METADATA_INTENT) or {}).get("learns") == _LETTERS
