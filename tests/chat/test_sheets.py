"""Answers and posters on paper: signed words alone, each with who signed it, help, and a code back to the live card."""

import re
import unicodedata
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
import segno
from fastapi import FastAPI

from accessibility.markup import plain
from accessibility.rule_finding import LEVELS
from api.chat.sheets.sheet_view import MOST
from api.web.pages import day
from content.interface import load_interface
from content.signed_words import SignedVersion
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.json_child import Child
from tests.records.test_withdrawals import hide

WORDS = load_interface()
DECK = ("fingerprints-dna", "my-phone", "who-gets-told")
"""In Northmoor the first is in its own words."""
HREFS = re.compile(r'(?:href|action)="([^"]*)"')


def sheets(page: httpx.Response) -> list[str]:
    """The sheets of a page, each as its words without marks."""
    found = re.findall(r'<article class="sheet".*?</article>', page.text, re.DOTALL)
    return [said(one) for one in found]


def said(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def texts(version: SignedVersion) -> list[str]:
    """Everything that a sheet must say of these words."""
    meanings = [one.meaning for bubble in version.bubbles for one in bubble.meanings]
    lines = [line for bubble in version.bubbles for line in plain(bubble.text).splitlines()]
    return [version.question, *(line.lstrip("-1234567890. ") for line in lines if line.strip()), *meanings]


def squeezed(text: str) -> str:
    """Words without what stands between them, and with letters that are drawn as one apart again."""
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", text))


@pytest.fixture
async def app(sqlite_url: str, tmp_path: Path) -> AsyncIterator[DeskApp]:
    async with desk_app(sqlite_url, tmp_path, public_url="https://know.example") as found:
        yield found


async def test_a_deck_is_its_cards_in_their_order_with_all_that_is_signed(
    client: httpx.AsyncClient, running: tuple[FastAPI, FakeBrain]
) -> None:
    pack_cache = doors(running[0]).pack_cache
    pack, today = pack_cache.pack("northmoor"), pack_cache.today()
    for level in LEVELS:
        page = await client.get("/northmoor/sheet", params={"cards": ",".join(DECK), "level": level})
        assert page.status_code == 200
        found = sheets(page)
        assert len(found) == len(DECK)
        for key, sheet in zip(DECK, found, strict=True):
            signed = pack.card(key, today)
            for text in texts(signed.words.levels[level]):
                assert squeezed(text) in squeezed(sheet), (key, level)
            assert WORDS.say("signed", post=signed.signer.post, date=day(signed.signed_on)) in sheet
            assert WORDS.say("review_by", date=day(signed.review_by)) in sheet
            assert WORDS.say("sheet_words_of", date=day(today)) in sheet
            for name in ("practice", "closed_danger", "closed_talk"):
                assert WORDS[name] in sheet


async def test_a_code_and_letters_lead_back_to_the_live_card(app: DeskApp) -> None:
    page = await app.browser().get("/northmoor/sheet?cards=my-phone")
    address = "https://know.example/northmoor?card=my-phone"
    drawn = segno.make(address, micro=False, error="m").svg_inline(border=4, dark="#000", light="#fff")
    assert re.findall(r'd="(M[^"]+)"', drawn)[-1] in page.text
    assert "know.example/northmoor?card=my-phone" in said(page.text).replace("/ ", "/").replace("? ", "?")
    live = await app.browser().get(address.removeprefix("https://know.example"))
    assert "Do I have to give the police my phone?" in unescape(live.text)


async def test_pictures_are_there_or_not_and_hard_words_stand_under_where_they_are(client: httpx.AsyncClient) -> None:
    pictured, plain_words, large = [
        (await client.get(f"/northmoor/sheet?cards=my-phone&level=easy&look={look}")).text
        for look in ("pictures", "plain", "large")
    ]
    assert 'src="/pictures/phone.svg"' in pictured
    assert 'src="/pictures/phone.svg"' in large
    assert "/pictures/" not in plain_words
    assert 'class="sheets ink-colour look-large"' in large
    for html in (pictured, plain_words, large):
        bubble = html[html.index("keep passcodes private") :]
        assert "<b>Passcode</b>: The numbers that open your phone." in bubble[: bubble.index('<div class="bubble')]


@pytest.mark.parametrize(
    ("reading", "look", "level"),
    [("", "pictures", "simple"), ("easy.no-pictures", "plain", "easy"), ("standard.biggest", "large", "standard")],
)
async def test_what_the_address_does_not_say_is_as_the_reader_likes_it(
    client: httpx.AsyncClient, reading: str, look: str, level: str
) -> None:
    for asked in ({}, {"look": "glitter", "level": "9", "ink": "gold"}):
        query = {"cards": "my-phone", **({"reading": reading} if reading else {}), **asked}
        page = (await client.get("/northmoor/sheet", params=query)).text
        assert f'class="sheets ink-colour look-{look}"' in page
        assert f'name="level" value="{level}" checked' in page
    # How the answers are read in the chat is not changed by how they are printed.
    page = (await client.get("/northmoor/sheet?cards=my-phone&look=plain&reading=dark")).text
    assert "no-pictures" not in page


async def test_what_is_no_live_card_is_left_out_in_signed_words(app: DeskApp, cards) -> None:  # noqa: ANN001
    browser, checked = app.browser(), cards["being-checked"].version("simple").bubbles[0].text.split("{")[0][:30]
    hide(doors(app.app).pack_cache, "northmoor", "my-phone")
    page = await browser.get("/northmoor/sheet?cards=fingerprints-dna,my-phone,no-such-card,in-danger")
    assert len(sheets(page)) == 1
    assert "Do I have to give" not in unescape(page.text)
    assert checked in page.text
    assert "Answers that we left out: 3" in page.text
    # Kent's children read the national words still.
    assert len(sheets(await browser.get("/kent/sheet?cards=fingerprints-dna,my-phone"))) == 2
    none = await browser.get("/northmoor/sheet?cards=my-phone")
    assert none.status_code == 200
    assert checked in none.text
    assert WORDS["sheet_none"] in none.text
    assert "sheet.pdf" not in none.text
    assert (await browser.get("/northmoor/sheet.pdf?cards=my-phone")).status_code == 404


async def test_a_past_review_date_takes_a_card_off_paper_too(app: DeskApp) -> None:
    signed = doors(app.app).pack_cache.pack("northmoor").card("my-phone", app.clock().date())
    app.clock.move(days=(signed.review_by - app.clock().date()).days + 1)
    doors(app.app).pack_cache.today = lambda: app.clock().date()
    page = await app.browser().get("/northmoor/sheet?cards=my-phone")
    assert "Do I have to give" not in unescape(page.text)


async def test_at_most_thirty_and_the_page_says_so(
    client: httpx.AsyncClient, running: tuple[FastAPI, FakeBrain]
) -> None:
    pack_cache = doors(running[0]).pack_cache
    live = pack_cache.pack("northmoor").live(pack_cache.today()).items()
    keys = [key for key, signed in live if signed.words.kind == "card"][: MOST + 5]
    page = await client.get("/northmoor/sheet", params={"cards": ",".join(keys)})
    assert len(sheets(page)) == MOST == 30
    assert WORDS["sheet_most"] in page.text
    assert WORDS["sheet_most"] not in (await client.get(f"/northmoor/sheet?cards={keys[0]},{keys[0]},")).text


@pytest.mark.parametrize(
    "typed", ["my name is Sam and he hits me", '"><script>alert(1)</script>', "a," * 3000, "\u202e"]
)
async def test_what_anybody_writes_into_the_address_goes_into_no_other(client: httpx.AsyncClient, typed: str) -> None:
    page = await client.get("/northmoor/sheet", params={"cards": f"my-phone,{typed}", "chat": typed, "level": typed})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    for link in HREFS.findall(page.text):
        assert "Sam" not in link
        assert "alert" not in link
        assert len(link) < 300
    assert 'name="cards" value="my-phone"' in page.text


async def test_another_forces_words_are_on_no_sheet_of_ours(client: httpx.AsyncClient) -> None:
    ours = sheets(await client.get("/northmoor/sheet?cards=fingerprints-dna&level=easy"))[0]
    theirs = sheets(await client.get("/southmere/sheet?cards=fingerprints-dna&level=easy"))[0]
    assert "Northmoor" in ours
    assert "Northmoor" not in theirs
    assert "the lead for children, Northmoor" not in theirs


async def test_who_has_not_signed_says_so_and_where_no_force_is_named_too(client: httpx.AsyncClient) -> None:
    kent = sheets(await client.get("/kent/sheet?cards=my-phone"))[0]
    assert "Kent Police has not checked them yet." in kent
    anywhere = sheets(await client.get("/england-and-wales/sheet?cards=my-phone"))[0]
    assert WORDS["national_words_any"] in anywhere
    assert "england-and-wales?" in anywhere
    assert "card=my-phone" in anywhere


async def test_pages_for_paper_of_a_shut_door_another_law_and_no_force(app: DeskApp) -> None:
    browser = app.browser()
    doors(app.app).pack_cache.closed = {"kent": "door_checking"}
    for page in ("sheet?cards=my-phone", "sheet.pdf?cards=my-phone", "posters", "poster", "poster.pdf"):
        shut = await browser.get(f"/kent/{page}")
        assert shut.status_code == 503
        assert "999" in shut.text
        elsewhere = await browser.get(f"/police-scotland/{page}")
        assert elsewhere.headers["location"] == "/police-scotland"
        assert (await browser.get(f"/narnia/{page}")).status_code == 404


async def test_a_page_for_paper_keeps_nothing_and_asks_nobody(client: httpx.AsyncClient) -> None:
    for path in ("/northmoor/sheet?cards=my-phone", "/northmoor/posters", "/northmoor/poster?place=school"):
        page = await client.get(path)
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r'(?:src|href)="(?:https?:)?//(?!www\.bbc)', page.text)
        assert " style=" not in page.text
        assert (await client.head(path)).status_code == 200


async def test_an_answer_leads_to_paper_and_back_and_help_goes_along(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    assert "/sheet?cards" not in await child.page()
    await child.press("my-phone")
    link = re.search(r'href="(/northmoor/sheet\?cards=my-phone[^"]*)"', await child.page())
    assert link
    paper = await client.get(unescape(link[1]))
    assert len(sheets(paper)) == 1
    assert 'class="pinned"' not in paper.text
    back = re.search(r'class="sheet-back" href="([^"]+)"', paper.text)
    assert back
    assert "Do I have to give the police my phone?" in unescape((await client.get(unescape(back[1]))).text)
    await child.say("my dad is hitting me right now")
    assert "/sheet?cards" not in await child.page()
    rung = await client.get("/northmoor/sheet", params={"cards": "my-phone", "chat": child.token})
    assert '<p class="pinned"><a href="tel:999">' in rung.text
    stale = await client.get("/northmoor/sheet?cards=my-phone&chat=over")
    assert 'class="sheet-back" href="/northmoor"' in stale.text


async def test_a_journey_leads_to_its_answers_on_paper(client: httpx.AsyncClient) -> None:
    page = (await client.get("/northmoor/journey/arrested?reading=easy")).text
    opened = list(dict.fromkeys(re.findall(r'name="card" value="([a-z0-9-]+)"', page)))
    link = re.search(r'href="(/northmoor/sheet\?cards=([a-z0-9,-]+)[^"]*)"', page)
    assert link
    assert link[2].split(",") == opened
    assert len(sheets(await client.get(unescape(link[1])))) == len(opened)


async def test_in_a_frame_paper_opens_beside_it_because_a_frame_prints_and_saves_nothing(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/northmoor?card=my-phone&within=northmoor")
    assert re.search(
        r'<a class="choice pictured" href="/northmoor/sheet[^"]+" target="_blank" rel="noopener">', page.text
    )
