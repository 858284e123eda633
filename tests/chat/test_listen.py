"""Listen on the server: only live signed words sound, a person's recording wins, files are made once and tidied up."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import soundfile

from accessibility.voice import Voice
from api.chat.sound_prerender import SoundsAhead
from api.chat.sounds import Sounds
from api.records.pack_cache import PackCache
from content.card import Card
from content.listening_text import made_of, recording_of
from content.pack import Packs
from content.rendering import Renderer
from content.signed_words import SignedWords
from content.signoff import NATIONAL
from tests.conftest import release_for
from tests.desk_app import desk_app
from tests.doors import doors
from tests.hearing import must_have_voice, seconds_of
from tests.records.test_ledger import TODAY, signed
from tests.records.test_withdrawals import Desk

pytestmark = pytest.mark.tools

CARD = "bodycam"
SOUND = f"/sound/northmoor/{CARD}/easy"
FAILING = Voice((sys.executable, "-c", "import os; os.abort()"))


@pytest.fixture
def heard() -> None:
    """This test listens."""
    must_have_voice()


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_app(sqlite_url, tmp_path) as found:
        yield Desk(found, found.browser())


@pytest.fixture
def words(renderer: Renderer, cards: dict[str, Card]) -> SignedWords:
    return renderer.words(cards["what-is-this"], {})


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def moments(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}


async def page_of(client: httpx.AsyncClient, card: str = CARD) -> str:
    answer = await client.post("/northmoor/say?reading=easy", data={"card": card}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.usefixtures("heard")
async def test_an_answer_can_be_listened_to(client: httpx.AsyncClient, tmp_path: Path) -> None:
    page = await page_of(client)
    assert f'<audio controls preload="none" src="{SOUND}.opus">' in page
    assert "autoplay" not in page
    sound = await client.get(f"{SOUND}.opus")
    assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/ogg")
    assert sound.headers["cache-control"] == "no-store"
    assert "content-encoding" not in sound.headers
    (tmp_path / "sound").write_bytes(sound.content)
    reading = (await client.get(f"{SOUND}.json")).json()
    assert reading["by"] == "computer"
    last = reading["sentences"][-1]["begins"][-1]
    assert last < seconds_of(tmp_path / "sound") * 1000 < last + 4000


@pytest.mark.usefixtures("heard")
async def test_a_player_may_ask_for_a_part(client: httpx.AsyncClient) -> None:
    whole = (await client.get(f"{SOUND}.opus")).content
    part = await client.get(f"{SOUND}.opus", headers={"Range": "bytes=100-199", "Accept-Encoding": "gzip"})
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 100-199/{len(whole)}")
    assert part.content == whole[100:200]


@pytest.mark.usefixtures("heard")
async def test_what_is_read_is_what_the_page_shows(client: httpx.AsyncClient) -> None:
    reading = (await client.get(f"{SOUND}.json")).json()
    card = (await client.get(f"/api/v1/forces/northmoor/cards/{CARD}?level=easy")).json()
    shown = " ".join([card["question"], *(bubble["text"] for bubble in card["bubbles"])])
    read = " ".join(word for sentence in reading["sentences"] for word in sentence["words"])
    assert read.split() == shown.split()


@pytest.mark.parametrize(
    "path",
    [
        "/sound/northmoor/no-such-card/easy",
        "/sound/nowhere/bodycam/easy",
        "/sound/northmoor/bodycam/hard",
        "/sound/northmoor/..%2f..%2fvar/easy",
        "/sound/northmoor/%00/easy",
    ],
)
@pytest.mark.parametrize("end", ["opus", "json"])
async def test_nothing_else_is_read(client: httpx.AsyncClient, path: str, end: str) -> None:
    assert (await client.get(f"{path}.{end}")).status_code == 404


@pytest.mark.usefixtures("heard")
async def test_withdrawn_words_are_silent_at_once(desk: Desk) -> None:
    assert (await desk.browser.get(f"{SOUND}.opus")).status_code == 200
    await desk.withdraw("northmoor", CARD)
    assert [(await desk.browser.get(f"{SOUND}.{end}")).status_code for end in ("opus", "json")] == [404, 404]
    assert SOUND not in await page_of(desk.browser)
    await desk.sign_again("northmoor", CARD)
    assert (await desk.browser.get(f"{SOUND}.opus")).status_code == 200


async def test_without_a_voice_the_button_hides_and_the_page_is_fine(
    words: SignedWords, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sounds = Sounds(tmp_path, FAILING)
    assert sounds.sounding(words, "easy")
    with caplog.at_level(logging.WARNING):
        await sounds.look()
    assert "apt-get install espeak-ng" in caplog.text
    assert not sounds.sounding(words, "easy")
    assert await sounds.of(words, "easy") is None
    # A voice of the reader's own device may still read: it is told what to say.
    reading = await sounds.reading(words, "easy")
    assert reading["by"] is None
    assert reading["sentences"][0] == {"said": "What is this?", "words": ["What", "is", "this?"], "begins": []}


async def test_a_silent_server_says_so_on_the_page(client: httpx.AsyncClient, running) -> None:  # noqa: ANN001
    chat_door = doors(running[0]).chat
    voice = chat_door.sounds._voice
    try:
        chat_door.sounds._voice = None
        page = await page_of(client, "who-gets-told")
        assert "data-silent hidden>" in page
        missing = await client.get("/sound/northmoor/my-phone/standard.opus")
        assert missing.status_code == 404
    finally:
        chat_door.sounds._voice = voice


async def test_what_failed_is_not_tried_at_every_press(words: SignedWords, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    code = f"open({str(tries)!r}, 'a').write('x'); import os; os.abort()"
    sounds = Sounds(tmp_path / "sound", Voice((sys.executable, "-c", code)))
    assert await asyncio.gather(*(sounds.of(words, "easy") for _ in range(3))) == [None] * 3
    assert tries.read_text() == "x"
    assert names(tmp_path / "sound") == []


async def test_a_full_disk_is_no_error(words: SignedWords, tmp_path: Path) -> None:
    (tmp_path / "sound").write_text("a file where the folder should be")
    assert await Sounds(tmp_path / "sound", Voice()).of(words, "easy") is None


@pytest.mark.usefixtures("heard")
async def test_two_processes_may_make_the_same_sound(words: SignedWords, tmp_path: Path) -> None:
    one, other = Sounds(tmp_path, Voice()), Sounds(tmp_path, Voice())
    found = await asyncio.gather(one.of(words, "easy"), other.of(words, "easy"), one.of(words, "easy"))
    assert len({sound.file for sound in found if sound}) == 1
    assert [name.split(".")[1] for name in names(tmp_path)] == ["json", "opus"]
    assert found[0] is not None
    assert seconds_of(found[0].file) > 5


def record(words: SignedWords, folder: Path, times: object = None) -> Path:
    file = folder / f"{recording_of(words, 'easy')}.opus"
    soundfile.write(str(file), [0.1, -0.1] * 12_000, 24_000, "OPUS", format="OGG")
    if times is not None:
        file.with_suffix(".json").write_text(json.dumps(times))
    return file


async def test_a_persons_recording_wins_file_by_file(words: SignedWords, tmp_path: Path) -> None:
    file = record(words, tmp_path)
    sounds = Sounds(tmp_path / "made", None, recordings=tmp_path)
    sound = await sounds.of(words, "easy")
    assert sound is not None
    assert (sound.file, sound.person) == (file, True)
    assert sounds.sounding(words, "easy")
    assert not sounds.sounding(words, "standard")
    reading = await sounds.reading(words, "easy")
    assert (reading["by"], reading["recording"]) == ("person", file.stem)
    assert {tuple(sentence["begins"]) for sentence in reading["sentences"]} == {()}


@pytest.mark.parametrize("times", [{"begins": [[0]]}, {"begins": "x"}, [], {"begins": [[None]]}])
async def test_times_of_other_words_are_not_used(words: SignedWords, tmp_path: Path, times: object) -> None:
    record(words, tmp_path, times)
    reading = await Sounds(tmp_path / "made", None, recordings=tmp_path).reading(words, "easy")
    assert {tuple(sentence["begins"]) for sentence in reading["sentences"]} == {()}


async def test_times_beside_a_recording_are_used(words: SignedWords, tmp_path: Path) -> None:
    plain = await Sounds(tmp_path, None).reading(words, "easy")
    times = [[100 * at for at, _ in enumerate(sentence["words"])] for sentence in plain["sentences"]]
    record(words, tmp_path, {"begins": times})
    reading = await Sounds(tmp_path / "made", None, recordings=tmp_path).reading(words, "easy")
    assert [sentence["begins"] for sentence in reading["sentences"]] == times


class OneCard:
    """A shelf with the words of one card, for one look after another."""

    def __init__(self, words: SignedWords) -> None:
        self.forces = release_for(practice=True).forces
        self._signed = signed(words, card="what-is-this", layer=NATIONAL)
        self.packs = Packs([self._signed])

    def pack(self, force: str | None, language: str = "en"):  # noqa: ANN201
        return self.packs.of(force, language)  # type: ignore[arg-type]

    def today(self):  # noqa: ANN201
        return TODAY


def small_shelf(words: SignedWords) -> PackCache:
    return OneCard(words)  # type: ignore[return-value]


@pytest.mark.usefixtures("heard")
async def test_sounds_are_made_ahead_once_and_those_of_other_words_removed(words: SignedWords, tmp_path: Path) -> None:
    (tmp_path / "0123.opus").write_text("of words that are live no more")
    pack_cache, sounds = small_shelf(words), Sounds(tmp_path, Voice())
    ahead = SoundsAhead(pack_cache, sounds, ahead=True)
    await ahead.round()
    # Help that is built in is read aloud as well, where a card about danger is not signed.
    shown = [words, *(signed.words for signed in pack_cache.pack(None).live(TODAY).values() if signed.built_in)]
    made = {made_of(one, level) for one in shown for level in ("standard", "simple", "easy")}
    assert set(names(tmp_path)) == {f"{name}.{end}" for name in made for end in ("opus", "json")}
    before = moments(tmp_path)
    await SoundsAhead(pack_cache, sounds, ahead=True).round()
    assert before == moments(tmp_path)


async def test_nothing_is_made_ahead_where_it_is_made_when_asked(words: SignedWords, tmp_path: Path) -> None:
    await SoundsAhead(small_shelf(words), Sounds(tmp_path, FAILING), ahead=False).round()
    assert names(tmp_path) == []


async def test_an_empty_shelf_removes_nothing(words: SignedWords, tmp_path: Path) -> None:
    (tmp_path / "0123.opus").write_text("made before")
    pack_cache = OneCard(words)
    pack_cache.packs = Packs()
    await SoundsAhead(pack_cache, Sounds(tmp_path, FAILING), ahead=True).round()  # type: ignore[arg-type]
    assert names(tmp_path) == ["0123.opus"]


def test_the_sound_follows_what_is_heard_and_nothing_else(renderer: Renderer, cards: dict[str, Card]) -> None:
    words = renderer.words(cards[CARD], {})
    elsewhere = replace(words, sources=(), near=(), ask=())
    assert words.fingerprint != elsewhere.fingerprint
    assert made_of(words, "easy") == made_of(elsewhere, "easy")
    assert recording_of(words, "easy") == recording_of(elsewhere, "easy")
    assert len({recording_of(words, level) for level in ("standard", "simple", "easy")}) == 3
    assert recording_of(words, "easy") != recording_of(renderer.words(cards[CARD], {"bodycam_days": "7"}), "easy")
