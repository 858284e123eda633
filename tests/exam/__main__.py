"""`make exam`: asks the trained bot every exam line and prints what it understood, by card, by author and by style."""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from api.chat.danger_detection import RINGS_FIRST
from content.danger import Alarm
from tests.bot_process import RasaServer, bot_server
from tests.exam.figures import (
    Answer,
    Heard,
    alarm_headline,
    bands,
    by,
    by_rule,
    by_threshold,
    confusions,
    headline,
    hear,
)
from tests.exam.floors import ALARM_CEILINGS, FLOORS, fails
from tests.exam.questions import DEVELOPMENT, LINES, cries, questions, twins
from tests.exam.slips import WAYS, spoilt

OUT = Console(highlight=False)


def main() -> int:
    """Ask, print, and end with 1 when a figure is below its floor."""
    words = argparse.ArgumentParser(prog="python -m tests.exam", description=__doc__)
    words.add_argument(
        "--development", action="store_true", help="ask the development lines instead, which may be looked at and used"
    )
    words.add_argument("--of", nargs="+", metavar="AUTHOR", help="ask the lines of these authors alone")
    words.add_argument("--misses", action="store_true", help="print every line that was missed (development only)")
    wish = words.parse_args()
    if wish.misses and not wish.development:
        words.error("an exam whose misses are read is no exam any more; add --development")
    folder = DEVELOPMENT if wish.development else LINES
    authors = {line.author for line in (*questions(folder), *cries(folder))}
    if unknown := sorted(set(wish.of or ()) - authors):
        words.error(f"no lines by {', '.join(unknown)}. There are: {', '.join(sorted(authors))}")
    OUT.print("Waking the bot (15 to 25 s) ...")
    with tempfile.TemporaryDirectory() as place, bot_server(Path(place) / "bot.log") as (bot, _process):
        answers, heard = ask(bot, folder, wish.of)
        slipped = ask_spoilt(bot, answers)
    report(answers, heard)
    grid("Plain lines, then misspelt by rule", by(slipped, lambda a: a.question.style))
    if wish.development:
        thresholds(heard)
    if wish.misses:
        misses(answers, heard)
    return judge({**dict(headline(answers)), **dict(alarm_headline(heard))})


def ask(bot: RasaServer, folder: Path, of: Sequence[str] | None) -> tuple[list[Answer], list[Heard]]:
    """Each line's answer, of all authors or of some; one that is nearly a training line examines nothing: left out."""
    asked = [q for q in questions(folder) if of is None or q.author in of]
    cried = [c for c in cries(folder) if of is None or c.author in of]
    alarm = Alarm.load()
    left_out = twins([q.text for q in asked] + [c.text for c in cried])
    OUT.print(f"{len(asked) + len(cried)} lines, {len(left_out)} left out because a training line is nearly the same")
    answers = [Answer(q, bot.ranking(q.text)) for q in track(asked, "Asking") if q.text not in left_out]
    rung = track(cried, "Crying")
    return answers, [hear(c, alarm, bot.ranking(c.text)) for c in rung if c.text not in left_out]


def ask_spoilt(bot: RasaServer, answers: Sequence[Answer]) -> list[Answer]:
    """The lines of cards in plain spelling, and what is understood once they are misspelt in each way."""
    plain = [answer for answer in answers if answer.card and answer.question.style == "plain"]
    slipped = [spoilt(answer.question, way) for way in WAYS for answer in plain]
    return plain + [Answer(q, bot.ranking(q.text)) for q in track(slipped, "Misspelling")]


def report(answers: Sequence[Answer], heard: Sequence[Heard]) -> None:
    """Every table."""
    cards = [answer for answer in answers if answer.card]
    grid("By card (weakest first)", by(cards, lambda a: a.question.want))
    grid("By act", by((a for a in answers if not a.card), lambda a: a.question.want))
    grid("By author", by(cards, lambda a: a.question.author))
    grid("By style", by(cards, lambda a: a.question.style))
    grid("Confidence", bands(answers), ("band", "answers", "mean", "right"))
    grid("Most often confused", ((f"{w} taken for {g}", n) for (w, g), n in confusions(answers)), ("pair", "times"))
    grid("Alarm by kind or style", alarm_rows(heard), ("lines", "count", "phrases", "bot", "either"))
    figures = {**dict(headline(answers)), **dict(alarm_headline(heard))}
    limits = {**{name: f"at least {f:.2f}" for name, f in FLOORS.items()}}
    limits |= {name: f"at most {f:.2f}" for name, f in ALARM_CEILINGS.items()}
    rows = ((name, f"{value:.3f}", limits.get(name, "")) for name, value in figures.items())
    grid("The exam", rows, ("figure", "measured", "to hold"))


def thresholds(heard: Sequence[Heard]) -> None:
    """What the alarm would do from each threshold, and which one the rule chooses (docs/understanding.md)."""
    heads = ("rings from", "direct", "indirect", "ordinary", "lookalikes")
    grid("The alarm's threshold, on development lines alone", by_threshold(heard), heads)
    OUT.print(f"The rule chooses {by_rule(heard)}; it rings from {RINGS_FIRST}.")


def alarm_rows(heard: Sequence[Heard]) -> Iterable[tuple[str, int, float, float, float]]:
    """Recall by kind and by style, and false alarms by style, for each layer and for both."""
    groups: dict[str, list[Heard]] = {}
    for h in heard:
        names = (h.cry.kind, f"style: {h.cry.style}") if h.cry.kind else (f"must not ring: {h.cry.style}",)
        for name in names:
            groups.setdefault(str(name), []).append(h)
    for name, many in sorted(groups.items()):
        part = [sum(getattr(h, layer) for h in many) / len(many) for layer in ("phrase", "bot", "rings")]
        yield (name, len(many), *part)


def grid(title: str, rows: Iterable[Sequence[object]], heads: Sequence[str] = ("", "lines", "top 1", "top 3")) -> None:
    """One table; shares with three places."""
    table = Table(*heads, title=title)
    for row in rows:
        table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row))
    OUT.print(table)


def misses(answers: Sequence[Answer], heard: Sequence[Heard]) -> None:
    """Every development line that went wrong, to learn from."""
    for answer in answers:
        if not answer.right:
            OUT.print(f"{answer.question.want}: {answer.question.text!r} -> {answer.ranking[:3]}", markup=False)
    for h in heard:
        if h.rings != bool(h.cry.kind):
            OUT.print(f"{h.cry.kind or 'calm'} ({h.cry.style}): {h.cry.text!r}", markup=False)


def judge(figures: dict[str, float]) -> int:
    """0 when every figure holds; else says which do not."""
    broken = fails(figures)
    for line in broken:
        OUT.print(f"[red]{line}[/red]")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
