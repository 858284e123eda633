"""In a real Chromium: a child and an advocate talk in two browsers, one without script; and every page of the talk."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy.ext.asyncio import AsyncSession

from api.records import sessions
from api.records.accounts import Account
from api.records.force_availability import name_provider
from api.records.handovers import providers
from api.records.handovers.advocates import Advocate
from api.records.handovers.claims import claim
from api.records.handovers.conversation import fetch, say_as_advocate, say_as_child
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import MessageBody, MessageCipher, Sent
from api.records.handovers.new_handover import Ask, ask
from api.records.handovers.opening_week import DAYS
from api.records.handovers.presence import arrive
from api.records.handovers.pubsub import PubSub
from api.records.handovers.tables import Provider
from api.records.people import operator
from api.web.csrf import COOKIE
from api.web.database import Database
from tests.browser.test_browser import SMALL_TARGETS, WCAG, WIDE_SPACING
from tests.browser.test_desk_browser import press, reach
from tests.chromium import DESK, PHONE, beside_the_driver
from tests.conftest import release_for, settings_for
from tests.own_database import sqlite_copy
from tests.served import served

pytestmark = pytest.mark.browser
PEOPLE = (("Ann", "advocate"), ("Ben", "advocate"), ("Sue", "supervisor"))
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Open:
    """A served app with a provider: who is signed in there, and the refs of the talks that Ann has."""

    address: str
    tokens: Mapping[str, str]
    refs: Mapping[str, str]

    def as_(self, browser: Browser, who: str, **looks: object) -> BrowserContext:
        """A browser in which somebody is signed in at the console."""
        context = browser.new_context(**{"viewport": WIDE, **looks})
        cookie = {"name": COOKIE, "value": self.tokens[who], "domain": "127.0.0.1", "path": "/console"}
        context.add_cookies([cookie])
        return context

    def talk(self, name: str) -> str:
        """The address of one of Ann's talks."""
        return f"{self.address}/console/talk/{self.refs[name]}"


async def made(url: str) -> tuple[dict[str, str], dict[str, str]]:
    settings, now = settings_for(url), datetime.now(UTC)
    database, handover_context = (
        Database(settings),
        HandoverContext(MessageCipher.of(settings), PubSub(), settings.public_url),
    )
    tokens, refs = dict[str, str](), dict[str, str]()
    async with database.begin() as session:
        ours = await provider(session, now)
        people = {name: await somebody(session, ours, name, role, now, tokens) for name, role in PEOPLE}
        for one in people.values():
            await arrive(session, handover_context, one, now)
        for name in ("long", "typed"):
            new = Ask(f"page {name}" * 4, "northmoor", "easy", False, "here", Sent("Kit", "Hm?", ("bodycam",)), {})
            handover = (await ask(session, handover_context, ours, new, now)).handover
            await claim(session, handover_context, people["Ann"], handover, now)
            refs[name] = handover.ref
            for number in range(6):
                said = MessageBody(f"The custody record number {number}.", "form" if number == 1 else None)
                await say_as_advocate(
                    session, handover_context, people["Ann"], handover, said, f"advocate {number}", now
                )
                await say_as_child(session, handover_context, handover, f"ok {number}", f"child {number}", now)
            await say_as_advocate(
                session, handover_context, people["Ann"], handover, MessageBody(card="bodycam"), "a card", now
            )
            await fetch(session, handover_context, handover, 0, now)
            await say_as_advocate(
                session, handover_context, people["Ann"], handover, MessageBody("Not fetched yet."), "the last", now
            )
    await database.close()
    return tokens, refs


async def provider(session: AsyncSession, now: datetime) -> Provider:
    by, forces = operator("tests"), release_for(practice=True).forces
    found = await providers.add(session, by, "voices", "Voices (invented)", practice=True, now=now)
    decided = {**dict.fromkeys(DAYS, "00:00-24:00"), "most_open": "9", "lead": "Lena, extension 12 (invented)"}
    await providers.change(session, by, found, decided, now)
    await name_provider(session, by, "northmoor", found, forces=forces, practice=True, now=now)
    return found


async def somebody(
    session: AsyncSession, ours: Provider, name: str, role: str, now: datetime, tokens: dict[str, str]
) -> Advocate:
    account = Account(layer=ours.layer, role=role, name=name, post="", email=f"{name}@v.example", made_at=now)
    session.add(account)
    await session.flush()
    tokens[name] = await sessions.begin(session, account, now)
    return Advocate(account.id, name, ours, supervisor=role == "supervisor")


@pytest.fixture(scope="module")
def console(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    folder = tmp_path_factory.mktemp("handover")
    url = sqlite_copy(sqlite_url, folder)
    tokens, refs = beside_the_driver(made(url))
    with served(url, folder / "log") as address:
        yield Open(address, tokens, refs)


def go(page: Page, name: str, value: str) -> None:
    page.locator(f'button[name="{name}"][value="{value}"]').first.click()


def asks(page: Page, address: str, question: str) -> None:
    """A child asks for a person, through every page of it."""
    page.goto(f"{address}/northmoor/person")
    go(page, "go", "details")
    page.locator("#name").fill("Kit")
    page.locator("#question").fill(question)
    page.locator('input[name="how"][value="here"]').check()
    go(page, "go", "next")
    go(page, "go", "send")
    expect(page.locator(".three-word")).to_have_count(3)
    page.locator(".ways .button").click()
    expect(page.locator("#news")).to_be_visible()


def looks(page: Page, *, script: bool) -> None:
    """News comes by itself with script; without, somebody looks for it."""
    if script:
        return
    button = page.locator('button[name="act"][value="refresh"]')
    if button.count():
        button.click()
    else:
        page.get_by_role("link", name="Look for new messages").click()


def writes(page: Page, text: str, *, script: bool) -> None:
    """The advocate writes and sends."""
    if script:
        # The keys are told of once the script has come.
        expect(page.locator("[data-keys]")).to_be_visible()
        page.locator("#text").fill(text)
        page.locator("#text").press("Control+Enter")
        expect(page.locator("#text")).to_have_value("")
        return
    page.wait_for_load_state("load")
    page.get_by_role("link", name="Write", exact=True).click()
    page.locator("#text").fill(text)
    page.get_by_role("button", name="Send", exact=True).first.click()


def answers(page: Page, text: str) -> None:
    """The child writes and sends."""
    look_off = page.locator('button[name="act"][value="look-off"]')
    if not page.locator("#text").is_visible() and look_off.count():
        look_off.click()
    page.locator("#text").fill(text)
    page.locator("#send").click()


def clean(page: Page) -> None:
    """Nothing for axe to find, with everything opened. The page's own policy has to be set aside for it."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    # What is scrolled half under the bar at the top would be taken for a small target.
    page.evaluate("window.scrollTo(0, 0)")
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, results.generate_report()


def came_while_away(page: Page) -> None:
    """New words are counted in the title, which holds none of them, and marked until the advocate goes on."""
    expect(page).to_have_title("(1) Talk")
    expect(page.locator(".new-mark + .turn")).to_contain_text("for how long??")
    page.evaluate("() => { delete document.hasFocus; window.dispatchEvent(new Event('focus')); }")
    expect(page).to_have_title("Talk")
    page.locator("#text").fill("x")
    page.locator("#text").fill("")
    expect(page.locator(".new-mark")).to_have_count(0)


@pytest.mark.parametrize("without", ["the child", "the advocate"])
def test_a_child_and_an_advocate_talk(browser: Browser, console: Open, without: str) -> None:
    script = {"child": without != "the child", "advocate": without != "the advocate"}
    childs = browser.new_context(viewport=PHONE, java_script_enabled=script["child"], bypass_csp=True)
    anns = console.as_(browser, "Ann", java_script_enabled=script["advocate"], bypass_csp=True)
    child, ann = childs.new_page(), anns.new_page()
    question = f"Can they keep my phone, {without}?"
    asks(child, console.address, question)

    ann.goto(f"{console.address}/console")
    ann.get_by_role("button", name=re.compile("^Take this child")).first.click()
    expect(ann.get_by_role("heading", level=1, name="Talk with Kit")).to_be_visible()
    expect(ann.locator("#lines")).to_contain_text(question)
    writes(ann, "Hello Kit. They may keep it for a time.", script=script["advocate"])
    expect(ann.locator("#lines")).to_contain_text("Hello Kit.")

    looks(child, script=script["child"])
    expect(child.locator("#lines")).to_contain_text("Hello Kit. They may keep it for a time.")
    if script["advocate"]:
        # Another window is in front.
        ann.evaluate("() => { document.hasFocus = () => false; }")
    answers(child, "for how long??")
    expect(child.locator(".said", has_text="for how long??")).to_contain_text("Sent")
    looks(ann, script=script["advocate"])
    if script["advocate"]:
        came_while_away(ann)
    expect(ann.locator("#lines")).to_contain_text("for how long??")
    expect(ann.locator("#lines")).to_contain_text("On their page.")

    if script["advocate"]:
        ann.locator("#text").press("/")
        expect(ann.locator("#q")).to_be_focused()
    else:
        ann.get_by_role("link", name="Write", exact=True).click()
        ann.locator("#snippets > summary").click()
    ann.locator('button[name="card"][value="snippet-find-out"]').click()
    signed = release_for(practice=True).cards["snippet-find-out"].levels["simple"].bubbles[0].text
    expect(ann.locator("#lines")).to_contain_text(signed)
    looks(child, script=script["child"])
    expect(child.locator("#lines")).to_contain_text(signed)

    for page, who in ((child, "child"), (ann, "advocate")):
        if script[who]:
            clean(page)
    ann.get_by_role("link", name="Close, pass on or let go").click()
    ann.get_by_role("radio", name="Answered").check()
    ann.get_by_role("button", name="Close the talk now").click()
    expect(ann.locator("main")).to_contain_text("This talk is over. How it ended: answered.")
    looks(child, script=script["child"])
    expect(child.locator("#ending")).to_contain_text("The advocate has ended this talk.")
    if script["child"]:
        clean(child)
    childs.close()
    anns.close()


def test_by_keyboard_alone(browser: Browser, console: Open) -> None:
    context = console.as_(browser, "Ann")
    page = context.new_page()
    page.goto(console.talk("typed"))
    expect(page.locator("[data-keys]")).to_be_visible()
    box = page.locator("#text")
    reach(page, box)
    page.keyboard.type("I promise you.")
    expect(page.locator("#advice")).to_contain_text("A promise that you may not be able to keep")
    page.keyboard.press("Enter")
    page.keyboard.type("Second line.")
    assert box.input_value() == "I promise you.\nSecond line."
    page.keyboard.press("Control+Enter")
    sent = page.locator(".turn", has_text="Second line.")
    expect(sent).to_contain_text("Not on their page yet. You can still change it.")
    expect(page.locator("#advice")).to_be_empty()

    reach(page, sent.get_by_role("link", name=re.compile("^Change")))
    page.keyboard.press("Enter")
    expect(box).to_be_focused()
    expect(box).to_have_value("I promise you.\nSecond line.")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("They can tell you.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn", has_text="They can tell you.")).to_contain_text("changed")
    expect(page.locator(".turn", has_text="Second line.")).to_have_count(0)
    # What is sent goes from the box only once the answer has come.
    expect(box).to_have_value("")

    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("bail")
    expect(page.locator("#answers")).to_contain_text("answers for")
    reach(page, page.locator("#answers button").first)
    page.keyboard.press("Enter")
    expect(box).to_be_focused()
    expect(page.locator("#lines")).to_contain_text("Bail")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(box).to_be_focused()
    press(page, page.get_by_role("link", name="What to do, and record a concern"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Somebody may not be safe")
    context.close()


def test_a_change_keeps_what_was_being_written(browser: Browser, console: Open) -> None:
    context = console.as_(browser, "Ann")
    page = context.new_page()
    page.goto(console.talk("long"))
    page.locator("#text").fill("half a sentence")
    page.locator(".turn", has_text="Not fetched yet.").get_by_role("link", name=re.compile("^Change")).click()
    expect(page.locator("#text")).to_have_value("Not fetched yet.")
    page.get_by_role("link", name="Leave it as it was").click()
    expect(page.locator("#text")).to_have_value("half a sentence")
    page.locator("#words > summary").click()
    page.locator("#word").select_option("bail")
    page.locator("#put-word").click()
    expect(page.locator("#text")).to_have_value(re.compile("^half a sentence\nBail: ."))
    page.locator("#text").fill("")
    context.close()


def test_sent_by_two_presses_it_is_one_message_and_without_a_network_it_stays(browser: Browser, console: Open) -> None:
    context = console.as_(browser, "Ann")
    page = context.new_page()
    page.goto(console.talk("typed"))
    page.locator("#text").fill("Only once.")
    page.locator("#send").dblclick()
    expect(page.locator("#text")).to_have_value("")
    page.reload()
    expect(page.locator(".turn", has_text="Only once.")).to_have_count(1)
    context.set_offline(True)
    page.locator("#text").fill("Through a tunnel.")
    page.locator("#send").click()
    expect(page.locator("#written")).to_contain_text("Your words are still here.")
    expect(page.locator("#text")).to_have_value("Through a tunnel.")
    context.set_offline(False)
    page.locator("#send").click()
    expect(page.locator(".turn", has_text="Through a tunnel.")).to_have_count(1)
    context.close()


PAGES = ("", "?write=1", "/safeguarding", "/close", "?change=20")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "looks",
    [{"viewport": WIDE}, {"viewport": NARROW}, {"viewport": WIDE, "forced_colors": "active"}],
    ids=["desk", "phone", "forced-colours"],
)
def test_axe_finds_nothing(browser: Browser, console: Open, path: str, looks: dict[str, object]) -> None:
    context = console.as_(browser, "Ann", bypass_csp=True, **looks)
    page = context.new_page()
    page.goto(console.talk("long") + path)
    if page.locator("#text").count():
        page.locator("#text").fill("I promise. What happened?")
        expect(page.locator("#advice")).not_to_be_empty()
    clean(page)
    context.close()


@pytest.mark.parametrize("who", ["Ben", "Sue"])
def test_axe_finds_nothing_for_colleagues(browser: Browser, console: Open, who: str) -> None:
    context = console.as_(browser, who, bypass_csp=True)
    page = context.new_page()
    page.goto(console.talk("long"))
    expect(page.get_by_role("heading", level=1)).to_have_text("This talk is with Ann")
    clean(page)
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_sideways_and_targets_are_large(browser: Browser, console: Open, path: str) -> None:
    context = console.as_(browser, "Ann", viewport=PHONE)
    page = context.new_page()
    page.goto(console.talk("long") + path)
    page.evaluate(WIDE_SPACING)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = page.evaluate(SMALL_TARGETS)
    assert [one for one in small if 'type="checkbox"' not in one and 'type="radio"' not in one] == []
    context.close()


def test_the_box_shows_at_once_on_a_screen_of_usual_size(browser: Browser, console: Open) -> None:
    for size in (WIDE, DESK):
        context = console.as_(browser, "Ann", viewport=size)
        page = context.new_page()
        page.goto(console.talk("long"))
        for what in (page.locator("#text"), page.locator("#send"), page.locator(".turn").last):
            expect(what).to_be_in_viewport()
        context.close()
