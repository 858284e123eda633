"""What only a force can say: each thing a force is asked for has its slot, and an honest line while it is empty."""

from pathlib import Path

import pytest

from accessibility.language import sentences
from content.card import Card
from content.slots import Slot, load_slots
from tests.conftest import release_for

# What a force must fill in before its young people get a whole answer, with the slot that holds each.
ASKED_OF_A_FORCE = {
    "data protection officer": "dpo_email",
    "form to see a record": "record_request",
    "child's way to ask": "record_child_route",
    "identity papers": "id_rule",
    "form to correct": "correct_page",
    "form to delete": "delete_page",
    "fingerprints and DNA form": "biometric_page",
    "custody photo form": "custody_photo_page",
    "complaint about information": "data_complaint_page",
    "professional standards": "complaint_contact",
    "senior officer for children": "children_lead",
    "days of body-worn video": "bodycam_days",
    "worry form and who gets it": "worry_form",
    "list of times": "keep_list_page",
    "front door number": "worry_line",
    "National Referral Mechanism contact": "exploitation_contact",
    "return home interview": "return_interview",
    "appropriate adults": "adult_scheme",
    "registered intermediary": "intermediary_contact",
    "right to review": "review_contact",
    "advocate after sexual harm": "sexual_harm_advocate",
    "advocate after harm at home": "family_harm_advocate",
    "victim care unit": "victim_unit",
    "face cameras": "face_cameras",
    "gangs tool": "gang_tool",
    "disclosure unit": "dbs_unit",
    "Home Office rule": "home_office_rule",
    "Operation Encompass": "school_lead",
    "officers in schools": "school_officer_rule",
    "sexual assault referral centre": "health_centre",
    "adjustments": "adjustments_contact",
    "safe contact": "safe_contact",
}
SLOTS = load_slots()
CARDS = dict(release_for(practice=True).cards)


def slots_of(card: Card) -> set[str]:
    """The slots that stand in a card, at any level."""
    bubbles = [bubble.text for version in card.levels.values() for bubble in version.bubbles]
    return {slot for slot in SLOTS if any(f"{{{{ local.{slot} }}}}" in text for text in bubbles)}


PLACED = {slot for card in CARDS.values() for slot in slots_of(card)}


@pytest.mark.parametrize("asked", ASKED_OF_A_FORCE)
def test_each_thing_asked_of_a_force_has_a_slot(asked: str) -> None:
    assert ASKED_OF_A_FORCE[asked] in SLOTS


def test_no_slot_holds_two_things() -> None:
    assert len(set(ASKED_OF_A_FORCE.values())) == len(ASKED_OF_A_FORCE)


@pytest.mark.parametrize("slot", SLOTS)
def test_what_a_force_enters_stands_in_a_card(slot: str) -> None:
    assert slot in PLACED, f'what a force enters for "{slot}" is never seen'


@pytest.mark.parametrize("key", [key for key, card in CARDS.items() if slots_of(card)])
def test_a_card_asks_a_force_for_one_thing(key: str) -> None:
    if CARDS[key].kind == "journey":
        # A journey leads past several things that a force does its own way, each in a step of its own.
        texts = [bubble.text for version in CARDS[key].levels.values() for bubble in version.bubbles]
        assert all(text.count("local.") <= 1 for text in texts)
    else:
        assert len(slots_of(CARDS[key])) == 1


@pytest.mark.parametrize("slot", SLOTS.values(), ids=lambda slot: slot.id)
def test_an_empty_slot_says_that_we_do_not_know_and_who_may(slot: Slot) -> None:
    unknown, way_on = sentences(slot.missing)
    assert unknown.startswith(("We do not ", "Your police have not told us"))
    assert way_on.startswith(("You can ask ", "You can tell ", "Childline can help you find "))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("kind: letter", "needs a kind"),
        ("missing: ''", "needs a kind"),
        ("label: ''", "needs a kind"),
        ("about: the weather", "needs a group"),
        ("help: ''", "needs a group"),
    ],
)
def test_a_misshapen_slot_is_named(tmp_path: Path, wrong: str, told: str) -> None:
    path = tmp_path / "slots.yml"
    whole = "kind: text, label: Odd, about: ask, help: Write it., missing: We do not know."
    path.write_text(f"odd: {{{whole}}}\n", "utf-8")
    assert load_slots(path)["odd"].help == "Write it."
    path.write_text(f"odd: {{{whole}, {wrong}}}\n", "utf-8")
    with pytest.raises(ValueError, match=f'slot "odd" {told}'):
        load_slots(path)
