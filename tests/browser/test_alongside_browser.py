"""A worker alongside a child in a real Chromium: with script and without, phone and desk, seen, read and printed."""

import io

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from tests.browser.test_browser import WATCH_ANNOUNCEMENTS, ask, press
from tests.browser.test_reader import ANNOUNCED, START, WAITING
from tests.browser.test_storage_browser import NOTHING, STORED
from tests.chromium import DESK
from tests.page_tools import tool

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
HERE = "A worker is here with you."
A4 = (595, 842)
IN_VIEW = """(words) => {
  const $one = [...document.querySelectorAll(".alongside p")].find(($one) => $one.textContent.includes(words));
  const { x, y, width, height } = $one.getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2) === $one;
}"""
ways = pytest.mark.parametrize(
    "context",
    [{"viewport": size, "java_script_enabled": script} for size in (DESK, PHONE) for script in (True, False)],
    indirect=True,
    ids=["desk", "desk-no-script", "phone", "phone-no-script"],
)
scripted = pytest.mark.parametrize(
    "context", [{"viewport": DESK}, {"viewport": PHONE}], indirect=True, ids=["desk", "phone"]
)


def start(page: Page, address: str) -> None:
    """As a worker does, from the first page."""
    page.goto(address)
    page.get_by_role("link", name="I work with young people").click()
    page.get_by_label("Where does the young person live?").select_option("northmoor")
    page.get_by_role("button", name="Start together").click()
    expect(page.get_by_text(HERE)).to_be_visible()
    # Before its script has come the page works as without, where what was asked is not shown again.
    page.wait_for_load_state()


def opens(page: Page, question: str) -> None:
    """A question in the worker's column, pressed: it opens in the child's chat."""
    worker(page).get_by_role("button", name=question).click()
    expect(page.locator("#latest h3")).to_contain_text(question)


def worker(page: Page):  # noqa: ANN201
    """The worker's column, of which there is one."""
    found = page.get_by_role("complementary", name="For the worker")
    expect(found).to_have_count(1)
    return found


@ways
def test_a_worker_and_a_child_go_through_answers_together(page: Page, address: str) -> None:
    start(page, address)
    expect(worker(page)).to_contain_text("Before they begin")
    ask(page, "how long do they keep my finger prins")
    press(page, "fingerprints-dna")
    expect(page.locator("#latest")).to_contain_text("6 months")
    beside = worker(page)
    expect(beside).to_contain_text("Ask them to say it back in their own words.")
    expect(beside.get_by_role("link", name="Police and Criminal Evidence Act 1984, sections 63D")).to_have_count(1)
    beside.locator("summary", has_text="Easy words").click()
    expect(beside.locator("details[open] .bubble")).not_to_have_count(0)
    opens(page, "Can the police delete my record?")
    expect(worker(page)).not_to_contain_text("Police and Criminal Evidence Act 1984, sections 63D")
    page.locator("#latest").get_by_role("button", name="Say it simpler").click()
    expect(page.locator("#latest")).to_have_attribute("data-level", "easy")
    expect(worker(page).locator("summary", has_text="More words")).to_have_count(1)
    expect(worker(page).locator("summary", has_text="Easy words")).to_have_count(0)
    page.get_by_role("button", name="I want to be alone with this page").click()
    expect(page.get_by_text(HERE)).to_have_count(0)
    expect(page.locator("aside.worker")).to_have_count(0)
    expect(page.locator("#latest h3")).to_contain_text("delete")
    expect(page.locator("#latest")).to_have_attribute("data-level", "easy")


@ways
def test_the_childs_part_is_large_and_first_and_the_worker_is_seen_to_be_there(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?mode=alongside&card=fingerprints-dna")
    talk, beside = page.locator("main").bounding_box(), worker(page).bounding_box()
    assert talk
    assert beside
    if page.viewport_size == DESK:
        assert beside["x"] >= talk["x"] + talk["width"]
        assert talk["width"] > 1.3 * beside["width"]
        assert (beside["y"], beside["height"]) == (0, DESK["height"])
    else:
        assert beside["y"] > talk["y"] + talk["height"]
        assert beside["width"] == talk["width"]
    page.evaluate("window.scrollTo(0, 600)")
    assert page.evaluate("window.scrollY") > 300
    assert page.evaluate(IN_VIEW, HERE)
    page.evaluate("document.getElementById('worker').scrollIntoView()")
    assert page.evaluate(IN_VIEW, HERE)


@ways
def test_start_fresh_and_back_shows_nothing_of_before(page: Page, address: str) -> None:
    start(page, address)
    ask(page, "how long do they keep my finger prins")
    press(page, "fingerprints-dna")
    expect(page.locator("#latest")).to_contain_text("6 months")
    page.get_by_role("button", name="Start fresh").click()
    expect(page.get_by_role("main").get_by_text("We are not the police")).to_be_visible()
    expect(page.get_by_text(HERE)).to_be_visible()
    for _ in range(3):
        page.go_back()
        expect(page.locator("body")).not_to_contain_text("6 months")
        expect(page.locator(".said")).to_have_count(0)


@scripted
def test_only_the_answer_is_read_out_and_the_focus_goes_to_it(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?mode=alongside&card=fingerprints-dna")
    page.evaluate(WATCH_ANNOUNCEMENTS)
    question = "Can the police delete my record?"
    opens(page, question)
    said = page.evaluate("window.said")
    assert len(said) == 1
    assert said[0].startswith(f"Answer: {question}")
    for words in ("Offer a break", "They might ask next", "Signed by", "For the worker"):
        assert words not in said[0]
    assert page.evaluate("document.activeElement.textContent").endswith(question)
    assert page.locator("[id]").evaluate_all("(all) => all.length - new Set(all.map((one) => one.id)).size") == 0
    page.locator("#latest .more > summary").click()
    page.locator("#latest [data-pictures]").click()
    expect(page.locator("#latest [data-pictures]")).to_have_attribute("aria-pressed", "false")
    worker(page)


def test_a_screen_reader_hears_each_answer_once_and_finds_the_column_after_the_box(page: Page, address: str) -> None:
    library = tool("@guidepup/virtual-screen-reader/lib/esm/index.browser.js").read_text("utf-8")
    page.route("**/static/virtual-reader.js", lambda route: route.fulfill(body=library, content_type="text/javascript"))
    page.goto(f"{address}/northmoor?mode=alongside&card=fingerprints-dna")
    page.evaluate(START)
    opens(page, "Can the police delete my record?")
    expect(page.locator("#new-messages")).to_be_empty()
    heard = [one for one in page.evaluate(ANNOUNCED) if one not in WAITING]
    assert len(heard) == 1
    assert heard[0].startswith("polite: Answer: Can the police delete my record?")
    order = page.locator("#latest h3, #text, #worker").evaluate_all("(all) => all.map((one) => one.id || one.tagName)")
    assert order[-2:] == ["text", "worker"]


def test_by_keyboard_the_box_comes_before_the_column_and_a_question_opens(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?mode=alongside&card=fingerprints-dna")
    page.get_by_label("Ask in your own words").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(worker(page)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#latest h3")).to_contain_text("custody photo")
    assert page.evaluate("document.activeElement.closest('.answer')?.id") == "latest"


@scripted
def test_an_alarm_shows_the_worker_what_to_do_and_the_child_their_own_help(page: Page, address: str) -> None:
    start(page, address)
    ask(page, "my dad is hitting me right now")
    expect(page.locator("#latest")).to_have_attribute("data-kind", "alarm")
    expect(page.locator(".pinned")).to_be_visible()
    expect(worker(page)).to_contain_text("call 999")
    assert "hitting" not in worker(page).inner_text()
    page.locator("#latest").get_by_role("button", name="That is not what I meant").click()
    expect(worker(page).locator("summary", has_text="danger or harm")).to_have_count(1)


def test_nothing_is_stored_and_nothing_is_asked_of_another_host(
    page: Page, context: BrowserContext, address: str
) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    start(page, address)
    ask(page, "zebrafish in my kitchen")
    expect(page.locator(".said")).to_have_count(1)
    assert page.evaluate(STORED) == NOTHING
    assert context.cookies() == []
    assert hosts == {address.split("/")[2]}
    assert "zebrafish" not in page.url


def test_the_column_is_not_printed_with_an_answer(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?mode=alongside&card=fingerprints-dna")
    sheets = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    printed = " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())
    assert "6 months" in printed
    assert "Offer a break" not in printed


def test_the_guide_is_one_page_of_a4_with_its_last_source(page: Page, address: str) -> None:
    page.goto(f"{address}/alongside/guide")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    for looks in ("", "?reading=dark", "?mode=alongside"):
        page.goto(f"{address}/alongside/guide{looks}")
        (sheet,) = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
        assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == A4
        text = " ".join(sheet.extract_text().split())
        assert "In danger now, call 999." in text
        assert "National Appropriate Adult Network" in text
