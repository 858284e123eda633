"""A page of ours in a frame of a force's own site: in the sites that the force has listed, and nowhere else."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from api.records.embeds import Looks, decide, end_key, keys_of, new_key, sites_of
from api.records.people import Mistaken, operator
from content.review import NotAllowed
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors

SITE, OTHER = "https://www.northmoor.example", "https://news.northmoor.example:8443"


@pytest.fixture
async def app(sqlite_url: str, tmp_path: Path) -> AsyncIterator[DeskApp]:
    async with desk_app(sqlite_url, tmp_path) as found:
        yield found


async def listing(app: DeskApp, layer: str, *sites: str) -> None:
    """A force lists its sites, and every page knows."""
    async with app.database.begin() as session:
        typed = Looks(sites="\n".join(sites))
        await decide(session, operator("test"), layer, typed, app.clock(), practice=True)
    await doors(app.app).pack_cache.refresh()


async def framed_by(app: DeskApp, path: str) -> str:
    policy = (await app.browser().get(path)).headers["content-security-policy"]
    return re.findall(r"frame-ancestors ([^;]*)", policy)[0]


async def test_nobody_may_frame_a_page_until_the_force_has_listed_a_site(app: DeskApp) -> None:
    for path in ("/northmoor?within=northmoor", "/northmoor", "/?within=northmoor", "/safety?within=northmoor"):
        assert await framed_by(app, path) == "'none'"
    await listing(app, "northmoor", SITE, OTHER)
    for path in ("/northmoor?within=northmoor", "/?within=northmoor", "/northmoor/none?within=northmoor"):
        assert await framed_by(app, path) == f"'self' {SITE} {OTHER}"
    await listing(app, "northmoor")
    assert await framed_by(app, "/northmoor?within=northmoor") == "'none'"


async def test_a_page_of_its_own_is_framed_by_nobody_whatever_is_listed(app: DeskApp) -> None:
    await listing(app, "northmoor", SITE)
    others = ("southmere", "none", "northmoor%20https://evil.example", "NORTHMOOR", "", "northmoor;", "'self'")
    for path in ("/northmoor", "/", *(f"/northmoor?within={name}" for name in others)):
        assert await framed_by(app, path) == "'none'"
    assert await framed_by(app, "/northmoor?within=northmoor&within=southmere") == "'none'"


@pytest.mark.parametrize("path", ["/desk", "/desk/sign-in", "/console", "/register", "/api/v1/forces"])
async def test_what_is_for_staff_and_programs_is_never_framed(app: DeskApp, path: str) -> None:
    await listing(app, "northmoor", SITE)
    assert await framed_by(app, f"{path}?within=northmoor") == "'none'"


async def test_every_way_on_stays_within_and_other_sites_open_beside(app: DeskApp) -> None:
    await listing(app, "northmoor", SITE)
    page = (await app.browser().get("/northmoor?within=northmoor&card=bodycam")).text
    ways = re.findall(r' (?:href|action)="(/(?!static/|pictures/|fonts/|sound/)[^"#]*)', page)
    assert len(ways) > 10
    for way in ways:
        assert parse_qs(urlsplit(way.replace("&amp;", "&")).query)["within"] == ["northmoor"], way
    assert 'target="_blank" href="https://' in page
    assert not re.findall(r'<a href="https://', page)
    sent = await app.browser().post("/northmoor/say?within=northmoor", data={"card": "bodycam"})
    assert sent.status_code == 303
    assert "within=northmoor" in sent.headers["location"]


async def test_a_shared_screen_that_clears_stays_within(app: DeskApp) -> None:
    """By its script, and by itself where there is none."""
    page = (await app.browser().get("/northmoor?within=northmoor&mode=shared")).text
    assert re.findall(r'data-first="([^"]*)"', page) == ["/?reading=shared&amp;within=northmoor"]
    (to,) = re.findall(r'http-equiv="refresh" content="300; url=([^"]*)"', page)
    cleared = await app.browser().get(to.replace("&amp;", "&"))
    asked = parse_qs(urlsplit(cleared.headers["location"]).query)
    assert (asked["reading"], asked["within"]) == (["shared"], ["northmoor"])


async def test_nothing_is_remembered_within_another_site(app: DeskApp) -> None:
    assert "Remember on this device" not in (await app.browser().get("/looks?within=northmoor")).text
    kept = await app.browser().post("/looks/remember?within=northmoor", data={"paper": "dark"})
    assert "set-cookie" not in kept.headers


async def test_a_link_begins_at_a_card_or_a_situation(app: DeskApp) -> None:
    browser = app.browser()
    assert "body-worn" in (await browser.get("/northmoor?card=bodycam")).text
    assert 'class="first-look' not in (await browser.get("/northmoor?card=bodycam")).text
    begun = (await browser.get("/northmoor?situation=arrested")).text
    assert begun != (await browser.get("/northmoor")).text
    for odd in ("card=none", "card=alarm-suicide", "situation=none", "card=%3Cscript%3E", "card=in-danger"):
        answer = await browser.get(f"/northmoor?{odd}")
        assert answer.status_code == 200
        assert "What is this" in answer.text or "We tell you" in answer.text
        assert "data-alarm" not in answer.text


async def test_a_key_ends_at_once_and_by_its_own_force_alone(app: DeskApp) -> None:
    by = operator("test")
    async with app.database.begin() as session:
        key = await new_key(session, by, "northmoor", app.clock())
    await doors(app.app).pack_cache.refresh()
    assert doors(app.app).pack_cache.keys[key.key] == "northmoor"
    async with app.database.begin() as session:
        with pytest.raises(NotAllowed):
            await end_key(session, by, "southmere", key.id, app.clock())
        await end_key(session, by, "northmoor", key.id, app.clock())
        assert [one.ended_at is None for one in await keys_of(session, "northmoor")] == [False]
        with pytest.raises(NotAllowed):
            await end_key(session, by, "northmoor", key.id, app.clock())
    await doors(app.app).pack_cache.refresh()
    assert key.key not in doors(app.app).pack_cache.keys


@pytest.mark.parametrize(
    ("colour", "told"), [("red", "Write the colour"), ("#ffff00", "contrast of 1.1"), ("#999999", "contrast of 2.8")]
)
async def test_a_button_that_some_cannot_see_is_refused(app: DeskApp, colour: str, told: str) -> None:
    async with app.database.begin() as session:
        with pytest.raises(Mistaken, match=told):
            await decide(session, operator("test"), "kent", Looks(colour=colour), app.clock(), practice=True)


def test_sites_are_origins_and_nothing_else() -> None:
    typed = "https://A.police.uk/\nhttps://a.police.uk https://b.police.uk:8443 https://b.police.uk:443"
    assert sites_of(typed, practice=False) == (
        ["https://a.police.uk", "https://b.police.uk:8443", "https://b.police.uk"],
        "",
    )
    for wrong in (
        *(
            "*",
            "https://*",
            "https://*.police.uk",
            "http://a.police.uk",
            "https://a.police.uk/x",
            "a.police.uk",
            "https:",
        ),
        *("https://a.police.uk?x", "https://u:p@a.police.uk", "data:text/html,x", "null", "'self'", "https://a:99999"),
        *("https://a;script-src", "https://a,b", "http://127.0.0.1:8001", "https://[::1]", "https://-a", "https://a:0"),
    ):
        assert sites_of(wrong, practice=False)[1], wrong
    assert sites_of("http://127.0.0.1:8001", practice=True) == (["http://127.0.0.1:8001"], "")


@given(some.text(max_size=60))
def test_whatever_is_typed_as_a_site_cannot_add_to_the_policy(typed: str) -> None:
    found, told = sites_of(typed, practice=False)
    assert all(re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?", one) for one in found)
    assert bool(told) == (not found and bool(typed.split()))
