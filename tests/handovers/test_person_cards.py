"""The words around a handover: signed like every card, shown where they belong, and never an answer of the talk."""

import re
from dataclasses import replace

import httpx
import pytest

from content.__main__ import training_of
from content.card import LEVELS, BrokenCard, Card, Level
from content.card_file import refuse_strangers
from content.glossary import load_glossary
from content.rendering import Renderer
from content.vetting import Vetting
from tests.desk_app import DeskApp
from tests.fake_brain import FakeBrain
from tests.json_child import Child

CONSENT = ("person-who-reads", "person-what-we-keep", "person-when-we-tell")
WORKER = "person-with-worker"
CLOSING = ("person-closed", "person-ended", "person-not-reached", "person-no-answer")
SNIPPETS = {
    "snippet-hello",
    "snippet-take-your-time",
    "snippet-you-can-stop",
    "snippet-what-to-know",
    "snippet-find-out",
    "snippet-short-break",
    "snippet-must-tell",
    "snippet-may-have-to-tell",
    "snippet-copy-of-record",
    "snippet-danger-now",
    "snippet-who-else",
    "snippet-another-advocate",
    "snippet-anything-else",
    "snippet-goodbye",
    "snippet-not-your-fault",
    "snippet-sorry",
}
APART = [*CONSENT, WORKER, *CLOSING, *sorted(SNIPPETS)]
# What no words around a handover may say, however they are spelt: a promise of silence, or a wish for details.
_NEVER = re.compile(
    r"secret|confidential|promise|only if you (?:agree|say)|unless you agree|never tell|nobody will"
    r"|you will be (?:fine|safe)|trust|what happened|who did|tell me (?:more|about)|no comment|plead",
    re.I,
)


def said(renderer: Renderer, card: Card, level: Level) -> str:
    """All the words that a child reads of a card at a level, with its helplines filled in."""
    version = renderer.words(card, {}).levels[level]
    return "\n".join([version.question, *(bubble.text for bubble in version.bubbles)])


def test_they_are_all_here_and_of_their_kind(cards: dict[str, Card]) -> None:
    assert {key for key, card in cards.items() if card.kind == "person"} == {*CONSENT, WORKER, *CLOSING}
    assert {key for key, card in cards.items() if card.kind == "snippet"} == SNIPPETS


# What they say


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("key", APART)
def test_none_of_them_promises_or_asks_what_happened(
    renderer: Renderer, cards: dict[str, Card], key: str, level: Level
) -> None:
    assert _NEVER.findall(said(renderer, cards[key], level)) == []


@pytest.mark.parametrize("level", LEVELS)
def test_consent_says_who_reads_what_stays_and_when_they_tell(
    renderer: Renderer, cards: dict[str, Card], level: Level
) -> None:
    reads, keeps, tells = (said(renderer, cards[key], level) for key in CONSENT)
    for word in ("advocate", "real people", "police cannot see this chat", "tell the police or others", "manager"):
        assert word in reads
    for word in ("lock", "days we keep your words", "press delete", "1 person asked", "note about someone's safety"):
        assert word in keeps
    for word in ("try to talk with you first", "hurt yourself", "police", "they tell nobody else", "You can say no."):
        assert word in tells


@pytest.mark.parametrize("level", LEVELS)
def test_asking_with_a_worker_is_a_choice_with_its_limits(
    renderer: Renderer, cards: dict[str, Card], level: Level
) -> None:
    words = said(renderer, cards[WORKER], level)
    for word in ("sees what you see here", "tell the advocate", "a worker might have to tell others", "You can say no"):
        assert word in words
    for word in ("on your own", "ask the worker to go at any time", "do not have to say why"):
        assert word in words
    assert all(bubble.symbol for bubble in cards[WORKER].version("easy").bubbles)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("key", CLOSING)
def test_every_goodbye_leads_on(renderer: Renderer, cards: dict[str, Card], key: str, level: Level) -> None:
    words = said(renderer, cards[key], level)
    for way in ("0800 1111", "call 999", "again at any time", "Childline is not police", "might have to tell"):
        assert way in words


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("key", sorted(SNIPPETS))
def test_a_snippet_is_short_enough_to_send(cards: dict[str, Card], key: str, level: Level) -> None:
    assert len(cards[key].version(level).bubbles) <= (3 if level == "easy" else 2)


@pytest.mark.parametrize("level", LEVELS)
def test_the_house_cards_are_true_since_a_person_may_answer(
    renderer: Renderer, cards: dict[str, Card], level: Level
) -> None:
    person = said(renderer, cards["talk-to-a-person"], level)
    for word in ("might", "here", "The next page says if one is there.", "0800 1111", "call 999", "solicitor"):
        assert word in person
    for key in ("what-is-this", "this-chatbot-data", "bye"):
        words = said(renderer, cards[key], level)
        assert re.search(
            r"keeps (?:what you write|your words) to a person|"
            r"to a person(?: stay locked|, (?:the page (?:keeps|locks)|closing))",
            words,
        )


# Where they are, and where they are not


@pytest.mark.parametrize("key", APART)
async def test_they_are_signed_and_can_be_read_but_are_no_answers(client: httpx.AsyncClient, key: str) -> None:
    alone = await client.get(f"/api/v1/forces/kent/cards/{key}")
    listed = {line["key"] for line in (await client.get("/api/v1/forces/kent/cards")).json()}
    assert re.fullmatch(r"[0-9a-f]{64}", alone.json()["signoff"]["fingerprint"])
    assert key not in listed


@pytest.mark.parametrize("key", ["person-who-reads", "person-closed", "snippet-hello", "thanks"])
async def test_no_button_of_the_talk_opens_them(client: httpx.AsyncClient, cards: dict[str, Card], key: str) -> None:
    child = Child(client)
    await child.start()
    answer = await client.post("/api/v1/chats/say", json={"chat": child.token, "card": key})
    page = await client.post("/kent/say", data={"chat": child.token, "card": key}, follow_redirects=True)
    assert answer.status_code == 404
    assert cards[key].version("simple").bubbles[0].text not in page.text
    assert cards["not-sure"].version("simple").question in page.text


async def test_a_bot_that_names_one_is_not_obeyed(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    child = Child(client)
    await child.start()
    brain.tell("who reads what i write to a person", ("person-who-reads", 0.95), ("bodycam", 0.02))
    reply = await child.say("who reads what i write to a person")
    assert (reply["kind"], reply["card"]["key"]) == ("not-sure", "not-sure")
    brain.tell("hello advocate", ("snippet-hello", 0.4), ("bodycam", 0.3))
    reply = await child.say("hello advocate")
    assert (reply["kind"], reply["card"]["key"]) == ("card", "bodycam")


def test_the_bot_learns_none_of_them(cards: dict[str, Card], training: dict[str, str]) -> None:
    told = training_of({**cards, "snippet-hello": replace(cards["snippet-hello"], examples=("say hello",))})
    assert told == training
    assert not any("snippet-" in text or "person-who" in text for text in training.values())


def test_a_near_card_leads_to_none_of_them(cards: dict[str, Card]) -> None:
    lost = replace(cards["bodycam"], near=("my-phone", "snippet-hello"))
    with pytest.raises(BrokenCard, match="has a place of its own"):
        refuse_strangers({**cards, "bodycam": lost})


def test_example_questions_of_one_block_its_signature(renderer: Renderer, cards: dict[str, Card]) -> None:
    vetting = Vetting(renderer, load_glossary())
    assert not [report for report in vetting.vet(cards["person-who-reads"]) if report.blocks]
    asked = replace(cards["person-who-reads"], examples=("who reads this",))
    assert [report.finding.rule for report in vetting.vet(asked) if report.blocks] == [35]


async def test_the_desk_and_the_register_have_them(desk: DeskApp) -> None:
    lead = await desk.person("national", "lead")
    home = (await lead.get("/desk/national")).text
    coverage = (await desk.browser().get("/api/v1/coverage")).json()["cards"]
    for key in ("person-when-we-tell", "snippet-must-tell"):
        assert f"/desk/national/cards/{key}" in home
        assert key in coverage
