"""A page that is opened again after a while shows nothing of the talk until somebody presses Show."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.chat.test_shared_screen import ANSWER, Screen, in_the_middle_of_a_talk


@contextmanager
def minutes_ago(minutes: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What happens here happened so long ago."""
    then = time.time() - minutes * 60
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: then)
        yield


@pytest.fixture
def screen(client: httpx.AsyncClient) -> Screen:
    return Screen(client)


async def test_after_half_an_hour_it_waits_for_show(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    with minutes_ago(31, monkeypatch):
        await in_the_middle_of_a_talk(screen, "/northmoor")
    page = await screen.go(screen.been[-1])
    assert page.status_code == 200
    assert ANSWER not in page.text
    assert "fingerprint" not in page.text.casefold()
    assert "Answers about" not in page.text
    assert "Leave quickly" in page.text
    shown = await screen.post("/northmoor/say", act="same")
    assert ANSWER in shown.text
    assert ANSWER in (await screen.go(screen.been[-1])).text


async def test_before_that_it_is_shown_as_it_was(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    with minutes_ago(29, monkeypatch):
        await in_the_middle_of_a_talk(screen, "/northmoor")
    assert ANSWER in (await screen.go(screen.been[-1])).text


async def test_a_page_on_which_nothing_was_asked_does_not_wait(
    screen: Screen, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with minutes_ago(40, monkeypatch):
        page = await client.get("/northmoor")
    token = page.text.split('name="chat" value="')[1].split('"')[0]
    assert "open before" not in (await screen.go(f"/northmoor?chat={token}")).text


async def test_start_again_shows_the_first_page(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    with minutes_ago(60, monkeypatch):
        await in_the_middle_of_a_talk(screen, "/northmoor")
    page = await screen.go(screen.been[-1])
    start = page.text.split('class="quiet" href="')[1].split('"')[0]
    again = await screen.go(start.replace("&amp;", "&"))
    assert again.status_code == 200
    assert ANSWER not in again.text
    assert "open before" not in again.text
