"""A screen that others use too, and leaving: what was ended stays ended, in every process, and shows nothing."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.chat.chat_token import ChatTokens, EndedVisits, StaleChat
from api.chat.dialogue.state import Chat, Turn
from api.web.ciphers import Cipher
from api.web.page_state import is_visit, new_visit
from tests.conftest import settings_for, started
from tests.doors import doors
from tests.until import until

SEAL = Cipher("a secret for tests that is long enough", "chat")
MINUTES = 5
ANSWER = "6 months"


@dataclass
class Clock:
    """What time it is, as a test says."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Screen:
    """A browser without script: it follows what is on the page, and remembers where it was."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.been: list[str] = []
        self.html = ""

    async def go(self, address: str) -> httpx.Response:
        """Opens an address."""
        return self._shown(await self._client.get(address, follow_redirects=True))

    async def post(self, action: str, **fields: str) -> httpx.Response:
        """Sends the form of the page whose address begins so, with its hidden fields."""
        form = re.search(rf'<form method="post" action="({action}[^"]*)".*?</form>', self.html, re.S)
        assert form, action
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
        answer = await self._client.post(unescape(form[1]), data={**hidden, **fields}, follow_redirects=False)
        there = answer.headers.get("location", "")
        return await self.go(there) if there.startswith("/") else answer

    def _shown(self, page: httpx.Response) -> httpx.Response:
        self.html = page.text
        self.been.append(str(page.url))
        return page


@pytest.fixture
def screen(client: httpx.AsyncClient) -> Screen:
    return Screen(client)


async def in_the_middle_of_a_talk(screen: Screen, address: str = "/northmoor?mode=shared") -> None:
    await screen.go(address)
    page = await screen.post("/northmoor/say", card="fingerprints-dna")
    assert ANSWER in page.text


def every_link(html: str) -> Iterator[str]:
    for link in re.findall(r' (?:href|action|formaction)="(/[^"]*)"', html):
        if not link.startswith(("/static/", "/pictures/", "/fonts/", "/sound/")):
            yield unescape(link)


@pytest.mark.parametrize("address", ["/?mode=shared", "/northmoor?mode=shared", "/safety?reading=shared"])
async def test_a_shared_screen_says_so_and_carries_it_on_with_one_visit(screen: Screen, address: str) -> None:
    page = await screen.go(address)
    assert "Shared screen" in page.text
    assert "Start fresh" in page.text
    asked = [parse_qs(urlsplit(link).query) for link in every_link(page.text)]
    assert asked
    assert all("shared" in one["reading"][0].split(".") for one in asked)
    (visits,) = {tuple(one["visit"]) for one in asked}
    assert len(visits) == 1
    assert is_visit(visits[0])


async def test_a_screen_of_ones_own_says_nothing_of_it(screen: Screen) -> None:
    page = await screen.go("/northmoor")
    assert "Start fresh" not in page.text
    assert "refresh" not in page.text
    assert "shared.js" not in page.text


async def test_without_script_the_page_clears_by_itself_and_can_be_kept(screen: Screen) -> None:
    await in_the_middle_of_a_talk(screen)
    seconds, to = re.findall(r'http-equiv="refresh" content="(\d+); url=([^"]+)"', screen.html)[0]
    assert int(seconds) == MINUTES * 60
    assert "This page clears after 5 minutes" in screen.html
    still = re.search(r'<a href="([^"]+)">I am still here', screen.html)
    assert still
    assert ANSWER in (await screen.go(unescape(still[1]))).text
    ended = await screen.go(unescape(to))
    assert urlsplit(str(ended.url)).path == "/"
    assert ANSWER not in (await screen.go(screen.been[-3])).text


async def test_start_fresh_forgets_the_level_the_force_and_the_visit(screen: Screen) -> None:
    await in_the_middle_of_a_talk(screen, "/northmoor?reading=easy.dark.shared")
    before = parse_qs(urlsplit(screen.been[-1]).query)["visit"]
    page = await screen.post("/fresh")
    asked = parse_qs(urlsplit(str(page.url)).query)
    assert urlsplit(str(page.url)).path == "/"
    assert asked["reading"] == ["shared"]
    assert asked["visit"] != before
    assert before[0] not in page.text
    assert 'data-paper="dark"' not in page.text


async def test_old_pages_of_a_shared_screen_stay_dead_also_when_started_fresh_elsewhere(screen: Screen) -> None:
    await in_the_middle_of_a_talk(screen)
    old_page, old_html = screen.been[-1], screen.html
    safety = re.search(r'href="(/safety[^"]*)"', screen.html)
    assert safety
    await screen.go(unescape(safety[1]))
    cleared = await screen.post("/fresh")
    assert cleared.status_code == 200
    again = await screen.go(old_page)
    assert again.status_code == 409
    assert ANSWER not in again.text
    screen.html = old_html
    pressed = await screen.post("/northmoor/say", act="again")
    assert ANSWER not in pressed.text


async def test_a_visit_that_ended_is_not_taken_up_again_by_its_old_address(screen: Screen) -> None:
    await in_the_middle_of_a_talk(screen)
    (before,) = parse_qs(urlsplit(screen.been[-1]).query)["visit"]
    await screen.post("/fresh")
    page = await screen.go(f"/safety?reading=shared&visit={before}")
    assert before not in "".join(every_link(page.text))


@pytest.mark.parametrize("address", ["/northmoor", "/northmoor?mode=shared"])
async def test_leaving_shuts_the_pages_behind(screen: Screen, address: str) -> None:
    await in_the_middle_of_a_talk(screen, address)
    old_page = screen.been[-1]
    await screen.post("/northmoor/say", act="simpler")
    left = await screen.post("/leave")
    assert left.status_code == 303
    assert "set-cookie" not in left.headers
    for page in (old_page, screen.been[-1]):
        again = await screen.go(page)
        assert again.status_code == 409
        assert ANSWER not in again.text


async def test_leaving_from_the_safety_page_shuts_the_talk_too(screen: Screen) -> None:
    await in_the_middle_of_a_talk(screen, "/northmoor")
    old_page = screen.been[-1]
    safety = re.search(r'href="(/safety[^"]*)"', screen.html)
    assert safety
    await screen.go(unescape(safety[1]))
    await screen.post("/leave")
    assert (await screen.go(old_page)).status_code == 409


async def test_leaving_deletes_what_the_device_remembers_and_nothing_of_those_who_work_here(screen: Screen) -> None:
    await screen.go("/northmoor")
    screen._client.cookies.set("reading", "dark")
    left = await screen.post("/leave")
    screen._client.cookies.clear()
    assert re.match(r'reading="?"?;.*Max-Age=0', left.headers["set-cookie"])
    assert "cookies" not in left.headers["clear-site-data"]


@pytest.mark.parametrize("sent", [{"chat": "x"}, {"visit": "<b>"}, {"visit": "a" * 5000, "here": "y"}, {"chat": "="}])
@pytest.mark.parametrize("path", ["/leave", "/fresh", "/fresh?visit=%00", "/fresh?visit=" + "é" * 8])
async def test_nonsense_ends_nothing_and_still_leads_away(
    client: httpx.AsyncClient, path: str, sent: dict[str, str]
) -> None:
    answer = await client.post(path, data=sent)
    assert answer.status_code == 303


async def test_an_address_with_a_visit_of_nonsense_shows_nothing_of_it(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor", params={"reading": "shared", "visit": '"><b>hello'})
    assert "hello" not in page.text
    lost = await client.get("/not-there", params={"reading": "shared", "visit": '"><b>hello'})
    assert "hello" not in lost.text


def test_a_token_of_a_shared_screen_lives_for_minutes_and_any_other_for_hours() -> None:
    clock = Clock()
    visits = EndedVisits(24 * 3600, MINUTES * 60, clock)
    for shared in (True, False):
        written = clock.now
        clock.now = written + MINUTES * 60
        assert not visits.dead("Vi5it-_8", written, shared=shared)
        clock.now = written + MINUTES * 60 + 1
        assert visits.dead("Vi5it-_8", written, shared=shared) is shared


def test_a_process_that_cannot_know_believes_no_page_of_a_shared_screen() -> None:
    clock = Clock()
    visits = EndedVisits(24 * 3600, MINUTES * 60, clock)
    assert visits.dead("Vi5it-_8", clock.now - 1, shared=True)
    assert not visits.dead("Vi5it-_8", clock.now - 1, shared=False)
    clock.now += 60
    assert not visits.dead("Vi5it-_8", clock.now - 30, shared=True)
    visits.missed()
    assert visits.dead("Vi5it-_8", clock.now - 30, shared=True)


def test_what_is_remembered_of_visits_goes_with_time() -> None:
    clock = Clock()
    visits = EndedVisits(3600, 300, clock)
    for _ in range(50):
        visits.end(new_visit())
        clock.now += 360
    assert len(visits._over) <= 13


def test_the_visit_goes_with_a_chat_wherever_it_goes() -> None:
    tokens = ChatTokens(SEAL, 24)
    first = tokens.read(tokens.write(Chat("kent", "easy")))
    assert is_visit(first.visit)
    later = tokens.read(tokens.write(first.after(Turn("card", "bodycam"), subject="video")))
    assert later.visit == first.visit
    tokens.visits.end(first.visit)
    with pytest.raises(StaleChat):
        tokens.read(tokens.write(later))


def test_a_talk_that_began_before_the_screen_was_shared_is_of_the_shared_visit_from_then_on() -> None:
    tokens = ChatTokens(SEAL, 24)
    alone = tokens.read(tokens.write(Chat("kent", "easy")))
    shared = tokens.during("Shared-8", shared=True)
    assert shared.visit_of(shared.write(alone)) == "Shared-8"


@given(st.text(max_size=20))
def test_only_names_of_visits_are_ended(name: str) -> None:
    visits = EndedVisits(10, 10)
    visits.end(name)
    assert visits.ended(name) == is_visit(name)


def test_a_visit_ended_in_one_process_is_ended_in_every_other(postgres_url: str) -> None:
    asyncio.run(_ends_elsewhere(postgres_url))


async def _ends_elsewhere(url: str) -> None:
    one, other = started(settings_for(url)), started(settings_for(url))
    async with one as here, other as there:
        screen, visits = Screen(here), doors(other.app).chat.tokens.visits
        since = visits._known_since
        # Nothing is heard before the line is open.
        await until(lambda: visits._known_since != since)
        await in_the_middle_of_a_talk(screen, "/northmoor")
        old_page = screen.been[-1]
        assert (await there.get(old_page)).status_code == 200
        # The database may hold what others left before.
        others = len(visits._over)
        await screen.post("/leave")
        await until(lambda: len(visits._over) > others)
        assert (await there.get(old_page)).status_code == 409
