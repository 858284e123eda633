"""The bot's own figures: how long it takes to wake, what it holds in memory, and how long one message takes it."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bot_process import bot_server
from tests.exam.questions import DEVELOPMENT, questions

_ASKED = 300
_STARTS = 3


def bot_rows() -> Iterator[tuple[str, str, str]]:
    """Starts the bot three times and asks it development lines on one processor. Memory is read from Linux's /proc."""
    texts = [question.text for question in questions(DEVELOPMENT)][:_ASKED]
    woken, held, slow = [], [], []
    for _ in range(_STARTS):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            with bot_server(Path(folder) / "bot.log") as (bot, process):
                bot.parse("hello")
                woken.append(time.perf_counter() - begun)
                os.sched_setaffinity(process.pid, {0})
                taken = []
                for text in texts:
                    start = time.perf_counter()
                    bot.parse(text)
                    taken.append(time.perf_counter() - start)
                slow.append(sorted(taken)[int(0.95 * len(taken))])
                held.append(_memory_gb(process.pid))
    yield "bot wakes and answers", f"{median(woken):.1f} s ({max(woken):.1f} s at most)", "under 25 s"
    yield "bot memory", f"{max(held):.2f} GB", "under 1.2 GB"
    yield "message p95 in the bot, one processor", f"{median(slow) * 1000:.1f} ms", "under 30 ms"


def _memory_gb(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return kilobytes * 1024 / 1e9
