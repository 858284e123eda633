"""What only makes sense after the last answer: another person, subject or situation, and "the other one"."""

import re
from collections.abc import Mapping

import httpx
import pytest
import yaml

from content.card import Card
from content.follow_up import FOLLOW_UPS, FollowUp, FollowUps
from tests.fake_brain import FakeBrain
from tests.json_child import Child


@pytest.fixture(scope="module")
def follow_ups() -> FollowUps:
    return FollowUps()


@pytest.fixture
async def child(client: httpx.AsyncClient) -> Child:
    child = Child(client)
    await child.start(level="standard")
    return child


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("and my mum?", FollowUp("same-for", person="mum")),
        ("wot about me stepdad", FollowUp("same-for", person="dad")),
        ("what about my phone", FollowUp("same-for", subject="phone")),
        ("is it the same for my DNA??", FollowUp("same-for", subject="dna")),
        ("and school", FollowUp("same-for", subject="school", person="school")),
        ("no the other one", FollowUp("pick", "other")),
        ("thats not what i meant", FollowUp("pick", "other")),
        ("2nd one pls", FollowUp("pick", "second")),
        ("the last one", FollowUp("pick", "last")),
        ("no actually i was the victim", FollowUp("situation", "victim")),
        ("i got nicked yesterday", FollowUp("situation", "arrested")),
        ("its about my mate not me", FollowUp("situation", "helping")),
        ("how long for", FollowUp("asks", "how-long")),
    ],
)
def test_hears_what_was_meant(follow_ups: FollowUps, text: str, meant: FollowUp) -> None:
    assert follow_ups.hear(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "and",
        "what about",
        "what about the weather",
        "will they tell my mum",
        "my mum hits me",
        "how long is a piece of string",
        "the first time i was arrested i was ten and they kept my phone",
        "and " + "a" * 500,
        "i was arrested and they took my dna how long do they keep it",
    ],
)
def test_leaves_whole_questions_to_the_bot(follow_ups: FollowUps, text: str) -> None:
    assert follow_ups.hear(text) is None


def test_every_pattern_can_match_and_none_is_written_twice() -> None:
    read = yaml.safe_load(FOLLOW_UPS.read_text("utf-8"))
    lines = [line for group in ("asks", "picks", "situations") for lines in read[group].values() for line in lines]
    assert len(lines) == len(set(lines))
    for line in lines:
        re.compile(line)
        assert line == line.lower()
        assert not re.search(r"[?!.,']", re.sub(r"\)\?|\)\*|\w\?", "", line)), line


def test_every_person_leads_to_a_card_that_exists(follow_ups: FollowUps, cards: Mapping[str, Card]) -> None:
    assert follow_ups.cards <= {key for key, card in cards.items() if card.kind == "card"}


@pytest.mark.parametrize(
    ("first", "then", "card"),
    [
        ("what-police-write-down", "and my mum?", "tell-parents"),
        ("see-my-record", "and my dad", "can-parent-see"),
        ("what-police-write-down", "what about school", "tell-school"),
        ("take-it-back", "what about him", "will-they-know-it-was-me"),
        ("what-police-write-down", "and the neighbours?", "who-gets-told"),
        ("custody-photo", "what about my dna", "fingerprints-dna"),
        ("custody-photo", "and the bodycam", "bodycam"),
    ],
)
async def test_the_question_stays_and_the_person_or_subject_changes(
    child: Child, brain: FakeBrain, first: str, then: str, card: str
) -> None:
    await child.press(first)
    reply = await child.say(then)
    assert (reply["kind"], reply["card"]["key"]) == ("card", card)
    assert brain.asked == []


async def test_a_person_in_between_does_not_change_the_subject(child: Child) -> None:
    await child.press("custody-photo")
    await child.say("and my mum?")
    assert (await child.say("how long for"))["card"]["key"] == "custody-photo"


async def test_a_new_subject_is_what_the_next_question_is_about(child: Child) -> None:
    await child.press("custody-photo")
    await child.say("what about the bodycam")
    assert (await child.say("how long for"))["card"]["key"] == "bodycam"


async def test_before_anything_was_asked_the_bot_is_asked(child: Child, brain: FakeBrain) -> None:
    brain.tell("and my mum?", ("tell-parents", 0.9))
    assert (await child.say("and my mum?"))["card"]["key"] == "tell-parents"
    assert brain.asked == ["and my mum?"]


async def test_the_other_one_of_two_opens_it(child: Child, brain: FakeBrain) -> None:
    brain.waver("pics", "custody-photo", "nudes-shared")
    reply = await child.say("pics")
    first, second = (near["key"] for near in reply["near"])
    assert reply["kind"] == "choices"
    assert (await child.say("the first one"))["card"]["key"] == first
    assert (await child.say("no the other one"))["card"]["key"] == second


async def test_the_other_one_of_many_offers_those_not_opened(child: Child, brain: FakeBrain) -> None:
    brain.waver("pics", "custody-photo", "nudes-shared", "bodycam")
    await child.say("pics")
    await child.press("nudes-shared")
    reply = await child.say("not that one")
    assert (reply["kind"], {near["key"] for near in reply["near"]}) == ("choices", {"custody-photo", "bodycam"})


async def test_the_third_of_two_is_no_guess(child: Child, brain: FakeBrain) -> None:
    brain.waver("pics", "custody-photo", "nudes-shared")
    await child.say("pics")
    reply = await child.say("the third one")
    assert (reply["kind"], len(reply["near"])) == ("choices", 2)


async def test_another_situation_opens_its_page(child: Child) -> None:
    await child.press("menu/arrested")
    await child.press("solicitor-private")
    reply = await child.say("no i was the victim")
    assert reply["kind"] == "choices"
    victim = [near["key"] for near in reply["near"]]
    assert victim == [near["key"] for near in (await child.press("menu/victim"))["near"]]


async def test_a_disclosure_is_heard_before_any_follow_up(child: Child) -> None:
    await child.press("tell-parents")
    assert (await child.say("and my dad hits me"))["kind"] == "alarm"


async def test_what_happened_is_heard_by_the_bot_s_alarm_too(child: Child, brain: FakeBrain) -> None:
    await child.press("missing")
    brain.tell("i ran away from home", ("missing", 0.3), ("alarm-harm-now", 0.4), ("alarm-danger-now", 0.25))
    reply = await child.say("i ran away from home")
    assert (reply["kind"], reply["alarm"]) == ("alarm", "harm-now")


@pytest.mark.parametrize("away", [True, False])
async def test_without_danger_the_situation_opens_with_the_bot_or_without(
    child: Child, brain: FakeBrain, *, away: bool
) -> None:
    await child.press("missing")
    brain.tell("i saw it happen", ("court-day", 0.9), ("alarm-danger-now", 0.05))
    brain.away = away
    assert (await child.say("i saw it happen"))["kind"] == "choices"


async def test_another_language_gets_easy_english_and_a_person(child: Child, brain: FakeBrain) -> None:
    text = "jak długo trzymają moje odciski palców"
    brain.tell(text, ("fingerprints-dna", 0.9))
    brain.entities = {"language": "pl"}
    reply = await child.say(text)
    assert (reply["card"]["key"], reply["card"]["level"]) == ("fingerprints-dna", "simple")
    assert [near["key"] for near in reply["near"]] == ["talk-to-a-person", "interpreter-bsl"]
    assert "English" in reply["note"]
    page = await child.page()
    assert reply["note"] in page


@pytest.mark.parametrize("ranking", [("out-of-scope", 0.9), ("fingerprints-dna", 0.3)])
async def test_another_language_that_is_not_understood_is_offered_a_person(
    child: Child, brain: FakeBrain, ranking: tuple[str, float]
) -> None:
    brain.tell("cokolwiek innego tutaj", ranking)
    brain.entities = {"language": "pl"}
    reply = await child.say("cokolwiek innego tutaj")
    assert reply["card"]["key"] == "other-language"
    assert "talk-to-a-person" in [near["key"] for near in reply["near"]]


async def test_english_carries_no_note(child: Child, brain: FakeBrain) -> None:
    brain.tell("finger prins", ("fingerprints-dna", 0.9))
    assert "note" not in await child.say("finger prins")
