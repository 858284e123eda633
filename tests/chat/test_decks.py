"""A deck on one screen: planned in three steps, all of it in the address, in signed words, and nothing kept."""

import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as some

from accessibility.markup import plain
from accessibility.rule_finding import LEVELS, Level
from api.chat.decks.deck_cards import DeckCards, named
from api.chat.decks.deck_page import number
from api.chat.decks.plan_deck_routes import GROUPS
from api.records.force_availability import close_door
from api.records.people import operator
from api.records.signing import withdraw
from content.card import Card
from content.interface import load_interface
from content.signoff import NATIONAL
from content.situations import load_menu
from tests.decks import CARDS, Device, link
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.page_tools import run, tool
from tests.person_app import PersonApp, forms_of

WORDS = load_interface()
MENU = load_menu()
EVIL = '"><script>alert(1)</script>'
DECK = f"/northmoor/deck/show?cards={','.join(CARDS)}"
thirty_one = MENU.entries["menu/arrested"].opens[:31]


@pytest.fixture
def device(client: httpx.AsyncClient) -> Device:
    """A device without script."""
    return Device(client)


def shown(page: httpx.Response) -> str:
    """The page as text with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def bare(text: str) -> str:
    """Text without spaces, which stand otherwise around markup."""
    return "".join(text.split())


def question(cards: dict[str, Card], key: str, level: Level) -> str:
    """A card's question as a page has it."""
    return cards[key].version(level).question


def order_of(page: httpx.Response) -> list[str]:
    """The keys of the deck in the order of the plan."""
    return re.findall(r'<li id="deck-([a-z0-9-]+)"', page.text)


class TestPlanning:
    async def test_three_steps_lead_from_a_situation_to_a_deck_without_script(
        self, device: Device, cards: dict[str, Card]
    ) -> None:
        await device.open("/northmoor/deck")
        address = re.search(r'href="([^"]*situation=stopped[^"]*)"', device.html)
        assert address
        page = await device.open(unescape(address[1]))
        form = next(form for form in forms_of(page) if ("go", "1") in form.buttons)
        chosen = ["bodycam", "strip-search"]
        query = form.filled({"cards": chosen, "go": "1"})
        page = device.keep(await device.browser.get(form.action, params=query, follow_redirects=True))
        assert order_of(page) == chosen
        assert "go=" not in device.address
        await device.open(link(page, "Start"))
        assert device.at == "Card 1 of 2"
        assert question(cards, "bodycam", "simple") in shown(device.page)

    async def test_every_live_card_of_a_situation_can_be_ticked_once_under_one_heading(self, device: Device) -> None:
        for name, entry in MENU.entries.items():
            situation = MENU.situation(name)
            if not situation:
                continue
            page = await device.open("/northmoor/deck", situation=situation)
            ticks = re.findall(r'<input type="checkbox" name="cards" value="([a-z0-9-]+)"', page.text)
            assert sorted(ticks) == sorted(entry.opens), situation
            headings = re.findall(r"<legend>([^<]+)</legend>", page.text)
            assert len(set(headings)) == len(headings)
            assert set(headings) <= {WORDS[group] for group in GROUPS}

    async def test_a_kind_of_question_belongs_to_one_group(self, cards: dict[str, Card]) -> None:
        kinds = [kind for group in GROUPS.values() for kind in group]
        assert len(kinds) == len(set(kinds))
        assert {card.asks for card in cards.values() if card.kind == "card"} <= set(kinds)

    async def test_nothing_ticked_is_said_beside_the_cards(self, device: Device) -> None:
        page = await device.open("/northmoor/deck", situation="stopped", go="1")
        assert page.status_code == 422
        assert WORDS["deck_tick_one"] in page.text
        assert 'value="bodycam"' in page.text

    async def test_cards_of_another_situation_are_carried_and_those_of_this_one_are_ticked(
        self, device: Device
    ) -> None:
        page = await device.open("/northmoor/deck", situation="stopped", cards="bail,bodycam")
        assert '<input type="hidden" name="cards" value="bail">' in page.text
        assert 'value="bodycam" checked' in page.text
        assert "bail" not in re.findall(r'type="checkbox" name="cards" value="([a-z0-9-]+)"', page.text)

    async def test_the_order_is_changed_by_links_and_a_card_is_taken_out(self, device: Device) -> None:
        page = await device.open("/northmoor/deck", cards=",".join(CARDS))
        first, second, third = CARDS
        assert order_of(page) == [first, second, third]
        page = await device.open(link(page, "Down"))
        assert order_of(page) == [second, first, third]
        page = await device.open(link(page, "Take out"))
        assert order_of(page) == [first, third]
        page = await device.open(link(page, "Up"))
        assert order_of(page) == [third, first]

    async def test_the_last_card_taken_out_leads_back_to_the_first_step(self, device: Device) -> None:
        page = await device.open("/northmoor/deck", cards="bail")
        page = await device.open(link(page, "Take out"))
        assert WORDS["deck_heading"] in page.text
        assert WORDS["deck_see"] not in page.text

    async def test_more_cards_can_be_added_and_the_deck_is_not_lost(self, device: Device) -> None:
        page = await device.open("/northmoor/deck", cards="bail,bodycam")
        page = await device.open(link(page, "Add more cards"))
        assert "Cards you have: 2" in page.text
        address = re.search(r'href="([^"]*situation=record[^"]*)"', page.text)
        assert address
        page = await device.open(unescape(address[1]))
        assert page.text.count('type="hidden" name="cards"') == 2

    async def test_thirty_are_enough(self, device: Device) -> None:
        page = await device.open("/northmoor/deck", cards=",".join(thirty_one))
        assert order_of(page) == list(thirty_one[:30])
        assert "You can have 30 cards at a time. We left out the rest." in page.text

    async def test_the_link_to_keep_is_of_no_visit_and_opens_the_deck(self, device: Device) -> None:
        page = await device.open("/northmoor/deck", cards="bail,bodycam")
        kept = link(page, "/northmoor/deck/show?cards=bail,bodycam")
        assert kept == "/northmoor/deck/show?cards=bail,bodycam"
        await device.open(kept)
        assert device.at == "Card 1 of 2"

    @pytest.mark.parametrize("query", ["situation=hurt", "situation=nothing", "situation=", "situation=" + quote(EVIL)])
    async def test_what_is_no_situation_shows_them_all(self, device: Device, query: str) -> None:
        page = await device.open(f"/northmoor/deck?{query}")
        assert page.status_code == 200
        assert WORDS["deck_heading"] in page.text
        assert "alert(1)" not in page.text
        assert "alert" not in device.address


class TestOneScreen:
    @pytest.mark.parametrize("level", LEVELS)
    async def test_each_card_is_its_signed_words_at_the_level_asked_for(
        self, device: Device, running: tuple[FastAPI, FakeBrain], cards: dict[str, Card], level: Level
    ) -> None:
        pack = doors(running[0]).pack_cache.pack("northmoor")
        for at, key in enumerate(CARDS, 1):
            page = await device.open(f"{DECK}&at={at}&level={level}")
            assert device.at == f"Card {at} of 3"
            assert question(cards, key, level) in shown(page)
            assert re.findall(r'value="(standard|simple|easy)" aria-pressed="true"', page.text) == [level]
            signed = pack.card(key, date.today())
            assert signed
            for bubble in signed.words.levels[level].bubbles:
                assert bare(plain(bubble.text)) in bare(shown(page))

    async def test_links_go_on_and_back_to_the_end_and_round_again(self, device: Device) -> None:
        await device.open(DECK)
        places = [device.at]
        assert "Card before" not in device.html
        for words in ("Next card", "Next card"):
            await device.open(link(device.page, words))
            places.append(device.at)
        await device.open(link(device.page, "Card before"))
        places.append(device.at)
        assert places == ["Card 1 of 3", "Card 2 of 3", "Card 3 of 3", "Card 2 of 3"]
        await device.open(link(device.page, "Next card"))
        end = await device.open(link(device.page, "Finish"))
        assert WORDS["deck_end_heading"] in end.text
        assert 'value="person"' in end.text
        assert link(end, "Print these answers") == f"/northmoor/sheet?cards={','.join(CARDS)}"
        await device.open(link(end, "Start again"))
        assert device.at == "Card 1 of 3"

    async def test_the_address_holds_keys_and_choices_and_nothing_else(self, device: Device) -> None:
        await device.open(f"{DECK}&at=2&level=easy")
        assert set(device.query) == {"cards", "at", "reading", "visit"}
        assert f"cards={','.join(CARDS)}&" in device.address

    async def test_level_pictures_and_hard_words_are_on_every_card(self, device: Device) -> None:
        page = await device.open(f"{DECK}&at=2&level=easy")
        forms = {value for form in forms_of(page) for name, value in form.buttons if name == "reading"}
        assert forms == {"standard", "simple", "easy", "easy.no-pictures"}
        assert 'id="word-2-bail"' in page.text
        assert 'data-entry="word-2-bail"' in page.text
        plain = await device.open(f"{DECK}&at=2&reading=easy.no-pictures")
        assert "<img" not in plain.text.partition('class="bubbles"')[2].partition('class="row"')[0]

    async def test_choosing_a_level_keeps_the_place_and_the_visit(self, device: Device) -> None:
        page = await device.open(f"{DECK}&at=2")
        visit = device.query["visit"]
        form = next(form for form in forms_of(page) if ("reading", "easy") in form.buttons)
        page = device.keep(await device.browser.get(form.action, params=form.filled({"reading": "easy"})))
        assert (device.at, device.query["visit"]) == ("Card 2 of 3", visit)
        assert 'value="easy" aria-pressed="true"' in page.text
        assert "reading=easy" in link(page, "Next card")

    async def test_easy_words_come_one_idea_at_a_time_and_can_be_shown_whole(self, device: Device) -> None:
        page = await device.open(f"{DECK}&level=easy")
        assert '<details class="pace">' in page.text
        page = await device.open(link(page, "Show all"))
        assert '<details class="pace">' not in page.text
        assert device.at == "Card 1 of 3"

    async def test_how_it_looks_leads_back_to_a_deck_of_thirty(self, device: Device) -> None:
        page = await device.open(f"/northmoor/deck/show?cards={','.join(thirty_one[:30])}&at=7")
        visit = device.query["visit"]
        form = next(form for form in forms_of(page) if form.action.startswith("/looks"))
        await device.open("/looks", **{name: values[-1] for name, values in form.filled({}).items()})
        form = next(form for form in forms_of(device.page) if ("go", "use") in form.buttons)
        query = form.filled({"level": "easy", "go": "use"})
        device.keep(await device.browser.get("/looks", params=query, follow_redirects=True))
        assert device.at == "Card 7 of 30"
        assert device.query["visit"] == visit
        assert 'value="easy" aria-pressed="true"' in device.html

    async def test_unknown_cards_are_left_out_and_said(self, device: Device) -> None:
        await device.open("/northmoor/deck/show?cards=bail,no-such-card,bodycam,hello,journey-hurt,in-danger&at=2")
        assert device.at == "Card 2 of 2"
        assert "Cards that we left out: 4." in device.html
        assert "no-such-card" not in link(device.page, "Card before")

    @pytest.mark.parametrize("cards", ["", ",,,", "no-such-card", quote(EVIL), "%00", "é", "z" * 4000])
    async def test_a_deck_of_nothing_says_so_and_leads_to_a_plan(self, device: Device, cards: str) -> None:
        page = await device.open(f"/northmoor/deck/show?cards={cards}")
        assert page.status_code == 200
        assert WORDS["deck_empty_heading"] in page.text
        assert link(page, WORDS["deck_heading"]).startswith("/northmoor/deck?")
        assert "alert(1)" not in page.text
        assert "z" * 100 not in page.text

    @pytest.mark.parametrize(
        ("at", "place"),
        [("0", 1), ("-1", 1), ("2.5", 1), ("x", 1), ("٢", 1), ("9" * 5000, 1), ("2", 2), ("3", 3), (EVIL, 1)],
    )
    async def test_a_bad_place_is_the_first_card(self, device: Device, at: str, place: int) -> None:
        await device.open("/northmoor/deck/show", cards=",".join(CARDS), at=at)
        assert device.at == f"Card {place} of 3"

    async def test_past_the_end_is_the_end(self, device: Device) -> None:
        page = await device.open(f"{DECK}&at=44")
        assert WORDS["deck_end_heading"] in page.text

    @pytest.mark.parametrize("path", ["/narnia/deck", "/narnia/deck/show?cards=bail", "/narnia/deck/over"])
    async def test_an_unknown_force_is_not_found(self, device: Device, path: str) -> None:
        assert (await device.open(path)).status_code == 404

    @pytest.mark.parametrize("path", ["/police-scotland/deck", "/psni/deck/show?cards=bail"])
    async def test_where_another_law_holds_the_talk_says_who_knows(self, device: Device, path: str) -> None:
        await device.open(path)
        assert urlsplit(device.address).path in ("/police-scotland", "/psni")

    async def test_a_force_that_has_not_joined_and_nobody_s_force_have_decks_too(self, device: Device) -> None:
        for slug in ("kent", "england-and-wales"):
            page = await device.open(f"/{slug}/deck/show?cards=bail")
            assert device.at == "Card 1 of 1"
            assert WORDS["national_words_any"] in shown(page) or "national words" in shown(page)

    async def test_nothing_is_kept_on_the_device_or_from_elsewhere(self, device: Device) -> None:
        for path in ("/northmoor/deck", DECK, f"{DECK}&at=4", "/join"):
            page = await device.open(path)
            assert "set-cookie" not in page.headers
            assert page.headers["cache-control"] == "no-store"
            assert not re.search(r"<script(?![^>]*\bsrc=\"/)|\sstyle=|\son[a-z]+=", page.text)
            assert 'action="/leave"' in page.text

    async def test_the_mode_of_the_screen_is_carried_on(self, device: Device) -> None:
        for mode in ("shared", "alongside"):
            page = await device.open(f"{DECK}&mode={mode}")
            assert f"reading={mode}" in link(page, "Next card")
        page = await device.open(f"{DECK}&within=northmoor")
        assert "within=northmoor" in link(page, "Next card")
        level = next(form for form in forms_of(page) if ("reading", "easy") in form.buttons)
        assert ("within", "northmoor") in level.values


class TestLeaving:
    @pytest.mark.parametrize("path", ["/northmoor/deck", "/northmoor/deck?cards=bail", DECK, f"{DECK}&at=4"])
    async def test_after_leaving_no_address_of_before_opens_anything(self, device: Device, path: str) -> None:
        page = await device.open(path)
        address, visit = device.address, device.query["visit"]
        leave = next(form for form in forms_of(page) if form.action.startswith("/leave"))
        assert ("visit", visit) in leave.values
        await device.browser.post(leave.action, data=dict(leave.values))
        again = await device.browser.get(address)
        assert (again.status_code, urlsplit(again.headers["location"]).path) == (303, "/northmoor")

    async def test_start_fresh_on_a_shared_screen_shuts_the_deck_too(self, device: Device) -> None:
        page = await device.open(f"{DECK}&mode=shared&at=2")
        address = device.address
        fresh = next(form for form in forms_of(page) if form.action.startswith("/fresh"))
        await device.browser.post(fresh.action, data=dict(fresh.values))
        assert (await device.browser.get(address)).status_code == 303

    async def test_a_visit_that_is_none_is_replaced(self, device: Device) -> None:
        for visit in ("x", EVIL, "a" * 4000):
            await device.open("/northmoor/deck/show", cards="bail", visit=visit)
            assert device.at == "Card 1 of 1"
            assert re.fullmatch(r"[\w-]{8}", device.query["visit"])


class TestWords:
    async def test_a_shut_door_shuts_its_decks(self, app: PersonApp) -> None:
        async with app.database.begin() as session:
            await close_door(session, operator("tests"), "northmoor", "door_checking", app.clock())
        await doors(app.app).pack_cache.refresh()
        for path in ("/northmoor/deck", DECK, "/northmoor/deck/over"):
            page = await app.browser().get(path)
            assert page.status_code == 503
            assert WORDS["door_checking"] in page.text
            assert "tel:999" in page.text

    async def test_a_withdrawn_card_is_left_out_and_said(self, app: PersonApp) -> None:
        async with app.database.begin() as session:
            wording = (await doors(app.app).desk.wordings.of(session, NATIONAL, ["bail"]))["bail"]
            lead = replace(operator("tests"), role="lead")
            await withdraw(session, lead, wording, "Being checked.", now=app.clock(), practice=True)
        await doors(app.app).pack_cache.refresh()
        device = Device(app.browser(), "kent")
        await device.open(DECK.replace("northmoor", "kent"))
        assert device.at == "Card 1 of 2"
        assert "Cards that we left out: 1. We might be checking their words." in device.html
        await device.open(link(device.page, "Next card"))
        assert "Cards that we left out" not in device.html


@given(some.lists(some.text(max_size=30), max_size=40))
def test_whatever_an_address_names_only_keys_are_read(asked: list[str]) -> None:
    found = named(asked)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{0,59}", key) for key in found)
    assert len(found) == len(set(found))
    assert named(",".join(found).split(",")) == found or not found


@given(some.permutations(["a", "b", "c", "d"]), some.integers(-9, 9))
def test_moving_a_card_loses_none(keys: list[str], by: int) -> None:
    deck = DeckCards(tuple(keys))
    assert sorted(deck.moved("b", by).split(",")) == ["a", "b", "c", "d"]


@given(some.text(max_size=12), some.integers(1, 31))
def test_a_place_is_always_one_of_the_deck(written: str, last: int) -> None:
    assert 1 <= number(written, last) <= last


def test_addresses_of_decks_stay_short() -> None:
    longest = sorted((len(key) for key in load_menu().entries["menu/arrested"].opens), reverse=True)[:30]
    assert sum(longest) + 30 < 1_000
    assert parse_qs("cards=a,b")["cards"] == ["a,b"]


async def test_html_validate_finds_nothing_on_any_page(client: httpx.AsyncClient) -> None:
    tool("html-validate")
    pages: dict[str, str] = {}
    for path in (
        *("/northmoor/deck", "/northmoor/deck?situation=stopped&cards=bail,bodycam", "/northmoor/deck/over", "/join"),
        *("/northmoor/deck?situation=school&go=1", f"/northmoor/deck?cards={','.join(CARDS)}", DECK, f"{DECK}&at=4"),
        *(
            "/northmoor/deck/show?cards=no-such-card",
            "/northmoor/deck/together?here=x",
            "/northmoor/deck?add=1&cards=bail",
        ),
    ):
        for reading in ("simple", "easy.no-pictures", "easy.alongside"):
            device = Device(client)
            pages[f"{path} {reading}"] = (await device.open(path, reading=reading)).text
    device = Device(client)
    await device.start()
    await device.open(device.address, look="off")
    pages["two devices"] = device.html
    other = Device(client)
    await other.join(device.code)
    pages["second device"] = (await other.open(other.address, look="off")).text
    for _ in CARDS:
        await device.turn()
    pages["the end of two"] = device.html
    pages["no code"] = (await other.join("zebrafish")).text
    # Boxes of one name are one list, which is what their form sends.
    found = [one for one in run("markup.mjs", stdin=json.dumps(pages)) if "form-dup-name" not in one]
    assert found == []
