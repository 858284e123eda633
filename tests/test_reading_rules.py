"""Every reading rule has a text that must fail it and one that must pass; quoted law and buttons are tested apart."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from accessibility.finding import LEVELS, Answer, Level
from accessibility.language import sentences, words
from accessibility.reading import read
from accessibility.rulebook import rulebook

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("reading_rules.yml").read_text("utf-8"))
ENFORCED = {1, 3, 7, 8, 9, 12, 13, 14, 17, 18, 20, 24, 28, 29, 30, 31, 33}


def broken(text: str | list[str], level: Level, glossary: list[str] | None = None) -> set[int]:
    bubbles = (text,) if isinstance(text, str) else tuple(text)
    answer = Answer(level, "Who can see it?", "See it", bubbles)
    return {finding.rule for finding in read(answer, {word: word for word in glossary or ()})}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"rule-{case['rule']}-{case['level']}")
def test_a_rule_tells_good_from_bad(case: dict[str, Any]) -> None:
    assert case["rule"] in broken(case["fails"], case["level"], case.get("words"))
    assert case["rule"] not in broken(case["passes"], case["level"], case.get("words"))


@pytest.mark.parametrize("label", ["", "See what the police have about you now", "See it.", "see it", "See My Record"])
def test_rule_24_buttons(label: str) -> None:
    assert 24 in {found.rule for found in read(Answer("easy", "Who can see it?", label, ("You can see it.",)), {})}


def test_rule_24_a_good_button() -> None:
    assert not {found.rule for found in read(Answer("easy", "Who can see it?", "See it", ("You can see it.",)), {})}


def test_rule_33_quoted_law_is_exempt_but_must_be_explained() -> None:
    law = (
        "You do not have to say anything. But it may harm your defence if you do not mention when questioned something."
    )
    explained = Answer("easy", "What is it?", "The words", (law, "You can say nothing."), frozenset({0}))
    alone = Answer("easy", "What is it?", "The words", (law,), frozenset({0}))
    assert not read(explained, {})
    assert 33 in {found.rule for found in read(alone, {})}


def test_every_enforced_rule_has_a_case_or_its_own_test() -> None:
    assert ENFORCED - {24, 33} <= {case["rule"] for case in CASES}
    severities = {(limit.rule, limit.severity["easy"]) for limit in rulebook().limits.values()}
    assert {(rule, "error") for rule in ENFORCED} <= severities
    assert {(5, "warning"), (6, "warning")} <= severities


def test_a_finding_says_what_to_do() -> None:
    for case in CASES:
        bubbles = (case["fails"],) if isinstance(case["fails"], str) else tuple(case["fails"])
        for finding in read(Answer(case["level"], "Who can see it?", "See it", bubbles), {}):
            assert finding.problem
            assert finding.suggestion


@pytest.mark.parametrize(("text", "count"), [("Call 0800 1111 now", 3), ("It is 28 days.", 4), ("police's own", 2)])
def test_words(text: str, count: int) -> None:
    assert len(words(text)) == count


def test_list_items_are_sentences_of_their_own() -> None:
    assert sentences("You can:\n- ask\n- see it") == ("You can:", "ask", "see it")


def test_levels_are_three() -> None:
    assert LEVELS == ("standard", "simple", "easy")
