"""What tests of the widget in a browser do: on a page of another origin, open the chat, ask, and leave."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.async_api import Frame, FrameLocator, Locator, Page, expect

from api.records.force_availability import close_door, open_door
from api.records.people import operator
from tests.chromium import DESK
from tests.desk_app import DeskApp
from tests.doors import doors
from tests.widget_hosts import Hosts

expect.set_options(timeout=15_000)


LEAVE_TO = "https://www.bbc.co.uk/weather"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
ANSWER = "6 months"
TYPED = "zebrafish in my kitchen"
IN_FRAME = "document.activeElement.shadowRoot?.activeElement?.localName === 'iframe'"


@dataclass(frozen=True)
class Stage:
    """The app, served in this process so that its door is at hand; where it is; and the sites around it."""

    desk: DeskApp
    ours: str
    sites: Hosts

    async def shut(self) -> None:
        async with self.desk.database.begin() as session:
            await close_door(session, operator("test"), "northmoor", "door_mending", self.desk.clock())
        await doors(self.desk.app).pack_cache.refresh()

    async def reopen(self) -> None:
        async with self.desk.database.begin() as session:
            await open_door(session, operator("test"), "northmoor", self.desk.clock())
        await doors(self.desk.app).pack_cache.refresh()


on_each = pytest.mark.parametrize("context", [{"viewport": DESK}, PHONE], indirect=True, ids=["desk", "phone"])
on_phone = pytest.mark.parametrize("context", [PHONE], indirect=True)


def button(page: Page) -> Locator:
    return page.locator("know-widget .know")


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("know-widget iframe")


async def visit(page: Page, site: str, path: str = "/plain", **says: str) -> None:
    """Opens a page of a site; `says` are what its tag says."""
    query = urlencode({name.replace("_", "-"): value for name, value in says.items()})
    await page.goto(f"{site}{path}?{query}")
    await expect(button(page)).to_be_visible()


async def opened(page: Page, site: str, path: str = "/plain", **says: str) -> FrameLocator:
    """The same, with the chat open and ready."""
    await visit(page, site, path, **says)
    await button(page).click()
    await is_ready(page)
    return chat(page)


async def until(page: Page, what: str) -> None:
    """Waits until this is true on the page, also where its policy lets nothing be evaluated by itself."""
    async with asyncio.timeout(15):
        while not await page.evaluate(what):  # noqa: ASYNC110 - a page has no event for that
            await asyncio.sleep(0.02)


async def is_ready(page: Page) -> None:
    await expect(chat(page).locator("h1")).to_be_visible()
    await until(page, "document.querySelector('know-widget').ready")


async def ask(frame: FrameLocator, text: str) -> None:
    await frame.get_by_label("Ask in your own words").fill(text)
    await frame.get_by_role("button", name="Ask", exact=True).click()


async def answered(page: Page) -> FrameLocator:
    """Asks in a child's spelling, and chooses the card that was meant."""
    frame = chat(page)
    await ask(frame, "how long do they keep my finger prins")
    await frame.locator("#latest button[value=fingerprints-dna]").click()
    await expect(frame.locator("#latest")).to_contain_text(ANSWER)
    return frame


async def has_left(page: Page, to: str = LEAVE_TO) -> None:
    await expect(page).to_have_title("Weather")
    assert page.url == to


def frame_of(page: Page, stage: Stage) -> Frame:
    return next(frame for frame in page.frames if frame.url.startswith(stage.ours))
