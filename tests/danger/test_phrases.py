"""How much the phrases alone hear of cries written cause by cause, with the bot away, and how seldom a twin rings."""

from pathlib import Path

import pytest

from accessibility.yaml_text import read_yaml
from api.chat.danger_detection import MOST_URGENT
from content.danger import Kind
from tests.danger.figures import BY_PHRASES, by_phrases, rows
from tests.danger.ringing import ALARM, surely

# The phrases hear what cannot wait; of all else the bot hears more, so they are few enough for a person to review.
# A little under what was measured, of those for whom the phrases were made and of those who came later and are harder.
# The sealed half is asked by `python -m tests.danger --sealed`, never by a test.
LATER = frozenset(
    {
        "city_phones",
        "farms_and_coast",
        "helpline_transcripts",
        "inner_city_school",
        "north_and_valleys",
        "village_everyday",
    }
)
LAST = frozenset(
    {
        "call_taker",
        "east_midlands_cousins",
        "estate_and_clubs",
        "hostel_and_foster",
        "rural_academy",
        "school_nurse",
    }
)
"""For none of these a phrase was made: they were sealed while the phrases were written."""
UNTAUGHT = frozenset({*LATER & {"farms_and_coast", "inner_city_school", "north_and_valleys"}, "rural_academy"})
"""Authors whom neither the bot nor the letters have learnt, with everyday twins."""
FLOORS = {
    "first": {"cries": 0.57, "now": 0.57, "by phrases": 0.98},
    "later": {"cries": 0.55, "now": 0.56, "by phrases": 0.98},
    "last": {"cries": 0.57, "now": 0.58, "by phrases": 0.83},
}
MOST_TWINS = {"first": 0.01, "later": 0.02, "last": 0.035}
"""Of those that ring whatever the bot says: what only doubtful phrases hold, it takes back."""
RUNG = by_phrases("development")


def _group(author: str) -> str:
    return "later" if author in LATER else "last" if author in LAST else "first"


@pytest.mark.parametrize("group", FLOORS)
def test_phrases_alone_hear_no_less_than_they_did_and_few_twins_ring(group: str) -> None:
    rung = [one for one in RUNG if _group(one.line.author) == group]
    heard = {row.name: row.by_phrases for row in rows(rung)}
    assert {name: heard[name] for name, floor in FLOORS[group].items() if heard[name] < floor} == {}
    twins = [surely(one.line.text) is not None for one in rung if not one.line.cry]
    assert sum(twins) / len(twins) <= MOST_TWINS[group]


def test_with_the_bot_away_nine_in_ten_cries_by_strangers_ring_and_few_of_their_twins() -> None:
    heard = {row.name: row.without_bot for row in rows([one for one in RUNG if one.line.author in UNTAUGHT])}
    assert heard["cries"] >= 0.89
    assert heard["now"] >= 0.89
    assert heard["by phrases"] >= 0.94
    assert heard["twins"] <= 0.07


@pytest.mark.parametrize(
    "text",
    [
        "i took 20 paracetamol",
        "i drank bleach",
        "my brother is not breathing",
        "hes choking on a grape",
        "shes having a fit",
        "my chest hurts and i cant breathe",
        "nan has had a stroke i think",
        "theres so much blood it wont stop",
        "he fell in the river and he cant swim",
        "my baby sister swallowed a battery",
        "my friend swallowed magnets",
        "i can smell gas",
        "she is allergic and her throat is closing",
    ],
)
def test_illness_and_accidents_ring_whoever_they_befall_with_a_card_that_says_999_first(text: str) -> None:
    assert ALARM.hear(text) in (Kind.EMERGENCY, Kind.DANGER_NOW)


@pytest.mark.parametrize(
    "text", ["pls help", "help", "HELP", "help me", "sos", "SOS SOS", "call 999", "hlp", "i need an ambulance"]
)
def test_a_bare_cry_rings(text: str) -> None:
    assert ALARM.hear(text) in (Kind.EMERGENCY, Kind.DANGER_NOW)


@pytest.mark.parametrize(
    "text",
    [
        "help me write a complaint",
        "can you help me with my homework",
        "is 999 free",
        "i take one tablet for hay fever",
        "does a caution for drugs stay on my record",
        "i have asthma do i tell the police",
        "how do i clean bleach off a shirt",
    ],
)
def test_the_same_words_with_nothing_wrong_do_not(text: str) -> None:
    assert surely(text) is None


def test_danger_from_somebody_here_comes_before_an_emergency() -> None:
    assert MOST_URGENT == Kind.DANGER_NOW
    assert ALARM.hear("he has stabbed my mum and he is outside my door with a knife") == Kind.DANGER_NOW


@pytest.mark.parametrize("who", ["i", "my nan", "she has", "my baby brother"])
@pytest.mark.parametrize(
    "did",
    [
        "swallowed a button battery",
        "swalowd 2 magnets",
        "drank some of the toilet cleaner",
        "took 20 paracetemol",
        "necked a whole bottle of vodka",
        "ate a dishwasher tablet by accident",
        "took loads of mums sleeping tablets",
        "drunk the vape juice",
        "ate some berries off a bush",
    ],
)
def test_whoever_swallows_whatever_harms_rings(who: str, did: str) -> None:
    assert ALARM.hear(f"{who} {did}") is not None


@pytest.mark.parametrize(
    "cry", ["help", "sos", "call 999", "i need help now", "save me", "im not safe", "its an emergency"]
)
@pytest.mark.parametrize("before", ["", "please ", "omg ", "pls pls "])
@pytest.mark.parametrize("after", ["", " now", "!!!", " hurry"])
def test_a_bare_cry_rings_with_the_small_words_around_it(before: str, cry: str, after: str) -> None:
    assert ALARM.hear(f"{before}{cry}{after}") in (Kind.EMERGENCY, Kind.DANGER_NOW)


@pytest.mark.parametrize(
    "text", ["HELPPP", "h e l p", "h.e.l.p", "plz hlp", "🆘", "s.o.s", "somebody help me pls", "9 9 9"]
)
def test_a_bare_cry_rings_however_it_is_spelt(text: str) -> None:
    assert ALARM.hear(text) in (Kind.EMERGENCY, Kind.DANGER_NOW)


@pytest.mark.parametrize(
    "text",
    [
        "took my tablet as normal",
        "they took 20 minutes",
        "had my vitamins",
        "we ate batter",
        "help with my homework",
        "need help finding the form",
        "can you help me get my record",
    ],
)
def test_everyday_taking_eating_and_asking_do_not(text: str) -> None:
    assert surely(text) is None


CRIES: dict[str, list[str]] = read_yaml(Path(__file__).with_name("cannot_wait.yml").read_text("utf-8"))


@pytest.mark.parametrize(("cause", "text"), [(cause, text) for cause, texts in CRIES.items() for text in texts])
def test_a_cry_that_cannot_wait_for_the_bot_rings(cause: str, text: str) -> None:
    assert cause in BY_PHRASES
    assert ALARM.hear(text) is not None


@pytest.mark.parametrize("who", ["my mum is", "our nans", "the little one is", "hes"])
@pytest.mark.parametrize(
    "how", ["not taking breaths", "not tekkin a breath", "not drawing breath", "taking ney breaths", "not breathing in"]
)
def test_whoever_takes_no_breath_rings(who: str, how: str) -> None:
    assert ALARM.hear(f"{who} {how}") in (Kind.EMERGENCY, Kind.DANGER_NOW)


@pytest.mark.parametrize("whose", ["his chest", "me nans chest", "her tummy", "our kids chest"])
@pytest.mark.parametrize(
    "how",
    ["isnt going up and down", "has stopped moving", "wont go in and out", "stopped gannin up and doon", "isnt rising"],
)
def test_a_chest_that_does_not_move_rings(whose: str, how: str) -> None:
    assert ALARM.hear(f"{whose} {how}") in (Kind.EMERGENCY, Kind.DANGER_NOW)


@pytest.mark.parametrize("bottle", ["a squash bottle", "a lemonade bottle", "the wrong cup"])
@pytest.mark.parametrize(
    "stuff",
    ["white spirit", "grandads turps", "screen wash", "sheep dip", "descaler", "the stuff dad uses for the weeds"],
)
def test_a_drink_that_was_something_else_rings(bottle: str, stuff: str) -> None:
    assert ALARM.hear(f"he drank from {bottle} but it was {stuff}") in (Kind.EMERGENCY, Kind.DANGER_NOW)


@pytest.mark.parametrize(
    "text",
    [
        "my hearing aid battery has gone flat",
        "the magnets went missing from the science lab",
        "i drank from the squash bottle but it was empty",
        "im typing this under my duvet its so cosy",
        "i have one hand in a cast so im typing slow",
        "my packet of crisps is empty",
        "how do you ring the police if its not urgent",
        "i have to be quiet because my brother has an exam",
    ],
)
def test_everyday_batteries_bottles_and_typing_do_not(text: str) -> None:
    assert surely(text) is None
