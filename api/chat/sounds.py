"""The sounds of signed words: a human recording, else one that the voice made; kept as files, made once."""

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from accessibility.rule_finding import Level
from accessibility.voice import ADD_IT, NoVoice, Voice, job_of
from content.listening_text import made_of, recording_of, sentences_of
from content.signed_words import SignedWords

RECORDINGS = Path(__file__).parents[2] / "content" / "recordings"
"""Where people's own readings lie in this release."""
_AGAIN_SECONDS = 600.0
TURN_SECONDS = 20.0
"""How long one who presses waits for their turn to have a sound made."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sound:
    """A sound that is there, when each word of each sentence begins in it (ms), and whether a person reads."""

    file: Path
    begins: list[list[int]] | None
    person: bool


class Sounds:
    """The sounds of one installation. Any number of processes may share the folder: files appear there whole.

    Without a voice (None, or one that is not found) only recordings sound.
    """

    def __init__(
        self, folder: Path, voice: Voice | None, recordings: Path = RECORDINGS, turn_seconds: float = TURN_SECONDS
    ) -> None:
        self._folder, self._voice = folder.absolute(), voice
        self._recordings = {file.stem: file for file in recordings.glob("*.opus")}
        self._one_at_a_time, self._turn_seconds = asyncio.Lock(), turn_seconds
        self._failed: dict[str, float] = {}

    def sounding(self, words: SignedWords, level: Level) -> bool:
        """Whether a page may offer to play these words."""
        return self._voice is not None or recording_of(words, level) in self._recordings

    async def look(self) -> None:
        """Looks for the voice once; without one nothing is offered that would not play."""
        try:
            if self._voice:
                await self._voice.must_be_here()
        except NoVoice as no:
            _log.warning("answers are not read aloud here (%s); to add a voice: %s", no, ADD_IT)
            self._voice = None

    async def of(self, words: SignedWords, level: Level, *, nice: bool = False) -> Sound | None:
        """The sound of these words, made now if it must be; None where it cannot be. `words` must be live ones."""
        recorded = self._recordings.get(recording_of(words, level))
        if recorded:
            return Sound(recorded, _begins(recorded.with_suffix(".json")), person=True)
        name = made_of(words, level)
        if not self._made(name):
            await self._make(name, words, level, nice=nice)
        file = self._file(name)
        return Sound(file, _begins(file.with_suffix(".json")), person=False) if self._made(name) else None

    async def reading(self, words: SignedWords, level: Level) -> dict[str, Any]:
        """What a page needs to follow the reading: each sentence as said, and its words as shown with when they begin.

        Also for a page that reads with a voice of its own device. `recording` is the name for a person's recording.
        """
        sound, sentences = await self.of(words, level), sentences_of(words, level)
        begins = sound.begins if sound else None
        # Times of another text, or none, are no times.
        if begins is None or [len(own) for own in begins] != [len(sentence.words) for sentence in sentences]:
            begins = [[] for _ in sentences]
        return {
            "by": None if sound is None else "person" if sound.person else "computer",
            "recording": recording_of(words, level),
            "sentences": [
                {"said": sentence.said, "words": [word.shown for word in sentence.words], "begins": own}
                for sentence, own in zip(sentences, begins, strict=True)
            ],
        }

    def needs(self, words: SignedWords, level: Level) -> str | None:
        """The name of the file that holds these words' sound; None where a person reads them."""
        return None if recording_of(words, level) in self._recordings else made_of(words, level)

    def keep_only(self, names: Iterable[str]) -> None:
        """Removes what was made of words that are no longer live."""
        kept = {f"{name}{end}" for name in names for end in (".opus", ".json")}
        for file in self._folder.glob("*.*"):
            # What is being written has a dot before its name, and is somebody's work of now.
            if file.name not in kept and (file.name[0] != "." or time.time() - file.stat().st_mtime > _AGAIN_SECONDS):
                file.unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.opus"

    def _made(self, name: str) -> bool:
        return self._file(name).exists()

    async def _make(self, name: str, words: SignedWords, level: Level, *, nice: bool) -> None:
        # Who presses does not wait for what is made ahead.
        if nice:
            await self._try(name, words, level, nice=True)
            return
        # However many press at once: whose turn does not come gets no sound, and a voice of the device may read.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._turn_seconds) as waiting, self._one_at_a_time:
                waiting.reschedule(None)
                if not self._made(name):
                    await self._try(name, words, level, nice=False)

    async def _try(self, name: str, words: SignedWords, level: Level, *, nice: bool) -> None:
        tried = self._failed.get(name)
        if self._voice is None or (tried is not None and time.monotonic() - tried < _AGAIN_SECONDS):
            return
        # Processes in containers that share the folder may all have the same number.
        draft = self._folder / f".{name}.{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            spoken = await self._voice.speak(job_of(sentences_of(words, level), words.language), draft, nice=nice)
            times = draft.with_name(f"{draft.name}.json")
            times.write_text(json.dumps({"begins": spoken["begins"], "seconds": spoken["seconds"]}), "utf-8")
            # The sound comes last: where it is, its times are.
            times.replace(self._folder / f"{name}.json")
            draft.replace(self._file(name))
            self._failed.pop(name, None)
        except (NoVoice, OSError, KeyError) as error:
            _log.warning("a sound could not be made: %s", error if isinstance(error, NoVoice) else type(error).__name__)
            self._failed[name] = time.monotonic()
            with suppress(OSError):
                draft.unlink()


@lru_cache(maxsize=256)
def _begins(file: Path) -> list[list[int]] | None:
    """When each word begins, from a file; None where there is none that can be read."""
    try:
        return [[int(ms) for ms in sentence] for sentence in json.loads(file.read_text("utf-8"))["begins"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
