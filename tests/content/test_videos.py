"""Films of answers: whole or refused, signed to the byte, served only while signed, and never a placeholder."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.records.practice import sign_practice
from api.records.wording import Wordings
from api.web.video_files import FilmFolder
from content.card import BrokenCard, Card
from content.card_file import parse_card, read_card
from content.card_text import card_text
from content.difference import beside_the_words
from content.editing import typed, written
from content.glossary import load_glossary
from content.helplines import load_helplines
from content.own_wording import read_wording
from content.rendering import Renderer
from content.signed_words import SignedWords
from content.slots import load_slots
from content.vetting import Vetting
from content.video import VIDEOS, Video, parse_video
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors
from tests.json_child import Child
from tests.records.test_ledger import TODAY
from tests.records.test_withdrawals import hide

KEY = "bodycam"
FILM = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(range(256)) * 8
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:04.000\nThe police usually delete video after about 31 days.\n"
GOOD = Video(
    "bsl",
    "bodycam-bsl.mp4",
    "bodycam-bsl.vtt",
    "The police usually delete body-worn video after about 31 days.\nYou can ask for a copy.",
    "Signed by an invented person.",
    65,
)
RAW: dict[str, Any] = {
    "kind": "bsl",
    "file": "bodycam-bsl.mp4",
    "captions": "bodycam-bsl.vtt",
    "transcript": GOOD.transcript,
    "credit": GOOD.credit,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one film and its captions, both made up."""
    found = tmp_path / "videos"
    found.mkdir()
    (found / GOOD.file).write_bytes(FILM)
    (found / GOOD.captions).write_text(CAPTIONS, "utf-8")
    return found


@pytest.fixture
def filming(folder: Path) -> Renderer:
    return Renderer(load_glossary(), load_helplines(), load_slots(), folder)


@pytest.fixture
def filmed(cards: dict[str, Card]) -> Card:
    return replace(cards[KEY], videos=(GOOD,))


def problems(renderer: Renderer, card: Card) -> list[str]:
    return [report.finding.problem for report in Vetting(renderer, load_glossary()).vet(card) if report.blocks]


def test_the_folder_says_how_to_add_one_and_holds_no_placeholder(cards: dict[str, Card]) -> None:
    assert "Deaf" in (VIDEOS / "README.md").read_text("utf-8")
    named = {name for card in cards.values() for video in card.videos for name in (video.file, video.captions)}
    assert {path.name for path in VIDEOS.iterdir()} - {"README.md"} == named


def test_a_whole_film_may_be_signed(filming: Renderer, filmed: Card) -> None:
    assert problems(filming, filmed) == []
    video = filming.words(filmed, {}).videos[0]
    assert video.film == hashlib.sha256(FILM).hexdigest()
    assert video.captions == hashlib.sha256(CAPTIONS.encode()).hexdigest()
    assert (video.kind, video.transcript, video.credit) == ("bsl", GOOD.transcript, GOOD.credit)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (GOOD.file, None),
        (GOOD.file, b""),
        (GOOD.file, b"a film will stand here soon"),
        (GOOD.captions, None),
        (GOOD.captions, b""),
        (GOOD.captions, b"WEBVTT\n"),
        (GOOD.captions, b"1\n00:00:00,000 --> 00:00:04,000\nThat is SubRip.\n"),
        (GOOD.captions, b"WEBVTT\n\n00:00.000 --> 00:04.000\n\n"),
        (GOOD.captions, b"\xff\xfe\x00"),
    ],
)
def test_a_film_with_a_part_missing_cannot_be_signed(
    filming: Renderer, filmed: Card, folder: Path, name: str, content: bytes | None
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    assert any(name in problem for problem in problems(filming, filmed))
    with pytest.raises(BrokenCard, match="video"):
        filming.words(filmed, {})


def test_a_link_to_another_file_is_no_film(filming: Renderer, filmed: Card, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.mp4").write_bytes(FILM)
    (folder / GOOD.file).unlink()
    (folder / GOOD.file).symlink_to(tmp_path / "elsewhere.mp4")
    assert problems(filming, filmed) != []


@pytest.mark.parametrize(
    "video",
    [
        replace(GOOD, transcript=""),
        replace(GOOD, credit=""),
        replace(GOOD, transcript="We promise that you can trust the police."),
        replace(GOOD, transcript="The retention of biometric data is proportionate."),
    ],
)
def test_a_film_without_its_words_or_with_unfit_ones_blocks(filming: Renderer, filmed: Card, video: Video) -> None:
    assert problems(filming, replace(filmed, videos=(video,))) != []


def test_one_film_of_a_kind(filming: Renderer, filmed: Card) -> None:
    assert problems(filming, replace(filmed, videos=(GOOD, replace(GOOD, kind="spoken")))) == []
    assert problems(filming, replace(filmed, videos=(GOOD, GOOD))) != []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "cartoon"),
        ("kind", ["bsl"]),
        ("file", "../cards/bodycam.mp4"),
        ("file", "/etc/film.mp4"),
        ("file", "a/b.mp4"),
        ("file", "a\\b.mp4"),
        ("file", "..mp4"),
        ("file", "film.exe"),
        ("file", "film.mp4\n"),
        ("file", None),
        ("captions", "film.srt"),
        ("captions", "..%2fx.vtt"),
        ("seconds", 361),
        ("seconds", -1),
        ("seconds", "long"),
        ("seconds", True),
        ("poster", "soon.png"),
    ],
)
def test_a_file_that_names_something_else_cannot_be_read(filmed: Card, field: str, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        parse_video({**RAW, field: value})
    front = {**RAW, field: value}
    text = card_text(replace(filmed, videos=())).replace("\nask:", f"\nvideos: [{json.dumps(front)}]\nask:", 1)
    with pytest.raises(BrokenCard):
        parse_card(text, Path(f"{KEY}.md"))


@pytest.mark.parametrize("missing", sorted(RAW))
def test_no_part_of_a_film_may_be_left_out(missing: str) -> None:
    with pytest.raises(KeyError):
        parse_video({name: value for name, value in RAW.items() if name != missing})


@given(name=st.text(max_size=30))
def test_a_name_never_leaves_the_folder(name: str) -> None:
    try:
        video = parse_video({**RAW, "file": name})
    except ValueError:
        return
    assert (VIDEOS / video.file).resolve().parent == VIDEOS.resolve()


def test_a_card_with_a_film_is_read_again_as_it_was_written(filmed: Card, tmp_path: Path) -> None:
    path = tmp_path / f"{KEY}.md"
    path.write_text(card_text(filmed), "utf-8")
    assert read_card(path).videos == (GOOD,)


def test_without_a_film_the_signed_text_stays_as_it_was(filming: Renderer, cards: dict[str, Card]) -> None:
    assert '"videos"' not in filming.words(cards[KEY], {}).as_json()


def test_a_film_is_part_of_what_is_signed(filming: Renderer, filmed: Card, folder: Path) -> None:
    before = filming.words(filmed, {})
    assert SignedWords.from_json(before.as_json()) == before
    (folder / GOOD.file).write_bytes(FILM + b"another take")
    after = filming.words(filmed, {})
    assert before.fingerprint != after.fingerprint
    assert "the videos" in beside_the_words(before, after, "easy")


def test_a_film_goes_when_its_words_are_changed(filmed: Card) -> None:
    same = written(filmed, filmed, typed(filmed), filmed.reasons)
    assert read_wording(filmed, same).videos == (GOOD,)
    front, words = same.split("\n# standard", 1)
    other = f"{front}\n# standard{words.replace('body-worn video', 'police video')}"
    assert other != same
    assert read_wording(filmed, other).videos == ()


@dataclass
class Showing:
    """An app in which the national words of one card, and those of Northmoor, have a film."""

    desk: DeskApp
    browser: httpx.AsyncClient
    film: str
    captions: str
    folder: Path

    def address(self, sha256: str = "", force: str = "northmoor") -> str:
        return f"/videos/{force}/{sha256 or self.film}"


@pytest.fixture
async def showing(
    sqlite_url: str, tmp_path: Path, folder: Path, filming: Renderer, filmed: Card
) -> AsyncIterator[Showing]:
    async with desk_app(sqlite_url, tmp_path) as desk, desk.browser() as browser:
        async with desk.database.begin() as session:
            assert await sign_practice(session, {KEY: filmed}, filming, TODAY) > 0
        await doors(desk.app).pack_cache.refresh()
        doors(desk.app).films = FilmFolder(folder)
        video = filming.words(filmed, {}).videos[0]
        yield Showing(desk, browser, video.film, video.captions, folder)


async def test_a_signed_film_is_served_whole_and_in_parts_and_no_other(showing: Showing) -> None:
    whole = await showing.browser.get(showing.address())
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, FILM, "video/mp4")
    assert whole.headers["cache-control"] == "no-store"
    assert "media-src 'self'" in whole.headers["content-security-policy"]
    part = await showing.browser.get(showing.address(), headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, FILM[4:12])
    assert part.headers["content-range"] == f"bytes 4-11/{len(FILM)}"
    past = await showing.browser.get(showing.address(), headers={"Range": f"bytes={len(FILM)}-"})
    assert past.status_code == 416
    captions = await showing.browser.get(showing.address(showing.captions, "england-and-wales"))
    assert (captions.status_code, captions.text) == (200, CAPTIONS)
    assert captions.headers["content-type"].startswith("text/vtt")
    for other in (GOOD.file, "0" * 64, showing.film[:-1], showing.film.upper(), "..%2fREADME.md", "README.md"):
        assert (await showing.browser.get(showing.address(other))).status_code == 404
    for force in ("no-such-force", "police-scotland"):
        assert (await showing.browser.get(showing.address(force=force))).status_code == 404


async def test_an_answer_shows_its_film_with_captions_words_and_credit(showing: Showing) -> None:
    child = Child(showing.browser)
    await child.start()
    await child.press(KEY)
    page = await child.page()
    assert re.search(r'<video controls preload="none"[^>]*>\s*<source src="/videos/northmoor/' + showing.film, page)
    assert re.search(rf'<track kind="captions" src="/videos/northmoor/{showing.captions}"', page)
    assert all(line in page for line in (*GOOD.transcript.splitlines(), GOOD.credit, "British Sign Language", "1:05"))
    await child.press("who-gets-told")
    assert "<video" not in await child.page()


async def test_a_withdrawn_or_changed_film_is_gone_at_once(showing: Showing) -> None:
    (showing.folder / GOOD.file).write_bytes(FILM + b"changed after it was signed")
    assert (await showing.browser.get(showing.address())).status_code == 404
    assert (await showing.browser.get(showing.address(showing.captions))).status_code == 200
    hide(doors(showing.desk.app).pack_cache, "northmoor", KEY)
    assert (await showing.browser.get(showing.address(showing.captions))).status_code == 404
    (showing.folder / GOOD.captions).unlink()
    assert (await showing.browser.get(showing.address(showing.captions, "england-and-wales"))).status_code == 404


async def test_who_signs_watches_the_film_first_and_charlie_does_not(
    showing: Showing, cards: dict[str, Card], filming: Renderer, filmed: Card
) -> None:
    new = replace(filmed, videos=(replace(GOOD, credit="Signed by another invented person."),))
    app, desk = showing.desk.app, doors(showing.desk.app).desk
    wordings = Wordings({**cards, KEY: new}, Vetting(filming, load_glossary()))
    doors(app).desk = replace(desk, wordings=wordings)
    address = f"/desk/northmoor/cards/{KEY}"
    reviewer = await showing.desk.person("northmoor", "reviewer")
    page = (await reviewer.get(address)).text
    assert all(f"<q>{text}</q>" in page for text in filmed.ask)
    assert f'src="{address}/films/{showing.film}"' in page
    assert "Signed by another invented person." in page
    watched = await reviewer.get(f"{address}/films/{showing.film}", headers={"Range": "bytes=0-9"})
    assert (watched.status_code, watched.content) == (206, FILM[:10])
    assert (await reviewer.get(f"{address}/films/{'0' * 64}")).status_code == 404
    assert (await reviewer.get(f"/desk/northmoor/cards/who-gets-told/films/{showing.film}")).status_code == 404
    charlie = await showing.desk.person("southmere", "lead")
    assert (await charlie.get(f"{address}/films/{showing.film}")).status_code == 404
    assert (await showing.browser.get(f"{address}/films/{showing.film}")).status_code != 200
