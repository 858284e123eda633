"""What tests of the widget in a browser may ask for: the app, sites of another origin around it, and a page on one."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from api.records.embeds import Looks, decide
from api.records.people import operator
from tests.browser.neutral import PAGE as WEATHER
from tests.browser.widget.stage import Stage
from tests.chromium import DESK, async_chromium
from tests.desk_app import desk_app
from tests.doors import doors
from tests.listening import listening
from tests.widget_hosts import bound, hosts, origin_of


@pytest.fixture(scope="module")
async def stage(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    server = bound()
    async with desk_app(sqlite_url, tmp_path_factory.mktemp("widget")) as desk:
        async with desk.database.begin() as session:
            looks = Looks(sites=origin_of(server))
            await decide(session, operator("test"), "northmoor", looks, desk.clock(), practice=True)
        await doors(desk.app).pack_cache.refresh()
        doors(desk.app).chat.helper.listener.brain.away = True
        async with listening(desk.app) as address:
            with hosts(address, server) as sites:
                yield Stage(desk, address, sites)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_chromium() as found:
        yield found


@pytest.fixture
async def context(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    found = await browser.new_context(**getattr(request, "param", {"viewport": DESK}))
    await found.route(re.compile(r"^https://"), lambda route: route.fulfill(body=WEATHER, content_type="text/html"))
    yield found
    await found.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    return await context.new_page()
