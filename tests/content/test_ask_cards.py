"""Questions to show to an officer: three for every answer, fit to be shown, on a page that needs no script."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessibility.language import words
from content.card import LEVELS, BrokenCard, Card
from content.card_file import parse_card
from content.card_text import card_text
from content.difference import beside_the_words
from content.editing import typed, written
from content.interface import Interface
from content.own_wording import read_wording
from content.rendering import Renderer
from content.vetting import Vetting
from tests.conftest import release_for
from tests.desk_app import desk_app
from tests.doors import doors
from tests.json_child import Child
from tests.records.test_withdrawals import hide

KEY = "bodycam"
BIG = re.compile(r'href="(/[^"]*[?&;]big=(\d))[^"]*"')


@pytest.fixture(scope="module")
def vetting() -> Vetting:
    return release_for(practice=True).vetting


def problems(vetting: Vetting, card: Card) -> set[str]:
    return {report.finding.problem for report in vetting.vet(card) if report.blocks}


def test_every_answer_has_three_questions_and_nothing_else_has_any(cards: dict[str, Card]) -> None:
    for card in cards.values():
        assert len(set(card.ask)) == len(card.ask) == (3 if card.kind == "card" else 0), card.key
        assert all(text.endswith("?") and len(words(text)) <= 10 for text in card.ask), card.key


def test_no_question_admits_or_tells_anything(cards: dict[str, Card]) -> None:
    told = re.compile(
        r"\b(?:I|we) (?:did|was|were|took|hit|stole|sent|went|had|hurt|ran|made|lied|used|carried)\b", re.I
    )
    for card in cards.values():
        for text in card.ask:
            assert not told.search(text), text
            assert not re.search(r"[{\d]", text), text


@pytest.mark.parametrize(
    "ask",
    [
        (),
        ("Who can see it?", "How long will you keep it?"),
        ("Who can see it?",) * 3,
        ("Who can see it?", "How do I ask?", "Tell me now."),
        ("Who can see it?", "How do I ask?", "How do I " + "really " * 10 + "ask?"),
        ("Who can see it?", "How do I ask?", "Is it {{ local.bodycam_days }} days?"),
        ("Who can see it?", "How do I ask?", "Can I call 0800 1111 now?"),
        ("Who can see it?", "How do I ask?", "Is retention proportionate?"),
        ("Who can see it?", "How do I ask?", "Why won't you tell?"),
        ("Who can see it?", "How do I ask?", ""),
    ],
)
def test_questions_that_nobody_could_show_block_signing(
    vetting: Vetting, cards: dict[str, Card], ask: tuple[str, ...]
) -> None:
    assert problems(vetting, cards[KEY]) == set()
    assert problems(vetting, replace(cards[KEY], ask=ask)) != set()


@pytest.mark.parametrize("key", ["not-sure", "alarm-suicide", "thanks"])
def test_no_other_kind_of_card_may_have_questions(vetting: Vetting, cards: dict[str, Card], key: str) -> None:
    assert problems(vetting, replace(cards[key], ask=cards[KEY].ask)) != set()


@given(ask=st.lists(st.text(max_size=60), max_size=4))
@settings(max_examples=40, deadline=None)
def test_whatever_stands_there_is_vetted_without_an_error(ask: list[str]) -> None:
    release = release_for(practice=True)
    found = problems(release.vetting, replace(release.cards[KEY], ask=tuple(ask)))
    assert found if len(set(ask)) != 3 or len(ask) != 3 else isinstance(found, set)


def test_questions_are_signed_with_the_words_and_a_change_is_named(renderer: Renderer, cards: dict[str, Card]) -> None:
    before = renderer.words(cards[KEY], {})
    after = renderer.words(replace(cards[KEY], ask=("Who?", "Why?", "When?")), {})
    assert before.ask == cards[KEY].ask
    assert before.fingerprint != after.fingerprint
    assert all("the questions to ask" in beside_the_words(before, after, level) for level in LEVELS)


def test_a_force_that_changes_the_words_keeps_the_national_questions(cards: dict[str, Card]) -> None:
    national = cards[KEY]
    file = written(national, national, typed(national), national.reasons)
    assert read_wording(national, file).ask == national.ask
    without = card_text(replace(national, ask=("Who are you?",)))
    assert read_wording(national, without).ask == national.ask


@pytest.mark.parametrize("ask", ["5", "{a: b}", "true"])
def test_a_file_with_something_else_for_questions_is_named_or_blocked(
    vetting: Vetting, cards: dict[str, Card], ask: str
) -> None:
    text = re.sub(r"(?m)^ask:\n(?:- .*\n)+", f"ask: {ask}\n", card_text(cards[KEY]))
    assert f"ask: {ask}\n" in text
    try:
        card = parse_card(text, Path(f"{KEY}.md"))
    except BrokenCard:
        return
    assert problems(vetting, card) != set()


async def test_the_page_shows_the_three_questions_and_each_one_alone(
    client: httpx.AsyncClient, cards: dict[str, Card]
) -> None:
    page = await client.get(f"/england-and-wales/ask/{KEY}")
    assert page.status_code == 200
    assert "Questions I can ask" in page.text
    assert all(text in page.text for text in cards[KEY].ask)
    links = BIG.findall(page.text)
    assert [number for _, number in links] == ["1", "2", "3"]
    for (address, _), text in zip(links, cards[KEY].ask, strict=True):
        big = (await client.get(address.replace("&amp;", "&"))).text
        assert text in big
        assert not any(other in big for other in cards[KEY].ask if other != text)
        assert f'href="/england-and-wales/ask/{KEY}#question-' in big
        assert 'action="/leave"' in big


async def test_the_way_from_an_answer_and_back_keeps_the_talk(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    await child.press(KEY)
    page = await child.page()
    address = re.search(rf'href="(/northmoor/ask/{KEY}\?[^"]*)"', page)
    assert address
    asked = await client.get(address[1].replace("&amp;", "&"))
    back = re.search(r'href="(/northmoor\?chat=[^"#]*)#latest"', asked.text)
    assert back
    token = parse_qs(urlsplit(address[1].replace("&amp;", "&")).query)["chat"]
    assert parse_qs(urlsplit(back[1].replace("&amp;", "&")).query)["chat"] == token
    assert f"/northmoor/ask/{KEY}" in (await client.get(back[1].replace("&amp;", "&"))).text
    assert token[0] in BIG.findall(asked.text)[0][0]


async def test_no_way_to_questions_where_there_are_none(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    assert "/ask/" not in await child.page()
    await child.press("alarm-danger-now")
    assert "/northmoor/ask/" not in await child.page()


@pytest.mark.parametrize(
    "path",
    [
        "/england-and-wales/ask/no-such-card",
        "/england-and-wales/ask/not-sure",
        "/england-and-wales/ask/alarm-suicide",
        "/england-and-wales/ask/..%2F..%2Fbodycam",
        f"/no-such-force/ask/{KEY}",
        f"/police-scotland/ask/{KEY}",
    ],
)
async def test_what_has_no_questions_is_lost(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "<h1" in answer.text


@pytest.mark.parametrize("big", ["0", "4", "-1", "one", "²", "01", "1e0", "9" * 9])
async def test_a_question_that_is_not_there_shows_all_three(
    client: httpx.AsyncClient, cards: dict[str, Card], big: str
) -> None:
    page = await client.get(f"/england-and-wales/ask/{KEY}", params={"big": big})
    assert page.status_code == 200
    assert all(text in page.text for text in cards[KEY].ask)


@pytest.mark.parametrize("chat", ["x", "<script>alert(1)</script>", "a.b.c", '"><b>'])
async def test_a_bad_talk_is_left_out(client: httpx.AsyncClient, chat: str) -> None:
    page = await client.get(f"/england-and-wales/ask/{KEY}", params={"chat": chat})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert not re.search(r'href="/england-and-wales\?chat=', page.text)


async def test_while_an_answer_is_checked_so_are_its_questions_and_in_welsh_they_are_english(
    sqlite_url: str, tmp_path: Path, cards: dict[str, Card]
) -> None:
    async with desk_app(sqlite_url, tmp_path) as desk, desk.browser() as browser:
        english = doors(desk.app).pages.interfaces["en"]
        doors(desk.app).pages.interfaces["cy"] = Interface(english, "cy", {"back": "Yn ôl"})
        welsh = await browser.get(f"/northmoor/ask/{KEY}", headers={"Accept-Language": "cy"})
        for text in cards[KEY].ask:
            assert f'<p class="show-question" lang="en">{text}</p>' in welsh.text
        hide(doors(desk.app).pack_cache, "northmoor", KEY)
        page = await browser.get(f"/northmoor/ask/{KEY}")
        assert page.status_code == 200
        assert not any(text in page.text for text in cards[KEY].ask)
        assert cards["being-checked"].version("simple").bubbles[0].text.split("{")[0][:30] in page.text
        assert "big=" not in page.text


async def test_a_program_gets_the_questions(client: httpx.AsyncClient, cards: dict[str, Card]) -> None:
    card = (await client.get(f"/api/v1/forces/northmoor/cards/{KEY}")).json()
    assert card["ask"] == list(cards[KEY].ask)
    assert "ask" not in (await client.get("/api/v1/forces/northmoor/cards/not-sure")).json()
