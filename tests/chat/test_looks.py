"""How it looks: choices without script, the way back, and the one cookie that only a press on "Remember" sets."""

import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as some

from accessibility.preferences import CHOICES, Reading
from api.chat.return_path import way_back
from tests.chat.test_pages import say, token
from tests.conftest import LIVE_SECRET, settings_for, started

PAGES = (
    "/",
    "/northmoor",
    "/kent",
    "/safety",
    "/credits",
    "/register",
    "/not-there",
    "/northmoor/person",
    "/desk/sign-in",
)
CHOSEN = {"level": "easy", "pictures": "no-pictures", "pace": "all-at-once", "size": "bigger", "font": "lexend"} | {
    "spacing": "wide",
    "paper": "dark",
    "movement": "still",
}
FIRST_LOOK = 'class="first-look"'
CODE = "easy.no-pictures.all-at-once.bigger.lexend.wide.dark.still"


def fields(html: str, action: str) -> dict[str, str]:
    """What the form to this address sends when nothing is changed."""
    form = re.search(rf'<form[^>]* action="{re.escape(action)}["?].*?</form>', html, re.DOTALL)
    assert form, action
    inputs = re.findall(r"<input[^>]*>", form[0])
    sent = [one for one in inputs if 'type="radio"' not in one or " checked" in one]
    pairs = [(re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)) for one in sent]
    return {name[1]: unescape(value[1]) for name, value in pairs if name and value}


def asked(response: httpx.Response) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def kept(client: httpx.AsyncClient) -> dict[str, str]:
    return dict(client.cookies)


@pytest.fixture(autouse=True)
def no_cookies(client: httpx.AsyncClient) -> None:
    client.cookies.clear()


async def test_the_page_offers_every_choice_and_marks_what_is_chosen(client: httpx.AsyncClient) -> None:
    page = (await client.get("/looks", params={"reading": CODE})).text
    for name, choices in CHOICES.items():
        offered = re.findall(rf'name="{name}" value="([^"]*)"', page)
        assert offered == ([] if name == "place" else [one for one in choices if one]), name
    assert {name: value for name, value in fields(page, "/looks").items() if name in CHOSEN} == CHOSEN
    assert "I am a computer helper" in page
    assert kept(client) == {}


async def test_show_me_shows_the_page_in_the_new_look_and_keeps_nothing(client: httpx.AsyncClient) -> None:
    shown = await client.get("/looks", params={"go": "show", "to": "/kent", **CHOSEN})
    assert shown.status_code == 303
    assert asked(shown) == {"to": "/kent", "reading": CODE}
    page = await client.get(shown.headers["location"])
    assert (
        'data-size="bigger" data-font="lexend" data-spacing="wide" data-paper="dark" data-movement="still"' in page.text
    )
    assert fields(page.text, "/looks")["to"] == "/kent"
    assert kept(client) == {}


async def test_use_this_goes_back_to_the_talk_at_the_chosen_level(client: httpx.AsyncClient) -> None:
    talk = await say(client, await client.get("/northmoor?level=standard"), card="bodycam")
    back = await client.get(
        "/looks", params={**fields(talk.text, "/looks"), "go": "use", **CHOSEN}, follow_redirects=True
    )
    assert urlsplit(str(back.url)).path == "/northmoor"
    assert re.search(r'value="easy" aria-pressed="true"', back.text)
    assert 'data-paper="dark"' in back.text
    assert "31" in back.text


async def test_start_again_undoes_every_choice(client: httpx.AsyncClient) -> None:
    page = await client.get("/looks", params={"go": "again", "reading": CODE, **CHOSEN}, follow_redirects=True)
    assert "data-paper" not in page.text.partition("<body>")[0]


@pytest.mark.parametrize(
    "to",
    [
        *("//evil.example", "https://evil.example", "https:evil", "/\\evil.example", "\\\\evil", "/\t/evil", "/ /evil"),
        *("javascript:alert(1)", "", "evil", "/%2f/evil", "/..//evil", "/a//evil", "/@evil:80", "///"),
        "/kent\r\nSet-Cookie: a=b",
    ],
)
async def test_the_way_back_never_leads_elsewhere(client: httpx.AsyncClient, to: str) -> None:
    answer = await client.get("/looks", params={"to": to, "go": "use", **CHOSEN})
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert urlsplit(location).netloc == ""
    assert location.startswith(("/?", "/kent?"))
    assert "\n" not in location


@given(some.text(max_size=60), some.text(max_size=30))
def test_the_way_back_is_always_a_path_of_ours(to: str, held: str) -> None:
    back = way_back(to, {"chat": held})
    assert re.match(r"/(?![/\\])", back)
    assert re.fullmatch(r"[!-~]+", back)


@pytest.mark.parametrize(
    ("to", "back"),
    [
        ("/northmoor/say", "/northmoor"),
        ("/northmoor/person/do", "/northmoor/person/talk"),
        ("/register?show=facts&reading=dark", "/register?show=facts"),
    ],
)
def test_the_way_back_from_a_form_is_the_page_that_holds_it(to: str, back: str) -> None:
    assert way_back(to, {}) == back


async def test_only_remember_sets_a_cookie_and_it_holds_the_words_alone(client: httpx.AsyncClient) -> None:
    answer = await client.post("/looks/remember", data={"to": "/kent", **CHOSEN})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"reading={CODE};")
    for part in ("httponly", "samesite=strict", "path=/", "max-age=31536000"):
        assert part in cookie
    assert "secure" not in cookie
    page = (await client.get("/kent")).text
    assert 'data-paper="dark"' in page
    assert f"reading={CODE}" not in page
    assert "Forget on this device" in (await client.get("/looks")).text


async def test_the_cookie_is_for_https_alone_where_that_is_spoken(client: httpx.AsyncClient) -> None:
    answer = await client.post("https://know.test/looks/remember", data=CHOSEN)
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("path", ["/looks/forget", "/leave"])
async def test_forgetting_and_leaving_remove_the_cookie(client: httpx.AsyncClient, path: str) -> None:
    await client.post("/looks/remember", data=CHOSEN)
    assert kept(client) == {"reading": CODE}
    await client.post(path)
    assert kept(client) == {}


async def test_who_goes_back_to_the_usual_look_gets_it_and_the_device_forgets(client: httpx.AsyncClient) -> None:
    await client.post("/looks/remember", data=CHOSEN)
    usual = {name: choices[0] for name, choices in CHOICES.items() if name in CHOSEN} | {"level": "simple"}
    page = await client.get("/looks", params={"go": "use", "to": "/kent", **usual}, follow_redirects=True)
    assert "data-paper" not in page.text.partition("<body>")[0]
    assert kept(client) == {}


async def test_another_look_for_this_visit_wins_over_what_the_device_remembers(client: httpx.AsyncClient) -> None:
    await client.post("/looks/remember", data=CHOSEN)
    page = await client.get(
        "/looks", params={"go": "use", "to": "/safety", **CHOSEN, "paper": "blue"}, follow_redirects=True
    )
    assert 'data-paper="blue"' in page.text
    assert kept(client) == {"reading": CODE}


@pytest.mark.parametrize("cookie", ["<script>", "dark<b>", "x" * 5_000, "desk.admin", "%00"])
async def test_a_cookie_that_we_did_not_write_changes_nothing(client: httpx.AsyncClient, cookie: str) -> None:
    page = await client.get("/looks", headers={"Cookie": f"reading={cookie}"})
    assert page.status_code == 200
    assert 'lang="en-GB">' in page.text
    assert cookie not in page.text.replace("<script src", "")


async def test_no_other_site_can_leave_a_trace(client: httpx.AsyncClient) -> None:
    for path in ("/looks/remember", "/looks/forget"):
        answer = await client.post(path, data=CHOSEN, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_a_screen_that_others_use_remembers_nothing(client: httpx.AsyncClient) -> None:
    page = await client.get("/looks?reading=shared")
    assert "Remember on this device" not in page.text
    answer = await client.post("/looks/remember?reading=shared.dark", data=CHOSEN)
    assert "set-cookie" not in answer.headers
    assert "shared" in asked(answer)["reading"]


async def test_what_is_no_choice_is_left_out(client: httpx.AsyncClient) -> None:
    answer = await client.get("/looks", params={"go": "show", "paper": "pink", "size": "<b>", "font": "lexend"})
    assert asked(answer)["reading"] == "lexend"


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_leads_to_how_it_looks_and_back(client: httpx.AsyncClient, path: str) -> None:
    sent = fields((await client.get(path)).text, "/looks")
    # What stands in an address of staff is for that page alone.
    assert sent["to"] == ("/desk" if path.startswith("/desk") else path)
    # A talk that has just begun offers the choices too; that form uses them at once.
    sent.pop("go", None)
    assert (await client.get("/looks", params=sent)).status_code == 200


async def test_the_choices_are_offered_once_and_never_in_the_way(client: httpx.AsyncClient) -> None:
    first = await client.get("/northmoor")
    for part in (FIRST_LOOK, 'name="text"', "Talk to a person", "Words only", 'id="latest"'):
        assert part in first.text
    assert first.text.count("what happens to information") >= 3
    sent = fields(first.text, "/looks")
    assert token(first) == sent["chat"]
    for choice in ({}, {"level": "easy", "pictures": "no-pictures"}):
        after = await client.get("/looks", params={**sent, **choice}, follow_redirects=True)
        assert urlsplit(str(after.url)).path == "/northmoor"
        assert FIRST_LOOK not in after.text
    assert "easy.no-pictures" in str(after.url)
    for other in ("/northmoor?level=easy", "/northmoor?reading=easy", "/safety"):
        assert FIRST_LOOK not in (await client.get(other)).text


async def test_when_live_the_cookie_is_for_this_host_alone(sqlite_url: str) -> None:
    async with started(settings_for(sqlite_url, mode="live", secret=LIVE_SECRET)) as client:
        cookie = (await client.post("/looks/remember", data=CHOSEN)).headers["set-cookie"]
        assert cookie.startswith("__Host-reading=")
        assert {"Secure", "Path=/", "HttpOnly"} <= {part.strip() for part in cookie.split(";")}
        # Another host of the same site can plant a cookie of a plain name: nobody reads one.
        code = cookie.partition("=")[2].partition(";")[0]
        assert 'data-paper="dark"' not in (await client.get("/safety", headers={"Cookie": f"reading={code}"})).text
        assert 'data-paper="dark"' in (await client.get("/safety", headers={"Cookie": f"__Host-reading={code}"})).text


async def test_the_sample_is_signed_words_only(sqlite_url: str) -> None:
    async with started(settings_for(sqlite_url, mode="live", secret=LIVE_SECRET)) as client:
        page = await client.get("/looks")
        assert page.status_code == 200
        assert "computer helper" not in page.text


async def test_letters_that_are_not_there_are_a_plain_no(client: httpx.AsyncClient) -> None:
    for name in ("comic", "..%2fknow", "atkinson.woff2%00"):
        assert (await client.get(f"/fonts/{name}.woff2")).status_code == 404


def test_every_code_of_the_page_is_read_back() -> None:
    assert Reading.of(CODE).code == CODE
    assert urlencode({"reading": CODE}) == f"reading={CODE}"
