"""Keeps the bot's own process running beside the API, and starts it again when it dies."""

import logging
import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_BOT = Path(__file__).parents[1] / "bot"
_PROGRAM = (str(_BOT / ".venv" / "bin" / "python"), str(_BOT / "serve.py"))
# What a program needs to run, and how many processors it may take; never a key, a password or an address of ours.
_NEEDED = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT"})
_NEEDED_KINDS = ("LC_", "OMP_", "OPENBLAS_", "MKL_")
_REFUSED = 2
_PAUSE_SECONDS = 2.0
_log = logging.getLogger(__name__)


class _Keeper:
    """Starts the bot, waits for its end, and starts it again until told to stop."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = command, environment
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="bot", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._process:
            self._process.terminate()
        self._thread.join(timeout=10)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            # Its input is ours: when this process is gone, however that came, the bot sees it close and ends.
            with subprocess.Popen(self._command, env=self._environment, stdin=subprocess.PIPE) as self._process:  # noqa: S603
                status = self._process.wait()
            if status == _REFUSED:
                _log.error("the bot refused to start (its reason is above); buttons and near cards go on without it")
                return
            if not self._stopping.wait(_PAUSE_SECONDS):
                _log.warning("the bot ended with %s and is started again", status)


def environment_of_bot(ours: Mapping[str, str], token: str) -> dict[str, str]:
    """What the bot's process is told of this process's environment: nothing that it does not need to run."""
    needed = {name: value for name, value in ours.items() if name in _NEEDED or name.startswith(_NEEDED_KINDS)}
    return {**needed, "BOT_TOKEN": token, "BOT_ENDS_WITH_INPUT": "yes"}


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def bot_process(port: int, token: str, program: Sequence[str] = _PROGRAM) -> Iterator[None]:
    """The bot runs while the block does. `token` is what the API must show it; `program` is what is started."""
    keeper = _Keeper([*program, "--port", str(port)], environment_of_bot(os.environ, token))
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()
