"""In a real Chromium: a script that cannot run leaves the page as it is without script, never half at work."""

import re
from base64 import b64decode, b64encode
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_browser import press
from tests.chromium import WHOLE_CHROMIUM
from tests.web.test_scripts import SCRIPTS

CHROMIUM = WHOLE_CHROMIUM

pytestmark = pytest.mark.browser
NAMED = re.compile(r"^(?:export )?(?:class|function|async function|const) (\w+)", re.MULTILINE)
ANSWER = "who-gets-told"


def press_a_question(page: Page) -> None:
    press(page, ANSWER)
    expect(page.locator("#latest")).to_have_attribute("data-kind", "card")


def without_modules(page: Page) -> None:
    """From now on pages come as a browser has them that knows no modules: with scripts of a kind that it does not know.

    Asked of Chromium itself: what a form led to by a redirect does not always pass by `page.route`.
    """
    devtools = page.context.new_cdp_session(page)

    def rewritten(paused: dict[str, Any]) -> None:
        request, status = {"requestId": paused["requestId"]}, paused.get("responseStatusCode", 0)
        if status != 200:
            devtools.send("Fetch.continueRequest", request)
            return
        body = b64decode(devtools.send("Fetch.getResponseBody", request)["body"])
        other = b64encode(body.replace(b'type="module"', b'type="unknown"')).decode()
        answer = {"responseCode": status, "responseHeaders": paused["responseHeaders"], "body": other}
        devtools.send("Fetch.fulfillRequest", {**request, **answer})

    devtools.on("Fetch.requestPaused", rewritten)
    devtools.send("Fetch.enable", {"patterns": [{"resourceType": "Document", "requestStage": "Response"}]})


def test_what_one_script_has_no_other_script_sees(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    press_a_question(page)
    assert "#" not in page.url, "the script did not run"
    names = {name for script in SCRIPTS for name in NAMED.findall(script.read_text("utf-8"))}
    assert {"Talk", "Stream", "wipe"} <= names
    assert [name for name in sorted(names) if page.evaluate(f"typeof {name}") != "undefined"] == []


def test_a_browser_without_modules_has_the_page_without_script(page: Page, address: str) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    without_modules(page)
    page.goto(f"{address}/northmoor")
    press_a_question(page)
    assert page.url.endswith("#latest"), "the form was not sent by the browser"
    expect(page.locator("#latest [data-module=listen] summary")).to_be_visible()
    page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Weather</h1>"))
    page.get_by_role("button", name="Leave quickly").click()
    expect(page.get_by_role("heading")).to_have_text("Weather")
    assert faults == []


def test_a_script_that_lacks_one_of_its_imports_does_not_run_and_the_others_do(page: Page, address: str) -> None:
    page.route("**/static/listen/voices.js", lambda route: route.abort())
    page.goto(f"{address}/northmoor")
    press_a_question(page)
    assert not page.url.endswith("#latest"), "the script of the chat did not run"
    expect(page.locator("#latest [data-module=listen] summary")).to_be_visible()
    expect(page.locator("#latest [data-do=listen]")).to_have_count(0)


def test_all_scripts_of_a_page_come_from_its_own_address_and_each_comes_once(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if one.resource_type == "script" else None)
    page.goto(f"{address}/northmoor?mode=shared", wait_until="networkidle")
    assert all(url.startswith(f"{address}/static/") for url in asked)
    assert len(asked) == len(set(asked)) >= 6
