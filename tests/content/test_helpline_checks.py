"""A helpline that nobody has checked for a year gives way, in overdue words alone, to 999 and Childline."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from accessibility.rule_finding import LEVELS
from content.given_way import with_checked_help
from content.helpline_checks import EXCEPTED, HelplineChecks, helpline_checks
from content.helplines import load_helplines, load_unverified
from content.pack import Packs
from content.signoff import NATIONAL, Signer, SignOff, sign

LINES = load_helplines()
CHECKED = min(line.checked for line in LINES.values())
YEAR_AND_A_MONTH = max(line.checked for line in LINES.values()) + timedelta(days=396)
SIGNED_ON = CHECKED + timedelta(days=10)


def unchecked(text: str, today: date, signed_on: date = SIGNED_ON) -> bool:
    return helpline_checks().unchecked(text, signed_on, today)


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_every_helpline_is_known_as_cards_name_it_in_both_languages(line) -> None:  # noqa: ANN001
    for show in filter(None, (line.show, line.show_cy)):
        text = f"You can {show} now."
        assert not unchecked(text, CHECKED.replace(year=CHECKED.year + 1))
        assert unchecked(text, YEAR_AND_A_MONTH) == (line.id not in EXCEPTED)
        if line.phone:
            numbers = [line.phone.replace(" ", "-"), line.phone.replace(" ", "")]
            assert [unchecked(number, YEAR_AND_A_MONTH) for number in numbers] == [line.id not in EXCEPTED] * 2


def test_names_alone_are_known_too_and_other_words_are_not() -> None:
    for text in ("Samaritans listen.", "Look at runawayhelpline.org.uk", "Victim Support can help", "the NSPCC."):
        assert unchecked(text, YEAR_AND_A_MONTH), text
    for text in (
        "If you cannot talk, call 999 on a mobile, listen, then press 55.",
        "Under **18** you can wait 28 days.",
        "The Police and Criminal Evidence Act 1984",
        "Childline on 0800 1111, or childline.org.uk",
        "help is at hand, and you are a victim: support is free",
    ):
        assert not unchecked(text, YEAR_AND_A_MONTH), text


def test_an_old_number_of_a_helpline_was_never_checked() -> None:
    assert unchecked("You can call Samaritans on 08457 90 90 90.", CHECKED)


def test_a_number_that_we_do_not_know_was_checked_by_who_signed_it() -> None:
    text = "Call the Northmoor team on 01632 960 123."
    assert not unchecked(text, SIGNED_ON + timedelta(days=300))
    assert unchecked(text, SIGNED_ON + timedelta(days=367))
    assert unchecked("call +44 808 1689 111", YEAR_AND_A_MONTH)


def test_one_that_nobody_verified_gives_way_at_once() -> None:
    never = load_unverified()
    assert never
    for line in never.values():
        assert unchecked(f"You can {line.show}.", CHECKED)


def overdue(renderer, cards, key: str) -> SignOff:  # noqa: ANN001
    return sign(
        NATIONAL,
        key,
        renderer.words(cards[key], {}),
        written_by=["W"],
        reviewed_by="R",
        signer=Signer("S", "the lead (invented)"),
        signed_on=SIGNED_ON,
        review_by=SIGNED_ON + timedelta(days=100),
        practice=True,
    )


def texts(signed: SignOff) -> list[str]:
    return ["\n".join(bubble.text for bubble in signed.words.levels[level].bubbles) for level in LEVELS]


def test_in_date_or_checked_anew_nothing_gives_way(renderer, cards) -> None:  # noqa: ANN001
    for key in (key for key, card in cards.items() if card.kind in ("alarm", "house", "act", "person")):
        signed = overdue(renderer, cards, key)
        assert with_checked_help(signed, signed.review_by, helpline_checks()) is signed
        soon = CHECKED.replace(year=CHECKED.year + 1)
        assert with_checked_help(signed, soon, helpline_checks()) is signed
        anew = HelplineChecks([replace(line, checked=YEAR_AND_A_MONTH) for line in LINES.values()])
        assert with_checked_help(signed, YEAR_AND_A_MONTH, anew) is signed


def test_after_thirteen_months_every_level_has_999_and_childline_alone(renderer, cards) -> None:  # noqa: ANN001
    others = [line for line in LINES.values() if line.id not in EXCEPTED]
    for key in (key for key, card in cards.items() if card.kind == "alarm"):
        pack = Packs([overdue(renderer, cards, key)]).of("kent")
        shown = pack.card(key, YEAR_AND_A_MONTH)
        assert shown is not None
        assert (shown.layer, shown.signed_on) == (NATIONAL, SIGNED_ON)
        for text in texts(shown):
            assert "999" in text
            # Illness and accidents are for 999 alone; Childline is pinned under that card as under every other.
            assert "Childline on 0800 1111" in text or key == "alarm-emergency"
            assert not [line.id for line in others if line.show in text]
            assert len(text) == len("\n".join(dict.fromkeys(text.split("\n")))), "no line twice"
        assert pack.card(key, YEAR_AND_A_MONTH) is shown


def test_a_helpline_not_checked_takes_its_word_along(renderer, cards) -> None:  # noqa: ANN001
    signed = overdue(renderer, cards, "alarm-harm-now")
    before, after = signed.words, with_checked_help(signed, YEAR_AND_A_MONTH, helpline_checks()).words
    for level in LEVELS:
        assert "victim-support" in {word.id for word in before.levels[level].words}
        assert "victim-support" not in {word.id for word in after.levels[level].words}
        assert "childline" in {word.id for word in after.levels[level].words}
