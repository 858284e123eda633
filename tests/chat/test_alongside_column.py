"""The worker's column beside a talk: what goes with the answer on show, and no more of the child than they see."""

import re
from dataclasses import replace
from html import unescape

import httpx
import pytest

from content.alongside import alongside
from tests.chat.test_alongside import HERE, answered, column
from tests.chat.test_pages import token
from tests.chat.test_shared_screen import Screen
from tests.child_conversation import Stage
from tests.doors import doors
from tests.fake_brain import FakeBrain

WORDS = alongside()
TYPED = "zebrafish marmalade 07700900123 my name is Quentin"


@pytest.fixture
def screen(client: httpx.AsyncClient) -> Screen:
    return Screen(client)


class TestTheColumn:
    async def test_it_tells_the_law_who_signed_what_comes_next_and_the_other_levels(
        self, client: httpx.AsyncClient
    ) -> None:
        page = unescape(column(await answered(client, card="fingerprints-dna")))
        shown = doors(client._transport.app).pack_cache  # type: ignore[attr-defined]
        signed = shown.pack("northmoor").card("fingerprints-dna", shown.today())
        assert signed
        for _, url in signed.words.sources:
            assert url in page
        assert signed.signer.post in page
        assert f"{signed.review_by.day} {signed.review_by:%B %Y}" in page
        for line in WORDS.parts["card"].lines:
            assert line.says in page
        assert re.findall(r'name="card" value="([^"]+)"', page) == list(signed.words.near)
        # The level on show is beside it already.
        assert re.findall(r"<summary>(More words|Fewer words|Easy words)", page) == ["More words", "Easy words"]

    async def test_its_questions_open_in_the_childs_chat(self, client: httpx.AsyncClient) -> None:
        page = await answered(client, card="fingerprints-dna")
        form = re.search(
            r'<form method="post" action="(/northmoor/say[^"]*)" class="worker-part".*?</form>', page, re.S
        )
        assert form
        held = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
        key = re.findall(r'name="card" value="([^"]+)"', form[0])[0]
        after = await client.post(unescape(form[1]), data={**held, "card": key}, follow_redirects=True)
        assert 'data-kind="card"' in after.text
        assert column(after.text) != column(page)

    async def test_what_is_said_fits_the_moment(self, client: httpx.AsyncClient, brain: FakeBrain) -> None:
        moments = {
            "first": await client.get("/northmoor?mode=alongside"),
            "choices": await answered(client, card="menu/arrested"),
            "card": await answered(client, card="bodycam"),
            "lost": await answered(client, text="zebrafish"),
            "person": await answered(client, act="person"),
            "danger": await answered(client, text="my dad is hitting me right now"),
        }
        for moment, page in moments.items():
            html = page if isinstance(page, str) else page.text
            assert f"<h3>{WORDS.parts[moment].title}</h3>" in column(html), moment
        brain.away = True
        assert WORDS.parts["lost"].title in column(await answered(client, text="zebrafish"))

    async def test_after_an_alarm_what_to_do_stays_as_long_as_the_help_does(self, screen: Screen) -> None:
        await screen.go("/northmoor?mode=alongside")
        page = await screen.post("/northmoor/say", text="my dad is hitting me right now")
        assert "call 999" in column(page.text)
        assert 'name="card"' not in column(page.text)
        page = await screen.post("/northmoor/say", act="not-meant")
        page = await screen.post("/northmoor/say", card="bodycam")
        assert WORDS.parts["danger"].title in column(page.text)

    async def test_a_script_gets_it_with_the_answer_once_and_with_no_refusal(self, client: httpx.AsyncClient) -> None:
        first = await client.get("/northmoor?mode=alongside")
        fragment = {"X-Fragment": "1"}
        for said, there in (({"card": "bodycam"}, 1), ({"text": ""}, 0)):
            sent = await client.post(
                "/northmoor/say?reading=alongside", data={"chat": token(first), **said}, headers=fragment
            )
            assert sent.text.count('<aside class="worker"') == there
        alone = await client.post("/northmoor/say", data={"chat": token(first), "card": "bodycam"}, headers=fragment)
        assert "worker" not in alone.text

    async def test_another_force_has_none_of_their_words(self, client: httpx.AsyncClient) -> None:
        beside = column(await answered(client, "/kent", card="fingerprints-dna"))
        assert "northmoor" not in beside.lower()
        assert WORDS.labels["national"] in beside


class TestNoMoreThanTheChild:
    async def test_it_is_the_same_whoever_the_child_is_and_whatever_they_did_before(
        self, client: httpx.AsyncClient, brain: FakeBrain
    ) -> None:
        brain.tell("how long do they keep my finger prins", ("fingerprints-dna", 0.99))
        pressed = column(await answered(client, card="fingerprints-dna"))
        typed = column(await answered(client, text="how long do they keep my finger prins"))
        screen = Screen(client)
        sent = await client.post("/alongside", data={"force": "northmoor", "situation": "exploited"})
        await screen.go(sent.headers["location"])
        for said in ({"text": TYPED}, {"card": "nudes-shared"}, {"card": "strip-search"}, {"card": "fingerprints-dna"}):
            page = await screen.post("/northmoor/say", **said)
        assert pressed
        assert pressed == typed == column(page.text)

    @pytest.mark.parametrize("typed", [TYPED, "what does bail mean", "my dad is hitting me right now and my phone"])
    async def test_nothing_typed_and_nothing_guessed_from_it_stands_there(
        self, client: httpx.AsyncClient, brain: FakeBrain, typed: str
    ) -> None:
        brain.waver(typed, "strip-search", "nudes-shared")
        first = await client.get("/northmoor?mode=alongside")
        sent = await client.post(
            "/northmoor/say?reading=alongside",
            data={"chat": token(first), "text": typed},
            headers={"X-Fragment": "1"},
        )
        beside = column(sent.text)
        assert beside
        for word in ("zebrafish", "Quentin", "hitting", "strip-search", "nudes-shared"):
            assert word not in beside

    async def test_it_is_on_no_page_of_the_way_to_a_person_or_of_a_talk_with_one(
        self, client: httpx.AsyncClient
    ) -> None:
        for path in ("/northmoor/person", "/northmoor/person/back", "/northmoor/person/talk", "/northmoor/person/gone"):
            page = await client.get(path, params={"reading": "alongside"}, follow_redirects=True)
            assert HERE in page.text
            assert not column(page.text)
            assert "alongside.js" not in page.text

    async def test_it_has_nothing_of_a_talk_with_a_person(self, on_one: Stage) -> None:
        await on_one.cleared()
        child = await on_one.child("Will my zebrafish be told?")
        sam = await on_one.adult()
        await sam.claim()
        await sam.say("Marmalade is not told.")
        browser = on_one.person_app.browser()
        asked = {"here": child.here, "reading": "alongside"}
        talk = (await browser.get("/northmoor/person/talk", params=asked)).text
        assert "An advocate called Sam" in talk
        assert HERE in talk
        assert not column(talk)
        # Back at the questions, a talk that goes on beside them changes nothing of the column.
        tokens = doors(on_one.app).chat.tokens
        alone = tokens.read(token(await browser.get("/northmoor?mode=alongside&card=bodycam")))
        both = replace(alone, person=child.here)
        pages = [
            await browser.get("/northmoor", params={"chat": tokens.write(chat), "reading": "alongside"})
            for chat in (alone, both)
        ]
        first, second = (column(page.text) for page in pages)
        assert first
        assert first == second

    async def test_nothing_is_remembered(self, client: httpx.AsyncClient) -> None:
        asked = [
            *("/alongside", "/alongside/guide", "/northmoor?mode=alongside", "/looks?mode=alongside"),
            "/alongside/alone?reading=alongside&to=/northmoor",
        ]
        for path in asked:
            page = await client.get(path)
            assert "set-cookie" not in page.headers
            assert page.headers["cache-control"] == "no-store"
            assert "Remember on this device" not in page.text
        for path in ("/alongside", "/looks/remember?mode=alongside"):
            assert "set-cookie" not in (await client.post(path, data={"force": "kent", "paper": "dark"})).headers
