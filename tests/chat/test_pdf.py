"""Pages for paper as PDF: tagged for screen readers, made apart from the pages, and from nothing but what is given."""

import asyncio
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from accessibility.symbols import picture, symbols
from api.chat.sheets.sheet_pdf import in_greys
from content.interface import load_interface
from tests.chat.test_sheets import DECK, squeezed, texts
from tests.doors import doors
from tests.fake_brain import FakeBrain

ROOT = Path(__file__).parents[2]
WORDS = load_interface()
SHEET = "/northmoor/sheet.pdf"
PAGE = '<!doctype html><html lang="en"><title>Sample</title>{}</html>'
PAINTS = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b")


def elements(pdf: PdfReader) -> Iterator[DictionaryObject]:
    """Every element of the structure, in reading order."""
    left = [pdf.root_object["/StructTreeRoot"]["/K"]]
    while left:
        one = left.pop()
        one = one.get_object()
        if isinstance(one, list):
            left.extend(reversed(one))
        elif isinstance(one, DictionaryObject) and "/S" in one:
            yield one
            left.append(one.get("/K", []))


def of_kind(pdf: PdfReader, *kinds: str) -> list[DictionaryObject]:
    return [one for one in elements(pdf) if one["/S"] in kinds]


async def made(client: httpx.AsyncClient, path: str = SHEET, **asked: str) -> PdfReader:
    page = await client.get(path, params={"cards": ",".join(DECK), **asked} if path == SHEET else asked)
    assert page.status_code == 200
    assert page.headers["content-type"] == "application/pdf"
    return PdfReader(io.BytesIO(page.content))


def words_of(pdf: PdfReader) -> str:
    return squeezed("".join(page.extract_text() for page in pdf.pages))


@pytest.mark.parametrize(
    "asked", [{"level": "easy"}, {"level": "standard", "look": "plain"}, {"look": "large", "ink": "black"}]
)
async def test_a_deck_is_tagged_named_and_has_every_word(
    client: httpx.AsyncClient, running: tuple[FastAPI, FakeBrain], asked: dict[str, str]
) -> None:
    pdf, pack_cache = await made(client, **asked), doors(running[0]).pack_cache
    catalog = pdf.root_object
    assert catalog["/Lang"] == "en-GB"
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title == WORDS["page_title"]
    assert b'pdfuaid:part="1"' in catalog["/Metadata"].get_object().get_data()
    shown = [pack_cache.pack("northmoor").card(key, pack_cache.today()) for key in DECK]
    versions = [one.words.levels[asked.get("level", "simple")] for one in shown]
    assert [mark.title for mark in pdf.outline] == [version.question for version in versions]
    for version in versions:
        for text in texts(version):
            assert squeezed(text) in words_of(pdf)
    assert words_of(pdf).count(squeezed(WORDS["closed_talk"])) == len(DECK)
    assert words_of(pdf).count(squeezed(WORDS["practice"])) == len(DECK)


async def test_a_screen_reader_meets_headings_figures_with_words_and_links_in_place(client: httpx.AsyncClient) -> None:
    pdf = await made(client, level="easy")
    assert [one["/S"] for one in of_kind(pdf, "/H1", "/H2", "/H3")] == ["/H1"] * len(DECK)
    # Pictures that say nothing new are none: what is left is the code, which says what it is.
    assert [one["/Alt"] for one in of_kind(pdf, "/Figure")] == [WORDS["sheet_code"]] * len(DECK)
    assert len(of_kind(pdf, "/Link")) == len(DECK)
    annotations = [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]
    assert annotations
    assert all(note["/F"] == 4 and note["/Contents"] and "/StructParent" in note for note in annotations)
    for page in pdf.pages:
        fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
        assert fonts
        for font in fonts:
            below = font["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in below["/FontDescriptor"] or "/FontFile3" in below["/FontDescriptor"]
            assert "/ToUnicode" in font


async def test_each_card_begins_a_page_and_black_ink_has_no_colour(client: httpx.AsyncClient) -> None:
    pdf = await made(client, level="easy", ink="black")
    begun = [number for number, page in enumerate(pdf.pages) if WORDS["name"] in page.extract_text()[:60]]
    assert len(begun) == len(DECK)
    assert paints(pdf)
    assert all(red == green == blue for red, green, blue in paints(pdf))
    assert any(not red == green == blue for red, green, blue in paints(await made(client, level="easy")))


def paints(pdf: PdfReader) -> set[tuple[bytes, ...]]:
    """Every colour that is named anywhere in the file."""
    streams = [one.get_object() for one in (pdf.get_object(number) for number in range(1, len(pdf.xref[0]) + 1))]
    drawn = b"\n".join(one.get_data() for one in streams if hasattr(one, "get_data") and one.get("/Type") != "/XRef")
    return set(PAINTS.findall(drawn))


@pytest.mark.parametrize("place", ["force", "school", "custody", "club"])
async def test_a_poster_is_one_page(client: httpx.AsyncClient, place: str) -> None:
    for force in ("northmoor", "kent"):
        pdf = await made(client, f"/{force}/poster.pdf", place=place)
        assert len(pdf.pages) == 1
        for name in ("poster_title", f"poster_{place}_1", f"poster_{place}_3", "closed_talk", "practice"):
            assert squeezed(WORDS[name]) in words_of(pdf)
        assert [one["/Alt"] for one in of_kind(pdf, "/Figure")] == [WORDS["sheet_code"]]


@pytest.mark.parametrize("font", ["", "lexend", "dyslexic", "own"])
async def test_the_letters_are_those_that_the_reader_chose(client: httpx.AsyncClient, font: str) -> None:
    pdf = await made(client, reading=font or "easy")
    names = {str(one.get_object()["/BaseFont"]) for page in pdf.pages for one in page["/Resources"]["/Font"].values()}
    wanted = {"": "Atkinson", "lexend": "Lexend", "dyslexic": "OpenDyslexic"}.get(font)
    chosen = wanted is not None and (ROOT / "accessibility" / "fonts" / "files" / "fetched").exists()
    assert all((wanted if chosen else "") in name for name in names), names


async def test_a_file_is_saved_under_a_name_that_says_nothing(client: httpx.AsyncClient) -> None:
    page = await client.get(SHEET, params={"cards": "my-phone"})
    assert page.headers["content-disposition"] == 'attachment; filename="information-help.pdf"'
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers


async def test_what_was_left_out_is_said_in_the_file_too(client: httpx.AsyncClient) -> None:
    # A link holds keys of cards alone, and one of a card that is checked now stays in it.
    pdf = await made(client, cards="my-phone,in-danger")
    assert squeezed("Answers that we left out: 1") in words_of(pdf)


async def test_many_at_once_all_get_theirs_while_answers_go_on(client: httpx.AsyncClient) -> None:
    files = [asyncio.create_task(made(client, level=level)) for level in ("easy", "simple", "standard", "easy")]
    assert (await client.get("/northmoor?card=my-phone")).status_code == 200
    assert not all(file.done() for file in files)
    assert {len(pdf.outline) for pdf in await asyncio.gather(*files)} == {len(DECK)}


async def test_no_log_line_tells_what_was_printed(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="accessibility"), caplog.at_level(logging.INFO, logger="api"):
        await made(client, cards="my-phone")
    assert "my-phone" not in caplog.text


def test_grey_is_as_light_as_the_colour_was_and_every_picture_has_one() -> None:
    assert in_greys(b'<path fill="#f00" stroke="#00ff00" d="M0"/>') == b'<path fill="#363636" stroke="#b6b6b6" d="M0"/>'
    assert in_greys(b'<a href="#abc" style="fill:#fff"/>') == b'<a href="#abc" style="fill:#ffffff"/>'
    for key in symbols():
        left = re.findall(rb"#([0-9a-fA-F]{6})\b", in_greys(picture(key)))
        assert all(one[:2] == one[2:4] == one[4:] for one in left), key
