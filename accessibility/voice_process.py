"""The voice's own process: reads sentences from its input, writes Ogg Opus, and says when each word begins.

It stands alone so that nothing in a library of C can take the pages down with it. It reads one JSON object: voice,
sentences (each with its words as said, and the pause after it in ms), the file to write, and how nice to be to other
processes. It answers with when each word of each sentence begins, in ms, and with the seconds of the whole. Without
a sentence it only looks whether there is a voice.
"""

import ctypes
import json
import os
import resource
import sys
from ctypes.util import find_library
from itertools import accumulate
from math import gcd
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import soundfile

_LIBRARY = "libespeak-ng.so.1"
_SYNCHRONOUS, _DO_NOT_EXIT = 2, 0x8000
_UTF8, _SSML, _PAUSE_AT_END = 1, 0x10, 0x1000
_RATE, _WORD_GAP, _MARK = 1, 7, 3
# Calmer than espeak-ng's own 175 words a minute.
_WORDS_A_MINUTE = 150
# Opus knows 24,000 samples a second; espeak-ng makes 22,050.
_OPUS_RATE = 24_000
# libsndfile's scale from 256 kbit/s (0) to 6 kbit/s (1); this is about 20.
_SMALL = 0.944
_AROUND = 16
_MOST_SECONDS = 60
_CONTROL = dict.fromkeys(range(32), " ")


class _Name(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    # espeak_EVENT of espeak-ng's speak_lib.h, revision 12.
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", _Name),
    )


class _Voice(ctypes.Structure):
    # espeak_VOICE; only its languages are asked for.
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("kind", ctypes.c_ubyte * 4),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """espeak-ng, with one voice. Raises OSError where the library or the voice is not there."""

    def __init__(self, voice: str) -> None:
        self._library = ctypes.CDLL(_found())
        self.rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _DO_NOT_EXIT)
        wanted = _Voice(languages=voice.encode())
        if self.rate <= 0 or self._library.espeak_SetVoiceByProperties(ctypes.byref(wanted)):
            raise OSError(f"espeak-ng has no voice {voice}")
        self._library.espeak_SetParameter(_RATE, _WORDS_A_MINUTE, 0)
        self._samples, self._marks = bytearray(), dict[int, int]()
        # Kept, since the library holds only its address.
        self._callback = _Heard(self._hear)
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, words: list[str]) -> tuple[np.ndarray[Any, Any], list[int]]:
        """One sentence: its samples, and when each of its words begins, in ms."""
        self._samples, self._marks = bytearray(), {}
        text = f"<speak>{' '.join(_marked(number, word) for number, word in enumerate(words))}</speak>".encode()
        flags = _UTF8 | _SSML | _PAUSE_AT_END
        if self._library.espeak_Synth(text, len(text) + 1, 0, 1, 0, flags, None, None):
            raise OSError("espeak-ng did not say a sentence")
        return np.frombuffer(bytes(self._samples), np.int16), _begins(self._marks, len(words))

    def _hear(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._samples += ctypes.string_at(samples, count * 2)
        at = 0
        while events[at].type:
            if events[at].type == _MARK:
                self._marks[int(events[at].id.name)] = events[at].ms
            at += 1
        return 0


def _found() -> str:
    try:
        ctypes.CDLL(_LIBRARY)
    except OSError:
        return find_library("espeak-ng") or _LIBRARY
    return _LIBRARY


def _marked(number: int, word: str) -> str:
    return f'<mark name="{number}"/>{escape(word.translate(_CONTROL))}'


def _begins(marks: dict[int, int], words: int) -> list[int]:
    """When each word of a sentence begins: never before the one in front of it, also where a mark was lost."""
    begins = list(accumulate((marks.get(number, 0) for number in range(words)), max))
    # espeak-ng says "do not" as one word, and then "not" has the mark of what follows: it begins half-way there.
    for at in range(1, words - 1):
        if begins[at] == begins[at + 1]:
            begins[at] = (begins[at - 1] + begins[at]) // 2
    return begins


def at_opus_rate(samples: np.ndarray[Any, Any], rate: int) -> np.ndarray[Any, Any]:
    """The same sound at the samples a second that Opus takes: each new one weighed from 32 old ones (windowed sinc)."""
    shared = gcd(rate, _OPUS_RATE)
    step, parts = rate // shared, _OPUS_RATE // shared
    rounds = -(-len(samples) // step)
    padded = np.pad(samples.astype(np.float64), (_AROUND, rounds * step - len(samples) + _AROUND))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND)
    made = np.empty((rounds, parts))
    # After every `step` old samples the same places between them come again, so each place is weighed once.
    for part in range(parts):
        first, place = divmod(part * step, parts)
        away = np.arange(1 - _AROUND, _AROUND + 1) - place / parts
        weights = np.sinc(away) * np.cos(np.pi * away / (2 * _AROUND)) ** 2
        made[:, part] = windows[first + 1 :: step][:rounds] @ weights
    return np.clip(made.ravel()[: len(samples) * parts // step], -32768, 32767).astype(np.int16)


def read(job: dict[str, Any]) -> dict[str, Any]:
    """Writes the sound of a job's sentences. Raises OSError or LibsndfileError where that cannot be."""
    voice = Espeak(job["voice"])
    pieces, begins, length = [], [], 0
    for sentence in job["sentences"]:
        samples, own = voice.say(sentence["words"])
        silence = np.zeros(voice.rate * sentence["pause"] // 1000, np.int16)
        begins.append([length * 1000 // voice.rate + ms for ms in own])
        pieces += [samples, silence]
        length += len(samples) + len(silence)
    if pieces:
        sound = at_opus_rate(np.concatenate(pieces), voice.rate)
        soundfile.write(job["to"], sound, _OPUS_RATE, "OPUS", format="OGG", compression_level=_SMALL)
    return {"begins": begins, "seconds": round(length / voice.rate, 2)}


def main() -> None:
    """Does one job from its input."""
    # Whoever started this may be gone; it ends by itself all the same.
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    job = json.load(sys.stdin)
    os.nice(int(job.get("nice", 0)))
    try:
        json.dump(read(job), sys.stdout)
    except (OSError, soundfile.LibsndfileError) as error:
        sys.exit(f"no sound: {error}")


if __name__ == "__main__":
    main()
