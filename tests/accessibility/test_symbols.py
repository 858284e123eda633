"""Every picture is named, approved, harmless to load, credited and served; easy answers have one for each idea."""

import re
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from accessibility.symbols import OURS, picture, symbols
from content.card import Card
from content.glossary import load_glossary
from content.situations import SITUATIONS

ALL = symbols()
DRAWN = sorted(key for key, symbol in ALL.items() if "openmoji" not in symbol)
# Skin tones; the female and male signs; man, woman, boy, girl and old people, whom OpenMoji draws as one or the other.
TONE_OR_GENDER = re.compile(r"1F3F[B-F]|2640|2642|1F46[6-9]|1F47[45]|1F6B[9A]")
# Pistol, bomb, knife, dagger, crossed swords, chains, the officer with a badge, the siren, the car with blue lights.
THREATS = {"1F52B", "1F4A3", "1F52A", "1F5E1", "2694", "26D3", "1F46E", "1F6A8", "1F693", "1F694"}
SVG = "{http://www.w3.org/2000/svg}"
PLAIN = {f"{SVG}{name}" for name in ("svg", "g", "path", "circle", "rect", "ellipse", "line", "polyline", "polygon")}


def drawing(key: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture(key))  # noqa: S314 - our own files and those of a locked package


def test_every_symbol_has_a_short_caption_of_its_own_and_a_meaning() -> None:
    captions = [symbol["caption"] for symbol in ALL.values()]
    assert [caption for caption in captions if not 1 <= len(caption.split()) <= 3] == []
    assert len({caption.casefold() for caption in captions}) == len(captions)
    assert [key for key, symbol in ALL.items() if not symbol["meaning"].endswith(".")] == []
    assert all(set(symbol) <= {"caption", "meaning", "openmoji", "bci"} for symbol in ALL.values())
    assert all(re.fullmatch(r"\d{4,5}", symbol.get("bci", "12345")) for symbol in ALL.values())


def test_no_picture_threatens_or_shows_a_skin_tone_or_a_gender() -> None:
    codes = {key: symbol["openmoji"] for key, symbol in ALL.items() if "openmoji" in symbol}
    assert {key for key, code in codes.items() if TONE_OR_GENDER.search(code) or code in THREATS} == set()
    assert {key for key in ALL if re.search("gun|knife|weapon|cuff|badge", key)} == set()


def test_the_folder_of_our_pictures_holds_what_is_listed_and_its_licence() -> None:
    assert sorted(path.stem for path in OURS.glob("*.svg")) == DRAWN
    licence = (OURS / "LICENSE.txt").read_text("utf-8")
    assert "CC BY-SA 4.0" in licence
    assert "In the Know" in licence


@pytest.mark.parametrize("key", sorted(ALL))
def test_a_picture_is_a_drawing_and_nothing_more(key: str) -> None:
    root = drawing(key)
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 72 72"
    for part in root.iter():
        assert part.tag in PLAIN | {f"{SVG}defs", f"{SVG}clipPath", f"{SVG}use"}
        for name, value in part.attrib.items():
            assert not name.startswith("on")
            assert "style" not in name
            assert not name.endswith("href") or value.startswith("#")
            assert "url(http" not in value


@pytest.mark.parametrize("key", DRAWN)
def test_our_drawings_are_small_and_have_no_words(key: str) -> None:
    assert len(picture(key)) < 3_000
    root = drawing(key)
    assert {part.tag for part in root.iter()} <= PLAIN
    assert "".join(root.itertext()).strip() == ""


def test_every_picture_that_is_used_is_in_the_list(cards: dict[str, Card]) -> None:
    of_cards = {
        bubble.symbol
        for card in cards.values()
        for version in card.levels.values()
        for bubble in version.bubbles
        if bubble.symbol
    }
    of_menu = set(re.findall(r"symbol: ([a-z0-9-]+)", SITUATIONS.read_text("utf-8")))
    of_pages = {
        name
        for path in Path("api").glob("*/components/**/*.html")
        for name in re.findall(r"/pictures/([a-z0-9-]+)\.svg", path.read_text("utf-8"))
    }
    of_words = {word.symbol for word in load_glossary().values() if word.symbol}
    assert of_words
    assert (of_cards | of_menu | of_pages | of_words) - set(ALL) == set()


def test_every_idea_of_every_easy_answer_has_a_picture(cards: dict[str, Card]) -> None:
    easy = [(card.key, bubble) for card in cards.values() for bubble in card.levels["easy"].bubbles]
    assert easy
    assert [(key, bubble.text) for key, bubble in easy if not bubble.symbol] == []


async def test_every_picture_is_served(client: httpx.AsyncClient) -> None:
    for key in ALL:
        answer = await client.get(f"/pictures/{key}.svg")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.content == picture(key)


@pytest.mark.parametrize("key", ["not-there", "..%2Fsymbols", "LICENSE", "dna.svg", "%00", "DNA", "no%20name"])
async def test_a_picture_we_do_not_have_is_not_found(client: httpx.AsyncClient, key: str) -> None:
    assert (await client.get(f"/pictures/{key}.svg")).status_code == 404


async def test_the_page_of_all_pictures_says_what_each_means_and_who_drew_it(client: httpx.AsyncClient) -> None:
    page = await client.get("/pictures")
    assert page.status_code == 200
    assert page.text.count("<li>") >= len(ALL)
    for key, symbol in ALL.items():
        assert f'src="/pictures/{key}.svg"' in page.text
        assert symbol["caption"] in page.text
        assert symbol["meaning"] in page.text.replace("&#39;", "'")
    assert page.text.count("<small>In the Know</small>") == len(DRAWN)
    assert page.text.count("<small>OpenMoji</small>") == len(ALL) - len(DRAWN)


async def test_the_credits_name_who_drew_the_pictures_and_the_licence(client: httpx.AsyncClient) -> None:
    page = (await client.get("/credits")).text
    assert "https://openmoji.org" in page
    assert "drawn by In the Know" in page
    assert page.count("https://creativecommons.org/licenses/by-sa/4.0/") >= 2
    assert 'href="/pictures' in page
