"""Signing, withdrawing and recalling on both databases: one clear outcome each time, and never half of one."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from api.records import sessions
from api.records.accounts import Account, Delegation
from api.records.acts import BEATEN, add_act
from api.records.audit import note
from api.records.layer_changes import Changes, NewFact, NewWords
from api.records.pack_cache import PackCache
from api.records.signing import RELEASE, UNCHANGED, recall, review_date, withdraw
from api.records.wording import Wording, Wordings
from api.web.database import Database
from api.web.migrate import migrate
from content.glossary import load_glossary
from content.helplines import load_helplines
from content.rendering import Renderer
from content.review import Actor, NotAllowed
from content.signoff import NATIONAL
from content.slots import load_slots
from content.vetting import Vetting
from tests.conftest import in_postgres, release_for, settings_for
from tests.content.test_review import broken_promise
from tests.office import CARD, OTHER, SLOT, Office, books, empty_database, own_text, some_cards


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def own_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of this module's own."""
    if request.param == "postgres":
        request.getfixturevalue("postgres_url")
    with empty_database(request.param, tmp_path_factory.mktemp("signing")) as url:
        migrate(settings_for(url))
        yield url


@pytest.fixture(scope="module")
async def database(own_url: str) -> AsyncIterator[Database]:
    found = Database(settings_for(own_url))
    yield found
    await found.close()


@pytest.fixture(scope="module")
def wordings() -> Wordings:
    return Wordings(some_cards(), release_for(practice=True).vetting)


@pytest.fixture
def office(database: Database, wordings: Wordings) -> Office:
    return Office(database, wordings)


# What a signature says


async def test_the_words_of_the_release_are_signed_as_they_stand(office: Office) -> None:
    signed = await office.signed()
    [row] = await office.rows()
    assert row.whole()
    assert row.signoff() == signed
    assert signed.words == (await office.wording()).words
    assert (signed.written_by, signed.reviewed_by) == ((RELEASE,), office.reviewer.name)
    assert (signed.signer.name, signed.signer.post) == (office.lead.name, office.lead.post)
    assert (signed.signed_on, signed.practice) == (date.today(), True)
    assert [act.kind for act in await office.acts()] == ["submit", "approve", "sign"]
    assert (await office.wording()).progress.stage == "signed"
    await books(office.database)


async def test_a_signature_names_everybody_who_changed_the_words_since_the_last_and_nobody_else(
    office: Office,
) -> None:
    second = office.somebody("editor")
    await office.edit(office.editor, own_text("can"))
    await office.edit(second, own_text("might"))
    signed = await office.signed()
    assert signed.written_by == tuple(sorted((office.editor.name, second.name)))
    assert "might cover" in signed.words.as_json()
    await office.edit(second, own_text("can"))
    assert (await office.signed()).written_by == (second.name,)


async def test_a_renewal_without_an_edit_says_that_nothing_was_changed(office: Office) -> None:
    await office.edit(office.editor, own_text())
    first = await office.signed()
    again = await office.signed()
    assert again.written_by == (UNCHANGED,)
    assert again.words == first.words
    assert len(await office.rows()) == 2


async def test_a_renewal_of_the_words_of_the_release_names_the_release(office: Office) -> None:
    await office.signed()
    assert (await office.signed()).written_by == (RELEASE,)


async def test_whoever_set_a_fact_is_named_as_having_written(office: Office) -> None:
    await office.signed()
    await office.set_fact(office.lead, "30")
    assert (await office.wording()).progress.stage == "draft"
    wording = await office.approved()
    assert await office.refused(office.lead, wording) == ("You changed some of these words yourself.",)
    signed = await office.sign(office.deputy, wording)
    assert signed.written_by == tuple(sorted((office.lead.name, RELEASE)))
    assert "for 30 days" in signed.words.as_json()
    # Signed once, the fact bars nobody from the next signature.
    assert (await office.signed()).signer.name == office.lead.name


async def test_a_fact_that_an_own_wording_brings_in_bars_who_set_it(office: Office) -> None:
    front, body = own_text().split("\n# standard", 1)
    without = f"{front}\n# standard" + "\n\n".join(part for part in body.split("\n\n") if "local." not in part)
    await office.edit(office.editor, without)
    await office.set_fact(office.reviewer, "30")
    assert [act.kind for act in await office.acts()] == ["edit"]
    await office.edit(office.editor, own_text())
    await office.do("submit", office.editor)
    with pytest.raises(NotAllowed, match="You changed some of these words yourself"):
        await office.do("approve", office.reviewer)
    await office.do("approve", office.somebody("reviewer"))
    signed = await office.sign(office.lead, await office.wording())
    assert set(signed.written_by) == {office.editor.name, office.reviewer.name}


async def test_going_back_to_the_national_words_names_who_decided_it(office: Office) -> None:
    await office.edit(office.editor, own_text())
    await office.signed()
    await office.edit(office.editor, "")
    assert (await office.signed()).written_by == tuple(sorted((office.editor.name, RELEASE)))


@pytest.mark.parametrize("same", ["writer and reviewer", "writer and lead", "reviewer and lead"])
async def test_two_people_who_share_a_name_are_told_what_to_do(office: Office, same: str) -> None:
    one, _, two = same.partition(" and ")
    sams = {part: office.somebody("editor" if part == "writer" else part, "Sam Lee") for part in (one, two)}  # type: ignore[arg-type]
    writer, reviewer = sams.get("writer", office.editor), sams.get("reviewer", office.reviewer)
    lead = sams.get("lead", office.lead)
    await office.edit(writer, own_text())
    await office.do("submit", office.editor)
    if two == "reviewer":
        with pytest.raises(NotAllowed, match="Somebody else with your name"):
            await office.do("approve", reviewer)
        reviewer = replace(reviewer, name="Sam B. Lee")
    await office.do("approve", reviewer)
    if two == "lead":
        [told] = await office.refused(lead, await office.wording())
        assert "somebody else with your name" in told.lower()
        lead = replace(lead, name="Sam B. Lee")
    signed = await office.sign(lead, await office.wording())
    assert len({*signed.written_by, signed.reviewed_by, signed.signer.name}) == 3


async def test_a_fact_of_another_force_changes_nothing_here(office: Office, wordings: Wordings) -> None:
    wording = await office.approved()
    other = Office(office.database, wordings)
    await other.set_fact(other.editor, "45")
    assert (await office.wording()).words == wording.words
    await office.sign(office.lead, wording)


# Review dates


def dates(months: int, today: date = date(2026, 11, 26)) -> list[date]:
    card = replace(some_cards()[CARD], review_months=months)
    return [review_date(replace(card, key=f"card-{number}"), "kent", today) for number in range(100)]


@pytest.mark.parametrize("months", range(1, 13))
def test_review_dates_are_after_today_and_never_later_than_the_card_allows(months: int) -> None:
    for today in (date(2026, 11, 26), date(2028, 2, 29), date(2026, 1, 31)):
        for found in dates(months, today):
            assert today < found <= today + timedelta(days=30 * months)
            assert found >= today + timedelta(days=30 * months * 3 // 4)


@pytest.mark.parametrize("months", [6, 12])
def test_what_is_signed_together_does_not_end_together(months: int) -> None:
    found = Counter(dates(months))
    assert max(found) - min(found) >= timedelta(weeks=3)
    assert max(found.values()) <= 12
    assert dates(months) == dates(months)
    assert review_date(some_cards()[CARD], "kent", date.today()) != review_date(
        some_cards()[CARD], "essex", date.today()
    )


# Whatever changes after it was approved


async def test_a_fact_that_comes_back_to_what_it_was_needs_a_new_approval(office: Office) -> None:
    await office.set_fact(office.editor, "31")
    shown = (await office.approved()).words.fingerprint
    await office.set_fact(office.editor, "60")
    await office.set_fact(office.editor, "31")
    wording = await office.wording()
    assert wording.words.fingerprint == shown
    assert wording.progress.stage == "draft"
    await office.refused(office.lead, wording)
    await office.sign(office.lead, await office.approved())


async def test_an_edit_that_comes_back_to_what_it_was_needs_a_new_approval(office: Office) -> None:
    shown = (await office.approved()).words.fingerprint
    await office.edit(office.editor, own_text())
    await office.edit(office.editor, "")
    wording = await office.wording()
    assert wording.words.fingerprint == shown
    await office.refused(office.lead, wording)
    assert await office.rows() == []


async def test_another_release_or_glossary_ends_an_approval(office: Office) -> None:
    await office.approved()
    release = release_for(practice=True)
    cards = some_cards()
    other_cards = {**cards, CARD: replace(cards[CARD], near=cards[CARD].near[:2])}
    glossary = {
        key: replace(word, meaning={level: f"{said} Now." for level, said in word.meaning.items()})
        for key, word in load_glossary().items()
    }
    renderer = Renderer(glossary, load_helplines(), load_slots())
    for later in (Wordings(other_cards, release.vetting), Wordings(cards, Vetting(renderer, glossary))):
        again = Office(office.database, later, office.layer)
        wording = await again.wording()
        assert wording.progress.stage == "draft"
        told = await again.refused(office.lead, wording)
        assert told == ("No reviewer has approved exactly these words.",)
    assert await office.rows() == []


async def test_own_words_that_a_release_can_no_longer_use_are_stopped_and_nothing_else_is(office: Office) -> None:
    await office.edit(office.editor, own_text())
    await office.signed()
    cards = some_cards()
    fact = replace(cards[CARD].must_say[0], text="The police delete body-worn video after about 60 days.")
    later = {**cards, CARD: replace(cards[CARD], must_say=(fact, *cards[CARD].must_say[1:]))}
    again = Office(office.database, Wordings(later, release_for(practice=True).vetting), office.layer)
    again.clock.move(days=1)
    wording = await again.wording()
    assert "must-say fact" in wording.fault
    assert wording.progress.stage == "draft"
    assert any(wording.fault == report.finding.problem for report in again.wordings.reports(wording) if report.blocks)
    with pytest.raises(NotAllowed, match="The reading rules stop these words"):
        await again.do("submit", office.editor)
    async with again.database.begin() as session:
        everything = await again.wordings.of(session, again.layer)
    assert everything[OTHER].fault == ""
    async with again.database.begin() as session:
        await withdraw(session, office.lead, wording, "The time has changed.", now=again.clock(), practice=True)
    # Going back to the words of the release mends it.
    await again.edit(office.editor, "")
    assert (await again.wording()).fault == ""


async def test_approved_words_that_the_rules_now_stop_are_not_signed(office: Office) -> None:
    approved = await office.approved()
    cards = some_cards()
    unsaid = replace(cards[CARD].must_say[0], id="unsaid", text="Nobody says this.")
    later = {**cards, CARD: replace(cards[CARD], must_say=(*cards[CARD].must_say, unsaid))}
    again = Office(office.database, Wordings(later, release_for(practice=True).vetting), office.layer)
    wording = await again.wording()
    assert wording.words == approved.words
    assert await again.refused(office.lead, wording) == ("The reading rules stop these words in 3 places.",)
    assert await office.rows() == []
    await office.sign(office.lead, approved)


# Two at once


async def test_when_two_sign_the_same_card_at_once_one_does_and_the_other_is_told(office: Office) -> None:
    for _ in range(3):
        wording = await office.approved()
        both = [office.sign(actor, wording) for actor in (office.lead, office.deputy)]
        outcomes = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotAllowed", "SignOff"]
        [told] = [outcome for outcome in outcomes if isinstance(outcome, NotAllowed)]
        assert told.reasons == (BEATEN,)
        loser = office.deputy if isinstance(outcomes[1], NotAllowed) else office.lead
        assert await office.refused(loser, await office.wording()) == ("These words are signed already.",)
    assert len(await office.rows()) == 3
    await books(office.database)


async def test_forces_that_sign_at_once_all_sign(database: Database, wordings: Wordings) -> None:
    offices = [Office(database, wordings) for _ in range(5)]
    words = [await office.approved() for office in offices]
    signing = [office.sign(office.lead, wording) for office, wording in zip(offices, words, strict=True)]
    outcomes = await asyncio.gather(*signing)
    assert {signed.layer for signed in outcomes} == {office.layer for office in offices}
    await books(database)


async def test_one_person_may_sign_many_cards_in_one_transaction_or_none(office: Office) -> None:
    first, second = await office.approved(), await office.approved(OTHER)
    await office.do("return", office.reviewer, OTHER)
    with pytest.raises(NotAllowed):  # noqa: PT012 - the transaction must end by it
        async with office.database.begin() as session:
            await office.signing(session, office.lead, first)
            await office.signing(session, office.lead, second)
    assert await office.rows() == []
    await office.sign(office.lead, await office.wording())
    await books(office.database)


LANDS = ["edit", "fact", "return", "withdraw"]


async def lands(office: Office, what: str, session: AsyncSession) -> None:
    """Somebody else does something in a transaction of their own."""
    wording = await office.wording()
    if what == "edit":
        seen = wording.acts[-1].number
        await office.change(session, office.editor, Changes(words=(NewWords(CARD, own_text(), seen),)))
    elif what == "fact":
        await office.change(session, office.editor, Changes(facts=(NewFact(SLOT, "77", 0),)))
    elif what == "withdraw":
        await withdraw(session, office.deputy, wording, "Wrong.", now=office.clock(), practice=True)
    else:
        shown, now = wording.words.fingerprint, office.clock()
        await note(session, now, office.layer, office.reviewer.name, "return", CARD, office.reviewer.id)
        await add_act(
            session,
            wording.acts,
            office.reviewer,
            "return",
            layer=office.layer,
            card=CARD,
            fingerprint=shown,
            at=now,
        )


@pytest.mark.parametrize("what", LANDS)
async def test_what_lands_between_showing_and_signing_stops_the_signature(office: Office, what: str) -> None:
    shown = await office.approved()
    async with office.database.begin() as session:
        await lands(office, what, session)
    now = await office.wording()
    told = await office.refused(office.lead, now, shown.words.fingerprint)
    assert told
    # The same, had the page read the words just before it landed.
    assert await office.refused(office.lead, shown, shown.words.fingerprint) == (BEATEN,)
    assert await office.rows() == []
    await books(office.database)


@pytest.mark.parametrize("what", LANDS)
async def test_what_lands_while_a_signature_waits_its_turn_stops_it(office: Office, what: str) -> None:
    shown = await office.approved()
    async with office.database.begin() as session:
        await lands(office, what, session)
        signing = asyncio.create_task(office.sign(office.lead, shown))
        await asyncio.sleep(0.1)
        assert not signing.done()
    with pytest.raises(NotAllowed) as told:
        await signing
    assert told.value.reasons == (BEATEN,)
    assert await office.rows() == []
    await books(office.database)


async def test_words_that_are_not_those_shown_are_not_signed(office: Office) -> None:
    wording = await office.approved()
    assert await office.refused(office.lead, wording, "0" * 64) == (BEATEN,)
    await office.sign(office.lead, wording)


# The database dies


class Gone(Exception):
    """What a driver raises when its database has gone."""


@contextmanager
def dies_at(database: Database, statement: int) -> Iterator[None]:
    """The driver loses its database at a statement, counted from 1."""
    sent = count(1)

    def execute(*_: Any) -> None:
        if next(sent) == statement:
            raise Gone

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", execute)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", execute)


async def test_a_database_that_dies_at_any_statement_keeps_nothing_of_a_signature(office: Office) -> None:
    wording = await office.approved()
    acts = await office.acts()
    died = 0
    for statement in count(1):
        with dies_at(office.database, statement):
            try:
                await office.sign(office.lead, wording)
                break
            except Gone:
                died += 1
        assert await office.rows() == []
        assert len(await office.acts()) == len(acts)
        await books(office.database)
    # At least: the turn, the end of the ledger, its row, the end of the log, its line, the act.
    assert died >= 6
    assert len(await office.rows()) == 1
    await books(office.database)


@pytest.mark.parametrize("hide", [True, False])
async def test_a_database_that_dies_at_any_statement_keeps_nothing_of_a_recall(office: Office, hide: bool) -> None:
    await office.signed()
    wording = await office.wording()
    for statement in count(1):
        with dies_at(office.database, statement):
            try:
                async with office.database.begin() as session:
                    await recall(
                        session, office.lead, wording, "New law.", hide=hide, now=office.clock(), practice=True
                    )
                break
            except Gone:
                pass
        assert (await office.wording()).progress.stage == "signed"
        await books(office.database)
    assert statement > 3
    assert (await office.wording()).progress.stage == "recalled"
    await books(office.database)


async def test_a_machine_that_stops_before_the_signature_is_kept_keeps_none_of_it(
    office: Office, wordings: Wordings, own_url: str, tmp_path: Path
) -> None:
    if "sqlite" not in own_url:
        pytest.skip("PostgreSQL is cut off below")
    wording = await office.approved()
    kept = []
    for moment in ("before", "after"):
        async with office.database.begin() as session:
            await office.signing(session, office.lead, wording)
            if moment == "before":
                kept.append(left_on_disk(own_url, tmp_path / moment))
                await session.rollback()
    kept.append(left_on_disk(own_url, tmp_path / "after"))
    for url, rows in zip(kept, (0, 1), strict=True):
        database = Database(settings_for(url))
        left = Office(database, wordings, office.layer)
        assert len(await left.rows()) == rows
        await books(database)
        assert ((await left.wording()).progress.stage == "signed") == bool(rows)
        await database.close()


def left_on_disk(url: str, folder: Path) -> str:
    """What a machine that stops at this moment leaves: the files as they are, with nobody to tidy them up."""
    folder.mkdir()
    source = Path(url.partition("///")[2])
    for part in source.parent.glob(f"{source.name}*"):
        shutil.copy(part, folder / part.name)
    return f"sqlite+aiosqlite:///{folder / source.name}"


HALFWAY = text(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
    "AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO act%'"
)


@pytest.mark.parametrize("moment", ["halfway", "before it is kept"])
async def test_postgresql_ends_a_signature_and_keeps_none_of_it(office: Office, own_url: str, moment: str) -> None:
    if "sqlite" in own_url:
        pytest.skip("SQLite has nobody who could end another's work")
    wording = await office.approved()
    with pytest.raises(DBAPIError):  # noqa: PT012 - the transaction must end by it
        if moment == "halfway":
            await signing_that_is_ended_halfway(office, wording)
        else:
            async with office.database.begin() as session:
                await office.signing(session, office.lead, wording)
                await end(await session.scalar(text("SELECT pg_backend_pid()")))
    assert await office.rows() == []
    await books(office.database)
    await office.sign(office.lead, wording)
    assert len(await office.rows()) == 1
    await books(office.database)


async def signing_that_is_ended_halfway(office: Office, wording: Wording) -> None:
    async with office.database.begin() as first:
        # An act that takes the next place without waiting its turn: the signature gets as far as its own act.
        shown, now = wording.words.fingerprint, office.clock()
        await add_act(
            first, wording.acts, office.editor, "edit", layer=office.layer, card=CARD, fingerprint=shown, at=now
        )
        signing = asyncio.create_task(office.sign(office.lead, wording))
        async with asyncio.timeout(10), office.database.engine.connect() as look:
            while (halfway := await look.scalar(HALFWAY)) is None:
                await look.rollback()
        await end(halfway)
        await asyncio.wait([signing])
        await first.rollback()
    await signing


async def end(backend: int | None) -> None:
    await in_postgres(f"SELECT pg_terminate_backend({int(backend or 0)})")


# Withdrawing, recalling, and signing again


async def test_withdrawn_words_are_hidden_until_they_are_signed_again(database: Database, wordings: Wordings) -> None:
    office = Office(database, wordings, "kent")
    pack_cache = PackCache(database, release_for(practice=True).forces, practice=True)
    await office.signed()
    await pack_cache.refresh()
    assert pack_cache.pack("kent").card(CARD, date.today())
    wording = await office.wording()
    async with database.begin() as session:
        for reason in ("", " \n"):
            with pytest.raises(NotAllowed, match="Say why"):
                await withdraw(session, office.lead, wording, reason, now=office.clock(), practice=True)
    async with database.begin() as session:
        row = await withdraw(session, office.lead, wording, " It is wrong. ", now=office.clock(), practice=True)
    assert (row.reason, row.who, row.post) == ("It is wrong.", office.lead.name, office.lead.post)
    await pack_cache.refresh()
    assert pack_cache.pack("kent").card(CARD, date.today()) is None
    again = await office.approved()
    await pack_cache.refresh()
    assert pack_cache.pack("kent").card(CARD, date.today()) is None
    await office.sign(office.lead, again)
    await pack_cache.refresh()
    assert pack_cache.pack("kent").card(CARD, date.today())
    await books(database)


@pytest.mark.parametrize(("hide", "layer"), [(True, "essex"), (False, "surrey")])
async def test_a_national_recall_reaches_a_force_and_ends_with_its_next_signature(
    database: Database, wordings: Wordings, hide: bool, layer: str
) -> None:
    office, national = Office(database, wordings, layer), Office(database, wordings, NATIONAL)
    pack_cache = PackCache(database, release_for(practice=True).forces, practice=True)
    await office.signed()
    wording = await office.wording()
    for actor in (national.reviewer, national.lead):
        async with database.begin() as session:
            wording = await office.wording()
            await recall(session, actor, wording, "Section 63K.", hide=hide, now=office.clock(), practice=True)
        office.clock.move(minutes=1)
    assert (await office.wording()).progress.stage == "recalled"
    assert [act.account_id for act in (await office.acts())[-2:]] == [national.reviewer.id, national.lead.id]
    await pack_cache.refresh()
    assert (pack_cache.pack(layer).card(CARD, date.today()) is None) == hide
    assert await office.refused(office.lead, await office.wording()) == (
        "No reviewer has approved exactly these words.",
    )
    await office.signed()
    await pack_cache.refresh()
    assert pack_cache.pack(layer).card(CARD, date.today())
    await books(database)


async def test_nobody_of_another_force_signs_withdraws_or_recalls(office: Office, wordings: Wordings) -> None:
    charlie = Office(office.database, wordings)
    wording = await office.approved()
    for actor in (charlie.lead, charlie.deputy, replace(office.lead, layer=NATIONAL)):
        assert "You do not work for this force." in await office.refused(actor, wording)
    for actor in (charlie.lead, charlie.reviewer):
        async with office.database.begin() as session:
            with pytest.raises(NotAllowed):
                await withdraw(session, actor, wording, "Mine.", now=office.clock(), practice=True)
            with pytest.raises(NotAllowed):
                await recall(session, actor, wording, "Mine.", hide=True, now=office.clock(), practice=True)
    assert [act.kind for act in await office.acts()] == ["submit", "approve"]
    await books(office.database)


async def test_a_deputy_signs_from_the_first_day_to_the_last_and_not_when_it_was_ended(office: Office) -> None:
    today, day = date.today(), timedelta(days=1)
    wording = await office.approved()
    outcomes = {}
    for name, starts, ends, ended in (
        ("from tomorrow", today + day, today + 9 * day, False),
        ("until yesterday", today - 9 * day, today - day, False),
        ("ended", today - day, today + day, True),
        ("from today", today, today + day, False),
        ("until today", today - day, today, False),
    ):
        deputy = await delegated(office, name, starts, ends, ended=ended)
        async with office.database.begin() as session:
            try:
                await office.signing(session, deputy, wording)
                outcomes[name] = "signed"
            except NotAllowed as no:
                outcomes[name] = " ".join(no.reasons)
            await session.rollback()
    not_now = "Only the lead signs, or a deputy while the delegation is in date."
    never = dict.fromkeys(("from tomorrow", "until yesterday", "ended"), not_now)
    assert outcomes == {**never, "from today": "signed", "until today": "signed"}
    await books(office.database)


async def delegated(office: Office, name: str, starts: date, ends: date, *, ended: bool) -> Actor:
    """An editor who is named the deputy, as whoever is signed in today."""
    now = office.clock()
    email = f"{name.replace(' ', '-')}@{office.layer}.example"
    account = Account(layer=office.layer, role="editor", name=name, post="the editor", email=email, made_at=now)
    async with office.database.begin() as session:
        session.add(account)
        await session.flush()
        days = {"starts": starts, "ends": ends, "ended_at": now if ended else None}
        session.add(Delegation(layer=office.layer, deputy_id=account.id, named_by="L", made_at=now, **days))
    async with office.database.begin() as session:
        return await sessions.actor(session, account, date.today())


# Any sequence at all


STEP = st.tuples(
    st.sampled_from(("on", "on", "on", "on", "on", "edit", "fact", "return", "withdraw", "recall")),
    st.sampled_from(range(3)),
    st.sampled_from(("can", "might")),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=6, max_size=16), alone=st.booleans())
async def test_no_sequence_of_acts_puts_a_signature_in_the_ledger_that_breaks_a_promise(
    database: Database, wordings: Wordings, steps: list[tuple[str, int, str]], alone: bool
) -> None:
    office = Office(database, wordings)
    people = [office.somebody("reviewer", deputy=True) for _ in range(3)]
    for what, number, said in steps:
        await step(office, what, people[0 if alone else number], said)
    acts, rows = await office.acts(), await office.rows()
    assert broken_promise([(act.kind, act.account_id, act.fingerprint) for act in acts]) == ""
    assert [row.fingerprint for row in rows] == [act.fingerprint for act in acts if act.kind == "sign"]
    assert not (alone and rows)
    for row in rows:
        signed = row.signoff()
        assert signed.reviewed_by != signed.signer.name
        assert not {signed.reviewed_by, signed.signer.name} & set(signed.written_by)
    await books(database)


async def step(office: Office, what: str, actor: Actor, said: str) -> None:
    office.clock.move(seconds=10)
    try:
        if what == "edit":
            await office.edit(actor, own_text(said))
        elif what == "fact":
            await office.set_fact(actor, "30" if said == "can" else "60")
        elif what == "return":
            await office.do("return", actor)
        elif what == "on":
            await on(office, actor)
        else:
            wording, now = await office.wording(), office.clock()
            async with office.database.begin() as session:
                if what == "withdraw":
                    await withdraw(session, actor, wording, "Wrong.", now=now, practice=True)
                else:
                    await recall(session, actor, wording, "New.", hide=said == "can", now=now, practice=True)
    except NotAllowed:
        pass


async def on(office: Office, actor: Actor) -> None:
    """The next step to a signature."""
    wording = await office.wording()
    if wording.progress.stage == "approved":
        await office.sign(actor, wording)
    else:
        await office.do("approve" if wording.progress.stage == "in-review" else "submit", actor)
