"""My letter and my clock in a real Chromium: printed, copied, saved and forgotten, with script and without."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from pypdf import PdfReader

from content.card_file import CARDS, load_cards
from content.interface import load_interface
from tests.chat.test_sheets import squeezed
from tests.chromium import DESK, PHONE, with_and_without_script

pytestmark = pytest.mark.browser
WORDS = load_interface()
LETTERS = {key: card.letter for key, card in load_cards(CARDS).items() if card.letter}
SCREENS = ({"width": 390, "height": 844}, PHONE, {"width": 844, "height": 390}, {"width": 1100, "height": 900})
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@with_and_without_script
def test_from_an_answer_to_a_letter_and_back(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/northmoor?card=bodycam&level=easy")
    more = page.locator(".row summary", has_text="More")
    link = page.get_by_role("link", name=WORDS["keep"])
    if not link.is_visible() and more.count():
        more.first.click()
    link.click()
    page.get_by_role("link", name=WORDS["keep_letter"]).click()
    expect(page.get_by_role("heading", level=2)).to_have_text(
        [WORDS[name] for name in ("letter_where", "letter_made", "letter_accused")]
    )
    page.get_by_role("link", name=WORDS["letter_go"]).click()
    letter = LETTERS["bodycam"]
    # The letter of this answer is open; another one takes its place.
    expect(page.get_by_text(letter.says[0])).to_be_visible()
    page.locator("summary", has_text=LETTERS["complain-police"].name).click()
    expect(page.get_by_text(LETTERS["complain-police"].says[0])).to_be_visible()
    expect(page.get_by_text(letter.says[0])).to_be_hidden()
    assert "complain" not in page.url
    page.get_by_role("link", name=WORDS["ask_cards_back"]).first.click()
    expect(page.locator("#latest")).to_contain_text("film")


@pytest.mark.parametrize("key", sorted(LETTERS))
@pytest.mark.parametrize(("reading", "force"), [("easy", "northmoor"), ("standard.biggest.wide.dark", "kent")])
def test_each_letter_is_one_page_of_paper(browser: Browser, address: str, key: str, reading: str, force: str) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}/{force}/letter/write?reading={reading}")
    letter = LETTERS[key]
    page.locator("summary", has_text=letter.name).click()
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    assert len(paper.pages) == 1
    assert all(abs(side - wanted) < 2 for side, wanted in zip(paper.pages[0].mediabox[2:], (595, 842), strict=True))
    printed = squeezed(paper.pages[0].extract_text())
    for line in (*letter.says, *letter.lines, WORDS["practice"]):
        assert squeezed(line) in printed
    others = [one.name for one in LETTERS.values()]
    around = [WORDS[name] for name in ("leave", "letters_lead", "letter_left", "ask_cards_print", "looks")]
    assert not any(squeezed(text) in printed for text in (*others, *around))


def test_a_letter_is_copied_saved_and_printed_and_nothing_is_asked_of_the_server(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    context = browser.new_context(viewport=DESK, accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    page.goto(f"{address}/northmoor/letter/write", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    letter = LETTERS["see-my-record"]
    page.locator("summary", has_text=letter.name).click()
    opened = page.locator("details[open]")
    expect(opened).to_have_count(1)
    told = opened.get_by_role("status")
    expect(told).to_be_empty()
    opened.get_by_role("button", name=WORDS["letter_copy"]).click()
    expect(told).to_have_text(WORDS["letter_copied"])
    opened.get_by_role("button", name=WORDS["ask_cards_print"]).click()
    assert page.evaluate("window.printed") == 1
    with page.expect_download() as saved:
        opened.get_by_role("button", name=WORDS["letter_save"]).click()
    assert saved.value.suggested_filename == "letter.txt"
    saved.value.save_as(tmp_path / "letter.txt")
    text = (tmp_path / "letter.txt").read_text("utf-8")
    assert page.evaluate("navigator.clipboard.readText()").replace("\r", "") == text
    assert all(said in text for said in letter.says)
    assert all(re.search(rf"{line}: _{{10,}}", text) for line in letter.lines)
    assert [url for url in asked if not url.startswith("blob:")] == []
    assert context.cookies() == []
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    # Who comes back finds every letter closed.
    page.goto(f"{address}/safety")
    page.go_back()
    expect(page.get_by_text(letter.name)).to_be_visible()
    expect(page.locator("details[open]")).to_have_count(0)
    context.close()


@with_and_without_script
def test_the_clock_says_a_day_and_saves_it(context: BrowserContext, address: str, tmp_path: Path) -> None:
    page = context.new_page()
    page.goto(f"{address}/northmoor/clock")
    page.get_by_role("button", name=WORDS["looks_show"]).click()
    expect(page.get_by_role("alert")).to_contain_text(WORDS["clock_fault_thing"])
    page.get_by_label(WORDS["clock_of_asked"]).check()
    page.get_by_label(WORDS["clock_day"]).fill(_today())
    page.get_by_role("button", name=WORDS["looks_show"]).click()
    expect(page.locator(".keep-until")).to_contain_text("The police must usually answer you by about")
    assert re.fullmatch(rf"{address}/northmoor/clock(?:\?[^&]*)?", page.url)
    with page.expect_download() as saved:
        page.get_by_role("button", name=WORDS["clock_calendar_save"]).click()
    assert saved.value.suggested_filename == "appointment.ics"
    saved.value.save_as(tmp_path / "a.ics")
    assert "SUMMARY:Appointment" in (tmp_path / "a.ics").read_text("utf-8")
    assert context.cookies() == []


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


@pytest.mark.parametrize("screen", SCREENS, ids=[f"{one['width']}x{one['height']}" for one in SCREENS])
def test_every_page_fits_and_leaving_and_help_are_in_sight(
    browser: Browser, address: str, screen: dict[str, int]
) -> None:
    page = browser.new_page(viewport=screen)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    for path in ("keep", "letter", "letter/write", "clock"):
        page.goto(f"{address}/northmoor/{path}?reading=easy")
        assert page.evaluate(FITS)
        expect(page.get_by_role("button", name="Leave quickly")).to_be_in_viewport()
        if path == "letter":
            expect(page.get_by_role("link", name="999")).to_be_in_viewport()
    assert faults == []
    page.close()


def test_by_keyboard_a_letter_is_opened_and_closed(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}/northmoor/letter/write")
    letter = LETTERS["see-my-record"]
    page.locator("summary", has_text=letter.name).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(letter.says[0])).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("details[open]").get_by_role("button", name=WORDS["ask_cards_print"])).to_be_focused()
    page.close()
