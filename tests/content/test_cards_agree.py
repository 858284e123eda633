"""Cards that touch the same point of law say the same of it, at every level; and all say alike what is kept here."""

import re

import pytest

from accessibility.rule_finding import LEVELS, Level
from content.card import Card
from content.interface import load_interface

ABOUT_PARENTS = ("tell-parents", "journey-picture", "bank-and-app-data", "school-gp-files", "my-phone")
WHO_TOLD = ("will-they-know-it-was-me", "journey-saw")


def said(card: Card, level: Level) -> str:
    return "\n".join(bubble.text for bubble in card.version(level).bubbles)


@pytest.mark.parametrize("level", LEVELS)
def test_no_card_says_that_no_law_has_a_parent_told(cards: dict[str, Card], level: Level) -> None:
    for card in cards.values():
        assert not re.search(r"no law[^.]*\b(?:parent|tell)", said(card, level)), card.key
    for key in ABOUT_PARENTS:
        assert re.search(r"\bparents?\b", said(cards[key], level)), key


@pytest.mark.parametrize("level", LEVELS)
def test_parents_hear_of_an_arrest_a_file_and_a_phone_and_fear_is_to_be_said(
    cards: dict[str, Card], level: Level
) -> None:
    text = said(cards["tell-parents"], level)
    assert text.startswith("Usually yes")
    for part in ("arrest", "council", "appropriate adult", "caution", "search", "victim", "phone"):
        assert part in text, part
    assert re.search(r"If you fear a parent or carer, (?:say so|tell the police)", text)
    assert re.search(r"if you say nothing, (?:they|the police) might tell a parent", text, re.I)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("key", WHO_TOLD)
def test_a_suspect_might_find_out_before_court(cards: dict[str, Card], key: str, level: Level) -> None:
    text = said(cards[key], level)
    assert re.search(r"(?:might|will usually) find out[^.]*before court|Usually yes[^.]*before court", text)
    assert re.search(r"court[^.]*suspects? usually|court[^.]*they usually|court, papers usually", text)


@pytest.mark.parametrize("level", LEVELS)
def test_a_child_who_told_is_told_of_help_at_every_level(cards: dict[str, Card], level: Level) -> None:
    text = said(cards["will-they-know-it-was-me"], level)
    for part in ("safety plan", "special measures", "If you say nothing", "{{ help.emergency }}", "bail rules"):
        assert part.lower() in text.lower(), part


@pytest.mark.parametrize("level", LEVELS)
def test_a_youth_conditional_caution_shows_until_it_is_spent(cards: dict[str, Card], level: Level) -> None:
    text = said(cards["youth-caution"], level)
    assert not re.search(r"not (?:settled|clear)", text)
    assert re.search(r"conditional caution", text)
    assert "**3 months**" in text


@pytest.mark.parametrize("level", LEVELS)
def test_this_chat_says_each_thing_that_is_kept(cards: dict[str, Card], level: Level) -> None:
    text = said(cards["this-chatbot-data"], level)
    for part in ("keeps nothing you type", "scrambled mark", "your network", "wrong tries", "locked", "does not track"):
        assert part in text, part


@pytest.mark.parametrize("level", LEVELS)
def test_consent_says_that_extra_copies_outlive_the_words(cards: dict[str, Card], level: Level) -> None:
    text = said(cards["person-what-we-keep"], level)
    assert re.search(r"nobody can read (?:them|your words) here", text)
    assert re.search(r"extra copies[^.]*\. We delete (?:those|the) copies some days later", text, re.I)


def test_whoever_presses_delete_hears_of_extra_copies() -> None:
    words = load_interface()
    for key in ("person_forget_what", "person_forget_what_closed", "gone_copies"):
        assert "some days later" in str(words[key])


@pytest.mark.parametrize("level", LEVELS)
def test_a_child_who_fears_a_parent_is_told_what_can_be_asked_and_nothing_is_promised(
    cards: dict[str, Card], level: Level
) -> None:
    text = said(cards["tell-parents"], level)
    assert "leave them out" not in text
    assert re.search(
        r"can ask for a different (?:appropriate )?adult|adult might be a parent, but you can ask for another\b", text
    )
    assert re.search(
        r"a parent(?:, a guardian)? or (?:the )?council:\n- might (?:find out from|learn what you told) the police",
        text,
    )


@pytest.mark.parametrize("level", LEVELS)
def test_a_youth_caution_says_what_it_may_lead_to_and_whom_to_ask_if_it_is_not_true(
    cards: dict[str, Card], level: Level
) -> None:
    text = said(cards["youth-caution"], level)
    ask = r"ask a (?:free )?solicitor"
    assert re.search(rf"{ask} (?:first|before you)|before that, {ask}", text, re.I)
    assert re.search(r"say (?:(?:that )?you did it|that) only if it is true", text, re.I)
    assert re.search(r"might tell a court", text)
    assert re.search(r"(?:break|breaking)[^.\n]*rules|rules[^.\n]*(?:break|breaking)", text, re.I)
    assert re.search(r"might (?:(?:have to )?go to|mean) court", text)


@pytest.mark.parametrize("level", LEVELS)
def test_that_police_cannot_see_the_chat_is_never_said_without_what_the_person_might_tell(
    cards: dict[str, Card], level: Level
) -> None:
    text = said(cards["this-chatbot-data"], level)
    assert re.search(
        r"[Pp]olice cannot see[^.]*(?:, but|\.) [^.\n]*(?:person|advocate)[^.\n]* might tell (?:them|the police)", text
    )


@pytest.mark.parametrize("level", LEVELS)
def test_a_letter_about_a_victims_files_is_a_duty_on_every_card(cards: dict[str, Card], level: Level) -> None:
    assert "should usually write" not in said(cards["school-gp-files"], level)
    assert "must usually write" in said(cards["school-gp-files"], level)
