"""`python -m tests.danger`: how many cries ring, cause by cause. Prints counts, and never a line."""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.chat.danger_detection import ALARM_CARDS, CALM, RINGS_FIRST
from content.danger import Alarm
from tests.bot_process import bot_server
from tests.danger.figures import Rung, by_phrases, rows
from tests.danger.lines import Half


def main() -> None:
    """Asks one half, and prints its table."""
    words = argparse.ArgumentParser(prog="python -m tests.danger", description=__doc__)
    words.add_argument("--sealed", action="store_true", help="ask the sealed half, once of a finished alarm")
    words.add_argument("--without-bot", action="store_true", help="ask the phrases alone")
    wish = words.parse_args()
    half: Half = "sealed" if wish.sealed else "development"
    rung = by_phrases(half)
    if not wish.without_bot:
        rung = _with_bot(rung)
    table = Table("cause", "lines", "by phrases", "bot away", "with the bot", title=f"{half} cries")
    for row in rows(rung):
        table.add_row(
            row.name, str(row.lines), f"{row.by_phrases:.3f}", f"{row.without_bot:.3f}", f"{row.by_either:.3f}"
        )
    Console(highlight=False).print(table)


def _with_bot(rung: list[Rung]) -> list[Rung]:
    alarm = Alarm.load()

    def with_bot(one: Rung, danger: float) -> Rung:
        return replace(one, bot=danger >= RINGS_FIRST, calmed=danger < CALM and alarm.doubts(one.line.text))

    with tempfile.TemporaryDirectory() as place, bot_server(Path(place) / "bot.log") as (bot, _process):
        return [with_bot(one, _danger(bot.ranking(one.line.text))) for one in rung]


def _danger(ranking: list[tuple[str, float]]) -> float:
    return sum(share for name, share in ranking if name in ALARM_CARDS)


if __name__ == "__main__":
    main()
