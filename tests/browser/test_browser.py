"""In a real Chromium: the talk with script and without, at phone and desktop size, by keyboard, and leaving at once."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.chromium import PHONE, TALL_DESK, TALL_PHONE, WHOLE_CHROMIUM, with_and_without_script

CHROMIUM = WHOLE_CHROMIUM

pytestmark = pytest.mark.browser

# What a child meets is looked at in tests/browser/test_axe_everywhere.py.
PAGES = ("/register", "/register?show=facts", "/register/northmoor", "/register/northmoor/bodycam")
WATCH_ANNOUNCEMENTS = """() => {
  const log = document.getElementById("new-messages");
  window.said = [];
  new MutationObserver(() => { if (log.textContent) window.said.push(log.textContent); })
    .observe(log, { childList: true, characterData: true, subtree: true });
}"""
WIDE_SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; }
    * { word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
SMALL_TARGETS = """() => [
    ...document.querySelectorAll("button, summary, input:not([type=hidden]), select, .top a, .foot a"),
  ].filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""
COVERED = """() => {
  const one = document.activeElement;
  if (one === document.body) return [];
  const { left, top, width, height } = one.getBoundingClientRect();
  const shown = document.elementFromPoint(left + Math.min(width, 40) / 2, top + height / 2);
  return shown && (one.contains(shown) || shown.contains(one)) ? [] : [one.outerHTML];
}"""
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def ask(page: Page, text: str) -> None:
    page.get_by_label("Ask in your own words").fill(text)
    page.get_by_role("button", name="Ask", exact=True).click()


def open_answer(page: Page, address: str, level: str) -> None:
    """An answer at a level, by the menu."""
    page.goto(f"{address}/northmoor?level={level}")
    for name in ("Hurt or scared", "Someone hurt me", "Will the police tell my parents or carers?"):
        page.locator("#latest").get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#latest")).to_have_attribute("data-kind", "card")


def press(page: Page, card: str) -> None:
    """Presses the button that opens a card, where it waits behind More too."""
    button = page.locator(f"#latest button[name=card][value={card}]").last
    button.wait_for(state="attached")
    if not button.is_visible():
        page.locator("#latest .more > summary").click()
    button.click()


@with_and_without_script
def test_a_whole_talk(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Find my police").click()
    page.get_by_label("Type your town").fill("northmoor")
    page.get_by_role("button", name="Find my police").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Northmoor")
    ask(page, "how long do they keep my finger prins")
    expect(page.locator("#latest h3")).to_contain_text("cannot read your words")
    press(page, "fingerprints-dna")
    expect(page.locator("#latest")).to_contain_text("6 months")
    page.locator("#latest").get_by_role("button", name="Say it simpler").click()
    expect(page.locator("#latest")).to_have_attribute("data-level", "easy")
    page.locator("#latest .more > summary").click()
    expect(page.locator("#latest").get_by_role("button", name="Easy words")).to_have_attribute("aria-pressed", "true")
    page.locator("#latest").get_by_role("button", name="Go back").click()
    page.locator(".composer").get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#latest")).to_contain_text("0800 1111")


@with_and_without_script
def test_the_alarm_shows_help_that_stays(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    expect(page.locator(".pinned")).to_be_hidden()
    ask(page, "my dad is hitting me right now")
    expect(page.locator("#latest")).to_have_attribute("data-kind", "alarm")
    expect(page.locator(".pinned")).to_be_visible()
    page.locator("#latest .more > summary").click()
    page.locator("#latest").get_by_role("button", name="Easy words").click()
    expect(page.locator(".pinned")).to_be_visible()


@with_and_without_script
def test_the_menu_leads_to_an_answer(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?level=easy")
    for name in ("Police or school", "I was arrested", "More", "More", "How long can the police keep me in a cell?"):
        before = page.locator("#latest").inner_text()
        page.locator("#latest").get_by_role("button", name=name, exact=True).click()
        expect(page.locator("#latest")).not_to_have_text(before, use_inner_text=True)
    expect(page.locator("#latest h3")).to_contain_text("cell")
    page.locator("#latest .more > summary").click()
    page.locator("#latest").get_by_role("button", name="Go back").click()
    expect(
        page.locator("#latest").get_by_role("button", name="How long can the police keep me in a cell?")
    ).to_be_visible()


@with_and_without_script
def test_after_an_alarm_the_ways_on_are_of_one_size_and_help_stays(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    ask(page, "my dad is hitting me right now")
    ways = page.locator("#latest .equal button")
    expect(ways).to_have_count(3)
    # Without script this is a new page, whose looks may still be on their way.
    page.wait_for_load_state()
    boxes = [box for way in ways.all() if (box := way.bounding_box())]
    for side in ("width", "height"):
        assert max(box[side] for box in boxes) - min(box[side] for box in boxes) <= 2
    page.get_by_role("button", name="That is not what I meant").click()
    expect(page.locator("#latest")).not_to_have_attribute("data-kind", "alarm")
    expect(page.locator(".pinned")).to_be_visible()


def test_the_meaning_of_a_hard_word_is_easy_to_read(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?level=easy")
    for name in ("Police or school", "I was arrested", "Can I talk to someone in private at the police station?"):
        page.locator("#latest").get_by_role("button", name=name, exact=True).click()
    meaning = page.locator("#latest .bubble .meaning", has_text="Solicitor").first
    expect(meaning).to_be_visible()
    assert float(meaning.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")) >= 16


def test_the_childs_words_are_shown_in_the_talk_and_nowhere_else(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    ask(page, "where do they <b>keep</b> it")
    expect(page.locator(".said p")).to_have_text("where do they <b>keep</b> it")
    assert "keep" not in page.url
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    page.reload()
    expect(page.locator(".said")).to_have_count(0)


def test_a_new_answer_is_announced_once_and_without_the_childs_words(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    page.evaluate(WATCH_ANNOUNCEMENTS)
    ask(page, "zebrafish")
    expect(page.locator(".said")).to_have_count(1)
    expect(page.locator("#new-messages")).to_be_empty(timeout=3000)
    said = page.evaluate("window.said")
    assert len(said) == 1
    assert "zebrafish" not in said[0]


def test_focus_stays_in_the_box_when_an_answer_comes(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    box = page.get_by_label("Ask in your own words")
    box.fill("where is it kept")
    box.press("Enter")
    expect(page.locator(".said")).to_have_count(1)
    expect(box).to_be_focused()
    expect(box).to_have_value("")


def test_no_network_keeps_the_words_and_says_so(page: Page, context: BrowserContext, address: str) -> None:
    page.goto(f"{address}/northmoor")
    context.set_offline(True)
    ask(page, "who sees it")
    expect(page.locator("#told")).to_have_text("Not sent. Try again.")
    expect(page.get_by_label("Ask in your own words")).to_have_value("who sees it")
    context.set_offline(False)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".said")).to_have_count(1)


def test_too_long_and_empty_are_told_and_nothing_is_lost(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    ask(page, "x" * 1001)
    expect(page.locator("#told")).to_contain_text("too long")
    expect(page.get_by_label("Ask in your own words")).to_have_value("x" * 1001)
    ask(page, "")
    expect(page.locator("#told")).to_contain_text("empty")


def test_an_old_page_starts_again(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    page.evaluate("document.querySelectorAll('input[name=chat]').forEach((input) => { input.value = 'old'; })")
    ask(page, "who sees it")
    expect(page.locator("#told")).to_contain_text("open too long")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".said")).to_have_count(1)


def test_buttons_work_in_browsers_whose_forms_do_not_know_their_button(
    page: Page, context: BrowserContext, address: str
) -> None:
    context.add_init_script("const Old = FormData; window.FormData = function (form) { return new Old(form); };")
    page.goto(f"{address}/northmoor")
    press(page, "who-gets-told")
    expect(page.locator("#latest h3")).to_contain_text("tell about me")


def test_a_server_that_never_answers_gives_the_page_back_and_shows_help(
    page: Page, context: BrowserContext, address: str
) -> None:
    held: list[Route] = []
    page.clock.install()
    page.goto(f"{address}/northmoor")
    context.route("**/say", lambda route: held.append(route))
    ask(page, "who sees it")
    page.clock.fast_forward(1_000)
    expect(page.locator("#told")).to_have_text("Getting your answer.")
    page.clock.fast_forward(10_000)
    expect(page.locator("#told")).to_have_text("Not sent. Try again.")
    expect(page.locator(".pinned")).to_be_visible()
    context.unroute("**/say")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".said")).to_have_count(1)


def test_a_person_can_be_asked_for_while_an_answer_is_awaited(
    page: Page, context: BrowserContext, address: str
) -> None:
    held: list[Route] = []
    page.goto(f"{address}/northmoor")
    context.route("**/say", lambda route: held.append(route) if not held else route.continue_())
    ask(page, "who sees it")
    page.locator(".composer").get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#latest")).to_contain_text("0800 1111")


def test_words_typed_while_waiting_are_not_erased(page: Page, context: BrowserContext, address: str) -> None:
    held: list[Route] = []
    page.goto(f"{address}/northmoor")
    context.route("**/say", lambda route: held.append(route))
    ask(page, "who sees it")
    page.get_by_label("Ask in your own words").fill("and my next question")
    held[0].continue_()
    expect(page.locator(".said")).to_have_count(1)
    expect(page.get_by_label("Ask in your own words")).to_have_value("and my next question")


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_that_fails_shows_help(page: Page, context: BrowserContext, address: str, status: int) -> None:
    page.goto(f"{address}/northmoor")
    context.route("**/say", lambda route: route.fulfill(status=status, body="<h1>Oh</h1>", content_type="text/html"))
    ask(page, "who sees it")
    expect(page.locator("#told")).to_have_text("Not sent. Try again.")
    expect(page.locator(".pinned")).to_be_visible()
    expect(page.get_by_label("Ask in your own words")).to_have_value("who sees it")


def test_every_answer_keeps_a_name_of_its_own_and_the_focus_follows_a_press(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor?level=standard")
    for turn in range(2, 10):
        page.locator("#latest button[name=card]").first.press("Enter")
        expect(page.locator(".answer")).to_have_count(turn)
        expect(page.locator("#latest h3")).to_be_focused()
    page.locator("#latest .more > summary").press("Enter")
    page.locator("#latest").get_by_role("button", name="Easy words").click()
    expect(page.locator(".answer")).to_have_count(10)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    named = page.evaluate("""() => [...document.querySelectorAll('.answer')].every(
      (one) => one.contains(document.getElementById(one.getAttribute('aria-labelledby'))))""")
    assert named


@with_and_without_script
def test_leave_quickly(page: Page, context: BrowserContext, address: str) -> None:
    context.route(
        "https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Weather</h1>", content_type="text/html")
    )
    page.goto(f"{address}/")
    page.goto(f"{address}/northmoor")
    page.get_by_role("button", name="Leave quickly").click()
    expect(page.get_by_role("heading")).to_have_text("Weather")


def test_leaving_does_not_wait_for_the_network_and_back_skips_the_talk(
    page: Page, context: BrowserContext, address: str
) -> None:
    context.route(
        "https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Weather</h1>", content_type="text/html")
    )
    held: list[Route] = []
    context.route("**/leave", lambda route: held.append(route))
    page.goto(f"{address}/")
    page.goto(f"{address}/northmoor")
    page.get_by_role("button", name="Leave quickly").click()
    expect(page.get_by_role("heading")).to_have_text("Weather")
    page.go_back()
    assert page.url == f"{address}/"


def test_back_after_answers_without_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/northmoor")
    press(page, "who-gets-told")
    first = page.url
    page.locator("#latest button[name=card]").first.click()
    page.wait_for_url(lambda url: url != first)
    page.go_back()
    assert page.url == first
    expect(page.locator("#latest h3")).to_contain_text("tell about me")
    context.close()


def test_what_has_the_focus_is_never_under_the_bars(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    open_answer(page, address, "easy")
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    hidden = []
    for _ in range(40):
        page.keyboard.press("Tab")
        hidden += page.evaluate(COVERED)
    assert hidden == []
    context.close()


def test_by_keyboard_alone(page: Page, address: str) -> None:
    page.goto(f"{address}/northmoor")
    stops = 0
    # Two of them are 999 and Childline, with which every page of choices begins.
    while page.evaluate("document.activeElement.name") != "text" and stops < 32:
        page.keyboard.press("Tab")
        stops += 1
        assert page.evaluate("document.activeElement.getBoundingClientRect().height > 0")
    page.keyboard.type("who do they tell")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_count(1)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_sideways_at_320_px_and_wide_spacing(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(address + path)
    page.evaluate(WIDE_SPACING)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = page.evaluate(SMALL_TARGETS)
    assert small == []
    context.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "looks",
    [{"viewport": TALL_DESK}, {"viewport": TALL_PHONE}, {"viewport": TALL_DESK, "forced_colors": "active"}],
    ids=["desk", "phone", "forced-colours"],
)
def test_axe_finds_nothing(browser: Browser, address: str, path: str, looks: dict[str, object]) -> None:
    # The page's own policy refuses scripts from elsewhere, so axe needs it set aside.
    context = browser.new_context(bypass_csp=True, **looks)
    page = context.new_page()
    page.goto(address + path)
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, results.generate_report()
    context.close()


def test_a_whole_visit_asks_only_us(page: Page, context: BrowserContext, address: str) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(address)
    page.goto(f"{address}/northmoor")
    press(page, "who-gets-told")
    expect(page.locator(".answer")).to_have_count(2)
    assert asked
    assert all(url.startswith(address) for url in asked)
    assert errors == []


def test_the_easy_answer_shows_above_the_box_on_a_small_phone(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    open_answer(page, address, "easy")
    first = page.locator("#latest .bubble").first.bounding_box()
    composer = page.locator(".composer").bounding_box()
    assert first
    assert composer
    assert first["y"] + first["height"] <= composer["y"]
    context.close()
