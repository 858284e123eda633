"""Meanings where hard words stand: under the bubble, once an answer, at the easier levels, signed with the words."""

import dataclasses
import json

import httpx
import pytest

from accessibility.rulebook import rulebook
from content.card import Card, Version
from content.glossary import load_glossary
from content.helplines import load_helplines
from content.rendering import Renderer
from content.signed_words import SignedVersion, SignedWords
from tests.chat.test_pages import say
from tests.json_child import Child


@pytest.fixture(scope="module")
def base(cards: dict[str, Card]) -> Card:
    return cards["bail"]


def easy(renderer: Renderer, base: Card, *texts: str, level: str = "easy") -> SignedVersion:
    """A card that says these texts at a level, as it is signed."""
    bubble = base.levels["easy"].bubbles[0]
    bubbles = tuple(dataclasses.replace(bubble, text=text) for text in texts)
    levels = {**base.levels, level: Version("Question?", "Label", bubbles)}
    return renderer.words(dataclasses.replace(base, levels=levels), {}).levels[level]  # type: ignore[index]


def shown(version: SignedVersion) -> list[list[str]]:
    return [[word.id for word in bubble.meanings] for bubble in version.bubbles]


def test_a_hard_word_is_explained_where_it_first_stands_and_only_there(renderer: Renderer, base: Card) -> None:
    version = easy(renderer, base, "You can ask.", "Ask a solicitor.", "The solicitor helps.")
    assert shown(version) == [[], ["solicitor"], []]
    assert version.bubbles[1].meanings[0].meaning == load_glossary()["solicitor"].meaning["easy"]
    assert "solicitor" in [word.id for word in version.words]


@pytest.mark.parametrize("level", ["standard", "simple"])
def test_each_level_has_its_own_meaning_and_the_fullest_none(renderer: Renderer, base: Card, level: str) -> None:
    version = easy(renderer, base, "Ask a solicitor.", level=level)
    meanings = [word.meaning for word in version.bubbles[0].meanings]
    assert meanings == ([load_glossary()["solicitor"].meaning["simple"]] if level == "simple" else [])


@pytest.mark.parametrize(
    "text",
    [
        "Bail means you may go home.",
        "They give you bail. Bail means you may go home.",
        "They give you bail. This means you may go home.",
        "They give you bail. It is a way to go home.",
    ],
)
def test_a_word_that_the_next_sentence_explains_is_not_explained_again(
    renderer: Renderer, base: Card, text: str
) -> None:
    assert shown(easy(renderer, base, text, "Bail ends."))[1:] == [[]]
    assert "bail" not in shown(easy(renderer, base, text))[0]


@pytest.mark.parametrize(
    "text", ["You can ask for your record. It is free.", "The record is long.", "It is a crime to change a record."]
)
def test_what_only_seems_to_explain_a_word_does_not(renderer: Renderer, base: Card, text: str) -> None:
    assert shown(easy(renderer, base, text)) == [["record"]]


def test_never_more_than_two_under_one_bubble_and_the_third_when_it_comes_again(renderer: Renderer, base: Card) -> None:
    three = "Ask a solicitor, an advocate or an interpreter."
    version = easy(renderer, base, three, three)
    assert shown(version) == [["solicitor", "advocate"], ["interpreter"]]


@pytest.mark.parametrize("level", ["simple", "easy"])
def test_words_of_police_and_law_are_explained_before_words_that_are_only_rare(
    renderer: Renderer, base: Card, level: str
) -> None:
    text = "An embassy may ask for a receipt. An appropriate adult and a solicitor can help."
    assert shown(easy(renderer, base, text, level=level)) == [["appropriate-adult", "solicitor"]]
    again = easy(renderer, base, text, text, level=level)
    assert shown(again)[1] == ["embassy", "receipt"]


@pytest.mark.parametrize("word", ["appropriate adult", "no further action", "suspect", "special measures", "in care"])
def test_a_term_of_the_law_is_explained_however_common_its_words_are(renderer: Renderer, base: Card, word: str) -> None:
    version = easy(renderer, base, f"You may hear: {word}.")
    assert [meaning.word.lower() for meaning in version.bubbles[0].meanings] == [word]


@pytest.mark.parametrize("word", ["toilet", "rude", "deaf", "blanket", "passport", "neighbour", "court", "police"])
def test_everyday_words_are_never_explained_under_a_bubble(renderer: Renderer, base: Card, word: str) -> None:
    assert shown(easy(renderer, base, f"They may say {word}.")) == [[]]


def test_every_term_of_the_law_is_in_the_glossary() -> None:
    known = {form for word in load_glossary().values() for form in word.forms}
    assert rulebook().words["law"] <= known


def test_no_everyday_word_stands_on_a_card_as_a_hard_one(renderer: Renderer, cards: dict[str, Card]) -> None:
    ids = {
        key for card in cards.values() for bubble in shown(renderer.words(card, {}).levels["easy"]) for key in bubble
    }
    assert not {"toilet", "rude", "deaf", "blanket", "passport", "neighbour", "marry", "abroad"} & ids
    assert {"appropriate-adult", "suspect", "special-measures", "under-investigation"} <= ids


def test_every_card_holds_at_most_two_a_bubble_and_each_word_once(renderer: Renderer, cards: dict[str, Card]) -> None:
    for card in cards.values():
        for version in renderer.words(card, {}).levels.values():
            ids = [key for bubble in shown(version) for key in bubble]
            assert len(ids) == len(set(ids))
            assert all(len(bubble) <= 2 for bubble in shown(version))


def test_meanings_are_signed_and_come_back(renderer: Renderer, base: Card) -> None:
    words = renderer.words(base, {})
    assert any(bubble.meanings for bubble in words.levels["easy"].bubbles)
    assert SignedWords.from_json(words.as_json()) == words
    glossary = {
        key: dataclasses.replace(word, meaning=dict.fromkeys(word.meaning, "Other."))
        for key, word in load_glossary().items()
    }
    other = Renderer(glossary, load_helplines(), renderer.slots).words(base, {})
    assert other.fingerprint != words.fingerprint


def test_words_signed_before_there_were_meanings_are_still_read(renderer: Renderer, base: Card) -> None:
    raw = json.loads(renderer.words(base, {}).as_json())
    for version in raw["levels"].values():
        for bubble in version["bubbles"]:
            del bubble["meanings"]
    read = SignedWords.from_json(json.dumps(raw))
    assert not any(bubble.meanings for version in read.levels.values() for bubble in version.bubbles)


async def test_json_gives_them_beside_the_text(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start(level="easy")
    bubbles = (await child.press("solicitor-private"))["card"]["bubbles"]
    assert all(set(bubble) == {"text", "symbol", "meanings"} for bubble in bubbles)
    given = {"word": "solicitor", "meaning": load_glossary()["solicitor"].meaning["easy"]}
    assert given in bubbles[0]["meanings"]


async def test_the_page_shows_them_under_the_words_except_on_an_alarm(client: httpx.AsyncClient) -> None:
    page = await say(client, await client.get("/northmoor?level=easy"), card="solicitor-private")
    meaning = "A person who knows the law and helps someone, maybe you."
    assert f'<p class="meaning"><b>Solicitor</b>: {meaning}</p>' in page.text
    assert '<p class="word-name"><b>Solicitor</b></p>' in page.text
    alarm = await say(client, page, text="my dad is hitting me right now")
    assert 'class="meaning"' not in alarm.text
