"""What other sites load: the loader of the widget, as it was released, small, in vetted words; and the door."""

import base64
import gzip
import hashlib
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.records.embeds import GREETINGS, Looks, decide
from api.records.force_availability import close_door, open_door
from api.records.people import operator
from api.web.widget_builds import SAYS, WIDGET, BrokenBuild, builds, integrity_of, newest
from content.interface import INTERFACE, load_interface
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors
from tests.page_tools import tool
from tests.web.test_weight import LOADED

RELEASED = {"1.0.0": "sha384-u1hOYkVx8ituIlChrAQjT26JP7Zg+Q6KW7Vm0Kmm5RnjeVZY29UpNVRFInXqedhP"}
"""The hash of every release. A line here never changes: some force's page holds it, and its browsers compare."""
LOADER, PAGE = 4_000, 60_000
"""The most bytes, compressed: of the loader as it is sent, and of the frame's first page with all that it loads."""
WORD = re.compile(r'\b(\w+): "([^"]+)"')
# What would keep something, ask for something, sound, or let words become markup or code.
NEVER = re.compile(
    r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|srcdoc|fetch\(|XMLHttp|sendBeacon"
    r"|WebSocket|EventSource|Storage|cookie|indexedDB|caches|Audio|\.play\(|Notification|setAppBadge|vibrate|\"\*\""
)


@pytest.fixture
async def app(sqlite_url: str, tmp_path: Path) -> AsyncIterator[DeskApp]:
    async with desk_app(sqlite_url, tmp_path) as found:
        yield found


def loader() -> str:
    return newest().content.decode()


@pytest.mark.parametrize(
    ("path", "kept"),
    [("v1", "public, max-age=3600"), ("1.0.0", "public, max-age=31536000, immutable")],
)
async def test_any_site_may_load_it_and_compare_it(client: httpx.AsyncClient, path: str, kept: str) -> None:
    answer = await client.get(f"/widget/{path}/know.js", headers={"Origin": "https://www.northmoor.example"})
    assert answer.status_code == 200
    assert answer.content == builds()[0].content
    said = answer.headers
    assert said["cache-control"] == kept
    assert said["access-control-allow-origin"] == "*"
    assert said["cross-origin-resource-policy"] == "cross-origin"
    assert said["content-type"].startswith("text/javascript")
    assert said["x-content-type-options"] == "nosniff"
    assert said["content-encoding"] == "gzip"
    assert "set-cookie" not in said
    assert (await client.head(f"/widget/{path}/know.js")).status_code == 200


async def test_as_it_is_sent_it_is_small(client: httpx.AsyncClient) -> None:
    async with client.stream("GET", "/widget/v1/know.js") as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert gzip.decompress(sent) == newest().content
    assert len(sent) <= LOADER


@pytest.mark.parametrize(
    "version", ["0.9.0", "1", "v2", "1.0", "hashes.yml", "..%2f..", "%2e%2e", "1.0.0%00", "1.0.0/1"]
)
async def test_there_is_no_other_version(client: httpx.AsyncClient, version: str) -> None:
    answer = await client.get(f"/widget/{version}/know.js")
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_a_release_is_what_it_was() -> None:
    assert {build.version: build.integrity for build in builds()} == RELEASED
    for version, integrity in RELEASED.items():
        digest = hashlib.sha384((WIDGET / version / "know.js").read_bytes()).digest()
        assert integrity == f"sha384-{base64.b64encode(digest).decode()}"
    assert {path.name for path in WIDGET.iterdir() if path.is_dir()} == set(RELEASED)


def test_a_changed_release_is_never_given_out(tmp_path: Path) -> None:
    (tmp_path / "1.0.0").mkdir()
    (tmp_path / "1.0.0" / "know.js").write_text("mended")
    (tmp_path / "hashes.yml").write_text(f"1.0.0: {RELEASED['1.0.0']}")
    with pytest.raises(BrokenBuild, match=r"1\.0\.0"):
        builds(tmp_path)


def test_the_newest_is_the_one_with_the_highest_number(tmp_path: Path) -> None:
    lines = []
    for version in ("1.9.0", "1.10.0", "1.2.11"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "know.js").write_text(version)
        lines.append(f"{version}: {integrity_of(version.encode())}")
    (tmp_path / "hashes.yml").write_text("\n".join(lines))
    assert newest(tmp_path).version == "1.10.0"


def test_its_words_are_those_that_were_vetted() -> None:
    """In English as children see them; in Welsh as the file has them, a draft until a speaker signs it."""
    english, welsh = (dict(WORD.findall(part)) for part in re.findall(r"(?:en|cy): \{(.*?)\}", loader(), re.DOTALL))
    strings = load_interface()
    assert english == {name: strings[string] for name, string in SAYS.items()}
    pairs = (INTERFACE / "cy.yml").read_text("utf-8")
    for name, string in SAYS.items():
        pair = re.search(rf"^{string}:\n  en: (.*)\n  cy: (.*)$", pairs, re.MULTILINE)
        assert pair, string
        assert [one.strip('"') for one in pair.groups()] == [english[name], welsh[name]]
    assert set(GREETINGS) <= set(SAYS.values())
    # All that stands in it besides is the name.
    assert set(re.findall(r'"aria-label": "([^"]+)"', loader())) == {strings["name"]}


def test_it_can_neither_keep_nor_ask_nor_sound() -> None:
    assert NEVER.findall(loader()) == []


def test_older_browsers_can_read_it() -> None:
    """Parsed as a script of ECMAScript 2017, which is less than the 2019 that we promise."""
    parser = tool("esprima/dist/esprima.js")
    code = f"require({str(parser)!r}).parseScript(require('fs').readFileSync(0, 'utf8'))"
    subprocess.run(["node", "-e", code], input=newest().content, check=True)


async def test_the_frame_hears_of_a_shut_door_at_once_and_of_its_own_alone(app: DeskApp) -> None:
    browser, by = app.browser(), operator("test")

    async def door(force: str) -> object:
        answer = await browser.get(f"/widget/v1/{force}/door")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        return answer.json()

    assert await door("northmoor") == {"open": True}
    async with app.database.begin() as session:
        await close_door(session, by, "northmoor", "door_mending", app.clock())
    await doors(app.app).pack_cache.refresh()
    assert await door("northmoor") == {"open": False}
    assert await door("southmere") == {"open": True}
    async with app.database.begin() as session:
        await open_door(session, by, "northmoor", app.clock())
    await doors(app.app).pack_cache.refresh()
    assert await door("northmoor") == {"open": True}


@pytest.mark.parametrize("force", ["none", "england-and-wales", "NORTHMOOR", "northmoor%00", "%27", "x" * 300])
async def test_a_force_that_there_is_not_has_no_door(client: httpx.AsyncClient, force: str) -> None:
    assert (await client.get(f"/widget/v1/{force}/door")).status_code == 404


async def test_the_first_page_in_the_frame_is_light(app: DeskApp) -> None:
    async with app.database.begin() as session:
        looks = Looks(sites="https://www.northmoor.example")
        await decide(session, operator("test"), "northmoor", looks, app.clock(), practice=True)
    await doors(app.app).pack_cache.refresh()
    browser = app.browser()
    page = await browser.get("/northmoor?within=northmoor")
    loaded = sorted(set(LOADED.findall(page.text)))
    assert "/static/within/within.js" in loaded
    parts = [(await browser.get(path)).content for path in loaded]
    assert sum(len(gzip.compress(part)) for part in (page.content, *parts)) <= PAGE
