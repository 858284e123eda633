"""The cards about danger, at every level: what each must say, and what none may."""

import re

import pytest

from accessibility.rule_finding import LEVELS, Level
from api.chat.chat_json_models import ReplyView
from content.built_in_help import built_in
from content.card import HOUSE_KEYS, Card
from content.danger import Kind
from content.helplines import load_helplines
from content.rendering import Renderer

CARDS = [f"alarm-{kind}" for kind in Kind]
UNSEEN = "No person has seen what you typed"
NEW = ("alarm-hurt-others", "alarm-own-behaviour")


def words(renderer: Renderer, card: Card, level: Level) -> list[str]:
    """What a child is shown of a card, a bubble each."""
    return [bubble.text for bubble in renderer.words(card, {}).levels[level].bubbles]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("key", CARDS)
def test_each_says_999_early_who_can_help_and_that_no_person_has_seen_it(
    renderer: Renderer, cards: dict[str, Card], key: str, level: Level
) -> None:
    said = words(renderer, cards[key], level)
    whole = "\n".join(said)
    assert UNSEEN in whole
    assert "999" in "\n".join(said[:2])
    assert "999 BSL" in whole
    assert "Childline on 0800 1111" in whole or key == "alarm-emergency"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("key", CARDS)
def test_none_says_what_may_never_be_said(renderer: Renderer, cards: dict[str, Card], key: str, level: Level) -> None:
    whole = "\n".join(words(renderer, cards[key], level)).casefold()
    for never in ("i understand", "you are not alone", "do not worry", "why did", "trust the police", "promise"):
        assert never not in whole
    # Only with its condition in the same sentence.
    for sentence in re.split(r"(?<=[.?!])\s", whole):
        assert "not your fault" not in sentence or sentence.startswith("if "), sentence


@pytest.mark.parametrize("level", LEVELS)
def test_the_card_about_suicide_begins_with_999_for_whoever_has_taken_something(
    renderer: Renderer, cards: dict[str, Card], level: Level
) -> None:
    first = words(renderer, cards["alarm-suicide"], level)[0]
    assert "If you have taken something, call 999 now, even if you feel well." in first
    assert not re.findall(r"\d+", first.replace("999", ""))


@pytest.mark.parametrize("level", LEVELS)
def test_whoever_might_hurt_somebody_is_told_what_they_can_do_now(
    renderer: Renderer, cards: dict[str, Card], level: Level
) -> None:
    first, *rest = words(renderer, cards["alarm-hurt-others"], level)
    whole = " ".join(rest)
    assert "If somebody might be hurt now, call 999." in first
    assert "step away" in whole
    assert "Move away from" in whole
    assert "might tell the police" in whole or "might have to tell the police" in whole


@pytest.mark.parametrize("level", LEVELS)
def test_whoever_worries_about_what_they_did_is_told_who_helps_and_what_is_passed_on(
    renderer: Renderer, cards: dict[str, Card], level: Level
) -> None:
    whole = " ".join(words(renderer, cards["alarm-own-behaviour"], level))
    for must in ("Stop It Now on 0808 1000 900", "solicitor is free", "If somebody hurt you"):
        assert must in whole
    assert "your name" in whole or "who you are" in whole
    assert re.search(r"Stop It Now (tells|your name, they report)", whole)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("key", NEW)
def test_the_new_cards_blame_nobody_and_ask_nothing(
    renderer: Renderer, cards: dict[str, Card], key: str, level: Level
) -> None:
    whole = "\n".join(words(renderer, cards[key], level)).casefold()
    for word in ("fault", "blame", "wrong", "abuser", "offender", "victim", "illegal", "prison", "?"):
        assert word not in whole
    assert whole.startswith("thank you for telling me.")


@pytest.mark.parametrize("key", NEW)
def test_the_new_cards_stand_where_the_others_do(cards: dict[str, Card], key: str) -> None:
    card = cards[key]
    assert key in HOUSE_KEYS
    assert (card.kind, card.about, card.asks) == ("alarm", "help", "who-helps")
    assert card.near[0] == "talk-to-a-person"
    assert len(card.examples) >= 40
    help_now = built_in(key)
    assert help_now is not None
    for version in help_now.words.levels.values():
        assert UNSEEN in "\n".join(bubble.text for bubble in version.bubbles)


def test_the_services_for_young_people_are_dated_and_their_numbers_the_same_in_welsh() -> None:
    lines = load_helplines()
    assert lines["stop-it-now"].phone == "0808 1000 900"
    assert lines["stop-it-now"].show_cy
    assert {"England", "Wales"} <= set(lines["stop-it-now"].nations)


def test_the_json_names_every_kind_of_danger() -> None:
    schema = ReplyView.model_json_schema()
    assert schema["$defs"]["Kind"]["enum"] == list(Kind)
