"""What a talk remembers and answers: two questions, feelings, hints, for whom, and what nobody else may see of it."""

import re
import time
from dataclasses import replace

import httpx
import pytest

from api.chat.chat_token import ChatTokens
from api.chat.dialogue.state import LIVES_MINUTES, Chat, DialogueState
from content.danger import Kind
from content.interface import load_interface
from tests.chat.test_pages import say, token
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.json_child import Child

WORDS = load_interface()
HINT = "nights at his are long"
TWO = "can they keep my phone and will they tell my school"
OFFER = WORDS["check_offer"]


@pytest.fixture
async def child(client: httpx.AsyncClient) -> Child:
    child = Child(client)
    await child.start()
    return child


@pytest.fixture
def tokens(client: httpx.AsyncClient) -> ChatTokens:
    found: ChatTokens = doors(client._transport.app).chat.tokens  # type: ignore[attr-defined]
    return found


def keys(reply: dict) -> list[str]:  # type: ignore[type-arg]
    return [one["key"] for one in reply["answers"]]


def bubbles(page: str) -> list[str]:
    return [re.sub("<[^>]+>", "", words).strip() for words in re.findall(r'bubble-words">(.*?)</div>', page, re.DOTALL)]


async def test_two_questions_get_two_answers_in_the_order_asked(child: Child, brain: FakeBrain) -> None:
    brain.tell(TWO, ("tell-school", 0.5), ("my-phone", 0.4))
    brain.tell("can they keep my phone", ("my-phone", 0.9))
    brain.tell("will they tell my school", ("tell-school", 0.9))
    reply = await child.say(TWO)
    assert (reply["kind"], keys(reply)) == ("card", ["my-phone", "tell-school"])
    page = await child.page()
    assert page.index("Do I have to give the police my phone?") < page.index("Will the police tell my school?")


async def test_one_question_in_two_sentences_gets_one_answer(child: Child, brain: FakeBrain) -> None:
    text = "they took my phone. can they keep my phone"
    brain.tell("they took my phone.", ("my-phone", 0.9))
    brain.tell("can they keep my phone", ("my-phone", 0.9))
    brain.tell(text, ("my-phone", 0.9))
    assert keys(await child.say(text)) == ["my-phone"]


async def test_the_bubble_that_answers_stands_first_and_the_whole_card_below_it(child: Child, brain: FakeBrain) -> None:
    brain.tell("how long do they keep my phone", ("my-phone", 0.9))
    (answer,) = (reply := await child.say("how long do they keep my phone"))["answers"]
    texts = [bubble["text"] for bubble in reply["card"]["bubbles"]]
    page = await child.page()
    assert answer["bubble"] > 0
    assert 'class="bubbles beside-answer answering"' in page
    first, *whole = bubbles(page)[: len(texts) + 1]
    assert texts[answer["bubble"]][:20] in first
    assert [text[:15] for text in whole] == [text[:15] for text in texts]


async def test_a_feeling_stands_above_the_answer_and_never_in_its_place(child: Child, brain: FakeBrain) -> None:
    brain.tell("im scared, can they keep my phone", ("my-phone", 0.9))
    reply = await child.say("im scared, can they keep my phone")
    assert keys(reply) == ["feeling-scared", "my-phone"]
    assert reply["card"]["key"] == "my-phone"
    page = await child.page()
    assert page.index('class="bubbles beside-answer feeling"') < page.index('class="bubbles"')


async def test_an_alarm_says_its_own_words_of_a_feeling(child: Child) -> None:
    reply = await child.say("im so scared my dad is hitting me")
    assert reply["alarm"]
    assert not any(key.startswith("feeling") for key in keys(reply))


async def test_the_same_alarm_twice_in_a_row_begins_with_999_and_a_person(child: Child) -> None:
    first, second = [await child.say("i want to kill myself") for _ in range(2)]
    assert (first["card"]["key"], second["card"]["key"]) == ("alarm-suicide", "in-danger")
    assert first["alarm"] == second["alarm"] == "suicide"
    assert "999" in second["card"]["bubbles"][0]["text"]


async def test_after_an_alarm_less_rings_and_whoever_asks_for_a_person_keeps_999(
    child: Child, brain: FakeBrain
) -> None:
    brain.tell("he will be back by six", ("alarm-harm-now", 0.15), ("bodycam", 0.5))
    await child.press("bodycam")
    assert (await child.say("he will be back by six"))["alarm"] is None
    assert (await child.say("my dad is hitting me"))["alarm"]
    assert (await child.say("he will be back by six"))["alarm"] == "harm-now"
    brain.tell("is there a person", ("person", 0.9))
    reply = await child.say("is there a person")
    assert (reply["card"]["key"], reply["alarm"]) == ("talk-to-a-person", "harm-now")


async def test_a_hint_is_named_each_time_and_help_is_offered_once(child: Child, brain: FakeBrain) -> None:
    brain.tell(HINT, ("bodycam", 0.7), ("alarm-harm-now", 0.1))
    await child.press("cctv-anpr")
    first = await child.say(HINT)
    assert (first["card"]["key"], first["check"], first["alarm"]) == ("bodycam", "check-harm-now", None)
    assert OFFER in await child.page()
    second = await child.say(HINT)
    assert second["check"] == "check-harm-now"
    assert OFFER not in await child.page()


async def test_going_on_shows_the_same_answer_without_the_offer(child: Child, brain: FakeBrain) -> None:
    brain.tell(HINT, ("bodycam", 0.7), ("alarm-harm-now", 0.1))
    await child.press("cctv-anpr")
    await child.say(HINT)
    reply = await child.act("again")
    assert (reply["card"]["key"], reply["check"]) == ("bodycam", None)
    assert OFFER not in await child.page()


@pytest.mark.parametrize("place", ["shared", "alongside"])
async def test_where_others_look_on_nothing_typed_changes_the_offer(
    client: httpx.AsyncClient, brain: FakeBrain, place: str
) -> None:
    brain.tell(HINT, ("bodycam", 0.7), ("alarm-harm-now", 0.1))
    page = await client.get(f"/northmoor?mode={place}")
    for press, offered in (({"card": "cctv-anpr"}, False), ({"text": HINT}, False), ({"card": "tell-parents"}, True)):
        page = await client.post(
            f"/northmoor/say?reading={place}", data={"chat": token(page), **press}, headers={"X-Fragment": "1"}
        )
        page = httpx.Response(200, text=f'<input name="chat" value="{_carried(page.text)}">{page.text}')
        assert (OFFER in page.text) is offered, press
        assert WORDS["about_subject"].split(":")[0] not in page.text


def _carried(fragment: str) -> str:
    found = re.search(r'data-token="([^"]+)"', fragment)
    assert found
    return found[1]


async def test_every_card_about_harm_offers_help_to_whoever_opens_it(child: Child) -> None:
    for key, offered in (("tell-parents", True), ("nudes-shared", True), ("bodycam", False), ("youth-caution", False)):
        assert (await child.press(key))["check"] is None
        assert (OFFER in await child.page()) is offered, key


async def test_what_answers_are_about_is_shown_and_changed_without_script(client: httpx.AsyncClient) -> None:
    page = await say(client, await client.get("/northmoor"), card="my-phone")
    assert "Answers about: phones." in page.text
    page = await say(client, page, act="change")
    for name in ("answers_for", "for_suspect", "for_harmed", "for_both", "for_everyone"):
        assert WORDS[name] in page.text
    page = await say(client, page, card="bodycam")
    assert "Answers about: phones." not in page.text


async def test_no_address_and_no_json_says_who_is_suspected_or_in_danger(
    client: httpx.AsyncClient, brain: FakeBrain
) -> None:
    brain.tell("i got arrested for a fight", ("bail", 0.9))
    page = await say(client, await client.get("/northmoor"), text="i got arrested for a fight")
    page = await say(client, page, act="for-harmed")
    assert not re.search("suspect|harmed|arrest|fight", str(page.url).partition("chat=")[0])
    child = Child(client)
    await child.start()
    reply = await child.say("i got arrested for a fight")
    assert reply["about"] == {"subject": "bail"}
    assert "role" not in reply


async def test_where_only_the_part_decides_both_are_offered_once(child: Child, brain: FakeBrain) -> None:
    brain.tell("what happens with my case", ("bail", 0.4), ("victim-rights", 0.4))
    reply = await child.say("what happens with my case")
    assert (reply["kind"], [near["key"] for near in reply["near"]]) == ("choices", ["bail", "victim-rights"])
    assert reply["note"] == WORDS["two_answers"]
    assert keys(await child.act("for-both")) == ["bail", "victim-rights"]
    assert (await child.say("what happens with my case"))["kind"] == "card"


@pytest.mark.parametrize(("act", "card"), [("for-suspect", "bail"), ("for-harmed", "victim-rights")])
async def test_the_part_that_is_pressed_opens_its_answer(child: Child, brain: FakeBrain, act: str, card: str) -> None:
    brain.tell("what happens with my case", ("victim-rights", 0.4), ("bail", 0.4))
    await child.say("what happens with my case")
    assert (await child.act(act))["card"]["key"] == card


async def test_the_part_that_was_told_ranks_and_hides_nothing(child: Child, brain: FakeBrain) -> None:
    brain.tell("i got arrested", ("bail", 0.9))
    brain.tell("what are my rights", ("victim-rights", 0.3), ("solicitor-private", 0.29))
    await child.say("i got arrested")
    assert (await child.say("what are my rights"))["card"]["key"] == "solicitor-private"
    assert (await child.press("victim-rights"))["card"]["key"] == "victim-rights"


@pytest.mark.parametrize("typed", ["my name is zebrafish", "ring me on 07700 900123", "im at 12 marmalade road"])
async def test_who_names_themselves_is_told_that_it_is_not_needed(child: Child, brain: FakeBrain, typed: str) -> None:
    brain.tell(typed, ("bodycam", 0.9))
    reply = await child.say(typed)
    assert (reply["card"]["key"], reply["note"]) == ("bodycam", WORDS["no_names_needed"])
    assert "zebrafish" not in str(reply)


async def test_names_beside_danger_are_no_matter(child: Child) -> None:
    assert "note" not in await child.say("my name is zebrafish and my dad is hitting me")


def test_what_was_told_is_forgotten_and_what_was_pressed_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    state = replace(DialogueState().with_role("suspect").with_danger(Kind.SUICIDE), answers_for="harmed")
    now[0] += LIVES_MINUTES * 60
    assert DialogueState.of(state.parts()) == state
    now[0] += 60
    assert DialogueState.of(state.parts()) == DialogueState(answers_for="harmed")


def test_for_whom_answers_are() -> None:
    told = DialogueState().with_role("suspect")
    assert DialogueState().readers == ()
    assert told.readers == ("suspect",)
    assert told.with_role(None) == told
    assert replace(told, answers_for="harmed").readers == ("victim", "witness", "suspect")
    assert replace(told, answers_for="everyone").readers == ()


async def test_a_talk_holds_no_typed_word(child: Child, brain: FakeBrain, tokens: ChatTokens) -> None:
    brain.tell("zebrafish i got arrested", ("bail", 0.9))
    await child.say("zebrafish i got arrested")
    chat = tokens.read(child.token)
    assert chat.state.role == "suspect"
    assert "zebrafish" not in str(Chat(**chat.__dict__))


STORY = "the feds stopped me by the shops and wrote my name in a little book"


async def test_a_story_that_asks_nothing_is_answered_by_its_journey(child: Child, brain: FakeBrain) -> None:
    brain.tell(STORY, ("journey-stopped", 0.8), ("stop-search-record", 0.1))
    reply = await child.say(STORY)
    assert (reply["kind"], reply["card"]["key"]) == ("card", "journey-stopped")
    assert [one["key"] for one in reply["answers"]] == ["journey-stopped"]
    steps = {button["key"] for button in reply["near"]}
    assert "stop-search-record" in steps
    assert not [key for key in steps if key.startswith("journey-")]


async def test_a_journey_that_is_not_live_is_no_answer(child: Child, brain: FakeBrain) -> None:
    brain.tell(STORY, ("journey-nowhere", 0.8), ("stop-search-record", 0.6))
    assert (await child.say(STORY))["card"]["key"] == "stop-search-record"


async def test_who_calls_themself_stupid_is_not_told_about_rudeness(child: Child, brain: FakeBrain) -> None:
    text = "im so stupid why did i even do it"
    brain.tell(text, ("rude", 0.6), ("nudes-shared", 0.3))
    reply = await child.say(text)
    assert [one["key"] for one in reply["answers"]] == ["feeling-ashamed", "nudes-shared"]


async def test_who_is_rude_and_angry_is_told_that_anger_is_ok(child: Child, brain: FakeBrain) -> None:
    text = "you are all useless i am so angry"
    brain.tell(text, ("rude", 0.8))
    assert (await child.say(text))["card"]["key"] == "rude"


async def test_after_plain_danger_little_is_enough_and_after_doubtful_danger_it_is_not(
    child: Child, brain: FakeBrain
) -> None:
    brain.tell("bail", ("bail", 0.9))
    await child.say("bail")
    brain.tell("he was shouting at me", ("alarm-harm-now", 0.78), ("bail", 0.1))
    brain.tell("and then", ("bail", 0.8), ("alarm-harm-now", 0.06))
    assert (await child.say("he was shouting at me"))["alarm"] == "harm-now"
    assert (await child.say("and then"))["alarm"] is None
    brain.tell("it was bad again last night", ("alarm-harm-now", 0.95))
    assert (await child.say("it was bad again last night"))["alarm"] == "harm-now"
    assert (await child.say("and then"))["alarm"] == "harm-now"


async def test_danger_that_a_phrase_rings_is_plain(child: Child, brain: FakeBrain) -> None:
    brain.tell("and then", ("bail", 0.8), ("alarm-harm-now", 0.06))
    assert (await child.say("my dad hits me"))["alarm"] == "harm-now"
    assert (await child.say("and then"))["alarm"] == "harm-now"
