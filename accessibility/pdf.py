"""PDF of pages made for paper: starts the maker's own process, and waits for it no longer than it may take."""

import asyncio
import json
import logging
import os
import sys
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path

ADD_IT = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""How the libraries that a PDF needs are added on Debian."""
_ROOT = Path(__file__).parents[1]
_PROGRAM = (sys.executable, "-m", "accessibility.pdf_process")
# The maker needs no secret of ours, so it is given none. Without a HOME the system's letters are read anew each time.
_PASSED_ON = ("PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG")
_SECONDS = 20.0
_LOOK_SECONDS = 3.0
_AGAIN_SECONDS = 60.0
# Each takes a processor for a second or two, and 100 MB.
_AT_ONCE = 2
_PDF = b"%PDF-"
_log = logging.getLogger(__name__)


class NoPdf(Exception):
    """There is no PDF here, or not in time; the reason is for a log and holds no words of anybody."""


class PdfMaker:
    """What makes PDF on this machine, two at a time; others wait their turn.

    `program` is what is started for each, and `seconds` how long turn and work may take together.
    """

    def __init__(self, program: Sequence[str] = _PROGRAM, seconds: float = _SECONDS) -> None:
        self._program, self._seconds = tuple(program), seconds
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._looking = asyncio.Lock()
        self._here, self._missed = False, -_AGAIN_SECONDS

    async def is_here(self) -> bool:
        """Whether a page may offer a PDF. It looks when first asked, and again a minute after there was none."""
        async with self._looking:
            if not self._here and time.monotonic() - self._missed >= _AGAIN_SECONDS:
                await self._look()
        return self._here

    async def make(self, html: str, files: Mapping[str, bytes]) -> bytes:
        """The PDF of a page. `files` are all that it may name, by their address on it. Raises NoPdf."""
        given = {address: b64encode(body).decode() for address, body in files.items()}
        job = json.dumps({"html": html, "files": given}).encode()
        try:
            async with asyncio.timeout(self._seconds), self._turns:
                made = await self._run(job)
        except TimeoutError:
            raise NoPdf(f"not done in {self._seconds:g} s") from None
        if not made.startswith(_PDF):
            raise NoPdf("what came is no PDF")
        return made

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._run(b"{}")
            self._here = True
        except TimeoutError:
            # A machine with much to do has most likely what is needed; if not, whoever presses is told.
            self._here = True
        except NoPdf as no:
            self._missed = time.monotonic()
            _log.warning("no PDF can be made here (%s); to add what it needs: %s", no, ADD_IT)

    async def _run(self, job: bytes) -> bytes:
        pipe = asyncio.subprocess.PIPE
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._program, stdin=pipe, stdout=pipe, stderr=pipe, cwd=_ROOT, env=environment
            )
        except OSError as error:
            raise NoPdf(type(error).__name__) from error
        try:
            made, fault = await process.communicate(job)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            # Only the last line, which is the process's own; a traceback could name paths.
            raise NoPdf(fault.decode(errors="replace").strip().rpartition("\n")[2][:200] or str(process.returncode))
        return made
