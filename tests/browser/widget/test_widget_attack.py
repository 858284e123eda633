"""The widget among the unkind, in a real Chromium: what is around neither reads nor drives it, and nothing is kept."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.widget.stage import (
    TYPED,
    Stage,
    answered,
    ask,
    button,
    chat,
    frame_of,
    has_left,
    is_ready,
    opened,
    visit,
)

pytestmark = pytest.mark.browser
KEPT = """() => ["cookie", "localStorage", "sessionStorage"].map((name) => {
  try {
    return name === "cookie" ? document.cookie : window[name].length;
  } catch (refused) {
    return refused.name;
  }
}).join()"""
NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}
const refused = { get() { throw new DOMException("denied", "SecurityError"); }, set() { this.cookie; } };
Object.defineProperty(Document.prototype, "cookie", refused);
Object.defineProperty(navigator, "serviceWorker", refused);
"""
NASTY = """(words) => {
  const to = document.querySelector("know-widget").shadowRoot.querySelector("iframe").contentWindow;
  for (const word of words) to.postMessage(word, "*");
  to.postMessage({ know: 1, verb: "rest" }, "*", [new MessageChannel().port1]);
}"""
NASTY_WORDS: list[Any] = [
    *(None, 0, 1, "", "leave", "hello", [], [1], {}, {"know": 1}, {"know": 1, "verb": None}, {"know": 1, "verb": {}}),
    *({"know": know, "verb": "leave"} for know in (1, "1", 2, True, None, [1])),
    *(
        {"know": 1, "verb": verb}
        for verb in ("ready", "close", "escape", "__proto__", "constructor", "toString", "HELLO", "hello ", "say", "go")
    ),
    {"know": 1, "verb": "focus", "text": "<img src=x onerror=alert(1)>", "to": "javascript:alert(1)", "href": "//evil"},
    {"know": 1, "verb": ["hello"]},
    {"know": 1, "verb": "say", "text": TYPED, "chat": "gAAAA", "selector": "input[name=chat]"},
    *({"know": 1, "verb": "x" * length} for length in (10, 100_000)),
]


async def test_a_site_with_a_hostile_script_and_style_shows_it_and_cannot_read_it(page: Page, stage: Stage) -> None:
    await visit(page, stage.sites.listed, "/hostile")
    box = await button(page).bounding_box()
    assert box
    assert (box["height"], box["width"] > 100) == (48, True)
    await button(page).click()
    await is_ready(page)
    await ask(chat(page), TYPED)
    await expect(chat(page).locator(".said")).to_have_text(re.compile(TYPED))
    read = await page.evaluate("""async () => {
      const frame = document.querySelector("know-widget").shadowRoot.querySelector("iframe");
      const tries = [
        () => frame.contentDocument,
        () => frame.contentWindow.document.body.textContent,
        () => frame.contentWindow.location.href,
        () => frame.contentWindow.eval("document.body.textContent"),
        () => frame.contentWindow.frames[0],
        () => frame.contentWindow.name,
        () => JSON.stringify(performance.getEntriesByType("resource").map((one) => one.name)),
        () => [...document.querySelectorAll("*")].map((one) => one.textContent).join(),
        () => document.querySelector("know-widget").shadowRoot.textContent,
        () => JSON.stringify(caught),
      ];
      return tries.map((read) => { try { return String(read()); } catch (refused) { return refused.name; } });
    }""")
    assert not any(TYPED in one or "chat=" in one or "gAAAA" in one for one in read)
    said = [one for one in await page.evaluate("caught") if one.startswith("{")]
    assert set(said) <= {'{"know":1,"verb":"ready"}'}
    assert read[:4] == ["null", "SecurityError", "SecurityError", "SecurityError"]


async def test_whatever_the_page_around_says_drives_nothing(page: Page, stage: Stage) -> None:
    await opened(page, stage.sites.listed)
    frame = await answered(page)
    await frame.get_by_label("Ask in your own words").fill(TYPED)
    inside = frame_of(page, stage)
    await expect(frame.locator("#new-messages")).to_be_empty()
    before = await inside.evaluate("document.body.innerHTML")
    url = inside.url
    await page.evaluate("window.replies = []; addEventListener('message', (event) => replies.push(event.data))")
    for _ in range(20):
        await page.evaluate(NASTY, NASTY_WORDS)
    await inside.evaluate("() => new Promise((done) => setTimeout(done))")
    assert await inside.evaluate("document.body.innerHTML") == before
    assert inside.url == url
    assert await frame.get_by_label("Ask in your own words").input_value() == TYPED
    assert all(one == {"know": 1, "verb": "ready"} for one in await page.evaluate("replies"))


async def test_other_frames_and_pages_drive_neither_side(page: Page, context: BrowserContext, stage: Stage) -> None:
    await visit(page, stage.sites.listed, "/beside", framed=f"{stage.sites.other}/posts", exit_key="none")
    await button(page).click()
    await is_ready(page)
    frame = await answered(page)
    await page.evaluate("""() => {
      for (const verb of ["leave", "close", "escape", "ready"]) {
        postMessage({ know: 1, verb }, "*");
        dispatchEvent(new MessageEvent("message", { data: { know: 1, verb }, origin: "http://127.0.0.1" }));
      }
    }""")
    # A page of ours that another page opened takes no words from it.
    async with context.expect_page() as opening:
        await page.evaluate(f"window.other = window.open('{stage.ours}/northmoor?within=northmoor'), null")
    other = await opening.value
    await expect(other.locator("h1")).to_be_visible()
    await page.evaluate("""() => {
      for (const verb of ["hello", "focus", "rest"]) window.other.postMessage({ know: 1, verb }, "*");
    }""")
    assert await other.evaluate("document.activeElement === document.body")
    await expect(frame.locator("#latest")).to_be_visible()
    await expect(button(page)).to_have_attribute("aria-expanded", "true")
    assert urlsplit(page.url).path == "/beside"


async def test_with_every_kind_of_storage_refused(page: Page, context: BrowserContext, stage: Stage) -> None:
    await context.add_init_script(NO_STORAGE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await opened(page, stage.sites.listed)
    frame = await answered(page)
    await page.get_by_role("button", name="Close").click()
    await button(page).click()
    await frame.get_by_role("button", name="Leave quickly").click()
    await has_left(page)
    assert wrong == []


async def test_nothing_is_kept_where_it_could_be(page: Page, context: BrowserContext, stage: Stage) -> None:
    await opened(page, stage.sites.listed)
    await answered(page)
    # This Chromium refuses storage to a frame of another site; where one does not, it is as empty.
    assert await frame_of(page, stage).evaluate(KEPT) in (",0,0", ",SecurityError,SecurityError")
    assert await page.evaluate(KEPT) == ",0,0"
    assert await context.cookies() == []
