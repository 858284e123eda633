"""What a child gets for a message: the card, near cards, follow-ups, acts, and honest not-knowing."""

import httpx
import pytest

from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.json_child import Child


@pytest.fixture
async def child(client: httpx.AsyncClient) -> Child:
    child = Child(client)
    await child.start()
    return child


async def test_a_sure_question_gets_its_card(child: Child, brain: FakeBrain) -> None:
    brain.tell("finger prins how long", ("fingerprints-dna", 0.9), ("custody-photo", 0.05))
    reply = await child.say("finger prins how long")
    assert (reply["kind"], reply["card"]["key"], reply["alarm"]) == ("card", "fingerprints-dna", None)
    assert reply["understood"] == {"intent": "fingerprints-dna", "confidence": 0.9}
    assert reply["card"]["bubbles"]
    assert reply["card"]["signoff"]["signed_by_post"]


async def test_an_unsure_question_gets_near_cards_and_no_guess(child: Child, brain: FakeBrain) -> None:
    brain.waver("pics", "custody-photo", "nudes-shared")
    reply = await child.say("pics")
    assert reply["kind"] == "choices"
    assert {near["key"] for near in reply["near"]} == {"custody-photo", "nudes-shared"}


async def test_a_likely_question_is_answered_at_once_with_what_else_it_may_mean_beside_it(
    child: Child, brain: FakeBrain
) -> None:
    brain.tell("pics", ("custody-photo", 0.4), ("nudes-shared", 0.3), ("bodycam", 0.02))
    reply = await child.say("pics")
    assert (reply["kind"], reply["card"]["key"]) == ("card", "custody-photo")
    assert reply["near"][0]["key"] == "nudes-shared"


async def test_out_of_scope_says_we_do_not_know(child: Child, brain: FakeBrain) -> None:
    reply = await child.say("whats the capital of france")
    assert (reply["kind"], reply["card"]["key"]) == ("not-sure", "not-sure")


async def test_three_misses_in_a_row_lead_to_a_person(child: Child) -> None:
    kinds = [(await child.say("asdf"))["kind"] for _ in range(3)]
    assert kinds == ["not-sure", "not-sure", "person"]


async def test_an_answer_in_between_starts_the_count_again(child: Child, brain: FakeBrain) -> None:
    brain.tell("who do you tell", ("who-gets-told", 0.9))
    await child.say("asdf")
    await child.say("asdf")
    await child.say("who do you tell")
    assert (await child.say("asdf"))["kind"] == "not-sure"


@pytest.mark.parametrize(
    ("question", "first", "then"),
    [
        ("how long for?", "custody-photo", "custody-photo"),
        ("can they delete it?", "what-police-write-down", "delete-my-record"),
        ("how long do they keep it", "what-police-write-down", "how-long-kept"),
        ("what if its wrong", "see-my-record", "fix-mistakes"),
        ("who sees that?", "fingerprints-dna", "who-gets-told"),
        ("who do they tell", "custody-photo", "who-gets-told"),
        ("can i complain", "bodycam", "complain-police"),
        ("will it show up", "youth-caution", "enhanced-dbs-police-info"),
    ],
)
async def test_a_follow_up_is_about_what_we_were_on(child: Child, question: str, first: str, then: str) -> None:
    await child.press(first)
    reply = await child.say(question)
    assert (reply["kind"], reply["card"]["key"]) == ("card", then)


async def test_a_follow_up_that_no_card_answers_offers_near_cards(child: Child) -> None:
    await child.press("crime-number")
    reply = await child.say("do i have to?")
    assert reply["kind"] == "choices"
    assert reply["near"]


async def test_a_general_answer_keeps_the_subject(child: Child) -> None:
    await child.press("custody-photo")
    await child.say("can they delete it")
    assert (await child.say("how long for"))["card"]["key"] == "custody-photo"


async def test_a_follow_up_stays_on_the_open_card_at_the_bubble_that_answers(child: Child) -> None:
    await child.press("my-phone")
    reply = await child.say("what if i say no")
    (answer,) = reply["answers"]
    assert answer["key"] == "my-phone"
    assert "no" in reply["card"]["bubbles"][answer["bubble"]]["text"]


async def test_a_follow_up_with_nothing_before_it_goes_to_the_bot(child: Child, brain: FakeBrain) -> None:
    await child.say("how long for?")
    assert brain.asked == ["how long for?"]


async def test_simpler_goes_down_a_level_and_then_leads_on_and_never_says_the_same_again(
    client: httpx.AsyncClient,
) -> None:
    child = Child(client)
    await child.start(level="standard")
    await child.press("bodycam")
    levels = [(await child.act("simpler"))["card"]["level"] for _ in range(2)]
    assert levels == ["simple", "easy"]
    at_the_end = await child.act("simpler")
    assert (at_the_end["card"]["key"], at_the_end["card"]["level"]) == ("easiest-words", "easy")
    assert at_the_end["near"][0]["key"] == "talk-to-a-person"
    assert (await child.act("back"))["card"]["key"] == "bodycam"
    keys = [(await child.act("simpler"))["card"]["key"] for _ in range(2)]
    assert keys == ["easiest-words", "talk-to-a-person"]


async def test_again_and_back(child: Child) -> None:
    await child.press("bodycam")
    await child.press("my-phone")
    assert (await child.act("again"))["card"]["key"] == "my-phone"
    assert (await child.act("back"))["card"]["key"] == "bodycam"


async def test_back_at_the_start_is_the_start(child: Child) -> None:
    for _ in range(3):
        reply = await child.act("back")
    assert reply["card"]["key"] == "what-is-this"


@pytest.mark.parametrize(
    ("intent", "kind", "card"),
    [
        ("greet", "act", "what-is-this"),
        ("thanks", "act", "thanks"),
        ("bye", "act", "bye"),
        ("rude", "act", "rude"),
        ("person", "person", "talk-to-a-person"),
        ("other-language", "act", "other-language"),
        ("what-word", "act", "what-word"),
    ],
)
async def test_acts_have_signed_words_too(child: Child, brain: FakeBrain, intent: str, kind: str, card: str) -> None:
    brain.tell("words", (intent, 0.95))
    reply = await child.say("words")
    assert (reply["kind"], reply["card"]["key"]) == (kind, card)


async def test_the_bot_away_feels_like_a_slower_friend(child: Child, brain: FakeBrain) -> None:
    brain.away = True
    reply = await child.say("how long do they keep my finger prints")
    assert (reply["kind"], reply["card"]["key"]) == ("bot-away", "bot-away")
    assert "fingerprints-dna" in [near["key"] for near in reply["near"]]


async def test_yes_takes_the_first_offer(child: Child, brain: FakeBrain) -> None:
    brain.waver("pics", "custody-photo", "nudes-shared")
    brain.tell("yes", ("yes", 0.9))
    first = (await child.say("pics"))["near"][0]["key"]
    assert (await child.say("yes"))["card"]["key"] == first


async def test_a_place_in_the_talk_changes_the_force(child: Child, brain: FakeBrain) -> None:
    brain.tell("i live in rotherham", ("say-place", 0.9))
    reply = await child.say("i live in rotherham")
    assert (reply["kind"], reply["card"]["key"]) == ("act", "place-found")
    assert (await child.press("bodycam"))["card"]["layer"] == "national"


async def test_scotland_is_handed_over_and_not_guessed(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    child = Child(client)
    first = await child.start("police-scotland")
    brain.tell("how long do they keep my dna", ("fingerprints-dna", 0.9))
    reply = await child.say("how long do they keep my dna")
    assert first["card"]["key"] == reply["card"]["key"] == "hand-over-scotland"


async def test_an_alarm_comes_first_and_the_question_is_answered_beside_it(child: Child, brain: FakeBrain) -> None:
    text = "my stepdad hits me will the police tell my mum"
    brain.tell(text, ("tell-parents", 0.9))
    reply = await child.say(text)
    assert (reply["kind"], reply["alarm"]) == ("alarm", "harm-now")
    assert [near["key"] for near in reply["near"]] == ["tell-parents"]
    assert reply["card"]["level"] == "easy"


async def test_the_bots_own_alarm_rings_too(child: Child, brain: FakeBrain) -> None:
    brain.tell("nights at his are horrible", ("alarm-harm-now", 0.8))
    assert (await child.say("nights at his are horrible"))["alarm"] == "harm-now"


async def test_what_the_bot_calls_the_subject_is_only_kept_when_a_card_is_about_it(
    client: httpx.AsyncClient, brain: FakeBrain
) -> None:
    tokens = doors(client._transport.app).chat.tokens  # type: ignore[attr-defined]
    child = Child(client)
    await child.start()
    for subject, kept in (("phone", "phone"), ("my own words", "phone")):
        brain.waver("pics", "custody-photo")
        brain.entities = {"subject": subject}
        await child.say("pics")
        assert tokens.read(child.token).subject == kept


async def test_a_kind_of_danger_the_bot_makes_up_is_not_shown(child: Child, brain: FakeBrain) -> None:
    brain.tell("odd", ("alarm-zzz", 0.99))
    assert (await child.say("odd"))["kind"] == "not-sure"
