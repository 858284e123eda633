"""The content command: check the cards, and write the bot's training lines from them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from content.card import BrokenCard
from content.card_file import CARDS, load_cards, refuse_strangers
from content.glossary import load_glossary
from content.helplines import load_helplines
from content.rendering import Renderer
from content.slots import load_slots
from content.training import BadTraining, stale_training, write_training
from content.vetting import Report, Vetting

TALK = Path(__file__).with_name("talk")
BOT_DATA = Path(__file__).parents[1] / "bot" / "data"

app = typer.Typer(no_args_is_help=True, add_completion=False)
out = Console(soft_wrap=True, highlight=False)


@app.callback()
def main() -> None:
    """Check the cards, and write the bot's training lines from them."""


@app.command()
def check(
    keys: Annotated[list[str] | None, typer.Argument(help="Card keys; all of them when none is named.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the card files are.")] = CARDS,
    warnings: Annotated[bool, typer.Option(help="Show advice too, not only what blocks.")] = True,
) -> None:
    """Vet cards: file, line, rule, the words, and a kinder way. Ends with 1 when something blocks signing."""
    try:
        cards = load_cards(folder)
        glossary = load_glossary()
        vetting = Vetting(Renderer(glossary, load_helplines(), load_slots()), glossary)
        chosen = [cards[key] for key in keys or cards]
        if not keys:
            refuse_strangers(cards)
    except (BrokenCard, ValueError) as error:
        out.print(str(error), markup=False)
        raise typer.Exit(1) from error
    except KeyError as error:
        out.print(f"no card {error}; the files are in {folder}", markup=False)
        raise typer.Exit(1) from error
    reports = [report for card in track(chosen, "Checking cards", transient=True) for report in vetting.vet(card)]
    for report in reports:
        if warnings or report.blocks:
            show(report)
    blocking = sum(report.blocks for report in reports)
    out.print(f"{len(chosen)} cards checked: {blocking} errors, {len(reports) - blocking} warnings")
    raise typer.Exit(1 if blocking else 0)


@app.command()
def train(
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with 1 when the files are stale.")
    ] = False,
) -> None:
    """Write the bot's training lines from the cards' example questions and the hand-written acts."""
    try:
        cards = load_cards()
        examples = {key: card.examples for key, card in cards.items() if card.examples}
        if check_only:
            _refuse_stale(stale_training(examples, TALK, BOT_DATA))
        else:
            written = write_training(examples, TALK, BOT_DATA)
            out.print(f"{len(examples)} cards written into {len(written)} training files")
    except (BrokenCard, BadTraining) as error:
        out.print(str(error), markup=False)
        raise typer.Exit(1) from error


def _refuse_stale(stale: list[Path]) -> None:
    for path in stale:
        out.print(f"{path}: not what the cards say today; run: make train", markup=False)
    if stale:
        raise typer.Exit(1)
    out.print("Training files are fresh")


def show(report: Report) -> None:
    """One finding as two lines: where and which rule, then what to do."""
    found, level = report.finding, f" {report.level}" if report.level else ""
    out.print(
        f"{report.card.path}:{report.line}:{level} rule {found.rule} {found.severity}: {found.problem}", markup=False
    )
    if found.text:
        out.print(f"    {found.text!r}", markup=False)
    out.print(f"    try: {found.suggestion}", markup=False)


if __name__ == "__main__":
    app()
