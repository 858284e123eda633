"""What the page says it answers about: a name that a child knows for every subject of the cards."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from accessibility.reading import read
from accessibility.rule_finding import Answer
from accessibility.yaml_text import read_yaml
from content.card import Card
from content.follow_up import TALK
from content.glossary import forms, load_glossary
from content.interface import load_interface
from content.training import read_talk

NAMES: Mapping[str, str] = read_yaml((Path(TALK) / "subject_names.yml").read_text("utf-8"))["subjects"]
GLOSSARY = forms(load_glossary())
_MOST_WORDS = 4
# A name is no whole sentence, and a bubble of an answer has more of them.
OF_ANSWERS = {38, 40, 41}


def test_every_subject_of_a_card_and_of_the_bot_has_a_name(cards: Mapping[str, Card]) -> None:
    subjects = {card.about for card in cards.values()} | set(read_talk(TALK).words["subject"])
    assert set(NAMES) == subjects


@pytest.mark.parametrize("subject", NAMES)
def test_a_name_is_short_and_fit_to_be_read(subject: str) -> None:
    assert 1 <= len(NAMES[subject].split()) <= _MOST_WORDS
    said = load_interface()["about_subject"].format(subject=NAMES[subject])
    found = read(Answer("easy", "Who can see it?", "Ask", (said,)), GLOSSARY)
    assert [finding for finding in found if finding.severity == "error" and finding.rule not in OF_ANSWERS] == []


def test_no_two_subjects_have_one_name() -> None:
    assert len({name.lower() for name in NAMES.values()}) == len(NAMES)
