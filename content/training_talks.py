"""Reads bot/lines/talks: what young people type once a card was read, an author a file; and what is learnt from it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import yaml

from accessibility.yaml_text import read_yaml
from content.training_lines import LINES, BadLines

TALK_LINES = LINES / "talks"
"""Lines by the card that is open and the card or act that answers, a file an author."""
# A line of fewer words says too little alone to be learnt without the question before it.
_FEWEST_WORDS_ALONE = 6
# So many lines of each card are also learnt after a question that has nothing to do with them.
_TURNED_FROM = 30
_ALARM = "alarm-"


@dataclass(frozen=True)
class TalkLine:
    """What was typed while a card was open, and what answers it."""

    opened: str
    answer: str
    text: str


def load_talks(known: Collection[str], folder: Path = TALK_LINES) -> list[TalkLine]:
    """Every line, authors in the order of their names.

    Raises BadLines for a file that is not open cards, each with answers and their lines under them, for a key that is
    neither card nor act, and for a line that has two answers while the same card is open.
    """
    found = [line for path in sorted(folder.glob("*.yml")) for line in _lines(path, known)]
    answers = dict[tuple[str, str], str]()
    for line in found:
        place = (line.opened, line.text.casefold())
        if answers.setdefault(place, line.answer) != line.answer:
            raise BadLines(f"bot/lines/talks: `{line.text}` has two answers while `{line.opened}` is open: keep one")
    return found


def _lines(path: Path, known: Collection[str]) -> Iterator[TalkLine]:
    try:
        read = read_yaml(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise BadLines(f"{path}: not valid YAML; a line may not start with a space or a tab: {error}") from error
    if not isinstance(read, dict) or not all(isinstance(answers, dict) for answers in read.values()):
        raise BadLines(
            f"{path}: must hold open cards, each with answers under it, each followed by `: |` and its lines"
        )
    for opened, answers in read.items():
        for answer, text in answers.items():
            if opened not in known or answer not in known or not isinstance(text, str):
                raise BadLines(f"{path}: `{opened}` or `{answer}` is no card or act (yes and no need quotes)")
            yield from (TalkLine(opened, answer, line.strip()) for line in text.splitlines() if line.strip())


def alone(talks: Sequence[TalkLine]) -> dict[str, list[str]]:
    """The lines that say enough by themselves, by what answers them; no danger, which `danger_or_calm` has."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in talks:
        if len(line.text.split()) >= _FEWEST_WORDS_ALONE and not line.answer.startswith(_ALARM):
            found[line.answer].append(line.text)
    return dict(found)


def danger_or_calm(talks: Sequence[TalkLine], calm: str) -> dict[str, list[str]]:
    """Every line by the alarm that it must ring, and under `calm` where it must ring none."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in talks:
        found[line.answer if line.answer.startswith(_ALARM) else calm].append(line.text)
    return dict(found)


def after_questions(
    talks: Sequence[TalkLine], asked: Mapping[str, Sequence[str]], questions: Mapping[str, str]
) -> dict[str, list[str]]:
    """Lines after the question of the open card, as the bot is asked about them, by what answers them.

    Beside what was typed then, some of what is asked of each card, after questions that have nothing to do with it: who
    turns to something else says all of it.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for line in talks:
        if line.opened in questions:
            found[line.answer].append(f"{questions[line.opened]} {line.text}")
    opened = cycle(sorted(questions))
    for key in sorted(asked):
        lines = asked[key]
        for text in lines[:: max(1, len(lines) // _TURNED_FROM)]:
            found[key].append(f"{questions[next(opened)]} {text}")
    return dict(found)
