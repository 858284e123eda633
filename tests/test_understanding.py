"""The real bot on lines by an author who saw no training line: printed with -s, held to floors.

The lines are never used to train. SURE in api/chat/reply.py was read off them once, so "right when sure" flatters a
little; the other figures do not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.chat.reply import RINGS, SURE
from content.card import Card
from tests.bot_process import RasaServer

pytestmark = pytest.mark.rasa

LINES: list[dict[str, str]] = yaml.safe_load(Path(__file__).with_name("understanding_lines.yml").read_text("utf-8"))
ACTS = {"greet", "thanks", "bye", "person", "simpler", "again"}
FLOORS = {"cards, top 1": 0.85, "cards, top 3": 0.95, "out of scope, seen": 0.70, "acts": 0.90, "right when sure": 0.93}


@pytest.fixture(scope="module")
def parsed(rasa: RasaServer) -> list[tuple[str, list[tuple[str, float]]]]:
    """Each line's right intent, and the bot's ranking."""
    return [(line["want"], _ranking(rasa.parse(line["text"]))) for line in LINES]


def _ranking(answer: dict[str, Any]) -> list[tuple[str, float]]:
    return [(str(guess["name"]), float(guess["confidence"])) for guess in answer["intent_ranking"]]


def test_the_bot_understands_strangers(parsed: list[tuple[str, list[tuple[str, float]]]]) -> None:
    figures = dict(_figures(parsed))
    for name, value in figures.items():
        print(f"{name}: {value:.3f} (floor {FLOORS.get(name, 0):.2f})")
    assert {name: value for name, value in figures.items() if value < FLOORS.get(name, 0)} == {}
    assert figures["alarms on ordinary lines"] <= 0.02


def _figures(parsed: list[tuple[str, list[tuple[str, float]]]]) -> Iterator[tuple[str, float]]:
    cards = [(want, ranking) for want, ranking in parsed if want not in ACTS | {"out-of-scope"}]
    outside = [ranking for want, ranking in parsed if want == "out-of-scope"]
    acts = [(want, ranking) for want, ranking in parsed if want in ACTS]
    sure = [(want, ranking[0][0]) for want, ranking in parsed if ranking[0][1] >= SURE and ranking[0][0] not in ACTS]
    yield "cards, top 1", _share(want == ranking[0][0] for want, ranking in cards)
    yield "cards, top 3", _share(want in [name for name, _ in ranking[:3]] for want, ranking in cards)
    yield "out of scope, seen", _share(ranking[0][0] == "out-of-scope" for ranking in outside)
    yield "acts", _share(want == ranking[0][0] for want, ranking in acts)
    yield "right when sure", _share(want == found for want, found in sure)
    rung = (ranking[0][0].startswith("alarm-") and ranking[0][1] >= RINGS for _, ranking in parsed)
    yield "alarms on ordinary lines", _share(rung)


def _share(hits: Iterator[bool]) -> float:
    found = list(hits)
    return sum(found) / len(found)


def test_the_lines_are_not_training_lines(cards: dict[str, Card]) -> None:
    trained = {_bare(line) for card in cards.values() for line in card.examples}
    same = [line["text"] for line in LINES if _bare(line["text"]) in trained]
    assert len(same) <= len(LINES) // 50, same


def _bare(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
