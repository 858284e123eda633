"""What tests that listen need: espeak-ng must be there in CI, and they say why they are skipped elsewhere."""

import ctypes
import os
from pathlib import Path

import pytest
import soundfile


def must_have_voice() -> None:
    """Skips where there is no espeak-ng; in CI that is a fault."""
    try:
        ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        missing = "espeak-ng is not here (apt-get install espeak-ng)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)


def seconds_of(sound: Path) -> float:
    """How long a sound is, read back by a decoder; fails when it is no Opus."""
    told = soundfile.info(str(sound))
    assert (told.format, told.subtype, told.channels) == ("OGG", "OPUS", 1)
    samples, rate = soundfile.read(str(sound))
    assert abs(samples).max() > 0.05, "there is nothing to hear"
    return len(samples) / rate
