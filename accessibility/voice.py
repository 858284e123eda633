"""A voice for published words: starts the voice's own process, and waits for it no longer than it may take."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from accessibility.read_aloud import Sentence

ADD_IT = "apt-get install espeak-ng"
"""How a voice is added on Debian."""
_ROOT = Path(__file__).parents[1]
_PROGRAM = (sys.executable, "-m", "accessibility.voice_process")
_VOICES: Mapping[str, str] = {"en": "en-gb", "cy": "cy"}
# The voice needs no secret of ours, so it is given none.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "ESPEAK_DATA_PATH", "LANG")
# After a sentence, and after the last of a bubble; espeak-ng pauses by itself as well.
_PAUSE_MS, _LONG_PAUSE_MS = 120, 450
_SECONDS = 30.0
_NICE = 15


class NoVoice(Exception):
    """There is no voice here, or it did not finish; the reason is for a log and holds no words of anybody."""


class Voice:
    """The voice of this machine. `program` is what is started for each text, and `seconds` how long it may take."""

    def __init__(self, program: Sequence[str] = _PROGRAM, seconds: float = _SECONDS) -> None:
        self._program, self._seconds = tuple(program), seconds

    async def must_be_here(self) -> None:
        """Raises NoVoice where there is none."""
        await self._run({"voice": _VOICES["en"], "sentences": []})

    async def speak(self, job: Mapping[str, Any], to: Path, *, nice: bool = False) -> dict[str, Any]:
        """Writes a job as Ogg Opus; `begins` says when each word of each sentence begins, in ms. Raises NoVoice.

        `to` is a whole path. `nice` lets everything else on the machine go first.
        """
        return await self._run({**job, "to": str(to), "nice": _NICE if nice else 0})

    async def _run(self, job: Mapping[str, Any]) -> dict[str, Any]:
        pipe = asyncio.subprocess.PIPE
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._program, stdin=pipe, stdout=pipe, stderr=pipe, cwd=_ROOT, env=environment
            )
        except OSError as error:
            raise NoVoice(type(error).__name__) from error
        try:
            async with asyncio.timeout(self._seconds):
                said, fault = await process.communicate(json.dumps(job).encode())
        except TimeoutError:
            raise NoVoice(f"not done in {self._seconds:g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            # Only the last line, which is the process's own; a traceback could name paths.
            raise NoVoice(fault.decode(errors="replace").strip().rpartition("\n")[2][:200] or str(process.returncode))
        try:
            return dict(json.loads(said))
        except ValueError as error:
            raise NoVoice("no answer") from error


def job_of(sentences: Sequence[Sentence], language: str) -> dict[str, Any]:
    """What the voice is told: the same sentences always give the same job, and a job always the same sound."""
    after = [*(sentence.part for sentence in sentences[1:]), None][: len(sentences)]
    return {
        "voice": _VOICES[language],
        "sentences": [
            {
                "words": [word.said for word in sentence.words],
                "pause": _PAUSE_MS if sentence.part == following else _LONG_PAUSE_MS,
            }
            for sentence, following in zip(sentences, after, strict=True)
        ],
    }
