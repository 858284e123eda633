"""Forces' own apps: which sites may read an answer, and which keys are good for what."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as some

from api.records.embeds import Looks, decide, end_key, keys_of, new_key
from api.records.people import operator
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors

SITE, OTHER, EVIL = "https://www.northmoor.example", "https://app.southmere.example", "https://evil.example"
DANGER = "he is going to stab me"
HELP = ("Call 999", "0800 1111")
SHARED = (
    "/api/v1/chats",
    "/api/v1/forces",
    "/api/v1/forces/find?q=kent",
    "/api/v1/passport",
    "/api/v1/handovers/terms",
)


async def listing(app: DeskApp, layer: str, *sites: str) -> None:
    """A force lists its sites."""
    async with app.database.begin() as session:
        typed = Looks(sites="\n".join(sites))
        await decide(session, operator("test"), layer, typed, app.clock(), practice=True)
    await doors(app.app).pack_cache.refresh()


async def key_of(app: DeskApp, layer: str) -> str:
    """A new key of a force."""
    async with app.database.begin() as session:
        key = (await new_key(session, operator("test"), layer, app.clock())).key
    await doors(app.app).pack_cache.refresh()
    return key


async def ended(app: DeskApp, layer: str) -> None:
    """Every key of a force ends, in the database alone."""
    async with app.database.begin() as session:
        for one in await keys_of(session, layer):
            await end_key(session, operator("test"), layer, one.id, app.clock())


@pytest.fixture
async def app(sqlite_url: str, tmp_path: Path) -> AsyncIterator[DeskApp]:
    async with desk_app(sqlite_url, tmp_path, public_url="https://know.example") as found:
        await listing(found, "northmoor", SITE)
        await listing(found, "southmere", OTHER)
        yield found


def refused(answer: httpx.Response, told: str = "") -> None:
    """Refused with help in it, and no other site may read it."""
    assert answer.status_code == 403, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in answer.headers
    assert all(one in answer.json()["title"] for one in HELP)
    assert told in answer.json()["title"]


async def started(browser: httpx.AsyncClient, force: str | None, **headers: str) -> httpx.Response:
    return await browser.post("/api/v1/chats", json={"force": force}, headers=headers)


async def said(browser: httpx.AsyncClient, chat: str, text: str = "", **headers: str) -> httpx.Response:
    body = {"chat": chat, "text": text} if text else {"chat": chat, "card": "bodycam"}
    return await browser.post("/api/v1/chats/say", json=body, headers=headers)


async def test_a_listed_site_with_its_forces_key_may_read_and_nobody_else(app: DeskApp) -> None:
    key, browser = await key_of(app, "northmoor"), app.browser()
    answer = await started(browser, "northmoor", **{"Origin": SITE, "X-Know-Key": key})
    assert answer.status_code == 201
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    for other in (OTHER, EVIL, "null", f"{SITE}.evil.example", f"{SITE}:443", SITE.upper(), "", "*", f"{SITE}/"):
        refused(await started(browser, "northmoor", **{"Origin": other, "X-Know-Key": key}), "has not listed this site")
    for path in SHARED:
        refused(await browser.get(path, headers={"Origin": SITE}), "no key was sent")
        refused(await browser.get(path, headers={"Origin": EVIL}))
    two = [("Origin", SITE), ("Origin", EVIL), ("X-Know-Key", key)]
    refused(await browser.get("/api/v1/forces", headers=two))


async def test_errors_too_can_be_read_by_the_app(app: DeskApp) -> None:
    good = {"Origin": SITE, "X-Know-Key": await key_of(app, "northmoor")}
    for path, status in (("/api/v1/forces/northmoor/cards/none", 404), ("/api/v1/forces/find", 422)):
        answer = await app.browser().get(path, headers=good)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, SITE)


async def test_a_key_that_is_unknown_or_ended_is_refused_also_without_a_site(app: DeskApp) -> None:
    key, browser = await key_of(app, "northmoor"), app.browser()
    chat = (await started(browser, "northmoor", **{"X-Know-Key": key})).json()["chat"]
    await ended(app, "northmoor")
    await doors(app.app).pack_cache.refresh()
    for bad in (key, "know_guessed", "", "*", "None"):
        for path in SHARED:
            refused(await browser.get(path, headers={"X-Know-Key": bad}), "This key is not known, or has ended.")
        refused(await said(browser, chat, **{"X-Know-Key": bad}), "This key is not known, or has ended.")
        refused(await said(browser, "no token", **{"X-Know-Key": bad}))
    refused(await said(browser, chat, **{"Origin": SITE, "X-Know-Key": key}), "This key is not known, or has ended.")
    # The child's chat is not lost: without the key it goes on.
    assert (await said(browser, chat)).status_code == 200


async def test_danger_is_answered_even_where_the_key_is_not(app: DeskApp) -> None:
    answer = await said(app.browser(), "", DANGER, **{"X-Know-Key": "know_ended"})
    assert answer.status_code == 200
    assert answer.json()["reply"]["alarm"]
    # A page of another site could not read it, and gets no more than anybody.
    refused(await said(app.browser(), "", DANGER, Origin=EVIL))


async def test_a_key_opens_its_own_forces_words_and_those_of_none(app: DeskApp) -> None:
    mine, theirs = await key_of(app, "northmoor"), await key_of(app, "southmere")
    browser = app.browser()
    chat = (await started(browser, "northmoor", **{"X-Know-Key": mine})).json()["chat"]
    assert (await started(browser, None, **{"X-Know-Key": mine})).status_code == 201
    assert (await said(browser, chat, **{"X-Know-Key": mine})).status_code == 200
    refused(await said(browser, chat, **{"X-Know-Key": theirs}), "of another police force")
    refused(await started(browser, "northmoor", **{"X-Know-Key": theirs}))
    for path in ("/api/v1/forces/northmoor/cards", "/api/v1/forces/northmoor/cards/bodycam"):
        refused(await browser.get(path, headers={"X-Know-Key": theirs}))
        assert (await browser.get(path, headers={"X-Know-Key": mine})).status_code == 200
    # Charlie's site is listed by Charlie's force alone, whichever key it sends.
    refused(await started(browser, "northmoor", **{"Origin": OTHER, "X-Know-Key": mine}))
    answer = await said(browser, chat, DANGER, **{"X-Know-Key": theirs})
    assert answer.json()["reply"]["alarm"]


async def test_a_child_who_lives_elsewhere_goes_on_in_the_same_app(app: DeskApp) -> None:
    brain = doors(app.app).chat.helper.listener.brain
    brain.tell("i live in maidstone", ("say-place", 0.99))
    mine, theirs, browser = await key_of(app, "northmoor"), await key_of(app, "southmere"), app.browser()
    chat = (await started(browser, "northmoor", **{"X-Know-Key": mine})).json()["chat"]
    moved = (await said(browser, chat, "i live in maidstone", **{"X-Know-Key": mine})).json()
    assert (moved["force"], moved["reply"]["card"]["key"]) == ("kent", "place-found")
    later = (await said(browser, moved["chat"], **{"X-Know-Key": mine})).json()
    assert (later["reply"]["card"]["layer"], "force" in later) == ("national", False)
    refused(await said(browser, later["chat"], **{"X-Know-Key": theirs}))
    # Begun without a key, it is nobody's app's.
    free = (await started(browser, "kent")).json()["chat"]
    refused(await said(browser, free, **{"X-Know-Key": mine}))


async def test_a_browser_that_asks_first_is_told_only_for_listed_sites(app: DeskApp) -> None:
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-know-key"}
    for site in (SITE, OTHER):
        answer = await app.browser().options("/api/v1/chats/say", headers={"Origin": site, **ask})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, site)
        allowed = answer.headers["access-control-allow-headers"].lower()
        assert {"content-type", "x-know-key", "authorization", "last-event-id"} <= set(allowed.split(", "))
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers
    for site in (EVIL, "null", "*", ""):
        refused(await app.browser().options("/api/v1/chats/say", headers={"Origin": site, **ask}))
    await listing(app, "southmere")
    refused(await app.browser().options("/api/v1/chats/say", headers={"Origin": OTHER, **ask}))


async def test_our_own_pages_and_programs_that_are_no_page_go_on_as_before(app: DeskApp) -> None:
    for own in ("http://know.test", "https://know.test", "https://know.example"):
        answer = await started(app.browser(), "northmoor", Origin=own)
        assert answer.status_code == 201
        assert "access-control-allow-origin" not in answer.headers
    assert (await started(app.browser(), "northmoor")).status_code == 201


@pytest.mark.parametrize(
    "path", ["/api/v1/coverage", "/api/v1/openapi.json", "/healthz", "/northmoor", "/desk/sign-in"]
)
async def test_nothing_else_is_shared(app: DeskApp, path: str) -> None:
    key = await key_of(app, "northmoor")
    answer = await app.browser().get(path, headers={"Origin": SITE, "X-Know-Key": key})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


ORIGINS = some.one_of(
    some.sampled_from([SITE, OTHER, EVIL, "null", "*", "https://know.test", f"{SITE}, {EVIL}", f"{EVIL} {SITE}"]),
    some.text(some.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    some.builds("https://{}".format, some.text("abcdefgh.:-@/northmoor", max_size=20)),
)


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    origins=some.lists(ORIGINS, max_size=2),
    keys=some.lists(some.sampled_from(["mine", "theirs", "ended", "know_none", ""]), max_size=2),
    host=some.sampled_from(["know.test", "www.northmoor.example", "evil.example", "x"]),
    asked=some.sampled_from(
        [("GET", path) for path in SHARED] + [("OPTIONS", "/api/v1/chats"), ("GET", "//api/v1/forces")]
    ),
)
async def test_no_header_makes_an_unlisted_site_a_reader(
    app: DeskApp, origins: list[str], keys: list[str], host: str, asked: tuple[str, str]
) -> None:
    pack_cache = doors(app.app).pack_cache
    pack_cache.keys = {"mine": "northmoor", "theirs": "southmere"}
    headers = [("Host", host), ("Access-Control-Request-Method", "GET")]
    headers += [("Origin", one) for one in origins] + [("X-Know-Key", one) for one in keys]
    answer = await app.browser().request(*asked, headers=headers)
    reader = answer.headers.get("access-control-allow-origin")
    if asked[0] == "OPTIONS":
        assert reader is None or [reader] == origins
        assert reader in (None, SITE, OTHER)
    else:
        expected = {("mine",): SITE, ("theirs",): OTHER}.get(tuple(keys))
        assert reader is None or ([reader] == origins and reader == expected)
    assert "access-control-allow-credentials" not in answer.headers
