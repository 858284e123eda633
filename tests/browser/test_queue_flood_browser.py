"""In a real Chromium: a thousand asks from one place leave five real children in danger on the first screen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert, select

from api.records import sessions
from api.records.accounts import Account
from api.records.handovers import providers
from api.records.handovers.advocates import Advocate
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import MessageCipher, Sent
from api.records.handovers.new_handover import Ask, ask
from api.records.handovers.opening_week import DAYS
from api.records.handovers.presence import arrive
from api.records.handovers.pubsub import PubSub
from api.records.handovers.tables import Handover
from api.records.people import operator
from api.web.csrf import COOKIE
from api.web.database import Database
from tests.browser.test_browser import WCAG
from tests.chromium import beside_the_driver
from tests.conftest import settings_for
from tests.own_database import sqlite_copy
from tests.served import served

pytestmark = pytest.mark.browser
LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
FLOODED = 1_000


@dataclass(frozen=True)
class Flooded:
    """A served app whose line is flooded: who is signed in, and the refs of the real children."""

    address: str
    tokens: dict[str, str]
    real: list[str]

    def page(self, browser: Browser, who: str = "Ann", path: str = "/console", **looks: object) -> Page:
        """A page of the console as somebody sees it."""
        context = browser.new_context(**{"viewport": LAPTOP, **looks})
        cookie = {"name": COOKIE, "value": self.tokens[who], "domain": "127.0.0.1", "path": "/console"}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(self.address + path)
        return page


async def made(url: str) -> tuple[dict[str, str], list[str]]:
    settings, now = settings_for(url), datetime.now(UTC)
    database, handover_context = (
        Database(settings),
        HandoverContext(MessageCipher.of(settings), PubSub(), settings.public_url),
    )
    by, tokens = operator("tests"), dict[str, str]()
    async with database.begin() as session:
        ours = await providers.add(session, by, "voices", "Voices (invented)", practice=True, now=now)
        await providers.change(session, by, ours, dict.fromkeys(DAYS, "00:00-24:00"), now)
        for name in ("Ann", "Ben"):
            account = Account(
                layer=ours.layer, role="advocate", name=name, post="", email=f"{name}@v.example", made_at=now
            )
            session.add(account)
            await session.flush()
            tokens[name] = await sessions.begin(session, account, now)
            await arrive(session, handover_context, Advocate(account.id, name, ours, supervisor=False), now)

        async def child(number: int, origin: str, minutes: float) -> str:
            new = Ask(f"{number:08}" * 4, "northmoor", "easy", True, "here", Sent("Pim", "Help."), {}, None, origin)
            return (await ask(session, handover_context, ours, new, now - timedelta(minutes=minutes))).handover.ref

        first = await child(0, "flood", 20)
        row = (await session.execute(select(Handover.__table__).where(Handover.ref == first))).mappings().one()
        # Half of them in a burst, half of them spaced over hours.
        rows = [
            {**row, "id": None, "ref": f"flood {n}", "code_hash": f"flood {n}"}
            | {"asked_at": now - timedelta(minutes=20 if n % 2 else n / 2)}
            for n in range(FLOODED - 1)
        ]
        for one in rows:
            del one["id"]
        await session.execute(insert(Handover), rows)
        real = [await child(number + 1, f"home {number}", 3 - number / 2) for number in range(5)]
    await database.close()
    return tokens, real


@pytest.fixture(scope="module")
def flooded(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flooded]:
    folder = tmp_path_factory.mktemp("flood")
    url = sqlite_copy(sqlite_url, folder)
    tokens, real = beside_the_driver(made(url))
    with served(url, folder / "log") as address:
        yield Flooded(address, tokens, real)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_every_real_child_in_danger_is_on_the_first_screen(browser: Browser, flooded: Flooded, *, script: bool) -> None:
    page = flooded.page(browser, java_script_enabled=script)
    for ref in flooded.real:
        button = page.locator(f"#claim-{ref}")
        box, danger = button.bounding_box(), page.locator(f"#row-{ref} .may-be-in-danger").bounding_box()
        assert box
        assert danger
        assert max(box["y"] + box["height"], danger["y"] + danger["height"]) <= LAPTOP["height"]
    expect(page.locator("#waiting-name")).to_have_text(f"Waiting: {FLOODED + 5}")
    assert "may be in danger" in page.locator("details.alike summary").first.inner_text()
    page.context.close()


def test_the_group_unfolds_and_stays_so_while_the_queue_keeps_up(browser: Browser, flooded: Flooded) -> None:
    page = flooded.page(browser)
    folded = page.locator("details.alike").first
    folded.locator("summary").click()
    expect(folded.get_by_role("button", name="Take this child").first).to_be_visible()
    ben = flooded.page(browser, "Ben")
    ben.get_by_role("button", name="I am leaving").click()
    expect(page.locator("#presence")).not_to_contain_text("Ben")
    expect(folded.get_by_role("button", name="Take this child").first).to_be_visible()
    ben.get_by_role("button", name="I am here").click()
    expect(page.locator("#presence")).to_contain_text("Ben")
    ben.context.close()
    page.context.close()


@pytest.mark.parametrize("path", ["/console", "alike", "closing"])
def test_axe_finds_nothing_and_nothing_goes_sideways(browser: Browser, flooded: Flooded, path: str) -> None:
    page = flooded.page(browser, bypass_csp=True, viewport=PHONE)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    if path != "/console":
        page.locator("details.alike a").first.click()
        page.wait_for_load_state()
    if path == "closing":
        page.locator("#propose").click()
        page.wait_for_load_state()
        expect(page.get_by_text("A colleague must look")).to_be_visible()
        assert page.locator("#confirm").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, results.generate_report()
    page.context.close()
