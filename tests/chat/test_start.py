"""The first page opens doors and asks nothing; where somebody lives is asked beside it, and the talk goes on there."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from content.place_names import suggested
from tests.chat.test_pages import say, token
from tests.conftest import release_for
from tests.fake_brain import FakeBrain

ANY = "/england-and-wales"
OWN = "Your police force keeps body-worn video for 31 days"


def chat_of(address: httpx.URL | str) -> str:
    return parse_qs(urlsplit(str(address)).query).get("chat", [""])[0]


def said(page: httpx.Response) -> str:
    """The words of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text))


async def test_it_says_what_this_is_and_asks_nothing(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert "We are not the police." in page
    assert 'href="tel:999"' in page
    assert 'href="tel:08001111"' in page
    main = page[page.index("<main") : page.index("</main>")]
    assert not re.search(r"<input(?! type=\"hidden\")|<select|<textarea", main)
    assert "<script" not in main


async def test_each_door_leads_straight_there(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    page = (await client.get("/")).text
    doors = page[page.index('class="choices doors"') :]
    asks, happened = re.findall(r'class="choice pictured" href="([^"]+)"', doors)[:2]
    brain.tell("can they keep my phone", ("my-phone", 0.9))
    talk = await client.get(unescape(asks))
    assert urlsplit(str(talk.url)).path == ANY
    assert "my phone" in (await say(client, talk, text="can they keep my phone")).text
    assert "I was arrested" in (await client.get(unescape(happened))).text
    person = await client.post(f"{ANY}/say", data={"act": "person"}, follow_redirects=True)
    assert "Childline" in person.text
    assert f'action="{ANY}/person' in person.text


async def test_the_place_can_be_given_later_and_the_answer_stays(client: httpx.AsyncClient) -> None:
    answer = await say(client, await client.get(ANY), card="bodycam")
    assert OWN not in said(answer)
    asked = re.search(r'class="place-matters">[^<]* <a href="([^"]+)"', answer.text)
    assert asked
    where = await client.get(unescape(asked[1]))
    moved = await client.post("/where", data={"place": "northmoor", "chat": token(where)}, follow_redirects=True)
    assert urlsplit(str(moved.url)).path == "/northmoor"
    assert 'data-kind="card"' in moved.text
    assert OWN in said(moved)
    assert "place-matters" not in moved.text


async def test_an_answer_that_is_the_same_everywhere_asks_for_no_place(client: httpx.AsyncClient) -> None:
    assert "place-matters" not in (await client.get(f"{ANY}?card=age-of-responsibility")).text
    assert "place-matters" not in (await client.get(ANY)).text


async def test_who_does_not_want_to_say_goes_on_with_the_same_talk(client: httpx.AsyncClient) -> None:
    answer = await say(client, await client.get("/northmoor"), card="bodycam")
    where = await client.get("/where", params={"chat": token(answer)})
    skip = re.search(r'href="([^"]+)">I do not want to say', where.text)
    assert skip
    page = await client.get(unescape(skip[1]))
    assert urlsplit(str(page.url)).path == ANY
    assert 'data-kind="card"' in page.text


@pytest.mark.parametrize("chat", ["", "old", "%00", "a" * 3000])
async def test_a_talk_that_is_none_begins_afresh_at_the_place(client: httpx.AsyncClient, chat: str) -> None:
    assert (await client.get("/where", params={"chat": chat})).status_code == 200
    found = await client.post("/where", data={"force": "kent", "chat": chat})
    assert (found.status_code, found.headers["location"].partition("?")[0]) == (303, "/kent")
    assert not chat_of(found.headers["location"])


async def test_a_talk_that_was_left_is_not_taken_along(client: httpx.AsyncClient) -> None:
    answer = await say(client, await client.get("/northmoor"), card="bodycam")
    await client.post("/leave", data={"chat": token(answer)})
    found = await client.post("/where", data={"force": "kent", "chat": token(answer)}, follow_redirects=True)
    assert 'data-kind="card"' not in found.text


async def test_who_wants_a_person_is_led_to_one_where_they_live(client: httpx.AsyncClient) -> None:
    nobody = (await client.get(f"{ANY}/person")).text
    asked = re.search(r'class="button" href="(/where[^"]+)"', nobody)
    assert asked
    where = await client.get(unescape(asked[1]))
    assert parse_qs(urlsplit(str(where.url)).query)["to"] == ["person"]
    for form in ({"place": "kent"}, {"force": "kent"}):
        found = await client.post("/where", data={**form, "to": "person"})
        assert urlsplit(found.headers["location"]).path == "/kent/person"
    unclear = await client.post("/where", data={"place": "Newport", "to": "person"})
    assert 'name="to" value="person"' in (await client.get(unclear.headers["location"])).text
    assert "Say where you live" not in (await client.get("/kent/person")).text


@pytest.mark.parametrize("to", ["//evil.example", "desk", "person/../..", "\r\nX: y"])
async def test_it_leads_nowhere_else(client: httpx.AsyncClient, to: str) -> None:
    found = await client.post("/where", data={"force": "kent", "to": to})
    assert found.headers["location"].partition("?")[0] == "/kent"
    unclear = await client.post("/where", data={"place": "Newport", "to": to})
    assert "to=" not in unclear.headers["location"]


async def test_another_law_is_told_to_a_talk_that_moves_there(client: httpx.AsyncClient) -> None:
    answer = await say(client, await client.get(ANY), card="bodycam")
    page = await client.post("/where", data={"place": "glasgow", "chat": token(answer)}, follow_redirects=True)
    assert urlsplit(str(page.url)).path == "/police-scotland"
    assert 'data-kind="person"' in page.text


async def test_danger_typed_at_the_place_rings_in_the_talk_and_help_stays_on_the_page(
    client: httpx.AsyncClient,
) -> None:
    answer = await say(client, await client.get("/northmoor"), card="bodycam")
    typed = {"place": "my dad hits me", "chat": token(answer)}
    page = await client.post("/where", data=typed, follow_redirects=True)
    assert urlsplit(str(page.url)).path == "/northmoor"
    assert "data-alarm" in page.text
    assert "dad" not in str(page.url)
    where = (await client.get("/where", params={"chat": token(page)})).text
    assert where.count('href="tel:999"') == 1
    assert 'class="composer"' in where


async def test_names_are_suggested_from_the_page_itself_and_each_is_found(client: httpx.AsyncClient) -> None:
    page = (await client.get("/where")).text
    offered = [unescape(name) for name in re.findall(r'<option value="([^"]+)">(?!\w)', page)]
    assert {"Ashford", "Manchester", "Caerdydd", "Devon"} <= set(offered)
    assert len(offered) == len(set(offered)) == len(suggested(release_for(practice=True).forces))
    assert '<datalist id="places">' in page
    assert 'list="places"' in page


async def test_nothing_that_is_suggested_is_a_place_we_do_not_know(client: httpx.AsyncClient) -> None:
    names = suggested(release_for(practice=True).forces)
    lost = []
    for name in names[:: len(names) // 60]:
        found = await client.post("/where", data={"place": name})
        if "unknown" in found.headers["location"]:
            lost.append(name)
    assert lost == []


async def test_an_old_page_says_nothing_of_words_in_an_empty_box(client: httpx.AsyncClient) -> None:
    answer = await say(client, await client.get("/northmoor"), card="bodycam")
    await client.post("/leave", data={"chat": token(answer)})
    for form in ({"text": "who sees it"}, {"card": "my-phone"}, {"act": "back"}):
        again = await client.post("/northmoor/say", data={"chat": token(answer), **form})
        assert again.status_code == 409
        assert "still in the box" not in again.text
    still = await client.post("/northmoor/say", data={"chat": "old", "text": "who sees it"})
    assert "still in the box" in still.text


@pytest.mark.parametrize("level", ["standard", "simple", "easy"])
async def test_the_first_words_have_every_signed_idea_once(client: httpx.AsyncClient, level: str) -> None:
    words = said(await client.get(f"/kent?level={level}"))
    for idea in ("I am not the police", "I do not keep", "A court might order us", "can ask for a person"):
        spoken = idea if level != "simple" or idea != "can ask for a person" else "or ask for a person"
        assert words.count(spoken) == 1, idea
    assert words.index("Hello.") < words.index("Hurt or scared") < words.index("A court might order us")
