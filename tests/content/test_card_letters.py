"""Letters to an office: signed with their card, easy to read at every level, and with nothing in them about a child."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from content.card import LEVELS, BrokenCard, Card
from content.card_file import parse_card
from content.card_letter import CardLetter
from content.card_text import card_text
from content.difference import beside_the_words
from content.editing import typed, written
from content.own_wording import read_wording
from content.rendering import Renderer
from content.signed_words import SignedWords
from content.vetting import Vetting
from tests.conftest import release_for

KEYS = {"see-my-record", "bodycam", "cctv-anpr", "delete-my-record", "complain-police", "case-gone-quiet"}
# What each letter must ask for, as its card says that a child can.
ASKS = {
    "see-my-record": ("free copy", "why you have it", "who got it", "leave a part out", "another office"),
    "bodycam": ("keep the body-worn video", "free copy", "cover a part"),
    "cctv-anpr": ("keep the film", "send me the film", "1 month"),
    "delete-my-record": ("delete the information", "limit how you use it", "1 month", "tell me why", "complain"),
    "complain-police": (
        "record my complaint",
        "keep the body-worn video",
        "before you show this letter",
    ),
    "case-gone-quiet": ("who has my case now", "what happens next", "before you give news about it to my family"),
}
OFFICES = {
    "see-my-record": {"dpo_email", "record_request"},
    "bodycam": {"dpo_email"},
    "cctv-anpr": set(),
    "delete-my-record": {"dpo_email", "delete_page"},
    "complain-police": {"complaint_contact"},
    "case-gone-quiet": {"victim_unit"},
}


@pytest.fixture(scope="module")
def vetting() -> Vetting:
    return release_for(practice=True).vetting


def letter_of(card: Card) -> CardLetter:
    assert card.letter
    return card.letter


def problems(vetting: Vetting, card: Card) -> set[str]:
    return {report.finding.problem for report in vetting.vet(card) if report.blocks}


def test_these_cards_have_a_letter(cards: dict[str, Card]) -> None:
    assert {key for key, card in cards.items() if card.letter} == KEYS


@pytest.mark.parametrize("key", sorted(KEYS))
def test_each_keeps_the_reading_rules_at_every_level_and_asks_what_its_card_says(
    vetting: Vetting, cards: dict[str, Card], renderer: Renderer, key: str
) -> None:
    card, letter = cards[key], letter_of(cards[key])
    assert problems(vetting, card) == set()
    said = " ".join(letter.says)
    assert [wanted for wanted in ASKS[key] if wanted not in said] == []
    assert {slot for text in letter.send for slot in renderer.slots_of(text)} == OFFICES[key]
    assert OFFICES[key] <= renderer.slots_in(card)
    assert not letter.law or letter.law in card.sources


@pytest.mark.parametrize("key", sorted(KEYS))
def test_none_tells_of_the_child_or_asks_what_happened(cards: dict[str, Card], key: str) -> None:
    letter = letter_of(cards[key])
    everything = " ".join((letter.name, *letter.says, *letter.lines)).lower()
    assert not re.search(
        r"\b(?:happened|because|reason|victim|suspect|witness|arrested|address|school|age|parents?)\b", everything
    )
    assert not re.search(r"\bi (?:did|was|were|am|took|saw|had|hurt)\b", everything)
    assert letter.lines[-1] == "The safe way to answer me"


def test_a_force_that_told_has_its_office_there_and_one_that_did_not_says_so(
    cards: dict[str, Card], renderer: Renderer
) -> None:
    card = cards["see-my-record"]
    told = renderer.words(card, {"dpo_email": "information@northmoor.example"}).letter
    assert told
    assert "information@northmoor.example" in told.send[0]
    assert told.send[1] == renderer.slots["record_request"].missing
    assert told.law == card.sources["dpa-45"].title
    untold = renderer.words(card, {}).letter
    assert untold
    assert untold.send == tuple(renderer.slots[slot].missing for slot in ("dpo_email", "record_request"))


def test_a_letter_is_signed_with_the_words_and_a_change_is_named(renderer: Renderer, cards: dict[str, Card]) -> None:
    card = cards["bodycam"]
    before = renderer.words(card, {})
    letter = replace(letter_of(card), says=("Please keep it safe.", "Please send it."))
    after = renderer.words(replace(card, letter=letter), {})
    assert before.fingerprint != after.fingerprint
    assert all("the letter" in beside_the_words(before, after, level) for level in LEVELS)
    assert SignedWords.from_json(before.as_json()).letter == before.letter


def test_words_without_a_letter_keep_the_fingerprint_they_were_signed_with(
    renderer: Renderer, cards: dict[str, Card]
) -> None:
    words = renderer.words(cards["my-phone"], {})
    assert "letter" not in words.as_json().replace("symbol", "").split('"levels"')[0]
    assert SignedWords.from_json(words.as_json()).letter is None


def test_a_force_that_changes_the_words_keeps_the_national_letter(cards: dict[str, Card]) -> None:
    national = cards["bodycam"]
    file = written(national, national, typed(national), national.reasons)
    assert read_wording(national, file).letter == national.letter
    other = replace(letter_of(national), says=("Please say what I did.", "It is safe."))
    assert read_wording(national, card_text(replace(national, letter=other))).letter == national.letter


@pytest.mark.parametrize(
    "change",
    [
        {"says": ()},
        {"says": ("Please send me a copy.",)},
        {"says": ("Please send me a copy.", "Please use easy words.")},
        {"says": ("Please answer in the safe way.",) * 2},
        {"says": ("Please answer in the safe way.", "Retention is disproportionate.")},
        {"says": ("Please answer in the safe way.", "Send it to {{ local.dpo_email }}")},
        {"lines": ()},
        {"lines": ("My name", "My date of birth")},
        {"lines": ("My safe way", "")},
        {"send": ()},
        {"send": ("Send it to {{ local.not_there }}",)},
        {"name": "Ask " * 13},
        {"to": "The disclosure and retention adjudicators"},
        {"law": "no-such-source"},
    ],
)
def test_a_letter_that_nobody_should_send_blocks_signing(
    vetting: Vetting, cards: dict[str, Card], change: dict[str, Any]
) -> None:
    card = cards["bodycam"]
    assert problems(vetting, replace(card, letter=replace(letter_of(card), **change))) != set()


@pytest.mark.parametrize("key", ["not-sure", "alarm-suicide", "thanks"])
def test_no_other_kind_of_card_may_have_a_letter(vetting: Vetting, cards: dict[str, Card], key: str) -> None:
    assert problems(vetting, replace(cards[key], letter=cards["bodycam"].letter)) - problems(vetting, cards[key])


@pytest.mark.parametrize("broken", ["5", "[a]", "{name: a}", "{name: a, to: b, says: c, lines: [d], send: [e]}"])
def test_a_file_with_something_else_for_a_letter_is_named(cards: dict[str, Card], broken: str) -> None:
    text = card_text(replace(cards["bodycam"], letter=None)).replace("\nask:", f"\nletter: {broken}\nask:", 1)
    assert f"letter: {broken}" in text
    with pytest.raises(BrokenCard):
        parse_card(text, Path("bodycam.md"))
