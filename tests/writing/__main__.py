"""Sends first messages as young people type them to the trained bot, and the same in plain English beside them.

The development messages may be read; the sealed ones are asked once for each finished bot, and never read.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.bot_process import bot_server
from tests.conftest import settings_for, sign_everything
from tests.json_child import Child
from tests.served import served
from tests.talks.marks import Mark, mark
from tests.writing.figures import CEILINGS, FLOORS, Counts, counted, headline, short
from tests.writing.messages import DEVELOPMENT, SEALED, Message, messages
from tests.writing.misspelt import MOST_LOST, OFTEN, misspelt

OUT = Console(highlight=False)
WAYS = ("say", "plain")


def main() -> int:
    """Send, print, and end with 1 when a figure is short."""
    words = argparse.ArgumentParser(prog="python -m tests.writing", description=__doc__)
    words.add_argument("--sealed", action="store_true", help="the sealed messages instead: once for a finished bot")
    words.add_argument(
        "--misspelt", action="store_true", help="what typing mistakes in the plain messages cost instead"
    )
    words.add_argument("--show", type=int, default=0, metavar="N", help="print N that went wrong (development)")
    wish = words.parse_args()
    if wish.sealed and wish.show:
        words.error("what is sealed is not read")
    asked = messages(SEALED if wish.sealed else DEVELOPMENT)
    ways = ("plain", *OFTEN) if wish.misspelt else WAYS
    if wish.misspelt:
        asked = [{**one, **{way: misspelt(one["plain"], often) for way, often in OFTEN.items()}} for one in asked]
    OUT.print("Waking the bot (15 to 25 s) ...")
    with served_with_bot() as address:
        marked = asyncio.run(send(address, asked, ways))
    counts = counted(marked)
    if wish.misspelt:
        return report_lost(counts)
    report(counts)
    for message, way, one in [row for row in marked if row[1] == "say" and not row[2].right][: wish.show]:
        OUT.print(f"{message['id']} {message[way]!r} wants {message['want']}, alarm {message['alarm']};", end=" ")
        OUT.print(f"got {', '.join(sorted(one.shown)) or 'no answer'}{' and rang' if one.rang else ''}")
    fails = list(short(headline(counts)))
    OUT.print("Short: " + "; ".join(fails) if fails else "Every figure holds.")
    return 1 if fails else 0


@contextmanager
def served_with_bot() -> Iterator[str]:
    """The practice version with its trained bot, until the end of the block; its address."""
    with tempfile.TemporaryDirectory() as place, bot_server(Path(place) / "bot.log") as (bot, _process):
        url = f"sqlite+aiosqlite:///{Path(place) / 'know.db'}"
        sign_everything(settings_for(url))
        others = {"KNOW_BOT_URL": bot.url, "KNOW_BOT_TOKEN": bot.token}
        with served(url, Path(place) / "api.log", others) as address:
            yield address


async def send(address: str, asked: Sequence[Message], ways: Sequence[str] = WAYS) -> list[tuple[Message, str, Mark]]:
    """Each message in each of these ways, in a fresh chat: how it went."""
    found = list[tuple[Message, str, Mark]]()
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        for message in track(asked, "Sending", console=OUT, transient=True):
            for way in ways:
                child = Child(client)
                await child.start()
                found.append((message, way, mark(message, await child.say_in_time(message[way]))))
    return found


def report(counts: Counts) -> None:
    """A row a group, then the figures that must hold."""
    columns = ("group", "questions", "right", "in plain", "buttons", "in plain", "cries heard", "rang", "calm rings")
    table = Table(*columns, title="How children write")
    for group, ways in sorted(counts.items(), key=lambda one: (one[0] == "all", one[0])):
        said, plain = ways["say"], ways["plain"]
        shares = [way.share(part, "questions") for part in ("right", "reachable") for way in (said, plain)]
        shares += [said.share("heard", "must"), said.share("rang", "must"), said.share("rings", "calm")]
        table.add_row(group, str(said.of["questions"]), *[f"{share:.3f}" for share in shares])
    OUT.print(table)
    for name, value in headline(counts).items():
        bound = f"at least {FLOORS[name]}" if name in FLOORS else f"at most {CEILINGS[name]}"
        OUT.print(f"  {name}: {value:.3f} ({bound})")


def report_lost(counts: Counts) -> int:
    """What mistakes cost beside plain English; 1 when it is more than may be lost."""
    plain, fails = counts["all"]["plain"].share("right", "questions"), 0
    OUT.print(f"  in plain English: {plain:.3f} right at once")
    for way, most in MOST_LOST.items():
        right = counts["all"][way].share("right", "questions")
        fails += plain - right > most
        OUT.print(f"  {way}: {right:.3f}, {plain - right:.3f} lost (at most {most})")
    return min(fails, 1)


if __name__ == "__main__":
    sys.exit(main())
