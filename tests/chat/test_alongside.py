"""A worker alongside a child: the child is always told, the worker sees no more than they do, nothing is kept."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from content.alongside import alongside, sources_of
from tests.chat.test_pages import token
from tests.chat.test_shared_screen import ANSWER, Screen, every_link, in_the_middle_of_a_talk
from tests.conftest import settings_for, started
from tests.doors import doors

HERE = "A worker is here with you. They see what you see. They see no more."
ALONE = "I want to be alone with this page"
WORDS = alongside()
SEALED = re.compile(r"gAAAA[\w-]+|(?<=visit=)[\w-]{8}")


@pytest.fixture
def screen(client: httpx.AsyncClient) -> Screen:
    return Screen(client)


def column(html: str) -> str:
    """The worker's part of a page, without what is sealed; "" where there is none."""
    found = re.search(r'<aside class="worker".*?</aside>', html, re.S)
    return SEALED.sub("", found[0]) if found else ""


async def answered(client: httpx.AsyncClient, path: str = "/northmoor", **said: str) -> str:
    """The page of an answer, with a worker beside it."""
    first = await client.get(f"{path}?reading=alongside")
    sent = {"chat": token(first), **said}
    page = await client.post(f"{path}/say?reading=alongside", data=sent, follow_redirects=True)
    assert page.status_code == 200, page.text
    return page.text


class TestStarting:
    async def test_what_to_know_first_stands_before_the_way_in(self, client: httpx.AsyncClient) -> None:
        page = (await client.get("/alongside")).text
        for part in WORDS.pages["start"]:
            for line in part.lines:
                assert line.says in page
                assert page.index(line.says) < page.index("Start together")
        assert HERE not in page

    async def test_every_first_step_leads_workers_there(self, client: httpx.AsyncClient) -> None:
        for path in ("/", "/northmoor", "/safety"):
            assert '<a href="/alongside">I work with young people</a>' in (await client.get(path)).text

    async def test_the_guide_has_all_of_it_and_its_sources(self, client: httpx.AsyncClient) -> None:
        page = unescape((await client.get("/alongside/guide")).text)
        for part in WORDS.pages["paper"]:
            assert all(line.says in page for line in part.lines)
        for source in sources_of(WORDS.pages["paper"]):
            assert source.url in page

    @pytest.mark.parametrize(
        ("typed", "path"),
        [
            ({}, "/england-and-wales"),
            ({"force": ""}, "/england-and-wales"),
            ({"force": "kent"}, "/kent"),
            ({"force": "northmoor", "situation": "none"}, "/northmoor"),
            ({"force": "northmoor", "situation": "<script>"}, "/northmoor"),
        ],
    )
    async def test_it_starts_where_they_choose(
        self, client: httpx.AsyncClient, typed: dict[str, str], path: str
    ) -> None:
        sent = await client.post("/alongside", data=typed)
        assert sent.status_code == 303
        assert sent.headers["location"] == f"{path}?mode=alongside"
        page = await client.get(sent.headers["location"])
        assert HERE in page.text
        assert column(page.text)

    async def test_what_it_is_about_stands_in_no_address(self, screen: Screen, client: httpx.AsyncClient) -> None:
        sent = await client.post("/alongside", data={"force": "northmoor", "situation": "arrested"})
        assert "arrested" not in sent.headers["location"]
        about = await screen.go(sent.headers["location"])
        assert about.text.count('name="card" value="custody-record"') == 0
        assert "arrested" not in "".join(every_link(about.text)).replace("/journey/arrested", "")
        plain = (await client.get("/northmoor?mode=alongside")).text
        assert re.findall(r'name="card" value="([^"]+)"', about.text) != re.findall(
            r'name="card" value="([^"]+)"', plain
        )

    @pytest.mark.parametrize("force", ["atlantis", "../desk", "//evil.example", "None", "kent?x=1", "é" * 500])
    async def test_a_force_that_there_is_not_leads_nowhere(self, client: httpx.AsyncClient, force: str) -> None:
        answer = await client.post("/alongside", data={"force": force})
        assert answer.status_code == 404
        assert "location" not in answer.headers

    async def test_a_force_whose_door_is_shut_stays_shut(self, sqlite_url: str) -> None:
        app = started(settings_for(sqlite_url))
        async with app as client:
            doors(app.app).pack_cache.closed["kent"] = "door_checking"
            sent = await client.post("/alongside", data={"force": "kent", "situation": "arrested"})
            page = await client.get(sent.headers["location"])
            assert page.status_code == 503
            assert HERE in page.text
            assert not column(page.text)


class TestTheChildIsTold:
    @pytest.mark.parametrize(
        "path",
        [
            *("/", "/northmoor", "/kent", "/looks", "/safety", "/credits", "/pictures", "/passport", "/alongside"),
            *("/northmoor/journey", "/northmoor/journey/arrested", "/northmoor/ask/fingerprints-dna"),
            *("/northmoor/person", "/northmoor/person/back", "/northmoor/person/gone", "/not-there", "/atlantis"),
        ],
    )
    async def test_on_every_page_and_on_every_one_that_it_leads_to(self, client: httpx.AsyncClient, path: str) -> None:
        page = await client.get(path, params={"reading": "easy.alongside"}, follow_redirects=True)
        assert HERE in page.text
        assert ALONE in page.text
        assert "Start fresh" in page.text
        for link in every_link(page.text):
            asked = parse_qs(urlsplit(link).query)
            assert "alongside" in asked["reading"][0].split("."), link
            assert asked["visit"], link

    async def test_nothing_of_it_is_there_for_a_child_alone_or_for_staff(self, client: httpx.AsyncClient) -> None:
        for path in ("/northmoor", "/?mode=nonsense", "/northmoor?mode=shared", "/desk/sign-in?mode=alongside"):
            page = (await client.get(path)).text
            assert HERE not in page
            assert not column(page)
            assert "alongside.css" not in page

    async def test_the_page_does_not_say_that_only_a_computer_sees_it(self, client: httpx.AsyncClient) -> None:
        page = await answered(client, card="bodycam")
        assert "Only you, the worker and a computer can see this chat." in page
        assert "Only a computer can see" not in page

    async def test_a_child_can_be_alone_with_the_same_page(self, screen: Screen) -> None:
        await in_the_middle_of_a_talk(screen, "/northmoor?reading=dark.alongside&card=bodycam")
        await screen.post("/northmoor/say", level="easy")
        form = re.search(r'<form method="get" action="/alongside/alone.*?</form>', screen.html, re.S)
        assert form
        held = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
        page = await screen.go(f"/alongside/alone?{httpx.QueryParams(held)}")
        assert HERE not in page.text
        assert not column(page.text)
        assert ANSWER in page.text
        assert 'data-level="easy"' in page.text
        assert 'data-paper="dark"' in page.text
        assert not any("alongside" in link for link in every_link(page.text) if not link.startswith("/alongside"))

    @pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "javascript:1", "/%5cevil.example", "é"])
    async def test_being_alone_leads_nowhere_else(self, client: httpx.AsyncClient, to: str) -> None:
        sent = await client.get("/alongside/alone", params={"to": to, "reading": "alongside"})
        assert urlsplit(sent.headers["location"])[:3] == ("", "", "/")

    async def test_start_fresh_ends_the_visit_from_any_page_and_the_worker_stays_told(self, screen: Screen) -> None:
        await in_the_middle_of_a_talk(screen, "/northmoor?mode=alongside")
        old_page = screen.been[-1]
        (first,) = [link for link in every_link(screen.html) if urlsplit(link).path == "/" and "chat" not in link][:1]
        await screen.go(first)
        page = await screen.post("/fresh")
        assert HERE in page.text
        again = await screen.go(old_page)
        assert again.status_code == 409
        assert ANSWER not in again.text


async def test_a_worker_can_plan_a_session_before_they_start(client: httpx.AsyncClient) -> None:
    assert "Plan a session first" in (await client.get("/alongside")).text
    planned = await client.post("/alongside", data={"force": "northmoor", "situation": "arrested", "go": "plan"})
    assert planned.headers["location"] == "/northmoor/deck"
    assert (await client.get(planned.headers["location"], follow_redirects=True)).status_code == 200


@pytest.mark.parametrize(("place", "offered"), [("alone", True), ("alongside", False), ("shared", False)])
async def test_the_safety_page_offers_start_fresh_where_it_is_not_there_yet(
    client: httpx.AsyncClient, place: str, offered: bool
) -> None:
    page = await client.get("/safety", params={"reading": place} if place != "alone" else {})
    assert ("Make it a shared screen" in page.text) is offered
    assert ("Press Start fresh when you are done." in page.text) is not offered
