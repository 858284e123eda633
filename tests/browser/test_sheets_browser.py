"""Answers printed by a real Chromium: each card begins a page, nothing is cut, and every way works without script."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from content.interface import load_interface
from tests.browser.neutral import AROUND
from tests.browser.test_exit_browser import without_its_policy
from tests.chat.test_sheets import squeezed
from tests.chromium import DESK, PHONE

pytestmark = pytest.mark.browser
WORDS = load_interface()
# The longest answers of all are among them.
DECK = (
    "fingerprints-dna",
    "my-phone",
    "solicitor-private",
    "who-gets-told",
    "custody-record",
    "dbs-court-convictions",
    "bodycam",
)
SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox"
PRINTS = "window.printed = 0; window.print = () => { window.printed += 1; };"


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("query", ["level=easy", "level=standard&look=plain&ink=black", "level=simple&look=large"])
@pytest.mark.parametrize("reading", ["easy", "easy.biggest.wide.dark"])
def test_each_card_begins_a_page_and_nothing_is_cut(browser: Browser, address: str, query: str, reading: str) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}/northmoor/sheet?cards={','.join(DECK)}&{query}&reading={reading}")
    sheets = page.locator("article.sheet").all_inner_texts()
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    pages = [squeezed(one.extract_text()) for one in paper.pages]
    assert all(abs(side - wanted) < 2 for side, wanted in zip(paper.pages[0].mediabox[2:], (595, 842), strict=True))
    begun = [number for number, text in enumerate(pages) if squeezed(WORDS["name"]) in text[:150]]
    assert begun[0] == 0
    assert len(begun) == len(sheets)
    for sheet, first, after in zip(sheets, begun, [*begun[1:], len(pages)], strict=True):
        assert after - first <= (3 if "large" in query or "wide" in reading else 2)
        printed = "".join(pages[first:after])
        for line in filter(None, map(squeezed, sheet.splitlines())):
            assert line in printed
        # The foot is not torn: who signed stands on the page of the code's address.
        assert squeezed("In danger now? Call 999.") in pages[after - 1]
        assert squeezed(WORDS["practice"]) in pages[after - 1]
    assert not any(squeezed(WORDS[name]) in text for text in pages for name in ("leave", "sheet_pdf", "looks"))


@pytest.mark.parametrize("place", ["force", "school", "custody", "club"])
def test_a_poster_is_one_page(browser: Browser, address: str, place: str) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}/kent/poster?place={place}&reading=biggest.wide")
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    assert len(paper.pages) == 1
    printed = squeezed(paper.pages[0].extract_text())
    for name in ("poster_title", f"poster_{place}_1", f"poster_{place}_3", "closed_talk", "practice"):
        assert squeezed(WORDS[name]) in printed


def test_from_an_answer_to_a_file_and_back(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/northmoor?card=my-phone&level=easy")
    page.locator("#latest .more > summary").click()
    page.get_by_role("link", name="Print this answer").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Do I have to give the police my phone?")
    page.locator("summary", has_text="Change how it looks").click()
    page.get_by_label("Words only").check()
    page.get_by_label("More words").check()
    page.get_by_label("Black only").check()
    page.get_by_role("button", name="Show it like this").click()
    expect(page.locator(".sheets img")).to_have_count(0)
    expect(page.locator(".sheet")).to_contain_text("If you are a victim or witness")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as a file").click()
    assert saved.value.suggested_filename == "information-help.pdf"
    saved.value.save_as(tmp_path / "a.pdf")
    assert squeezed("If you are a victim or witness") in squeezed(PdfReader(tmp_path / "a.pdf").pages[0].extract_text())
    page.get_by_role("link", name="Back to the chat").click()
    expect(page.locator("#latest")).to_contain_text("Do I have to give the police my phone?")
    # How it was printed is not how it is read.
    expect(page.locator("#latest img").first).to_be_visible()


def test_the_button_prints_and_without_script_words_say_how(browser: Browser, page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor/sheet?cards=my-phone")
    expect(page.get_by_text(WORDS["passport_menu"])).to_be_visible()
    own = browser.new_page()
    own.add_init_script(PRINTS)
    own.goto(f"{address}/northmoor/sheet?cards=my-phone")
    own.get_by_role("button", name="Print", exact=True).click()
    assert own.evaluate("window.printed") == 1
    own.close()
    without = browser.new_context(java_script_enabled=False)
    page = without.new_page()
    page.goto(f"{address}/northmoor/sheet?cards=my-phone")
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_hidden()
    without.close()


def test_in_the_frame_of_a_site_printing_opens_the_page_by_itself(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=DESK)
    host, page = address.replace("127.0.0.1", "localhost") + "/host", context.new_page()
    paper = f"{address}/northmoor/sheet?cards=my-phone&within=northmoor"
    body = AROUND.format(frame=f'<iframe sandbox="{SANDBOX}" src="{paper}" width="900" height="700"></iframe>')
    page.route(host, lambda route: route.fulfill(body=body, content_type="text/html"))
    asks = body.replace("sheet?cards=my-phone&", "ask/my-phone?")
    page.route(host.replace("/host", "/other"), lambda route: route.fulfill(body=asks, content_type="text/html"))
    page.route(paper, without_its_policy)
    page.goto(host)
    with context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Print", exact=True).click()
    alone = opened.value
    alone.wait_for_load_state()
    expect(alone.get_by_role("button", name="Print", exact=True)).to_be_visible()
    with alone.expect_download() as saved:
        alone.get_by_role("link", name="Save as a file").click()
    assert saved.value.suggested_filename == "information-help.pdf"
    # A page that only prints opens by itself too.
    page.route(f"{address}/northmoor/ask/my-phone?within=northmoor", without_its_policy)
    page.goto(host.replace("/host", "/other"))
    with context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("button", name="Print", exact=True).click()
    assert "/ask/my-phone" in opened.value.url
    context.close()


def test_pages_for_paper_fit_a_phone_and_ask_no_other_host(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    for path in ("sheet?cards=my-phone,bodycam", "posters", "poster?place=custody"):
        page.goto(f"{address}/northmoor/{path}", wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.context.cookies() == []
    page.close()
    assert all(url.startswith(address) for url in asked)
    assert faults == []


def test_the_letters_of_the_address_are_copied_as_they_are(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{address}/northmoor/sheet?cards=my-phone")
    assert re.fullmatch(
        r"127\.0\.0\.1:\d+/northmoor\?card=my-phone", (page.locator(".sheet-address").text_content() or "").strip()
    )
    page.close()
