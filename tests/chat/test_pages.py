"""The pages without JavaScript: every step by plain forms, nothing of the child's words in any address."""

import re
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import LIVE_SECRET, settings_for, started
from tests.doors import doors
from tests.fake_brain import FakeBrain

TYPED = "how long do they keep my finger prins"


def token(page: httpx.Response) -> str:
    found = re.search(r'name="chat" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def say(client: httpx.AsyncClient, page: httpx.Response, **form: str) -> httpx.Response:
    """Submits one of the page's forms and follows where it leads, as a browser does."""
    force = urlsplit(str(page.url)).path.split("/")[1]
    return await client.post(f"/{force}/say", data={"chat": token(page), **form}, follow_redirects=True)


async def test_from_the_first_page_to_an_answer(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    brain.tell(TYPED, ("fingerprints-dna", 0.9))
    first = await client.get("/")
    assert 'href="/where' in first.text
    assert "Where do you live?" in (await client.get("/where")).text
    force = await client.post("/where", data={"place": "northmoor"}, follow_redirects=True)
    assert urlsplit(str(force.url)).path == "/northmoor"
    answer = await say(client, force, text=TYPED)
    assert answer.status_code == 200
    assert "6 months" in answer.text
    assert "finger prins" not in answer.text
    assert "finger" not in str(answer.url)
    assert "(invented)" in answer.text


async def test_a_post_is_answered_with_see_other_so_that_back_works(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor")
    answer = await client.post("/northmoor/say", data={"chat": token(page), "card": "bodycam"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("Narnia", "do not know that place"),
        ("Newport", "More than 1 police force"),
        ("Mancester", "We found 1 police force. Is it yours?"),
    ],
)
async def test_unknown_and_unclear_places(client: httpx.AsyncClient, place: str, words: str) -> None:
    page = await client.post("/where", data={"place": place}, follow_redirects=True)
    assert words in page.text
    assert place not in str(page.url)


async def test_an_old_address_says_nothing_of_words_that_were_never_typed(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor", params={"chat": "old"})
    assert "This page was open too long. You can start here again." in page.text
    assert "still in the box" not in page.text


async def test_choices_are_shown_once_each_and_never_without_end(client: httpx.AsyncClient) -> None:
    page = await client.get("/where?among=" + ",".join(["gwent", "narnia"] * 2_000))
    assert page.text.count('name="force" value="gwent"') == 1
    assert "narnia" not in page.text


async def test_picking_from_the_list(client: httpx.AsyncClient) -> None:
    page = await client.post("/where", data={"force": "kent"}, follow_redirects=True)
    assert "Kent Police" in page.text
    assert "has not checked them yet" in page.text


async def test_a_level_and_the_buttons(client: httpx.AsyncClient) -> None:
    page = await say(client, await client.get("/northmoor"), card="bodycam")
    easy = await say(client, page, level="easy")
    assert re.search(r'value="easy" aria-pressed="true"', easy.text)
    assert "31" in easy.text
    back = await say(client, await say(client, easy, card="my-phone"), act="back")
    assert "31" in back.text


@pytest.mark.parametrize(
    ("text", "status", "words"), [("", 422, "The box is empty"), ("x" * 1001, 422, "That is too long")]
)
async def test_what_cannot_be_answered_stays_in_the_box(
    client: httpx.AsyncClient, text: str, status: int, words: str
) -> None:
    page = await client.get("/northmoor")
    answer = await client.post("/northmoor/say", data={"chat": token(page), "text": text})
    assert answer.status_code == status
    assert words in answer.text
    assert f">{text}</textarea>" in answer.text


@pytest.mark.parametrize("text", ["<b>hi</b>", '"><script>alert(1)</script>', "\x00", "مرحبا", "😀"])
async def test_odd_text_is_shown_as_text(client: httpx.AsyncClient, text: str) -> None:
    page = await client.get("/northmoor")
    answer = await client.post("/northmoor/say", data={"chat": token(page), "text": text}, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<b>hi" not in answer.text


async def test_text_that_is_not_utf8(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor")
    body = b"chat=" + token(page).encode() + b"&text=%ff%fe\xff"
    answer = await client.post(
        "/northmoor/say", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 303


async def test_an_old_page_starts_again_and_keeps_the_words(client: httpx.AsyncClient) -> None:
    answer = await client.post("/northmoor/say", data={"chat": "nonsense", "text": "my question"})
    assert answer.status_code == 409
    assert ">my question</textarea>" in answer.text
    assert "Talk to a person" in answer.text
    assert (await client.get("/northmoor?chat=nonsense")).status_code == 409


async def test_a_token_of_another_force_leads_to_that_force(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/northmoor?chat={token(await client.get('/kent'))}", follow_redirects=True)
    assert "Kent Police" in answer.text


@pytest.mark.parametrize("path", ["/narnia", "/kent/nothing", "/static/nothing"])
async def test_pages_that_are_not_there(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code in (404, 405)
    assert "We cannot find that page" in answer.text


async def test_the_alarm_on_a_page_pins_help(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor")
    before = re.search(r'<p class="pinned"[^>]*>', page.text)
    answer = await say(client, page, text="my dad is hitting me right now")
    after = re.search(r'<p class="pinned"[^>]*>', answer.text)
    assert before
    assert after
    assert ("hidden" in before[0], "hidden" in after[0]) == (True, False)
    still = await say(client, answer, card="bodycam")
    assert 'class="pinned">' in still.text


async def test_leaving_goes_to_a_neutral_page_and_asks_the_browser_to_forget(client: httpx.AsyncClient) -> None:
    answer = await client.post("/leave")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("https://")
    assert "storage" in answer.headers["clear-site-data"]


async def test_an_unsigned_pack_keeps_the_door_shut(tmp_path_factory: pytest.TempPathFactory) -> None:
    from api.web.migrate import migrate  # the only test that wants an empty ledger

    settings = settings_for(f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('empty') / 'know.db'}")
    await _in_thread(migrate, settings)
    async with started(settings) as client:
        page = await client.get("/kent")
        assert page.status_code == 503
        assert "999" in page.text
        assert "0800 1111" in page.text
        assert (await client.post("/api/v1/chats", json={"force": "kent", "level": "easy"})).status_code == 503
        assert (await client.get("/readyz")).status_code == 503


async def test_live_mode_never_shows_what_was_signed_in_practice(sqlite_url: str) -> None:
    async with started(settings_for(sqlite_url, mode="live", secret=LIVE_SECRET)) as client:
        page = await client.get("/kent")
        assert page.status_code == 503
        assert "Call 999" in page.text
        assert "Practice version" not in page.text
        assert (await client.get("/northmoor")).status_code == 404


async def _in_thread(act, *arguments):  # noqa: ANN001, ANN002, ANN202
    import asyncio

    return await asyncio.to_thread(act, *arguments)


@pytest.mark.parametrize(("path", "to"), [("/northmoor/say", "/northmoor"), ("/leave", "/")])
async def test_a_restored_tab_lands_on_a_page(client: httpx.AsyncClient, path: str, to: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, to)


@pytest.mark.parametrize("letters", ["a" * 10_000, "\U0001f600" * 10_000, "\u0939" * 10_000])
async def test_ten_thousand_letters_are_told_kindly_and_kept(client: httpx.AsyncClient, letters: str) -> None:
    page = await client.get("/northmoor")
    answer = await client.post("/northmoor/say", data={"chat": token(page), "text": letters})
    assert answer.status_code == 422
    assert "too long" in answer.text
    assert letters in answer.text


@pytest.mark.parametrize("headers", [{"Transfer-Encoding": "chunked"}, {"Content-Length": "nine"}])
async def test_a_body_of_unknown_length_is_not_read(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/api/v1/chats", content=b"{}", headers=headers)
    assert answer.status_code in (411, 413)


@pytest.mark.parametrize("path", ["/", "/northmoor", "/healthz"])
async def test_head(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.head(path)).status_code == 200


async def test_every_answer_carries_the_closing_headers(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        await client.get(path)
        for path in ("/", "/nothing-here", "/static/frame/frame.css", "/pictures/dna.svg", "/where")
    ]
    answers.append(await client.post("/northmoor/say", content=b" " * 300_000))
    chat_door = doors(client._transport.app).chat  # type: ignore[attr-defined]
    monkeypatch.setattr(type(chat_door.pages), "page", lambda *_args, **_more: 1 / 0)
    answers.append(await client.get("/api/v1/forces"))
    for answer in answers:
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


async def test_a_fault_is_a_plain_page_with_headers_and_no_trace(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    helper = doors(client._transport.app).chat.helper  # type: ignore[attr-defined]
    monkeypatch.setattr(type(helper), "open_card", lambda *_args: {}["my own words"])
    answer = await client.post("/northmoor/say", data={"chat": "", "card": "bodycam"})
    assert answer.status_code == 500
    assert "It is not your fault" in answer.text
    assert "0800 1111" in answer.text
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert "my own words" not in answer.text + caplog.text
