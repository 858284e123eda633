"""Signed Welsh through the whole app: shown to those who ask, marked as Welsh, with English marked beside it."""

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from api.records.practice import sign_practice
from api.web.database import Database
from api.web.settings import Settings
from content.card import Card
from content.interface import load_interface
from content.rendering import Renderer
from content.translation import Translation, load_translations
from tests.conftest import settings_for, started
from tests.content.test_welsh import CYMRAEG, TODAY, interface, welsh_of
from tests.doors import doors
from tests.json_child import Child

SIGNED = ("what-is-this", "alarm-suicide")


@pytest.fixture(scope="module")
def read(cards: dict[str, Card]) -> dict[str, Translation]:
    """The Welsh of some cards as it will be once somebody has read it."""
    return {key: welsh_of(cards[key]) for key in SIGNED}


@pytest.fixture(scope="module")
def few(cards: dict[str, Card]) -> dict[str, Card]:
    """The cards that are signed in these tests; the rest of the pack is signed in English already."""
    return {key: cards[key] for key in SIGNED}


@pytest.fixture
def database_copy(sqlite_url: str, tmp_path: Path) -> Settings:
    """A copy of the database in which the practice words are signed, to sign more in."""
    path = tmp_path / "know.db"
    with closing(sqlite3.connect(sqlite_url.partition("///")[2])) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    return settings_for(f"sqlite+aiosqlite:///{path}")


async def sign(
    settings: Settings, cards: dict[str, Card], renderer: Renderer, translations: dict[str, Translation]
) -> int:
    database = Database(settings)
    async with database.begin() as session:
        added = await sign_practice(session, cards, renderer, TODAY, translations)
    await database.close()
    return added


async def test_practice_signs_welsh_once_and_again_after_a_change(
    database_copy: Settings,
    cards: dict[str, Card],
    few: dict[str, Card],
    renderer: Renderer,
    read: dict[str, Translation],
) -> None:
    assert await sign(database_copy, cards, renderer, load_translations(cards)) == 0, "drafts are not signed"
    assert await sign(database_copy, few, renderer, read) == len(SIGNED)
    assert await sign(database_copy, few, renderer, read) == 0
    card, welsh = few[SIGNED[0]], read[SIGNED[0]]
    other = replace(welsh, levels={**welsh.levels, "easy": replace(welsh.levels["easy"], question="Beth ydy hyn?")})
    assert await sign(database_copy, few, renderer, {SIGNED[0]: other}) == 1
    # English that has changed is signed; Welsh that is behind it is not.
    version = replace(card.levels["easy"], question="What is it?")
    changed = {**few, SIGNED[0]: replace(card, levels={**card.levels, "easy": version})}
    assert await sign(database_copy, changed, renderer, {SIGNED[0]: other}) == 1


async def test_json_gives_signed_welsh_to_those_who_ask_and_says_what_is_english(
    database_copy: Settings, few: dict[str, Card], renderer: Renderer, read: dict[str, Translation]
) -> None:
    await sign(database_copy, few, renderer, read)
    address = "/api/v1/forces/gwent/cards/what-is-this?level=easy"
    async with started(database_copy) as client:
        english = (await client.get(address)).json()
        listed = (await client.get("/api/v1/forces/gwent/cards", headers=CYMRAEG)).json()
        client.headers.update(CYMRAEG)
        welsh = (await client.get(address)).json()
        child = Child(client)
        first = await child.start("gwent", level="easy")
        alarm = await child.say("i want to kill myself")
        other = await child.press("bodycam")
    assert (english.get("language"), english["question"]) == (None, "What is this?")
    assert (welsh["language"], welsh["question"]) == ("cy", "Beth yw hyn?")
    assert welsh["signoff"]["fingerprint"] != english["signoff"]["fingerprint"]
    assert welsh["bubbles"][-1]["text"].endswith("ffonia 999.")
    assert {line["key"] for line in listed if line.get("language") == "cy"} == {"what-is-this"}
    assert first["card"]["language"] == "cy"
    assert not any("language" in near for near in first["near"])
    assert alarm["card"]["language"] == "cy"
    said, easy = [bubble["text"] for bubble in alarm["card"]["bubbles"]], read["alarm-suicide"].levels["easy"].bubbles
    assert (len(said), said[-1]) == (len(easy), easy[-1].text)
    assert "ffonio Papyrus ar 0800 068 4141, or ffonio'r Samariaid ar 116 123." in " ".join(said)
    assert "language" not in other["card"]


@pytest.mark.parametrize("strings_signed", [True, False])
async def test_a_page_marks_each_part_that_is_not_in_its_language(
    database_copy: Settings,
    few: dict[str, Card],
    renderer: Renderer,
    read: dict[str, Translation],
    tmp_path: Path,
    strings_signed: bool,
) -> None:
    await sign(database_copy, few, renderer, read)
    app = started(database_copy)
    if strings_signed:
        doors(app.app).chat.pages.interfaces["cy"] = load_interface("cy", interface(tmp_path))
    async with app as client:
        for_others = (await client.get("/gwent")).text
        client.headers.update(CYMRAEG)
        page = (await client.get("/gwent")).text
        english = (await client.post("/gwent/say", data={"card": "bodycam"}, follow_redirects=True)).text
        alarm = (
            await client.post("/gwent/say", data={"text": "i want to kill myself"}, headers={"X-Fragment": "1"})
        ).text
    assert 'lang="cy"' not in for_others
    assert "Beth yw hyn" not in for_others
    heading = r'<h3 [^>]*><span class="unseen">[^<]+</span>'
    if strings_signed:
        assert '<html lang="cy">' in page
        assert '<div class="bubbles">' in page
        assert re.search(heading + r"Beth yw hyn\?</h3>", page)
        assert '<div class="bubbles" lang="en">' in english
        assert re.search(heading + r'<span lang="en">[^<]+</span></h3>', english)
        assert '<div class="bubbles">' in alarm
    else:
        assert '<html lang="en-GB">' in page
        assert '<div class="bubbles" lang="cy">' in page
        assert re.search(heading + r'<span lang="cy">Beth yw hyn\?</span></h3>', page)
        assert 'lang="' not in english.replace('<html lang="en-GB">', "").replace(' lang="cy">Beth yw hyn</button>', "")
        assert '<div class="bubbles" lang="cy">' in alarm
