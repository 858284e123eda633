"""What of signed words is read aloud at a level: the question, then each idea; and the names of its sounds."""

import hashlib
import json
from functools import lru_cache

from accessibility.read_aloud import Sentence, read_aloud
from accessibility.rule_finding import Level
from accessibility.voice import job_of
from content.signed_words import SignedWords

# Counts up when the voice's process makes another sound of the same job.
_MADE_BY = 1


def texts_of(words: SignedWords, level: Level) -> tuple[str, ...]:
    """The texts that are read, in their order."""
    version = words.levels[level]
    return (version.question, *(bubble.text for bubble in version.bubbles))


def sentences_of(words: SignedWords, level: Level) -> tuple[Sentence, ...]:
    """The sentences that are read, in their order."""
    return read_aloud(texts_of(words, level))


def recording_of(words: SignedWords, level: Level) -> str:
    """The name of a human recording of exactly these words.

    It follows only what is heard, so a recording stays good when a source or the meaning of a hard word changes, and
    serves every force that signed the same words.
    """
    return _fingerprint([words.language, *texts_of(words, level)])


def made_of(words: SignedWords, level: Level) -> str:
    """The name of the sound that the voice makes of these words. It changes when the voice is told to say them anew."""
    return _made_of(words.language, texts_of(words, level))


# Every force has nearly the same words, and to find the sentences in them takes time.
@lru_cache(maxsize=20_000)
def _made_of(language: str, texts: tuple[str, ...]) -> str:
    return _fingerprint([_MADE_BY, job_of(read_aloud(texts), language)])


def _fingerprint(said: object) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]
