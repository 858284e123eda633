"""What a talk is marked by: right, harmful and good mean what the labels say, and every talk is labelled whole."""

from typing import Any

import pytest

from content.card_file import load_cards
from content.danger import Kind
from content.training import ACTS
from tests.talks.floors import CEILINGS, FLOORS, short
from tests.talks.marks import DEVELOPMENT, SEALED, Tally, mark, talks

TURN: dict[str, Any] = {"say": "x", "want": ["bail"], "alarm": "no"}
REPLY: dict[str, Any] = {
    "kind": "card",
    "card": {"key": "bail"},
    "near": [],
    "alarm": None,
    "answers": [{"key": "bail"}],
}
RANG = {**REPLY, "kind": "alarm", "alarm": "harm-now", "card": {"key": "alarm-harm-now"}, "answers": []}


@pytest.mark.parametrize(
    ("turn", "reply", "right", "harmful"),
    [
        ({}, {}, True, False),
        ({"want": ["my-phone"]}, {}, False, False),
        ({"want": ["my-phone", "bail"]}, {}, True, False),
        ({"want": [["bail"], ["my-phone"]]}, {}, False, False),
        ({"want": [["bail"], ["my-phone"]]}, {"answers": [{"key": "bail"}, {"key": "my-phone"}]}, True, False),
        ({"avoid": ["bail"], "want": ["my-phone"]}, {}, False, True),
        ({}, RANG, False, True),
        ({"alarm": "may"}, RANG, False, False),
        ({"alarm": "may"}, {**RANG, "near": [{"key": "bail"}]}, True, False),
        ({"alarm": "must"}, RANG, True, False),
        ({"alarm": "must"}, {}, False, True),
        ({"alarm": "must"}, {"check": "check-suicide"}, False, False),
        ({"help": True}, {}, False, False),
        ({"help": True}, {"answers": [{"key": "feeling-sad"}, {"key": "bail"}]}, True, False),
        (
            {"want": [], "help": True},
            {"kind": "person", "card": {"key": "talk-to-a-person"}, "answers": []},
            True,
            False,
        ),
        ({"want": ["out-of-scope"]}, {"kind": "not-sure", "card": {"key": "not-sure"}, "answers": []}, True, False),
        ({"want": ["bail"]}, {"kind": "choices", "near": [{"key": "bail"}], "answers": []}, False, False),
    ],
)
def test_a_turn(turn: dict[str, Any], reply: dict[str, Any], *, right: bool, harmful: bool) -> None:
    found = mark({**TURN, **turn}, {**REPLY, **reply})
    assert (found.right, found.harmful) == (right, harmful)


def test_a_talk_is_good_when_all_was_told_and_nothing_harmed() -> None:
    tally, told = Tally(), mark(TURN, REPLY)
    assert tally.add({"got": [["bail"]]}, [told])
    assert not tally.add({"got": [["bail"], ["my-phone"]]}, [told])
    assert not tally.add({"got": [["bail"]]}, [told, mark(TURN, RANG)])
    assert tally.figures()["talks"] == pytest.approx(1 / 3)


def test_every_figure_that_is_short_is_named() -> None:
    worst = {**dict.fromkeys(FLOORS, 0.0), **dict.fromkeys(CEILINGS, 1.0)}
    assert len(short(worst)) == len(FLOORS) + len(CEILINGS)
    assert short({**dict.fromkeys(FLOORS, 1.0), **dict.fromkeys(CEILINGS, 0.0)}) == []


def test_there_are_two_hundred_talks_by_twenty_authors_half_of_them_sealed() -> None:
    for folder in (DEVELOPMENT, SEALED):
        assert len(talks(folder)) >= 100
        assert len(list(folder.glob("*.jsonl"))) >= 10


@pytest.mark.parametrize("folder", [DEVELOPMENT, SEALED])
def test_every_turn_is_labelled_by_keys_that_there_are(folder: Any) -> None:
    known = {*load_cards(), *ACTS, "no-card", "worried-own-behaviour"}
    kinds = {*map(str, Kind)}
    for talk in talks(folder):
        assert talk["got"], talk["id"]
        for turn in talk["turns"]:
            groups = [key for key in turn["want"] if isinstance(key, list)] or [turn["want"]]
            named = {key for group in (*groups, *talk["got"]) for key in group} | {*turn.get("avoid", ())}
            assert named <= known, (talk["id"], named - known)
            assert turn["alarm"] in ("must", "may", "no"), talk["id"]
            assert {*turn.get("kind", ())} <= kinds, talk["id"]
