"""Attacks on how a reader likes to read, on visits, sounds, films and passports: nothing leaks, breaks or piles up."""
# ruff: noqa: F811 - a fixture and what asks for it have the same name.

import asyncio
import re
import sys
import time
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.routing import APIRoute
from hypothesis import example, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from accessibility.rule_finding import LEVELS
from accessibility.terms import Terms
from accessibility.voice import Voice
from api.chat.chat_page_view import ANY
from api.chat.chat_token import ChatTokens, EndedVisits, StaleChat
from api.chat.dialogue.state import Chat, DialogueState
from api.chat.sounds import Sounds
from api.records.force_availability import MESSAGES, close_door
from api.records.handovers.tables import Handover
from api.records.people import operator
from api.web.ciphers import Cipher
from api.web.page_state import new_visit
from content.card import Card
from content.rendering import Renderer, html
from content.signed_words import SignedWord
from content.word_marks import WordMarks
from tests.chat.test_pages import say, token
from tests.conftest import release_for
from tests.content.test_videos import KEY, Showing, filmed, filming, folder, showing  # noqa: F401
from tests.doors import doors
from tests.person_app import PersonApp, forms_of
from tests.routes import ROUTES
from tests.waiting import takes

EVIL = '"><script>alert(1)</script>'
WORDS = "my dad hits me"
SEAL = Cipher("a secret for tests that is long enough", "chat")
PIECES = (
    *("bail", "ba\u0131l", "BAIL", "<b>", "&", '"', "'", "bail's", "[bail]{everyday}", "**", "\ue000", "\ue001", "999"),
    *("javascript:bail", "0800 1111", "<a href=", "&lt;", "\n- ", "youth court", "https://bail.example"),
)
TAGS = {"p", "a", "strong", "em", "ul", "li", "br"}
# Letters that are found as i, s and k when large and small letters count as the same.
ODD = str.maketrans({"i": "ı", "s": "ſ", "k": "\u212a", "I": "İ"})


class TestAddresses:
    @pytest.mark.parametrize("path", ["/leave", "/looks/remember", "/northmoor/say", "/looks?go=use"])
    @pytest.mark.parametrize("visit", [EVIL, WORDS, "a" * 4000, "abcdefgh\r\nX: y", "\x00"])
    async def test_what_is_no_visit_is_carried_nowhere(self, client: httpx.AsyncClient, path: str, visit: str) -> None:
        answer = await client.get(path, params={**dict(parse_qs(urlsplit(path).query)), "visit": visit})
        assert answer.status_code == 303
        assert "visit" not in answer.headers["location"]
        assert "x" not in answer.headers

    async def test_of_several_the_last_counts_for_the_page_and_for_where_it_leads(
        self, client: httpx.AsyncClient
    ) -> None:
        asked = "reading=easy.cream&reading=dark&visit=AAAAAAAA&visit=BBBBBBBB&mode=x"
        assert 'data-paper="dark"' in (await client.get(f"/safety?{asked}")).text
        there = parse_qs(urlsplit((await client.get(f"/leave?{asked}")).headers["location"]).query)
        assert (there["reading"], there["visit"]) == (["dark"], ["BBBBBBBB"])

    @pytest.mark.parametrize("path", ["//evil.example/x", "///evil.example", "/\\evil.example", "//evil.example//y"])
    async def test_a_strange_path_is_a_link_to_nobody_else(self, client: httpx.AsyncClient, path: str) -> None:
        page = await client.get(f"http://know.test{path}?reading=shared")
        assert page.status_code == 404
        assert not re.findall(r' (?:href|action|formaction|src)="(?://|/\\)[^"]*"', page.text)

    @pytest.mark.parametrize("reading", [EVIL, f"dark.{EVIL}", "dark\r\nX: y", "dark" * 2000, "é.dark\u2028"])
    async def test_choices_of_anybody_are_words_of_ours(self, client: httpx.AsyncClient, reading: str) -> None:
        for sent in ({"params": {"reading": reading}}, {"headers": {"Cookie": f"reading={quoted(reading)}"}}):
            for path in ("/safety", "/looks", "/northmoor"):
                page = await client.get(path, **sent)  # type: ignore[arg-type]
                assert page.status_code == 200
                assert "alert(1)" not in page.text
                carried = re.findall(r"[?;]reading=([^\"&#]*)", page.text)
                assert set(carried) <= {"dark", "as-is", "no-pictures", "dark.no-pictures", "no-pictures.dark"}


def quoted(text: str) -> str:
    return text.encode("ascii", "ignore").decode().replace("\r\n", "")


class TestRoutes:
    def test_no_address_of_ours_is_the_name_of_a_force(self) -> None:
        every = [route.path for router in ROUTES for route in router.routes if isinstance(route, APIRoute)]
        firsts = {path.split("/")[1].partition(".")[0] for path in every} - {"{force}", ""}
        assert {"looks", "sound", "videos", "fonts", "passport", "fresh", "leave"} <= firsts
        assert firsts.isdisjoint({*release_for(practice=True).forces, ANY, "static"})

    @pytest.mark.parametrize(
        "path",
        ["/looks", "/passport", "/safety", "/credits", "/pictures", "/northmoor/journey", "/northmoor/ask/bodycam"],
    )
    async def test_a_page_that_is_there_is_there_for_head_too(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")

    async def test_head_ends_no_visit(self, client: httpx.AsyncClient) -> None:
        talk = await client.get("/northmoor")
        assert (await client.head("/fresh", params={"chat": token(talk)})).status_code == 404
        assert (await client.get("/northmoor", params={"chat": token(talk)})).status_code == 200

    @pytest.mark.parametrize(
        "path",
        [
            *("/looks", "/passport", "/fresh", "/northmoor/journey/hurt", "/northmoor/ask/bodycam?big=1"),
            *("/sound/northmoor/none/easy.json", "/sound/northmoor/none/easy.opus", "/videos/northmoor/none"),
            *("/fonts/none.woff2", "/pictures/none.svg", "/api/v1/passport"),
        ],
    )
    async def test_every_answer_is_closed(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize("big", ["99999", "-1", "x", "0", "01", "١", "1 ", "9" * 4000, "\x00"])
    async def test_a_number_that_is_none_shows_all_questions(self, client: httpx.AsyncClient, big: str) -> None:
        page = await client.get("/northmoor/ask/bodycam", params={"big": big})
        assert page.status_code == 200
        assert page.text.count('class="show-card"') >= 2

    @pytest.mark.parametrize("name", ["none", "%2e%2e", "%00", "a" * 2000, "%3Cscript%3Ealert(1)", "hurt%2f..%2fsaw"])
    async def test_journeys_and_questions_that_are_none_are_not_there(
        self, client: httpx.AsyncClient, name: str
    ) -> None:
        for path in (f"/northmoor/journey/{name}", f"/northmoor/ask/{name}", f"/nowhere/journey/{name}"):
            page = await client.get(path, params={"here": EVIL, "level": EVIL, "chat": EVIL})
            assert page.status_code in (303, 404), path
            assert "<script>alert" not in page.text
        shown = await client.get("/northmoor/journey/hurt", params={"here": EVIL, "level": EVIL})
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text

    async def test_half_a_letter_in_a_form_is_no_error_of_ours(self, client: httpx.AsyncClient) -> None:
        body = b'--x\r\nContent-Disposition: form-data; name="to"\r\n\r\n/kent?a=\\ud800\r\n--x--\r\n'
        kind = "multipart/form-data; boundary=x; charset=unicode_escape"
        answer = await client.post("/looks/remember", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 303


class TestVisits:
    def test_a_flood_of_endings_makes_no_page_of_a_shared_screen_live_again(self) -> None:
        now = [1_000.0]
        visits = EndedVisits(24 * 3600, 300, lambda: now[0])
        now[0] = 2_000
        visits.end("Child--1")
        started = time.perf_counter()
        for number in range(100_005):
            now[0] = 2_010 + number / 10_000
            visits.end(f"{number:08d}")
        assert time.perf_counter() - started < 5
        assert len(visits._over) <= 100_000
        assert not visits.ended("Child--1")
        assert visits.dead("Child--1", 1_990, shared=True)
        assert not visits.dead("Another1", 2_015, shared=True)

    def test_a_page_of_another_release_is_old(self) -> None:
        tokens = ChatTokens(SEAL, 24)
        shown, state = [["card", "bodycam", None, ["bail"]]], DialogueState().parts()
        place = ["kent", "easy", None, None, shown, 0, False, None, None, state]
        tokens.read(tokens.cipher([6, int(time.time()), new_visit(), 0, 7, *place]))
        now = int(time.time())
        for old in ([4, now, new_visit(), 0, *place], [5, now, new_visit(), 0, 7, *place[:8]], [6, 0, *place], []):
            with pytest.raises(StaleChat):
                tokens.read(tokens.cipher(old))
            assert tokens.end("", tokens.cipher(old)) == ()

    async def test_an_old_page_keeps_the_words_and_help(self, client: httpx.AsyncClient) -> None:
        old = ChatTokens(SEAL, 24).write(Chat("northmoor", "easy"))
        page = await client.post("/northmoor/say", data={"chat": old, "text": "who can see my phone"})
        assert page.status_code == 409
        assert ">who can see my phone</textarea>" in page.text
        assert "Childline" in page.text
        assert "who can see" not in str(page.url)

    async def test_another_site_ends_no_talk_that_it_cannot_name(self, client: httpx.AsyncClient) -> None:
        talk = await client.get("/northmoor")
        far = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
        for path in ("/leave", "/fresh"):
            answer = await client.post(path, data={"chat": EVIL, "visit": "AAAAAAAA", "here": EVIL}, headers=far)
            assert answer.status_code == 303
            assert EVIL not in answer.headers["location"]
        assert (await client.get("/northmoor", params={"chat": token(talk)})).status_code == 200


class TestPersonTalk:
    """Whoever leaves, or starts fresh, from a page beside the talk shuts the talk too."""

    @pytest.mark.parametrize(
        ("mode", "way", "beside"),
        [
            *(("shared", "/fresh", "/looks"), ("shared", "/fresh", "/credits")),
            *(("as-is", "/leave", ""), ("as-is", "/leave", "/safety")),
        ],
    )
    async def test_the_page_is_shut(self, one_app: PersonApp, mode: str, way: str, beside: str) -> None:
        await one_app.advocate(await one_app.provider(), "Sam")
        child = one_app.child()
        await child.open(f"/northmoor/person?reading={mode}")
        await child.press("details")
        await child.press("next", name="Robin", question="Who can see my record?", how="here")
        await child.press("send")
        assert child.page is not None
        page = await child.browser.get(leading_to(child.page, "/northmoor/person/talk"))
        address = str(page.url)
        assert (await child.browser.get(address)).status_code == 200
        if beside:
            page = await child.browser.get(leading_to(page, beside))
        form = next(one for one in forms_of(page) if urlsplit(one.action).path == way)
        await child.browser.post(form.action, data=form.filled({}))
        again = await child.browser.get(address)
        assert again.status_code == 409
        assert "Who can see my record" not in again.text

    async def test_what_was_typed_on_the_way_is_not_shown_to_who_sends_it_again(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = one_app.child()
        await child.open()
        await child.press("details")
        page = await child.press("next", name="Robin", question="Who can see my record?", how="here")
        form = next(one for one in forms_of(page) if ("go", "send") in one.buttons)
        sent = form.filled({}) | {"go": ["send"]}
        assert "three-word" in (await child.browser.post(form.action, data=sent)).text
        await child.browser.post("/leave", data={"chat": sent["chat"][0]})
        for go in ("send", "review", "details", "next"):
            again = await child.browser.post(form.action, data=sent | {"go": [go]}, follow_redirects=True)
            assert "three-word" not in again.text
            assert "Who can see my record" not in again.text
            assert "Robin" not in again.text

    async def test_what_was_refused_is_not_shown_to_who_sends_it_again(self, client: httpx.AsyncClient) -> None:
        sent = {"chat": token(await client.get("/northmoor")), "text": "who can see my phone " * 60}
        refused = await client.post("/northmoor/say", data=sent)
        assert (refused.status_code, "who can see my phone" in refused.text) == (422, True)
        await client.post("/leave", data={"chat": sent["chat"]})
        again = await client.post("/northmoor/say", data=sent)
        assert (again.status_code, "who can see my phone" in again.text) == (409, False)


def leading_to(page: httpx.Response, path: str) -> str:
    """The address of a link or GET form of a page."""
    for link in re.findall(r' href="([^"]+)"', page.text):
        if urlsplit(unescape(link)).path == path:
            return unescape(link)
    form = next(one for one in forms_of(page) if one.action.partition("?")[0] == path)
    return str(httpx.URL(path, params=form.filled({})))


class TestSounds:
    async def test_who_waits_behind_a_flood_is_told_soon_and_the_flood_ends(
        self, renderer: Renderer, cards: dict[str, Card], tmp_path: Path
    ) -> None:
        tries = tmp_path / "tries"
        code = f"open({str(tries)!r}, 'a').write('x'); import time; time.sleep(30)"
        sounds = Sounds(tmp_path / "made", Voice((sys.executable, "-c", code), 1), turn_seconds=0.2)
        flood = [renderer.words(card, {}) for card in list(cards.values())[:60]]
        started = time.monotonic()
        assert await asyncio.gather(*(sounds.of(words, "easy") for words in flood)) == [None] * 60
        # The one that was being made; no other process was ever started.
        assert time.monotonic() - started < 10
        assert tries.read_text() == "x"
        assert list((tmp_path / "made").iterdir()) == []

    @pytest.mark.parametrize("sent", ["bytes=-", "bytes=99999999-", "items=0-1", "bytes=5-1", "bytes=" + "0-," * 1500])
    async def test_a_strange_part_is_refused_or_the_whole(self, client: httpx.AsyncClient, sent: str) -> None:
        answer = await client.get("/static/frame/torch.svg", headers={"Range": sent})
        assert answer.status_code in (200, 206, 400, 416)
        assert len(answer.content) < 100_000


class TestWords:
    """Words of a force, of an advocate and of anybody, where hard words are looked for in them."""

    @pytest.mark.parametrize(
        "text", ["You may be on bail.", "IN THE YOUTH COURT", "A key is a risk. Police, statistics."]
    )
    def test_letters_that_only_look_like_ours_break_nothing(self, renderer: Renderer, text: str) -> None:
        odd = text.translate(ODD)
        for level in LEVELS:
            renderer.explained(odd, level)
            words = renderer.explained(text, level)
            assert without_marks(marked(words, odd)) == html(odd)
        assert Terms({"bail": "bail"}).within("baıl, BAİL and Bail") == ["bail"]

    @settings(deadline=None, max_examples=60)
    @given(some.lists(some.sampled_from(PIECES), max_size=12))
    @example(["<a href=", "bail", ">"])
    def test_marking_adds_marks_and_nothing_else(self, parts: list[str]) -> None:
        text = " ".join(parts)
        found = marked([SignedWord("bail", "bail", "m"), SignedWord("court", "youth court", "m")], text)
        assert without_marks(found) == html(text)
        assert {tag.strip("/") for tag in re.findall(r"<(/?\w+)", found)} <= {*TAGS, "span"}

    @pytest.mark.parametrize("text", ["what does <script>alert(1)</script> mean", "what does bail mean " * 45, EVIL])
    async def test_a_word_that_is_asked_is_shown_as_text_alone(self, client: httpx.AsyncClient, text: str) -> None:
        page = await client.post(
            "/northmoor/say",
            data={"chat": token(await client.get("/northmoor")), "text": text},
            headers={"X-Fragment": "1"},
        )
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        led = await say(client, await client.get("/northmoor"), text=text)
        assert "alert" not in str(led.url)
        assert "alert" not in led.text.partition("<main")[0]

    async def test_ten_thousand_letters_are_kept_for_the_child(self, client: httpx.AsyncClient) -> None:
        text = "what does " + "a" * 10_000 + " mean"
        page = await say(client, await client.get("/northmoor"), text=text)
        assert page.status_code == 422
        assert text in page.text

    @pytest.mark.parametrize(
        "text",
        [
            "what does i want to kill myself mean",
            "what is the meaning of my dad hits me",
            "whats a hes going to kill me",
        ],
    )
    async def test_the_alarm_hears_a_question_for_a_word_first(self, client: httpx.AsyncClient, text: str) -> None:
        page = await say(client, await client.get("/northmoor"), text=text)
        assert "data-alarm=" in page.text
        assert "Childline" in page.text


def marked(words: Iterable[SignedWord], text: str) -> str:
    return WordMarks(words, "word-1-").html(text)


def without_marks(shown: str) -> str:
    return re.sub(r'<span class="word" data-entry="word-1-[a-z-]+">(.*?)</span>', r"\1", shown)


class TestPassport:
    async def test_what_is_no_sentence_goes_nowhere(self, one_app: PersonApp) -> None:
        sam = await one_app.advocate(await one_app.provider(), "Sam")
        child = one_app.child()
        await child.open()
        await child.press("details")
        for ids in ([EVIL], ["bsl"] * 300 + [EVIL], ["../bsl"], [" bsl"]):
            await child.press("next", name="Robin", how="here", passport=ids, passport_send="yes")
            assert child.page is not None
            assert child.page.status_code == 422
            assert "<script>alert" not in child.html
        # Not ticked, whatever is named.
        await child.press("next", name="Robin", how="here", passport=["bsl", EVIL], passport_send=[])
        assert "<script>alert" not in child.html
        await child.press("send")
        (ref,) = await refs(one_app)
        await takes(sam, ref)
        page = (await sam.get(f"/console/talk/{ref}")).text
        assert "Robin" in page
        assert "alert(1)" not in page


async def refs(app: PersonApp) -> list[str]:
    async with app.database.begin() as session:
        return list(await session.scalars(select(Handover.ref)))


async def test_the_films_of_a_shut_door_are_shut_in(showing: Showing) -> None:
    app, by = showing.desk, operator("tests")
    assert (await showing.browser.get(showing.address())).status_code == 200
    async with app.database.begin() as session:
        await close_door(session, by, "northmoor", next(iter(MESSAGES)), app.clock())
    await doors(app.app).pack_cache.refresh()
    assert (await showing.browser.get(showing.address())).status_code == 503
    assert (await showing.browser.get(f"/sound/northmoor/{KEY}/easy.opus")).status_code == 503
    assert (await showing.browser.get(showing.address(force=ANY))).status_code == 200
