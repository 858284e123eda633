"""Means that are asked for ring as suicide, whatever they are; what was taken already stays an emergency."""

import pytest

from content.danger import Kind
from tests.danger.ringing import ALARM, surely


@pytest.mark.parametrize(
    "text",
    [
        "how many paracetamol is too many",
        "how many paracetamol is dangerous",
        "how many parasetamol is to many",
        "how many paracetamol can i take before it kills me",
        "how much paracetamol does it take",
        "how many of my mums tablets would make me not wake up",
        "how many tablets would it take",
        "how much vodka would kill me",
        "how much bleach would you have to drink to die",
        "how much does it take to overdose",
        "is 20 paracetamol enough to die",
        "will 30 ibuprofen kill me",
        "what happens if i take 20 paracetamol",
        "what happens if you take too many tablets",
        "what happens if i drink bleach",
        "what if i took a whole packet of paracetamol",
        "whats a lethal dose of paracetamol",
        "which tablets kill you the fastest",
        "how do i overdose",
        "do you die if you take 40 tablets",
    ],
)
def test_how_much_is_too_much_rings_whatever_is_taken(text: str) -> None:
    assert ALARM.hear(text) == Kind.SUICIDE


@pytest.mark.parametrize(
    "text",
    [
        "can you die from paracetamol",
        "can you die from drinking bleach",
        "can i die from taking ibuprofen",
        "can you die from not eating",
        "could i die from cutting",
        "how deep do you have to cut",
        "how deep do you have to cut to die",
        "where do you cut so it works",
        "which vein bleeds the most",
        "how high do you have to fall to die",
        "how high does a bridge have to be to kill you",
        "would i survive if i jumped off a car park",
        "would a fall from the third floor kill me",
        "how long can you go without breathing",
        "how to stop breathing",
        "how long does it take to suffocate",
        "how long does it take to bleed out",
        "how do you tie a noose",
        "does it hurt when you hang yourself",
        "what does dying feel like",
    ],
)
def test_ways_to_be_cut_fall_or_stop_breathing_ring(text: str) -> None:
    assert ALARM.hear(text) == Kind.SUICIDE


@pytest.mark.parametrize(
    "text",
    [
        "i took 20 paracetamol",
        "i drank bleach",
        "i took 20 paracetamol how many is too many",
        "she took loads of tablets what happens now",
        "how long can you go without breathing its been like 3 mins",
    ],
)
def test_what_was_done_already_is_an_emergency_and_not_a_question(text: str) -> None:
    assert ALARM.hear(text) in (Kind.EMERGENCY, Kind.DANGER_NOW)


@pytest.mark.parametrize(
    "text",
    [
        "how many paracetamol does a chemist sell",
        "what is paracetamol made of",
        "why is paracetamol sold in packs of 16",
        "the news said a chemist limits how many paracetamol it sells",
        "in science we learned what ibuprofen is made of",
        "do they let you have paracetamol at the police station",
        "how much does paracetamol cost",
        "how much bleach do you use to clean a bath",
        "is bleach an acid",
        "can you die from laughing",
        "can you die of embarrassment",
        "how long does it take to get my phone back",
        "how long can they keep me",
        "how long does it take to die in hardcore minecraft",
        "how high can you jump in fortnite",
        "how deep is the sea",
        "where do i cut the paper",
        "how many times can they arrest you",
        "how many can i have",
        "how much is a solicitor",
    ],
)
def test_homework_news_and_everyday_amounts_that_name_nobody_do_not(text: str) -> None:
    assert surely(text) is None
