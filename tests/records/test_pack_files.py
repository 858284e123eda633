"""A layer's words out as files and in again: nothing is lost on the way, nothing is signed by it, no trick gets in."""

import asyncio
import io
import re
import stat
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from typer.testing import CliRunner

from accessibility.rule_finding import LEVELS
from api.__main__ import cli
from api.records.acts import ActRow, acts_of
from api.records.audit import log_of
from api.records.layer_changes import change
from api.records.ledger import LedgerRow
from api.records.local_facts import LocalFact, facts_of, newest
from api.records.pack_import import plan
from api.records.wording import Wording, Wordings
from api.web.clock import utc_now
from api.web.csrf import form_mark
from api.web.database import Database
from api.web.settings import settings as app_settings
from content.card import BrokenCard, Bubble, Card, Version
from content.card_file import parse_card
from content.card_text import card_text
from content.own_wording import own_wording, read_wording
from content.pack_archive import LARGEST_UPLOAD, texts, unzipped, zipped
from content.pack_files import BrokenFiles, PackTexts, pack_files, read_facts
from content.review import Actor, NotAllowed, stands_in_the_way
from content.signoff import NATIONAL
from content.slots import load_slots
from tests.conftest import release_for, settings_for
from tests.desk_app import DeskApp, Person, desk_app
from tests.doors import doors

CARDS, SLOTS = dict(release_for(practice=True).cards), load_slots()
BODYCAM = CARDS["bodycam"]
FILES = "/desk/northmoor/files"
LINE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=60).filter(str.strip)
IDEA = st.builds(
    Bubble,
    text=st.lists(LINE, min_size=1, max_size=4).map("\n".join),
    symbol=st.sampled_from([None, "keep", "speak"]),
    says=st.sampled_from([(), ("one",), ("one", "two")]),
    verbatim=st.booleans(),
    line=st.just(0),
)
LABEL = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=60)
VERSION = st.builds(Version, LABEL, LABEL, st.lists(IDEA, min_size=1, max_size=4).map(tuple))


def bare(card: Card) -> Card:
    """The card without what depends on where it stood in a file."""
    levels = {
        level: replace(version, bubbles=tuple(replace(bubble, line=0) for bubble in version.bubbles))
        for level, version in card.levels.items()
    }
    return replace(card, levels=levels, path=Path())


@pytest.mark.parametrize("key", CARDS)
def test_every_card_comes_back_from_its_text(key: str) -> None:
    text = card_text(CARDS[key])
    again = parse_card(text, Path(f"{key}.md"))
    assert bare(again) == bare(CARDS[key])
    assert card_text(again) == text
    assert card_text(read_wording(CARDS[key], text)) == text


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(LEVELS, VERSION)))
def test_any_words_come_back_from_their_text_or_are_refused(levels: dict) -> None:  # type: ignore[type-arg]
    card = replace(BODYCAM, levels=levels)
    try:
        text = card_text(card)
    except ValueError:
        return
    assert bare(parse_card(text, Path("bodycam.md"))) == bare(card)


@pytest.fixture
async def desk(desk: DeskApp) -> DeskApp:
    await desk.tells("northmoor", bodycam_days="31", systems="it's: 'Northmoor' #1 \u00e9 (invented)")
    return desk


@pytest.fixture(scope="module")
async def shut(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[DeskApp, Person]]:
    """A desk that many tests share, because each of them is refused and leaves it as it was."""
    async with desk_app(sqlite_url, tmp_path_factory.mktemp("shut")) as found:
        yield found, await found.person("northmoor", "editor")


async def send(person: Person, *files: tuple[str, bytes], layer: str = "northmoor", **fields: str) -> httpx.Response:
    """Brings files in, as a browser does."""
    return await person.browser.post(
        f"/desk/{layer}/files",
        data={"mark": form_mark(person.token), "act": "look", **fields},
        files=[("files", (name, data, "application/octet-stream")) for name, data in files] or [("files", ("", b""))],
    )


def changes_on(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the page that says what would change."""
    found = re.findall(r'<input type="hidden" name="((?:seen\.|card\.|fact\.)[^"]+)" value="([^"]*)"', page.text)
    return {name: unescape(value) for name, value in found}


async def keep(person: Person, page: httpx.Response, layer: str = "northmoor") -> httpx.Response:
    fields = {name: (None, value) for name, value in changes_on(page).items()}
    sent = {"mark": (None, form_mark(person.token)), "act": (None, "keep"), **fields}
    return await person.browser.post(f"/desk/{layer}/files", files=sent)


async def taken_out(person: Person, layer: str = "northmoor") -> bytes:
    answer = await person.get(f"/desk/{layer}/files.zip")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


def unpacked(data: bytes) -> dict[str, str]:
    return texts(unzipped(data))


def packed(files: dict[str, str]) -> bytes:
    return zipped(files)


async def count(desk: DeskApp, kind: type) -> int:
    async with desk.database.begin() as session:
        return await session.scalar(select(func.count()).select_from(kind)) or 0


async def kept(desk: DeskApp) -> tuple[int, int, int]:
    """How many acts, facts and signatures there are."""
    return await count(desk, ActRow), await count(desk, LocalFact), await count(desk, LedgerRow)


async def bodycam(desk: DeskApp, layer: str = "northmoor") -> Wording:
    async with desk.database.begin() as session:
        return (await doors(desk.app).desk.wordings.of(session, layer, ["bodycam"]))["bodycam"]


def in_words(text: str, old: str, new: str) -> str:
    """A card's text with something replaced below its front matter, once at each level."""
    front, words = text.split("\n---\n", 1)
    assert old in words
    return f"{front}\n---\n{words.replace(old, new)}"


def reworded(old: str = "You can ask for", new: str = "You could ask for") -> str:
    return in_words(card_text(BODYCAM), old, new)


async def test_the_zip_holds_every_card_the_facts_and_an_explanation(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor", "Ed Practice")
    data = await taken_out(editor)
    files = unpacked(data)
    assert set(files) == {"README.txt", "facts.yml", *(f"cards/{key}.md" for key in CARDS)}
    assert files["cards/bodycam.md"] == card_text(BODYCAM)
    facts = read_facts(files["facts.yml"], SLOTS)
    assert set(facts) == set(SLOTS)
    assert (facts["bodycam_days"], facts["gang_tool"]) == ("31", "")
    assert facts["systems"] == "it's: 'Northmoor' #1 \u00e9 (invented)"
    assert "invented" in files["README.txt"]
    assert data == await taken_out(editor)
    async with desk.database.begin() as session:
        line = (await log_of(session, "northmoor"))[0]
    assert (line.who, line.what, line.about) == ("Ed Practice", "export files", f"{len(files)} files")


@pytest.mark.parametrize("layer", ["northmoor", NATIONAL])
async def test_out_and_in_again_changes_nothing(desk: DeskApp, layer: str) -> None:
    editor = await desk.person(layer, "editor")
    if layer == NATIONAL:
        assert "facts.yml" not in unpacked(await taken_out(editor, layer))
    # With words of its own, out and in and out gives the same bytes.
    assert (
        await keep(editor, await send(editor, ("bodycam.md", reworded().encode()), layer=layer), layer)
    ).status_code == 303
    first, before = await taken_out(editor, layer), await kept(desk)
    page = await send(editor, ("pack.zip", first), layer=layer)
    assert page.status_code == 200
    assert "Nothing: these files say what is here already." in page.text
    answer = await keep(editor, page, layer)
    assert answer.status_code == 303
    assert "Nothing was different" in (await editor.get(answer.headers["location"])).text
    assert await kept(desk) == before
    assert await taken_out(editor, layer) == first


async def test_changed_words_are_looked_at_then_kept_as_a_draft_by_who_brought_them(desk: DeskApp) -> None:
    editor, before = await desk.person("northmoor", "editor", "Ed Practice"), await kept(desk)
    files = unpacked(await taken_out(editor)) | {"cards/bodycam.md": reworded()}
    page = await send(editor, ("northmoor.zip", packed(files)))
    assert page.status_code == 200
    assert "1 answer and 0 local facts would change" in page.text
    assert "<mark>could</mark>" in page.text
    assert await kept(desk) == before
    assert (await keep(editor, page)).status_code == 303
    wording = await bodycam(desk)
    assert wording.progress.stage == "draft"
    assert wording.text == card_text(wording.card) == reworded()
    (act,) = wording.acts
    assert (act.kind, act.account_id, act.fingerprint) == ("edit", editor.account.id, wording.words.fingerprint)
    assert "31 days" in str(wording.words.levels["easy"])
    assert (await kept(desk))[2] == before[2]
    answer = await desk.browser().get("/api/v1/forces/northmoor/cards/bodycam?level=standard")
    assert "You could ask for" not in answer.text
    async with desk.database.begin() as session:
        log = [(line.what, line.about) for line in await log_of(session, "northmoor")]
    assert log[:2] == [("edit", "bodycam"), ("import files", "1 answers, 0 local facts")]
    actor = Actor(editor.account.id, "Ed Practice", "", "reviewer", "northmoor")
    assert "You changed some of these words yourself." in stands_in_the_way(
        "approve", actor, "northmoor", wording.progress
    )


async def test_words_that_come_in_end_an_approval_and_words_that_are_the_same_do_not(desk: DeskApp) -> None:
    editor, reviewer = await desk.person("northmoor", "editor"), await desk.person("northmoor", "reviewer")
    card = "/desk/northmoor/cards/bodycam"
    for person, doing in ((editor, "submit"), (reviewer, "approve")):
        shown = re.search(r'name="shown" value="([0-9a-f]{64})"', (await person.get(card)).text)
        assert shown
        assert (await person.post(f"{card}/{doing}", shown=shown[1])).status_code == 303
    await keep(editor, await send(editor, ("pack.zip", await taken_out(editor))))
    assert (await bodycam(desk)).progress.stage == "approved"
    assert (await keep(editor, await send(editor, ("bodycam.md", reworded().encode())))).status_code == 303
    assert (await bodycam(desk)).progress.stage == "draft"


async def test_what_the_rules_advise_is_shown_and_stops_no_draft(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    text = reworded("You can ask for", "Utilising officers' footage, one is advised to endeavour to request")
    page = await send(editor, ("bodycam.md", text.encode()))
    assert page.status_code == 200
    assert "The reading rules say:" in page.text
    assert "Stops signing." in page.text
    assert (await keep(editor, page)).status_code == 303
    assert (await bodycam(desk)).progress.stage == "draft"


async def test_facts_come_in_with_an_edit_on_their_cards(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    facts = "bodycam_days: 45\nsystems: ''\ndpo_email: 'New@Northmoor.example'\n"
    page = await send(editor, ("facts.yml", facts.encode()))
    assert page.status_code == 200
    assert "0 answers and 3 local facts would change" in page.text
    assert (await keep(editor, page)).status_code == 303
    async with desk.database.begin() as session:
        said, acts = await facts_of(session, "northmoor"), await acts_of(session, "northmoor")
    assert newest(said)["bodycam_days"] == "45"
    assert "systems" not in newest(said)
    assert newest(said)["dpo_email"] == "New@northmoor.example"
    assert "bodycam" in acts
    assert all(act.account_id == editor.account.id for rows in acts.values() for act in rows)


async def test_a_card_and_its_fact_together_are_one_edit_that_stands_for_both(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    page = await send(editor, ("bodycam.md", reworded().encode()), ("facts.yml", b"bodycam_days: 45"))
    assert (await keep(editor, page)).status_code == 303
    wording = await bodycam(desk)
    assert "45 days" in str(wording.words.levels["easy"])
    assert [act.fingerprint for act in wording.acts] == [wording.words.fingerprint]


async def test_the_national_file_goes_back_to_the_national_words(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    await keep(editor, await send(editor, ("bodycam.md", reworded().encode())))
    page = await send(editor, ("bodycam.md", card_text(BODYCAM).encode()))
    assert "This goes back to the national words" in page.text
    assert (await keep(editor, page)).status_code == 303
    wording = await bodycam(desk)
    assert wording.text is None
    assert wording.progress.stage == "draft"


async def test_windows_line_ends_and_marks_in_front_are_taken(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    same = ("\ufeff" + card_text(BODYCAM).replace("\n", "\r\n")).encode()
    assert "these files say what is here already" in (await send(editor, ("bodycam.md", same))).text
    changed = ("\ufeff" + reworded().replace("\n", "\r\n")).encode()
    await keep(editor, await send(editor, ("bodycam.md", changed)))
    assert (await bodycam(desk)).text == reworded()


async def test_one_broken_file_stops_all_of_them(desk: DeskApp) -> None:
    editor, before = await desk.person("northmoor", "editor"), await kept(desk)
    files = {"cards/bodycam.md": reworded(), "cards/bail.md": "# standard\n\nHello", "facts.yml": "bodycam_days: many"}
    page = await send(editor, ("pack.zip", packed(files)))
    assert page.status_code == 422
    assert "Nothing was changed." in page.text
    assert "<code>cards/bail.md</code>" in page.text
    assert "<code>facts.yml</code>: bodycam_days: Write a whole number" in page.text
    assert not changes_on(page)
    # Whoever skips the look gets no further.
    sent = {
        **{f"card.{key}": (None, files[f"cards/{key}.md"]) for key in ("bodycam", "bail")},
        "mark": (None, form_mark(editor.token)),
        "act": (None, "keep"),
    }
    assert (await editor.browser.post(FILES, files=sent)).status_code == 422
    assert await kept(desk) == before


def without_first_fact(text: str) -> str:
    fact = BODYCAM.must_say[0]
    return re.sub(rf"- id: {fact.id}\n(?:  .*\n)+", "", text).replace(f"says={fact.id}", "says=")


BOMB = "\n".join(
    [
        "a: &a [x, x, x, x, x, x, x, x, x]",
        *(
            f"{name}: &{name} [{', '.join(['*' + before] * 9)}]"
            for before, name in zip("abcdefgh", "bcdefghi", strict=True)
        ),
    ]
)


def field(text: str, name: str, value: str) -> str:
    """A card's text with another value for a field of its front matter."""
    return re.sub(rf"^{name}:.*(?:\n  .*)*", lambda _: f"{name}: {value}", text, count=1, flags=re.M)


def labelled(text: str, value: str) -> str:
    """A card's text with a label for its button."""
    return text.replace("key: bodycam\n", f"key: bodycam\nlabel: {value}\n", 1)


MISUSED: dict[str, Callable[[str], str]] = {
    "a must-say fact dropped": without_first_fact,
    "a must-say fact changed": lambda text: text.replace(BODYCAM.must_say[0].text[:20], "Something else is so", 1),
    "another key": lambda text: text.replace("key: bodycam", "key: bail"),
    "a program in the words": lambda text: in_words(text, "You can ask for", "{{ 9 ** 9 ** 9 }} You can ask for"),
    "a loop in the words": lambda text: in_words(text, "You can ask for", "{% for x in range(9) %}{% endfor %}"),
    "a way into the engine": lambda text: in_words(text, "You can ask for", "{{ help.__class__.__mro__ }}"),
    "an unknown slot": lambda text: text.replace("local.bodycam_days", "local.bodycam_nights"),
    "a level gone": lambda text: text[: text.index("# easy")],
    "references to references": lambda text: text.replace("examples:", f"{BOMB}\nexamples:", 1),
    "a reference": lambda text: text.replace("about: ", "about: &x ", 1),
    "a list for a label": lambda text: labelled(text, "{standard: [a], simple: b, easy: c}"),
    "a number for a question": lambda text: field(text, "question", "{standard: 1, simple: 2, easy: 3}"),
    "a line break for a label": lambda text: labelled(text, r'"one\ntwo"'),
    "a hidden mark in a label": lambda text: labelled(text, r'"one\x85two\e[2J"'),
    "brackets without end": lambda text: text.replace("examples:", "examples: " + "[" * 20_000, 1),
    "a date that is none": lambda text: re.sub(r"checked: .*", "checked: 2026-13-45", text, count=1),
    "an unknown field": lambda text: text.replace("about: ", "status: signed\nabout: ", 1),
    "not a card": lambda _text: "hello",
    "nothing": lambda _text: "",
    "marks that are no letters": lambda text: in_words(text, "You can ask for", "You\x00can\x1bask"),
    "too long": lambda text: text + "\n\n" + "word " * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("misuse", MISUSED)
async def test_a_card_that_cannot_be_used_is_refused_and_named(shut: tuple[DeskApp, Person], misuse: str) -> None:
    desk, editor = shut
    before = await kept(desk)
    text = MISUSED[misuse](card_text(BODYCAM))
    assert text != card_text(BODYCAM)
    page = await send(editor, ("bodycam.md", text.encode()))
    assert page.status_code == 422, page.text
    assert "<code>cards/bodycam.md</code>" in page.text
    assert await kept(desk) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bodycam_nights: 3", 'no local fact "bodycam_nights"'),
        ("bodycam_days: 3\nbodycam_days: 4", "stands here twice"),
        ("bodycam_days: [3]", "no single fact"),
        ("- bodycam_days", "on a line of its own"),
        ("bodycam_days: 'three", "cannot be read"),
        ("bodycam_days: many", "Write a whole number"),
        ("dpo_email: nobody", "is not an e-mail address"),
        ("systems: '{{ local.systems }}'", "Take out the marks"),
        ("systems: |\n  two\n  lines", "on one line"),
    ],
)
async def test_facts_that_cannot_be_used_are_refused_and_named(
    shut: tuple[DeskApp, Person], text: str, told: str
) -> None:
    desk, editor = shut
    before = await kept(desk)
    page = await send(editor, ("facts.yml", text.encode()))
    assert page.status_code == 422
    assert told in unescape(page.text)
    assert await kept(desk) == before


def test_no_number_or_word_in_the_facts_is_taken_for_something_else() -> None:
    odd = {"phone_time": "01234567", "systems": "yes", "gang_tool": "null", "dbs_unit": "2026-01-01", "id_rule": "1e3"}
    assert read_facts("".join(f"{slot}: {value}\n" for slot, value in odd.items()), SLOTS) == odd


@given(
    st.dictionaries(
        st.sampled_from(sorted(SLOTS)), st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=300)
    )
)
def test_any_facts_come_back_from_their_file(facts: dict[str, str]) -> None:
    file = pack_files("Northmoor", {}, facts, SLOTS, invented=True)["facts.yml"]
    assert read_facts(file, SLOTS) == {slot: facts.get(slot, "") for slot in SLOTS}


def archive(*entries: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", how) as file:
        for name, data in entries:
            file.writestr(name, data, how)
    return found.getvalue()


def odd_entry(name: str, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
    return entry


GOOD = ("cards/bodycam.md", card_text(BODYCAM).encode())


def encrypted() -> bytes:
    data = bytearray(archive(GOOD))
    # The flag of a password, in the entry and in the list at the end.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying() -> bytes:
    data = bytearray(archive(("cards/bodycam.md", b"x" * 60_000)))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def named_with_nothing() -> bytes:
    return archive(("cards/bodycam.mdXevil", b"x")).replace(b"bodycam.mdXevil", b"bodycam.md\0evil")


NASTY: dict[str, Callable[[], bytes]] = {
    "no zip": lambda: b"PK\x03\x04 hello",
    "cut short": lambda: archive(GOOD)[:200],
    "empty": archive,
    "up and out": lambda: archive(("../../etc/passwd", b"x")),
    "up and out of cards": lambda: archive(GOOD, ("cards/../../bodycam.md", b"x")),
    "from the root": lambda: archive(("/etc/passwd", b"x")),
    "from a drive": lambda: archive(("C:\\cards\\bodycam.md", b"x")),
    "backslashes": lambda: archive(("cards\\bodycam.md", b"x")),
    "a name with nothing in it": named_with_nothing,
    "a link": lambda: archive((odd_entry("cards/bodycam.md", stat.S_IFLNK), b"/etc/passwd")),
    "a device": lambda: archive((odd_entry("cards/bodycam.md", stat.S_IFCHR), b"")),
    "a zip in the zip": lambda: archive(GOOD, ("cards/more.zip", archive(GOOD))),
    "a zip that is called a card": lambda: archive(("cards/bodycam.md", archive(GOOD))),
    "a bomb": lambda: archive(*((f"cards/bomb-{number}.md", b"\0" * 19_000_000) for number in range(3))),
    "a small bomb": lambda: archive(("cards/bodycam.md", b" " * 900_000)),
    "untrue sizes": lying,
    "a password": encrypted,
    "another packing": lambda: archive(GOOD, how=zipfile.ZIP_LZMA),
    "too many files": lambda: archive(*((f"cards/card-{number}.md", b"x") for number in range(501))),
    "a program": lambda: archive(GOOD, ("cards/run.sh", b"x")),
    "a card in a folder": lambda: archive(GOOD, ("cards/more/bodycam.md", b"x")),
    "a card of another case": lambda: archive(GOOD, ("cards/BODYCAM.md", b"x")),
    "an unknown card": lambda: archive(GOOD, ("cards/made-up.md", reworded().encode())),
    "UTF-16": lambda: archive(("cards/bodycam.md", card_text(BODYCAM).encode("utf-16"))),
    "UTF-16 without a mark": lambda: archive(("cards/bodycam.md", card_text(BODYCAM).encode("utf-16-le"))),
    "Windows-1252": lambda: archive(("cards/bodycam.md", reworded(new="You can\u2019t ask").encode("cp1252"))),
}  # fmt: skip


@pytest.mark.parametrize("nasty", NASTY)
async def test_a_nasty_zip_is_refused_with_what_to_do(shut: tuple[DeskApp, Person], nasty: str) -> None:
    desk, editor = shut
    before = await kept(desk)
    page = await send(editor, ("pack.zip", NASTY[nasty]()))
    assert page.status_code == 422
    told = re.search(r'id="problems">.*?<ul>(.*?)</ul>', page.text, re.S)
    assert told
    assert re.search(r"</code>: \w.+\.</li>", told[1], re.S)
    assert not changes_on(page)
    assert await kept(desk) == before


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
async def test_a_name_that_stands_twice_is_refused(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    page = await send(editor, ("pack.zip", archive(GOOD, ("cards/bodycam.md", reworded().encode()))))
    assert page.status_code == 422
    assert "It is in the zip twice." in page.text
    twice = await send(editor, ("bodycam.md", GOOD[1]), ("bodycam.md", reworded().encode()))
    assert twice.status_code == 422
    assert "It was chosen twice." in twice.text


async def test_a_zipped_folder_with_what_systems_leave_in_it_is_taken(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    data = archive(
        ("northmoor/", b""),
        ("northmoor/cards/", b""),
        ("northmoor/cards/bodycam.md", reworded().encode()),
        ("northmoor/README.txt", b"anything"),
        ("northmoor/.DS_Store", b"\0\1"),
        ("__MACOSX/northmoor/cards/._bodycam.md", b"\0\1"),
    )
    page = await send(editor, ("northmoor.zip", data))
    assert page.status_code == 200
    assert set(changes_on(page)) == {"card.bodycam", "seen.card.bodycam"}


async def test_nothing_chosen_and_a_zip_among_others_are_told(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    assert "Choose a zip" in (await send(editor)).text
    both = await send(editor, ("pack.zip", archive(GOOD)), ("bodycam.md", GOOD[1]))
    assert both.status_code == 422
    assert "Bring in one whole zip alone" in both.text


async def test_what_is_too_large_is_refused_and_only_files_may_be_large(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    assert (await send(editor, ("pack.zip", b"x" * (LARGEST_UPLOAD + 1)))).status_code == 413
    assert (await send(editor, ("pack.zip", b"x" * 3_900_000))).status_code == 422
    large = {"mark": form_mark(editor.token), "value.systems": "x" * 300_000}
    assert (await editor.browser.post("/desk/northmoor/facts", data=large)).status_code == 413
    assert (await editor.browser.post("/northmoor/say", data=large)).status_code == 413
    with pytest.raises(BrokenFiles, match="4 MB"):
        unzipped(b"x" * (LARGEST_UPLOAD + 1))


async def test_what_another_did_after_the_look_is_told_and_nothing_is_kept(desk: DeskApp) -> None:
    ann, bob = await desk.person("northmoor", "editor", "Ann Practice"), await desk.person("northmoor", "editor", "Bob")
    page = await send(bob, ("bodycam.md", reworded().encode()), ("facts.yml", b"gang_tool: 'a list (invented)'"))
    await keep(ann, await send(ann, ("bodycam.md", reworded(new="One may ask for").encode())))
    before = await kept(desk)
    answer = await keep(bob, page)
    assert answer.status_code == 409
    assert "Ann Practice changed bodycam after you looked." in answer.text
    assert await kept(desk) == before
    # Having seen that, Bob may go on with his.
    assert (await keep(bob, answer)).status_code == 303
    assert (await bodycam(desk)).text == reworded()


async def test_a_fact_that_moved_after_the_look_is_told_and_nothing_is_kept(desk: DeskApp) -> None:
    ann, bob = await desk.person("northmoor", "editor", "Ann Practice"), await desk.person("northmoor", "editor", "Bob")
    page = await send(bob, ("bail.md", card_text(CARDS["bail"]).encode()), ("facts.yml", b"bodycam_days: 60"))
    await keep(ann, await send(ann, ("facts.yml", b"bodycam_days: 50")))
    before = await kept(desk)
    answer = await keep(bob, page)
    assert answer.status_code == 409
    assert "Somebody else changed a local fact" in answer.text
    assert await kept(desk) == before


async def test_charlie_an_admin_and_nobody_get_nothing_out_or_in(desk: DeskApp) -> None:
    before = await kept(desk)
    for role in ("editor", "reviewer", "lead"):
        charlie = await desk.person("southmere", role)
        assert (await charlie.get(FILES)).status_code == 404
        assert (await charlie.get("/desk/northmoor/files.zip")).status_code == 404
        assert (await send(charlie, ("bodycam.md", reworded().encode()))).status_code == 404
    admin = await desk.person(NATIONAL, "admin")
    refused = await send(admin, ("bodycam.md", reworded().encode()), layer=NATIONAL)
    assert refused.status_code == 409
    assert "Only an editor, a reviewer or the lead changes words." in refused.text
    nobody = desk.browser()
    assert (await nobody.get("/desk/northmoor/files.zip")).status_code in (303, 401)
    assert (await nobody.post(FILES, data={"act": "keep", "card.bodycam": reworded()})).status_code in (303, 401)
    editor = await desk.person("northmoor", "editor")
    unmarked = await editor.browser.post(FILES, files={"files": ("bodycam.md", GOOD[1])})
    assert unmarked.status_code == 403
    assert await kept(desk) == before


async def test_the_national_layer_takes_words_and_no_facts(desk: DeskApp) -> None:
    editor = await desk.person(NATIONAL, "editor")
    page = await send(editor, ("facts.yml", b"bodycam_days: 3"), layer=NATIONAL)
    assert page.status_code == 422
    assert "The national words have no local facts." in page.text
    page = await send(editor, ("bodycam.md", reworded().encode()), layer=NATIONAL)
    assert (await keep(editor, page, NATIONAL)).status_code == 303
    assert (await bodycam(desk, NATIONAL)).text == reworded()


async def test_two_who_bring_in_the_same_card_at_once_never_overwrite_each_other(database_url: str) -> None:
    database, release = Database(settings_for(database_url)), release_for(practice=True)
    wordings, layer = Wordings(release.cards, release.vetting), "essex"
    brought = [PackTexts({"bodycam": reworded(new=f"You may now ask {number} for")}, {}) for number in range(4)]
    async with database.begin() as session:
        plans = [await plan(session, wordings, layer, one) for one in brought]

    async def one(number: int) -> str:
        actor = Actor(number + 1, f"Person {number}", "editor (invented)", "editor", layer)
        try:
            async with database.begin() as session:
                await change(session, actor, wordings, layer, plans[number].changes(), utc_now())
        except NotAllowed as no:
            return str(no)
        return "kept"

    async with database.begin() as session:
        before = len((await acts_of(session, layer, "bodycam")).get("bodycam", []))
    outcomes = await asyncio.gather(*(one(number) for number in range(4)))
    async with database.begin() as session:
        after = (await acts_of(session, layer, "bodycam"))["bodycam"]
    await database.close()
    assert outcomes.count("kept") == 1
    assert all("after you looked" in told for told in outcomes if told != "kept")
    assert len(after) == before + 1
    assert after[-1].text == brought[outcomes.index("kept")].cards["bodycam"]


def test_a_force_may_add_a_fact_and_a_source_and_change_nothing_that_all_must_say() -> None:
    text = card_text(BODYCAM).replace(
        "must_say:\n", "must_say:\n- id: extra\n  fact: Ask twice.\n  source: " + next(iter(BODYCAM.sources)) + "\n", 1
    )
    own = read_wording(BODYCAM, text)
    assert {fact.id for fact in own.must_say} == {"extra", *(fact.id for fact in BODYCAM.must_say)}
    assert card_text(read_wording(BODYCAM, card_text(own))) == card_text(own)
    with pytest.raises(BrokenCard):
        own_wording(BODYCAM, without_first_fact(text))


@pytest.fixture
async def command_line(desk: DeskApp, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DeskApp]:
    monkeypatch.setenv("DATABASE_URL", str(desk.database.engine.url))
    app_settings.cache_clear()
    yield desk
    app_settings.cache_clear()


async def run(*words: str) -> tuple[int, str]:
    told = await asyncio.to_thread(CliRunner().invoke, cli, ["pack", *words])
    return told.exit_code, told.output


async def test_the_commands_take_out_and_bring_in(command_line: DeskApp, tmp_path: Path) -> None:
    desk, folder = command_line, tmp_path / "web" / "northmoor"
    editor = await desk.account("northmoor", "editor", "Ed Practice")
    assert (await run("export", "northmoor", str(folder)))[0] == 0
    (folder / ".git").mkdir()
    (folder / "notes.txt").write_text("ours")
    before = await kept(desk)
    code, told = await run("import", "northmoor", str(folder), "--by", editor.email)
    assert (code, await kept(desk)) == (0, before), told
    (folder / "cards" / "bodycam.md").write_text(reworded(), "utf-8", newline="\r\n")
    (folder / "facts.yml").write_text("bodycam_days: 45\n", "utf-8")
    code, told = await run("import", "northmoor", str(folder), "--by", editor.email, "--look")
    assert (code, await kept(desk)) == (0, before)
    assert "1 answers, 1 local facts would change" in told
    assert (await run("import", "northmoor", str(folder), "--by", editor.email))[0] == 0
    wording = await bodycam(desk)
    assert wording.text == reworded()
    assert [act.account_id for act in wording.acts] == [editor.id]
    again = tmp_path / "again"
    await run("export", "northmoor", str(again))
    first = await desk.person("northmoor", "editor")
    assert unpacked(await taken_out(first)) == {
        path.relative_to(again).as_posix(): path.read_text("utf-8") for path in again.rglob("*") if path.is_file()
    }
    async with desk.database.begin() as session:
        log = [(line.who, line.what) for line in await log_of(session, "northmoor")]
    assert ("Ed Practice", "import files") in log
    assert any(who.startswith("command line") and what == "export files" for who, what in log)


async def test_the_command_refuses_strangers_and_broken_folders(command_line: DeskApp, tmp_path: Path) -> None:
    desk = command_line
    editor, charlie = await desk.account("northmoor", "editor"), await desk.account("southmere", "editor")
    await run("export", "northmoor", str(tmp_path / "out"))
    (tmp_path / "out" / "cards" / "bodycam.md").write_text(reworded(), "utf-8")
    before = await kept(desk)
    for by in (charlie.email, "nobody@northmoor.example"):
        code, told = await run("import", "northmoor", str(tmp_path / "out"), "--by", by)
        assert code == 1
        assert "Not done:" in told
    code, told = await run("import", "northmoor", str(tmp_path / "nowhere"), "--by", editor.email)
    assert (code, "neither cards/ nor facts.yml" in told) == (1, True)
    (tmp_path / "out" / "cards" / "bail.md").unlink()
    (tmp_path / "out" / "cards" / "bail.md").symlink_to(tmp_path / "know.db")
    code, told = await run("import", "northmoor", str(tmp_path / "out"), "--by", editor.email)
    assert (code, "This is a link" in told) == (1, True)
    (tmp_path / "out" / "cards" / "bail.md").unlink()
    (tmp_path / "out" / "cards" / "bye.md").write_text("broken", "utf-8")
    code, told = await run("import", "northmoor", str(tmp_path / "out"), "--by", editor.email)
    assert (code, "cards/bye.md: bye.md:1:" in told) == (1, True)
    assert (await run("export", "scotland-yard", str(tmp_path / "x")))[0] == 2
    assert await kept(desk) == before
