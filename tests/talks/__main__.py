"""`make talks`: holds whole talks by strangers with the trained bot, and prints how many gave a child what they needed.

The development talks may be read and learnt from. The sealed ones are asked once for each finished bot, and never read:
`--sealed` prints figures alone.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.bot_process import bot_server
from tests.conftest import settings_for, sign_everything
from tests.json_child import Child
from tests.served import served
from tests.talks.floors import short
from tests.talks.marks import DEVELOPMENT, RANKING, SEALED, Mark, Talk, Tally, mark, talks
from tests.talks.teaching import teach

OUT = Console(highlight=False)


def main() -> int:
    """Talk, print, and end with 1 when a figure is short."""
    words = argparse.ArgumentParser(prog="python -m tests.talks", description=__doc__)
    words.add_argument("--sealed", action="store_true", help="hold the sealed talks instead: once for a finished bot")
    words.add_argument("--of", nargs="+", default=(), metavar="AUTHOR", help="the talks of these authors alone")
    words.add_argument("--show", type=int, default=0, metavar="N", help="print N turns that went wrong (development)")
    words.add_argument(
        "--teach", action="store_true", help="teach the ranking anew from the development talks and its own"
    )
    wish = words.parse_args()
    if wish.sealed and (wish.show or wish.teach):
        words.error("what is sealed is not read and not learnt from")
    held = talks(SEALED if wish.sealed else DEVELOPMENT, wish.of)
    OUT.print("Waking the bot (15 to 25 s) ...")
    with tempfile.TemporaryDirectory() as place, bot_server(Path(place) / "bot.log") as (bot, _process):
        if wish.teach:
            teach(bot, [*held, *talks(RANKING)], OUT)
            return 0
        url = f"sqlite+aiosqlite:///{Path(place) / 'know.db'}"
        sign_everything(settings_for(url))
        others = {"KNOW_BOT_URL": bot.url, "KNOW_BOT_TOKEN": bot.token}
        with served(url, Path(place) / "api.log", others) as address:
            tally, wrong = asyncio.run(hold(address, held))
    report(tally, wrong[: wish.show])
    return judge(tally)


async def hold(address: str, held: Sequence[Talk]) -> tuple[Tally, list[tuple[str, Mark]]]:
    """Holds each talk; what came of all, and the turns that went wrong, with the talk's id."""
    tally, wrong = Tally(), list[tuple[str, Mark]]()
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        for talk in track(held, "Talking", console=OUT, transient=True):
            child = Child(client)
            await child.start(level=talk["level"])
            marks = [mark(turn, await child.say_in_time(turn["say"])) for turn in talk["turns"]]
            tally.add(talk, marks)
            wrong += [(talk["id"], one) for one in marks if not one.right]
    return tally, sorted(wrong, key=lambda one: not one[1].harmful)


def report(tally: Tally, wrong: Sequence[tuple[str, Mark]]) -> None:
    """The figures, then what went wrong."""
    table = Table("figure", "of", "share", title=f"{tally.talks} talks, {tally.turns['turns']} turns")
    of = {"must": "must", "must or offer": "must", "rings": "calm", "help": "help"}
    for name, share in tally.figures().items():
        whole = tally.talks if name == "talks" else tally.turns[of.get(name, "turns")]
        whole = tally.needs[name]["turns"] if name in tally.needs else whole
        table.add_row(name, str(whole), f"{share:.3f}")
    OUT.print(table)
    for talk, one in wrong:
        harm = "HARM " if one.harmful else ""
        OUT.print(
            f"{harm}{talk}: {one.turn['say']!r} wants {one.turn.get('want')}, alarm {one.turn['alarm']};", end=" "
        )
        OUT.print(f"got {', '.join(sorted(one.shown)) or 'no answer'}{' and rang' if one.rang else ''}")


def judge(tally: Tally) -> int:
    """Names the figures that are short."""
    found = short(tally.figures())
    OUT.print("Short: " + "; ".join(found) if found else "Every figure holds.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
