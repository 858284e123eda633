"""The content command: check the cards, and write the bot's training lines from them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.progress import track

from accessibility.rule_finding import Level
from content.built_in_help import in_the_way
from content.card import NO_BUTTON, BrokenCard, Card, Kind
from content.card_file import CARDS, load_cards, refuse_strangers
from content.danger_letters import WEIGHTS
from content.glossary import forms, load_glossary
from content.helplines import load_helplines
from content.rendering import Renderer
from content.situations import load_menu, refuse_lost
from content.slots import load_slots
from content.teach_danger_letters import pupils, teach, write_letters
from content.touching import touching
from content.training import ACTS, CALM, BadTraining, Talk, read_talk
from content.training_files import training_files, write_training
from content.training_lines import DANGER_LINES, LANGUAGE_LINES, BadLines, load_lines, together
from content.training_talks import after_questions, alone, danger_or_calm, load_talks
from content.vetting import Report, Vetting
from content.welsh_check import check_welsh

TALK = Path(__file__).with_name("talk")
BOT_DATA = Path(__file__).parents[1] / "bot" / "data"

ANSWERS: frozenset[Kind] = frozenset({*get_args(Kind)}) - NO_BUTTON | {"journey"}
"""The kinds of cards that a message can ask for. A story that asks nothing is answered by its journey."""
OPENED: frozenset[Kind] = frozenset({"card", "house"})
"""The kinds whose question stands before what is typed next."""

app = typer.Typer(no_args_is_help=True, add_completion=False)
out = Console(soft_wrap=True, highlight=False, emoji=False)


@app.callback()
def main() -> None:
    """Check the cards, and write the bot's training lines from them."""


@app.command()
def check(
    keys: Annotated[list[str] | None, typer.Argument(help="Card keys; all of them when none is named.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the card files are.")] = CARDS,
    warnings: Annotated[bool, typer.Option(help="Show advice too, not only what blocks.")] = True,
    level: Annotated[Level | None, typer.Option(help="Only what is found at this level.")] = None,
) -> None:
    """Vet cards: file, line, rule, the words, and a kinder way. Ends with 1 when something blocks signing."""
    try:
        cards = load_cards(folder)
        glossary = load_glossary()
        vetting = Vetting(Renderer(glossary, load_helplines(), load_slots()), glossary)
        chosen = [cards[key] for key in keys or cards]
        if not keys:
            refuse_strangers(cards)
        if not keys and folder == CARDS:
            refuse_lost(load_menu(), cards)
            for line in check_welsh(cards, Renderer(glossary, load_helplines(), load_slots())):
                out.print(line, markup=False)
    except (BrokenCard, ValueError) as error:
        out.print(str(error), markup=False)
        raise typer.Exit(1) from error
    except KeyError as error:
        out.print(f"no card {error}; the files are in {folder}", markup=False)
        raise typer.Exit(1) from error
    reports = [report for card in track(chosen, "Checking cards", transient=True) for report in vetting.vet(card)]
    reports += [Report(card, 1, "", one) for card in chosen for one in touching(card, cards)]
    reports = [one for one in reports if not level or one.level in ("", level)]
    for report in reports:
        if report.blocks or warnings:
            show(report)
    blocking = sum(report.blocks for report in reports)
    faults = list(in_the_way(forms(glossary))) if not keys and folder == CARDS else []
    for fault in faults:
        out.print(fault, markup=False)
    kept = sum(report.reason is not None for report in reports)
    out.print(f"{len(chosen)} cards checked: {blocking} block signing, {kept} kept with a reason{_beside(reports)}")
    raise typer.Exit(1 if blocking or faults else 0)


def _beside(reports: Sequence[Report]) -> str:
    """What else was found."""
    advice = sum(not (report.blocks or report.reason) for report in reports)
    return f", {advice} advice only" if advice else ""


@app.command()
def train(
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with 1 when a line cannot be learnt.")
    ] = False,
) -> None:
    """Write the bot's training files (bot/data) from the cards, bot/lines (a voice a file) and content/talk."""
    try:
        files = training_of(load_cards())
    except (BrokenCard, BadLines, BadTraining) as error:
        out.print(str(error), markup=False)
        raise typer.Exit(1) from error
    if check_only:
        out.print("Every training line can be learnt")
    else:
        write_training(files, BOT_DATA)
        out.print(f"Training lines written into {len(files)} files in bot/{BOT_DATA.name}")


@app.command()
def letters() -> None:
    """Teach the letters by which danger is heard while the bot is away, from today's lines (half a minute)."""
    taught = [*track(pupils(training_of(load_cards()).values()), "Reading lines", console=out)]
    write_letters(*teach(taught), WEIGHTS)
    out.print(f"{len(taught)} lines learnt into content/{WEIGHTS.name}")


def training_of(cards: Mapping[str, Card]) -> dict[str, str]:
    """The bot's training files from everything in content. Raises BadLines or BadTraining."""
    talks = load_talks({*cards, *ACTS})
    talk, asked = read_talk(TALK), together({**load_lines({*cards, *ACTS}), "talks": alone(talks)})
    examples = {key: [*card.examples, *asked.get(key, ())] for key, card in cards.items() if card.kind in ANSWERS}
    acts = {act: [*talk.acts.get(act, ()), *asked.get(act, ())] for act in {*ACTS, *talk.acts}}
    parts = {key: {"about": card.about, "asks": card.asks} for key, card in cards.items() if card.kind == "card"}
    spoken = load_lines({*cards, *ACTS}, LANGUAGE_LINES)
    heard = together({**load_lines({*cards, *ACTS, CALM}, DANGER_LINES), "talks": danger_or_calm(talks, CALM)})
    said = {key: lines for key, lines in examples.items() if lines}
    questions = {key: card.levels["simple"].question for key, card in cards.items() if card.kind in OPENED}
    after = after_questions(talks, {key: lines for key, lines in said.items() if key in parts}, questions)
    return training_files(said, Talk(acts, talk.words), parts, spoken, heard, after)


def show(report: Report) -> None:
    """One finding as two lines: where and which rule, then what to do."""
    found, level = report.finding, f" {report.level}" if report.level else ""
    out.print(
        f"{report.card.path}:{report.line}:{level} rule {found.rule} {found.severity}: {found.problem}", markup=False
    )
    if found.text:
        out.print(f"    {found.text!r}", markup=False)
    if report.reason:
        out.print(f"    kept because: {report.reason}", markup=False)
        return
    or_reason = f"; or say why in the card: reasons: {{{found.rule}: ...}}" if report.asks_reason else ""
    out.print(f"    try: {found.suggestion}{or_reason}", markup=False)


if __name__ == "__main__":
    app()
