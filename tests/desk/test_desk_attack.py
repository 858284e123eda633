"""What an attacker of the desk tried: words that slip past the rules or the signers, and forms made to hurt."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.__main__ import cli
from api.records.audit import log_of
from api.records.credentials import account_with
from api.records.wording import Wordings
from api.web.database import Database
from api.web.migrate import migrate
from api.web.settings import settings as app_settings
from content.card import BrokenCard, Card
from content.card_text import card_text
from content.editing import typed, visible, written
from content.own_wording import LONGEST, MOST_IDEAS, read_wording
from tests.conftest import release_for, settings_for
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors
from tests.office import CARD, Office, own_text, some_cards

VETTING = release_for(practice=True).vetting
NATIONAL = some_cards()[CARD]
PATH = f"/desk/northmoor/cards/{CARD}"


def with_idea(number: int, level: str = "easy", **changed: object) -> str:
    """The file that the editor makes when one idea is typed anew."""
    texts = dict(typed(NATIONAL))
    ideas = list(texts[level].ideas)  # type: ignore[index]
    ideas[number] = replace(ideas[number], **changed)  # type: ignore[arg-type]
    texts[level] = replace(texts[level], ideas=tuple(ideas))  # type: ignore[index]
    return written(NATIONAL, NATIONAL, texts, NATIONAL.reasons)


def with_heading(**changed: str) -> Card:
    texts = dict(typed(NATIONAL))
    texts["easy"] = replace(texts["easy"], **changed)
    return read_wording(NATIONAL, written(NATIONAL, NATIONAL, texts, NATIONAL.reasons))


def stops(card: Card) -> list[str]:
    """Why the reading rules stop a card."""
    return [report.finding.problem for report in VETTING.vet(card) if report.blocks]


# Words that slip past the rules


def test_the_words_around_an_empty_slot_are_read_by_the_rules() -> None:
    text = with_idea(3, text="Notwithstanding jurisdictional promulgation: {{ local.bodycam_days }}")
    assert any("promulgation" in problem for problem in stops(read_wording(NATIONAL, text)))


@pytest.mark.parametrize("slot", ["{{ local.bodycam_days }}", "{{local.bodycam_days}}", "{{local.bodycam_days }}"])
def test_no_spacing_of_a_slot_hides_that_a_fact_may_be_replaced(slot: str) -> None:
    text = typed(NATIONAL)["easy"].ideas[0].text
    own = read_wording(NATIONAL, with_idea(0, text=f"{text} {slot}"))
    assert "a must-say fact in a bubble that might be replaced" in stops(own)


def test_a_helpline_is_one_of_ours_and_no_part_of_the_machine() -> None:
    for name in ("items", "keys", "pop"):
        own = read_wording(NATIONAL, with_idea(3, text=f"Ring {{{{ help.{name} }}}}"))
        with pytest.raises(BrokenCard, match="no helpline"):
            VETTING.renderer.words(own, {})


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\u200b", "\u00ad", "\x00", "\ufeff"])
def test_no_hidden_letter_turns_words_round_or_parts_a_word_from_its_rule(letter: str) -> None:
    with pytest.raises(BrokenCard, match="hidden letters"):
        with_idea(3, text=f"Ring 0{letter}7700 900123 now.")
    with pytest.raises(BrokenCard, match="no letters"):
        with_heading(question=f"Is it {letter}on video?")


def test_a_question_is_words_and_holds_no_number_to_ring() -> None:
    assert not stops(with_heading())
    for question in ("", "  ", "Ring 07700 900123?", "Is it {{ local.bodycam_days }} days?"):
        assert stops(with_heading(question=question)), question


# Words so long that reading them would stop everything


@pytest.mark.parametrize("words", ["[" * 32_000, "0" * 32_000, "a." * 16_000, "the " * 8_000])
def test_an_idea_that_no_child_would_read_to_the_end_is_refused_unread(words: str) -> None:
    with pytest.raises(BrokenCard, match=f"more than {LONGEST} letters"):
        with_idea(0, text=words)


def test_a_level_has_no_more_ideas_than_the_form_can_show() -> None:
    more = "\n\n".join(f"Idea {number}." for number in range(MOST_IDEAS + 1))
    with pytest.raises(BrokenCard, match=f"more than {MOST_IDEAS} ideas"):
        read_wording(NATIONAL, f"{card_text(NATIONAL)}\n{more}\n")


def test_a_comment_loses_what_nobody_sees_and_nothing_else() -> None:
    assert visible("Ask\r\nthe\u202e lead\x00 \u200bé, ŵ, 👋.") == "Ask\nthe lead é, ŵ, 👋."


# Signers who wrote it


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    settings = settings_for(f"sqlite+aiosqlite:///{tmp_path / 'know.db'}")
    await asyncio.to_thread(migrate, settings)
    database = Database(settings)
    yield Office(database, Wordings(some_cards(), VETTING))
    await database.close()


@pytest.mark.parametrize("typed_again", [False, True])
async def test_who_set_a_fact_before_it_stood_in_the_words_does_not_sign_it(
    office: Office, *, typed_again: bool
) -> None:
    front, body = own_text().split("\n# standard", 1)
    without = f"{front}\n# standard" + "\n\n".join(part for part in body.split("\n\n") if "local." not in part)
    await office.edit(office.editor, without)
    await office.set_fact(office.lead, "30")
    await office.signed()
    if typed_again:
        # Somebody else says another thing, and then the same again: two have said it.
        await office.set_fact(office.editor, "31")
        await office.set_fact(office.editor, "30")
    await office.edit(office.editor, own_text())
    wording = await office.approved()
    assert office.lead.id in wording.progress.authors
    assert await office.refused(office.lead, wording) == ("You changed some of these words yourself.",)
    assert office.lead.name in (await office.sign(office.deputy, wording)).written_by


async def test_a_fact_that_was_signed_here_bars_nobody_from_the_next_signature(office: Office) -> None:
    await office.edit(office.editor, own_text())
    await office.set_fact(office.lead, "30")
    await office.sign(office.deputy, await office.approved())
    await office.edit(office.editor, own_text("will"))
    assert office.lead.id not in (await office.wording()).progress.authors


# Forms of the desk


@pytest.fixture(scope="module")
async def desk(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DeskApp]:
    async with desk_app(sqlite_url, tmp_path_factory.mktemp("attack")) as found:
        yield found


def form(**changed: object) -> dict[str, Any]:
    """The editor's form as the browser sends it, with some fields changed."""
    found: dict[str, Any] = {"seen": "0"}
    for level, text in typed(NATIONAL).items():
        found |= {f"question_{level}": text.question, f"label_{level}": text.label}
        for number, idea in enumerate(text.ideas):
            at = f"{level}_{number}"
            found |= {f"text_{at}": idea.text, f"symbol_{at}": idea.symbol, f"says_{at}": list(idea.says)}
    return found | changed


async def test_a_tick_alone_is_a_change_and_is_kept(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    kept = await editor.post(f"{PATH}/edit", **form(says_easy_2=["copy"]))
    assert kept.status_code == 303
    page = (await editor.get(PATH)).text
    assert "Stage: <strong>draft</strong>" in page
    assert editor.account.name in page


async def test_the_signer_is_shown_the_button_and_the_sources(desk: DeskApp) -> None:
    editor, reviewer, lead = [await desk.person("northmoor", role) for role in ("editor", "reviewer", "lead")]
    key = "who-gets-told"
    path = f"/desk/northmoor/cards/{key}"
    mark = re.search(r'name="shown" value="([0-9a-f]+)"', (await editor.get(path)).text)
    assert mark
    await editor.post(f"{path}/submit", shown=mark[1])
    await reviewer.post(f"{path}/approve", shown=mark[1])
    card = doors(desk.app).desk.wordings.cards[key]
    for page in [(await lead.get(address)).text for address in ("/desk/northmoor/sign", path)]:
        for level in ("standard", "simple", "easy"):
            assert f'<span class="choice">{card.version(level).label}</span>' in page
        assert all(source.url in page for source in card.sources.values())


async def test_no_number_is_too_large_to_be_answered(desk: DeskApp) -> None:
    lead, huge = await desk.person("northmoor", "lead"), "9" * 5_000
    facts = await lead.post("/desk/northmoor/facts", **{"value.bodycam_days": "7", "seen.bodycam_days": huge})
    assert facts.status_code == 303
    assert (await lead.post(f"{PATH}/edit", **form(seen=huge, text_easy_1="It stays."))).status_code < 500
    assert (await lead.post("/desk/northmoor/letters/-99999999999999999999/again")).status_code == 404


async def test_who_invites_somebody_cannot_become_them_where_a_letter_reaches_them(
    sqlite_url: str, tmp_path: Path
) -> None:
    mail = {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "desk@know.example"}
    for others, shown in (({}, True), (mail, False)):
        folder = tmp_path / str(shown)
        folder.mkdir()
        async with desk_app(sqlite_url, folder, **others) as found:
            lead, editor = [await found.person("northmoor", role) for role in ("lead", "editor")]
            page = await lead.post(f"/desk/northmoor/people/{editor.account.id}/invite")
            assert page.status_code == 200
            assert ("/desk/invitation/" in page.text) == shown


async def test_one_name_is_not_two_by_its_spelling(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead")
    names = ("Zo\u00e9 \u00c9vans", "Zoe\u0301 \u00e9vans", "ZO\u00c9  E\u0301VANS", "Zo\u00e9\u00a0\u00c9vans")
    sent = [
        {"role": "editor", "name": name, "post": "Editor", "email": f"z{at}@a.org"} for at, name in enumerate(names)
    ]
    assert [(await lead.post("/desk/northmoor/people", **one)).status_code for one in sent] == [200, 422, 422, 422]


async def test_a_pack_on_its_way_is_carried_past_a_sign_in(desk: DeskApp) -> None:
    async with desk.browser() as browser:
        draft = {"to": "/desk/northmoor/files", "kept:act": "keep", "kept:card.bodycam": "x" * 300_000}
        answer = await browser.post("/desk/sign-in/again", data={**draft, "email": "a@b.example", "password": "x"})
        assert answer.status_code == 422
        assert "x" * 300_000 in answer.text
        assert (await browser.post("/desk/sign-in", data=draft)).status_code == 413


async def test_a_letter_that_no_database_keeps_is_not_looked_for(database_url: str) -> None:
    database = Database(settings_for(database_url))
    async with database.begin() as session:
        assert await account_with(session, "a\x00@b.example") is None
    await database.close()


async def test_an_import_in_somebody_elses_name_says_who_ran_it(
    desk: DeskApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = await desk.account("northmoor", "editor", "Ed Elsewhere")
    (tmp_path / "facts.yml").write_text("dpo_email: 'data@northmoor.example'\n", "utf-8")
    monkeypatch.setenv("DATABASE_URL", str(desk.database.engine.url))
    app_settings.cache_clear()
    words = ["pack", "import", "northmoor", str(tmp_path), "--by", editor.email]
    told = await asyncio.to_thread(CliRunner().invoke, cli, words)
    app_settings.cache_clear()
    assert told.exit_code == 0, told.output
    async with desk.database.begin() as session:
        [line] = [line for line in await log_of(session, "northmoor") if line.what == "import files"]
    assert line.who == editor.name
    assert "command line" in line.about
