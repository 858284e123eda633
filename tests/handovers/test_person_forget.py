"""Forgetting at the child's word: nothing of a talk is left in the database, and none of it was anywhere else."""

import asyncio
import logging
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import text

from api.records.handovers.concerns import record
from api.records.handovers.monthly_counts import counts_of
from tests.child_conversation import Stage, TalkChild, stage
from tests.events import stream
from tests.handovers.kept_rows import everything_in
from tests.person_app import NUMBER, signed_copy

PLANTED = ("zebrafish", "marmalade", "quentin", "ultramarine", "periwinkle", "7700900123", "7700 900123", "aubergine")
WIPING = "A copy of the key that opens your words is still on our computer."
CALL = {"number": NUMBER, "whose": "mine", "say": "ultramarine", "code_word": "periwinkle"}


async def whole_talk(on: Stage) -> TalkChild:
    """A talk with everything in it: a question, words both ways, how to call, a level, a card, and danger."""
    sam, child = await on.adult(), await on.child("zebrafish question", name="Quentin")
    await child.open()
    await child.say("marmalade")
    await sam.claim()
    await sam.say("aubergine", card="bodycam")
    await child.say("my dad is hitting me right now, zebrafish")
    page = await child.press("act", "call-back")
    window = re.search(r'name="window" value="([^"]+)"', page.text)
    assert window
    await child.post("do", {"here": here_of(page.text), "act": "call-me", "window": window[1], **CALL})
    await child.press("act", "here")
    return child


def here_of(html: str) -> str:
    found = re.findall(r'name="here" value="([^"]+)"', html)
    return str(found[-1])


async def sealed_things(on: Stage) -> list[str]:
    """What lies sealed or hashed in the rows of the newest talk. Its name, which says nothing, stays in the log."""
    handover = await on.handover()
    found = [handover.sealed, handover.code_hash, handover.key_hash]
    async with on.database.begin() as session:
        found += list(await session.scalars(text("SELECT sealed FROM message WHERE sealed <> ''")))
        found += list(await session.scalars(text("SELECT client_id FROM message WHERE client_id IS NOT NULL")))
    return [thing for thing in found if thing != "first"]


async def test_a_receipt_says_what_went_and_what_stays(on: Stage) -> None:
    child = await whole_talk(on)
    # Before it is pressed, too: nobody should press it for a record that stays.
    assert "If someone wrote a record to keep you safe, it stays with them." in child.shown
    await child.press("act", "forget")
    for words in (
        "Your words are deleted",
        "4 messages are gone.",
        "Your name is gone.",
        "Your phone number is gone, and how to call you.",
        "A list might still say who answered you, and when. None of your words are in it.",
        "The 3 words do not open anything now.",
        "We count that 1 more person asked",
        "Nobody can see your talk now.",
        "0800 1111",
    ):
        assert words in child.shown
    # The log keeps when somebody claimed it, opened the number, closed it.
    assert "times of this talk" not in child.shown
    assert "record to keep you safe" not in child.shown
    address = str(child.page.url)
    assert "/northmoor/person/gone?slip=" in address
    # A reload says the same, and later nothing of it.
    again = child.keep(await child.browser.get(address))
    assert "4 messages are gone." in again.text
    on.clock.move(minutes=61)
    later = child.keep(await child.browser.get(address))
    assert later.status_code == 200
    assert "4 messages" not in later.text
    assert "Your words are deleted" in later.text


async def test_while_a_copy_of_the_key_is_left_the_receipt_says_so(on: Stage) -> None:
    child, other = await on.child("zebrafish"), await on.child("zebrafish")
    await child.open()
    # A backup, say, which reads for a long time.
    async with on.database.engine.connect() as reading:
        await reading.execute(text("BEGIN" if reading.dialect.name == "sqlite" else "SELECT 1"))
        await reading.execute(text("SELECT * FROM data_key"))
        await child.press("act", "forget")
        told = await other.browser.post("/api/v1/handovers/end", json={"here": other.here, "forget": True})
    for words in (WIPING, "Your words are deleted", "1 message is gone."):
        assert words in child.shown
    assert (told.status_code, told.json()["wiped"]) == (200, False)
    later = await on.child("zebrafish")
    await later.open()
    await later.press("act", "forget")
    assert WIPING not in later.shown
    async with on.database.begin() as session:
        assert await session.scalar(text("SELECT count(*) FROM data_key")) == 0


async def test_at_the_end_it_is_one_step(on: Stage) -> None:
    child = await on.child("zebrafish")
    await child.open()
    assert "This ends the talk and deletes all that you wrote. You cannot get it back." in child.shown
    assert "We delete the locked extra copies some days later." in child.shown
    await child.press("act", "forget")
    assert "1 message is gone." in child.shown
    assert (
        "We keep extra copies, in case a computer breaks. They are locked, and we delete them some days later."
        in child.shown
    )
    async with on.database.begin() as session:
        for table in ("handover", "message", "watch", "attempt"):
            assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608
        counts = await counts_of(session, on.provider.id)
    assert counts["2026-11"] == {"asked": 1, "asked-here": 1, "closed-child-left": 1, "forgotten": 1}


async def test_after_the_advocate_closed_it_too(on: Stage) -> None:
    sam, child = await on.adult(), await on.child("zebrafish")
    await child.open()
    await sam.claim()
    await sam.close()
    await child.press("act", "refresh")
    await child.press("act", "forget")
    assert "1 message is gone." in child.shown
    back = await child.browser.post("/northmoor/person/back", data={"words": child.words})
    assert back.status_code == 422


async def test_a_record_about_safety_stays_and_the_child_is_told_who_has_it(on: Stage) -> None:
    sam, child = await on.adult(), await on.child("zebrafish")
    await sam.claim()
    async with on.database.begin() as session:
        handover = await on.newest(session)
        await record(session, on.handover_context, sam.who, handover, "harm", "aubergine", on.clock())
    await child.open()
    await child.press("act", "forget")
    assert "Moor Voices (invented) wrote a record to keep you safe." in child.shown
    assert "It stays with Moor Voices (invented)." in child.shown
    async with on.database.begin() as session:
        assert await session.scalar(text("SELECT count(*) FROM concern")) == 1


async def test_pressed_twice_at_once_it_is_forgotten_once_and_both_are_told(on: Stage) -> None:
    child = await on.child("zebrafish")
    await child.open()
    data = child.form.values | {"act": "forget"}
    both = await asyncio.gather(
        *(child.browser.post("/northmoor/person/do", data=data, follow_redirects=True) for _ in range(2))
    )
    # Whoever finds it gone before looking has a page that is no more.
    assert sorted(page.status_code for page in both) in ([200, 200], [200, 409])
    async with on.database.begin() as session:
        assert (await counts_of(session, on.provider.id))["2026-11"]["forgotten"] == 1


async def test_after_it_the_page_opens_nothing(on: Stage) -> None:
    child = await on.child("zebrafish")
    await child.open()
    held = child.form.values
    await child.press("act", "forget")
    for act in ("show", "end", "forget", "here"):
        assert (await child.post("do", {**held, "act": act})).status_code == 409
    assert (await child.post("say", {**held, "text": "marmalade"})).status_code == 409
    async with stream(on.app, f"/northmoor/person/stream?here={held['here']}&after=0") as heard:
        assert await heard.end() == ["stale"]


async def test_nothing_of_it_is_in_any_row(on: Stage) -> None:
    child = await whole_talk(on)
    sealed = await sealed_things(on)
    assert len(sealed) > 8
    before = await everything_in(on.database)
    assert all(thing in before for thing in sealed)
    assert not [word for word in PLANTED if word in before.lower()]
    await child.press("act", "forget")
    after = await everything_in(on.database)
    assert not [thing for thing in sealed if thing in after]
    assert not [word for word in PLANTED if word in after.lower()]


async def test_nothing_of_it_is_in_the_bytes_of_the_file_not_even_sealed(sqlite_url: str, tmp_path: Path) -> None:
    with signed_copy(sqlite_url, tmp_path) as url:
        file = Path(url.partition("///")[2])
        async with stage(url) as on:
            child = await whole_talk(on)
            sealed = [thing.encode() for thing in await sealed_things(on)]
            assert all(thing in bytes_of(file) for thing in sealed)
            await child.press("act", "forget")
            assert "4 messages are gone." in child.shown
            # At once, while the app runs: the write-ahead log too.
            left = bytes_of(file)
            assert not [thing for thing in sealed if thing in left]
        left = bytes_of(file)
        assert not [thing for thing in sealed if thing in left]
        assert not [word for word in PLANTED if word.encode() in left.lower()]


def bytes_of(file: Path) -> bytes:
    """All that lies beside and in a database file."""
    return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """All that was logged or printed, at every level, once the test is done with it."""
    caplog.set_level(logging.DEBUG)
    kept: list[str] = []
    yield kept
    for place in (caplog.text, *capfd.readouterr(), *kept):
        assert not [word for word in PLANTED if word in unquote(place).lower()]


async def test_no_word_is_in_a_log_an_address_an_error_or_a_letter(on: Stage, logged: list[str]) -> None:
    child = await whole_talk(on)
    addresses = [str(response.url) for response in [*child.page.history, child.page]]
    logged += [*addresses, *child.form.addresses]
    held = child.form.values | {"text": "zebrafish marmalade"}
    errors = [
        await child.browser.post("/northmoor/person/say", data={**held, "here": "marmalade"}),
        await child.browser.post(
            "/api/v1/handovers/say", json={"text": "zebrafish", "client_id": "x", "here": "marmalade"}
        ),
        await child.browser.post("/api/v1/handovers/say", json={"text": {"zebrafish": "marmalade"}, "client_id": 7}),
        await child.browser.post("/api/v1/handovers/change", json={"wants": "zebrafish", "here": child.here}),
        await child.browser.get("/api/v1/handovers/messages?after=zebrafish"),
    ]
    assert {answer.status_code for answer in errors} == {409, 422}
    logged += [answer.text for answer in errors[1:]]
    async with on.away():
        away = await child.browser.post(
            "/api/v1/handovers/say", json={"text": "zebrafish", "client_id": "12345678", "here": child.here}
        )
        assert away.status_code == 503
        await child.browser.post("/northmoor/person/say", data=held)
    logged += [away.text, await everything_in(on.database)]
    await child.open()
    await child.do(act="forget")
    logged.append(await everything_in(on.database))


async def test_a_fault_of_ours_is_logged_without_a_word(
    on: Stage, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    child = await on.child()
    await child.open()

    def broken(*_: object) -> None:
        raise RuntimeError("zebrafish marmalade")

    monkeypatch.setattr(type(on.handover_context.message_cipher), "close_said", broken)
    page = await child.say("zebrafish")
    assert page.status_code == 500
    assert "999" in page.text
    logged.append(page.text)


@pytest.mark.parametrize("part", ["api/chat/person", "api/records/handovers"])
def test_no_code_of_a_talk_logs_or_prints_what_it_is_given(part: str) -> None:
    """A log line or an f-string in an error could carry words: there is none that is not a fixed text or a type."""
    found = subprocess.run(
        ["grep", "-rnE", r"_log\.(debug|info)|print\(|exc_info|_log\.exception", part, "--include=*.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert found.stdout == ""
