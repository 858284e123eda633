"""The worked integrations of the guide run as they stand there, against the app."""

import asyncio
import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from api.chat.chat_door import RateLimits
from api.records.handovers.tables import Handover
from tests.child_conversation import Stage
from tests.chromium import async_chromium
from tests.doors import doors
from tests.listening import listening
from tests.web.test_own_apps import ended, key_of, listing

GUIDE = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text("utf-8").partition("\n## Forces' own apps\n")[2]
HELP = ("Call 999", "0800 1111")
WORDS = "will they keep the zebrafish video"
# What a phone would do around the class: its screen is what it prints.
PHONE = """
import { Person } from "./person.mjs";
const [know, key] = process.argv.slice(2);
const tell = (said) => console.log(JSON.stringify(said));
const chat = (await (await fetch(`${know}/api/v1/chats`, {
  method: "POST", headers: { "Content-Type": "application/json", "X-Know-Key": key },
  body: '{"force":"northmoor","level":"easy"}',
})).json()).chat;
const person = new Person(know, key, tell);
const terms = await person.terms("northmoor", "easy");
tell({ provider: terms.provider.name, consent: terms.consent.map((card) => card.key) });
const answers = (line) => line && line.writer === "advocate" && line.kind === "words";
let heard = false;
person.show = (said) => { heard = heard || answers(said.line); tell(said); };
tell({ words: await person.ask(chat, terms, { name: "Robin", question: "Who can see my record?" }) });
while (!heard) { await person.look(); await new Promise((done) => setTimeout(done, 100)); }
await person.say("thank you", "first-message");
await person.say("he is going to stab me", "second-message");
await person.look();
tell({ gone: await person.end(true) });
tell({ still: await person.look() });
"""


def code(language: str) -> str:
    """The one block of the guide in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.M | re.S)
    return found


@pytest.fixture
async def stage(on_one: Stage) -> Stage:
    return await on_one.cleared()


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """A force's own site: the files of a folder, at an origin of its own."""

    class Files(SimpleHTTPRequestHandler):
        def log_message(self, *_said: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


async def answered(page: Page, heading: str) -> None:
    await expect(page.locator("#answer h2")).to_have_text(heading)


@pytest.mark.browser
async def test_a_page_of_a_listed_site_asks_and_shows(stage: Stage, tmp_path: Path) -> None:
    app, key = stage.person_app, await key_of(stage.person_app, "northmoor")
    stage.brain.tell(WORDS, ("bodycam", 0.95))
    async with listening(app.app) as know, async_chromium() as browser:
        with site(tmp_path) as ours:
            await listing(app, "northmoor", ours)
            html = code("html").replace("https://know.example", know).replace("know_your-key", key)
            (tmp_path / "ask.html").write_text(html, "utf-8")
            page = await browser.new_page()
            await page.goto(f"{ours}/ask.html")
            await answered(page, "What is this?")
            await page.get_by_label("Ask in your own words").fill(WORDS)
            await page.get_by_role("button", name="Ask", exact=True).click()
            await answered(page, "An officer filmed me. How long do the police keep it?")
            await expect(page.locator("#answer")).to_contain_text("31 days")
            await expect(page.locator("#answer")).to_contain_text(
                "Signed by the lead for children, Northmoor Police (invented)."
            )
            await expect(page.locator("#text")).to_have_value("")
            await page.locator("#answer button").first.click()
            await answered(page, "Can I see what the police have on me?")
            # An ended key: the browser lets the page read nothing, and its own help stands there with what was typed.
            await ended(app, "northmoor")
            await doors(app.app).pack_cache.refresh()
            await page.get_by_label("Ask in your own words").fill("marmalade")
            await page.get_by_role("button", name="Ask", exact=True).click()
            await expect(page.locator("#told")).to_contain_text("Not sent.")
            for one in HELP:
                await expect(page.locator("#told")).to_contain_text(one)
            await expect(page.locator("#text")).to_have_value("marmalade")
            await expect(page.get_by_role("link", name="In danger now? Call 999.")).to_be_visible()


@pytest.mark.browser
async def test_the_same_page_on_a_site_that_is_not_listed_reads_nothing(stage: Stage, tmp_path: Path) -> None:
    app, key = stage.person_app, await key_of(stage.person_app, "northmoor")
    await listing(app, "northmoor", "https://www.northmoor.example")
    async with listening(app.app) as know, async_chromium() as browser:
        with site(tmp_path) as ours:
            html = code("html").replace("https://know.example", know).replace("know_your-key", key)
            (tmp_path / "ask.html").write_text(html, "utf-8")
            page = await browser.new_page()
            await page.goto(f"{ours}/ask.html")
            await expect(page.locator("#told")).to_contain_text("Not sent.")
            assert not await page.locator("#answer").text_content()


async def test_a_server_shows_every_card_whole(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "cards.py").write_text(code("python"), "utf-8")
    key = await key_of(stage.person_app, "northmoor")
    async with listening(stage.app) as know:
        for asked in ((know, "northmoor", "easy"), (know, "northmoor", "easy", key)):
            pages = await ran(sys.executable, tmp_path / "cards.py", *asked)
            assert pages.count("<article") > 60
            assert "Your police force keeps film for 31 days if it is not evidence." in pages
            assert "Signed by the lead for children, Northmoor Police (invented)" in pages
        with pytest.raises(AssertionError, match="This key is of another police force"):
            await ran(sys.executable, tmp_path / "cards.py", know, "southmere", "easy", key)
        with pytest.raises(AssertionError, match="We do not know that police force"):
            await ran(sys.executable, tmp_path / "cards.py", know, "narnia", "easy")


@pytest.mark.skipif(not shutil.which("node") and not os.environ.get("CI"), reason="no node here")
async def test_a_phone_shows_a_talk_with_a_person(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "person.mjs").write_text(code("js"), "utf-8")
    (tmp_path / "phone.mjs").write_text(PHONE, "utf-8")
    key, sam = await key_of(stage.person_app, "northmoor"), await stage.adult()
    async with listening(stage.app) as know, asyncio.timeout(60):
        phone = await asyncio.create_subprocess_exec(
            "node", tmp_path / "phone.mjs", know, key, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert phone.stdout
        shown = [json.loads(await phone.stdout.readline()) for _ in range(2)]
        await sam.claim()
        await sam.say("Hello, I am Sam.")
        rest, wrong = await phone.communicate()
    assert phone.returncode == 0, wrong.decode()
    shown += [json.loads(line) for line in rest.decode().splitlines()]
    assert shown[0]["consent"] == ["person-who-reads", "person-what-we-keep", "person-when-we-tell"]
    assert len(shown[1]["words"].split("-")) == 3
    lines = [one["line"]["text"] for one in shown if "line" in one]
    assert lines.count("Hello, I am Sam.") == 1
    assert "Sam" in next(one["who"] for one in reversed(shown) if "who" in one)
    assert next(one for one in shown if one.get("danger"))["told"].startswith("In danger now? Call 999.")
    assert next(one["gone"] for one in shown if "gone" in one)["messages"] >= 3
    assert shown[-1] == {"still": False}
    async with stage.database.begin() as session:
        assert list(await session.scalars(select(Handover))) == []


async def ran(*command: object) -> str:
    """What a program prints; fails with what it complains about."""
    program = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, wrong = await program.communicate()
    assert program.returncode == 0, wrong.decode()
    return said.decode()


def test_the_guide_says_how_fast() -> None:
    rate_limits = RateLimits()
    for pace, row in (
        (rate_limits.messages, "| 600 | 20 a second |"),
        (rate_limits.presses, "| 20,000 | 100 a second |"),
        (rate_limits.key_asks, "| 2,000 | 200 a second |"),
        (rate_limits.key_starts, "| 600 | 20 a second |"),
        (rate_limits.new_chats, "| 1,500 | 25 a second |"),
    ):
        at_once, then = row.strip("| ").replace(",", "").split(" | ")
        assert f"{pace.at_once} {pace.a_second:g} a second" == f"{at_once} {then}"
        assert row in GUIDE
