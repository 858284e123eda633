"""All questions by situation and by letter: what is listed and what is not, and where each leads."""

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import get_args

import httpx
import pytest
from fastapi import FastAPI

from accessibility.rule_finding import LEVELS, Level
from content.card import Card, Situation
from content.pack import Packs
from content.signoff import NATIONAL, SignOff, Withdrawn
from tests.chat.listed_questions import Listed, listed
from tests.chat.test_shared_screen import Screen
from tests.doors import Doors, doors
from tests.fake_brain import FakeBrain

FORCES = ("northmoor", "kent", "england-and-wales")
PAGE = 30_000
"""Bytes of this page, with its styles and scripts, compressed."""
LOADED = re.compile(r'<(?:link rel="(?:stylesheet|modulepreload)" href|script src)="([^"]+)"')


@pytest.fixture
def screen(client: httpx.AsyncClient) -> Screen:
    return Screen(client)


@pytest.fixture
def door(running: tuple[FastAPI, FakeBrain]) -> Doors:
    return doors(running[0])


@pytest.fixture
def happened(door: Doors) -> Iterator[Callable[..., None]]:
    """Puts other words into memory: those that are signed, changed by what the test says; and the true ones back."""
    pack_cache = door.pack_cache
    before = pack_cache._packs
    signed = [found for _, found in pack_cache._newest.signed.values()]

    def change(keep: Callable[[SignOff], bool] = lambda _: True, *later: SignOff | Withdrawn) -> None:
        pack_cache._packs = Packs([*(one for one in signed if keep(one)), *later])

    yield change
    pack_cache._packs = before


def answers(cards: dict[str, Card]) -> set[str]:
    return {key for key, card in cards.items() if card.kind in ("card", "journey")}


def gone(layer: str, key: str) -> Withdrawn:
    return Withdrawn(layer, key, "wrong", "the lead (invented)", date.today())


@pytest.mark.parametrize("force", FORCES)
@pytest.mark.parametrize("level", LEVELS)
async def test_every_answer_is_listed_once_by_letter_and_once_in_each_of_its_situations(
    client: httpx.AsyncClient, cards: dict[str, Card], force: str, level: str
) -> None:
    page = await listed(client, force, level=level)
    assert Counter(page.all) == Counter(answers(cards))
    situations = page.under("situation-")
    assert set(situations) == {f"situation-{name}" for name in get_args(Situation)}
    for name in get_args(Situation):
        expected = {key for key in answers(cards) if name in cards[key].situations}
        assert Counter(situations[f"situation-{name}"]) == Counter(expected), name
    assert set(page.all) == {key for keys in situations.values() for key in keys}


@pytest.mark.parametrize("level", LEVELS)
async def test_each_question_is_at_the_readers_level(
    client: httpx.AsyncClient, cards: dict[str, Card], level: Level
) -> None:
    page = await client.get("/kent/questions", params={"reading": level})
    assert f">{cards['must-give-statement'].levels[level].question}</a>" in page.text


async def test_no_words_of_the_house_of_the_alarm_or_of_the_talk_are_listed(
    client: httpx.AsyncClient, cards: dict[str, Card]
) -> None:
    others = {key for key, card in cards.items() if card.kind not in ("card", "journey")}
    assert {"in-danger", "alarm-suicide", "thanks", "feeling-scared"} <= others
    page = await listed(client)
    assert not others & {key for keys in page.parts.values() for key in keys}


async def test_what_was_never_signed_is_not_listed(client: httpx.AsyncClient, happened: Callable[..., None]) -> None:
    happened(lambda one: one.card not in ("bodycam", "journey-hurt"))
    page = await listed(client)
    assert not {"bodycam", "journey-hurt"} & {key for keys in page.parts.values() for key in keys}
    assert "my-phone" in page.all


async def test_what_is_withdrawn_is_listed_for_no_force(
    client: httpx.AsyncClient, happened: Callable[..., None]
) -> None:
    happened(lambda one: one.layer == NATIONAL, gone(NATIONAL, "my-phone"))
    for force in FORCES:
        assert "my-phone" not in (await client.get(f"/{force}/questions")).text


async def test_what_a_force_has_withdrawn_itself_is_not_listed_there_and_is_elsewhere(
    client: httpx.AsyncClient, happened: Callable[..., None]
) -> None:
    happened(lambda _: True, gone("northmoor", "my-phone"))
    assert "my-phone" not in (await listed(client)).all
    assert "my-phone" in (await listed(client, "kent")).all


async def test_what_is_past_its_date_is_not_listed(client: httpx.AsyncClient, door: Doors) -> None:
    before = door.pack_cache.today
    door.pack_cache.today = lambda: date.today() + timedelta(days=3_000)
    try:
        assert (await listed(client)).all == []
    finally:
        door.pack_cache.today = before


async def test_letters_come_in_their_order_and_each_has_a_heading_and_a_way_to_it(client: httpx.AsyncClient) -> None:
    text = (await client.get("/kent/questions")).text
    page = Listed(text)
    letters = [part.removeprefix("letter-").upper() for part in page.under("letter-")]
    assert letters == sorted(set(letters))
    assert re.findall(r'<a href="#letter-\w">(\w)</a>', text) == letters
    subjects = [title for depth, title in page.headings if depth == 4]
    assert len(subjects) == len(set(subjects))
    under = ""
    for depth, title in page.headings:
        under = title if depth == 3 else under
        assert depth != 4 or title[0].upper() == under
    assert max(page.ids.values()) == 1


@pytest.mark.parametrize("query", ["", "?level=easy", "?reading=easy.shared"])
async def test_no_heading_is_skipped(screen: Screen, query: str) -> None:
    await screen.go(f"/kent/questions{query}")
    await screen.post("/kent/questions", text="zebrafish")
    depths = [depth for depth, _ in Listed(screen.html).headings]
    assert depths[0] == 1
    assert depths.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(depths))


async def test_a_link_begins_a_talk_with_the_answer_at_the_level_and_in_the_looks(client: httpx.AsyncClient) -> None:
    page = await client.get("/kent/questions", params={"reading": "easy.dark"})
    link = re.search(r'<a class="question" href="(/kent\?card=bodycam[^"]*)"', page.text)
    assert link
    answer = await client.get(link[1].replace("&amp;", "&"))
    assert 'data-kind="card" data-level="easy"' in answer.text
    assert 'data-paper="dark"' in answer.text
    assert "An officer filmed me" in answer.text


async def test_every_link_opens_what_it_says(client: httpx.AsyncClient, cards: dict[str, Card]) -> None:
    page = await client.get("/kent/questions", params={"level": "easy"})
    by_letter = page.text.partition('id="by-letter"')[2]
    links = dict(re.findall(r'<a class="question" href="([^"]+)">([^<]+)</a>', by_letter))
    assert len(links) == len(answers(cards))
    for address, question in [*links.items()][::12]:
        opened = await client.get(address.replace("&amp;", "&"))
        assert opened.status_code == 200
        assert question in opened.text


async def test_a_question_goes_on_with_the_talk_it_is_opened_from(screen: Screen) -> None:
    await screen.go("/kent?level=easy")
    await screen.post("/kent/say", card="my-phone")
    token = re.search(r'name="chat" value="([^"]+)"', screen.html)
    assert token
    page = await screen.go(f"/kent/questions?chat={token[1]}")
    assert '<button class="question" name="card" value="bodycam">' in page.text
    await screen.post("/kent/say", card="bodycam")
    assert "An officer filmed me" in screen.html
    back = await screen.post("/kent/say", act="back")
    assert "Do I have to give the police my phone?" in back.text


async def test_unknown_and_other_places(client: httpx.AsyncClient) -> None:
    assert (await client.get("/zzz/questions")).status_code == 404
    assert (await client.post("/zzz/questions", data={"text": "phone"})).status_code == 404
    elsewhere = await client.get("/police-scotland/questions")
    assert (elsewhere.status_code, elsewhere.headers["location"]) == (303, "/police-scotland")


@pytest.mark.parametrize(
    "path", ["/", "/kent", "/kent/journey", "/kent/journey/hurt", "/safety", "/england-and-wales", "/nothing/here"]
)
async def test_the_way_to_it_stands_in_the_footer(client: httpx.AsyncClient, path: str) -> None:
    footer = (await client.get(path)).text.partition("<footer")[2].partition("</footer>")[0]
    assert "All questions" in footer
    assert re.search(r'(?:href|action)="/(?:kent|england-and-wales)/questions', footer)


async def test_pictures_are_shown_to_those_who_like_them(client: httpx.AsyncClient) -> None:
    assert (await client.get("/kent/questions?reading=easy")).text.count("/pictures/") == len(get_args(Situation))
    assert "/pictures/" not in (await client.get("/kent/questions?reading=easy.no-pictures")).text


@pytest.mark.parametrize("reading", ["", "standard", "easy", "easy.shared", "alongside"])
async def test_the_page_is_light_and_brings_no_script_of_its_own(client: httpx.AsyncClient, reading: str) -> None:
    page = await client.get("/kent/questions", params={"reading": reading} if reading else {})
    whole = len(gzip.compress(page.content))
    for address in set(LOADED.findall(page.text)):
        whole += len(gzip.compress((await client.get(address)).content))
    assert whole <= PAGE
    assert "/static/questions/questions.js" not in page.text
