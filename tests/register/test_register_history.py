"""The register over time: every signature and withdrawal, scores by month, local facts; nothing that is not signed."""

import csv
import html
import io
import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.records import ledger
from api.records.acts import ActRow
from api.records.hash_chain import append
from api.records.ledger_history import History, LedgerHistory, Signature, TakenOff
from api.records.local_facts import LocalFact
from api.records.pack_cache import PackCache
from api.records.unanswered_counts import FEWEST, Tally, month_of
from api.records.withdrawals import Withdrawal
from api.register.board import STATES, standing
from api.register.coverage_picture import samples
from api.register.monthly_scores import line, month_ends, months
from api.register.published_facts import stands
from api.web.database import Database
from content.difference import beside_the_words
from content.pack import Packs
from content.release import Release
from content.signed_words import SignedWords
from content.signoff import NATIONAL, Signer, SignOff, Withdrawn, sign
from tests.conftest import release_for, settings_for, sign_everything
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors

pytestmark = pytest.mark.database

KEYS = ("bodycam", "my-phone", "fingerprints-dna", "tell-parents")
AWAY = "postgresql+asyncpg://nobody@127.0.0.1:9/none"
SECRET = "Quentin Zebrafish"
REASON = 'The law changed, so "31 days" <b>is</b> wrong.'


def release() -> Release:
    return release_for(practice=True)


def slots_in(key: str) -> frozenset[str]:
    return release().vetting.renderer.slots_in(release().cards[key])


@cache
def words_of(key: str, **local: str) -> SignedWords:
    return release().vetting.renderer.words(release().cards[key], local)


def card_with(slot: str) -> str:
    """A card that has a place for a slot."""
    return next(key for key in release().cards if slot in slots_in(key))


def changed(words: SignedWords, old: str, new: str) -> SignedWords:
    """The same words with one word changed at every level."""
    levels = {
        level: replace(
            version,
            bubbles=tuple(replace(bubble, text=bubble.text.replace(old, new)) for bubble in version.bubbles),
        )
        for level, version in words.levels.items()
    }
    return replace(words, levels=levels)


def signed(layer: str, key: str, words: SignedWords, day: date, days: int = 90) -> SignOff:
    return sign(
        layer,
        key,
        words,
        written_by=[f"Writer {SECRET}"],
        reviewed_by=f"Reviewer {SECRET}",
        signer=Signer(f"Signer {SECRET}", f"the lead for children ({layer}, invented)"),
        signed_on=day,
        review_by=day + timedelta(days=days),
        practice=True,
    )


class Public(DeskApp):
    """An app and what happens to its ledger, and the register as anybody reads it."""

    @property
    def pack_cache(self) -> PackCache:
        found: PackCache = doors(self.app).pack_cache
        return found

    async def sign(self, layer: str, key: str, words: SignedWords | None = None, days: int = 90) -> SignOff:
        """Signs words of a card today."""
        one = signed(layer, key, words or words_of(key), self.pack_cache.today(), days)
        async with self.database.begin() as session:
            await ledger.add(session, one)
        await self.pack_cache.refresh()
        return one

    async def withdraw(self, layer: str, key: str, reason: str = REASON) -> None:
        """Takes a card off today."""
        async with self.database.begin() as session:
            last = await session.scalar(
                ledger.select(ledger.LedgerRow.id).order_by(ledger.LedgerRow.id.desc()).limit(1)
            )
            row = Withdrawal(
                layer=layer,
                card=key,
                reason=reason,
                who=f"Signer {SECRET}",
                post=f"the lead ({layer}, invented)",
                at=datetime.combine(self.pack_cache.today(), datetime.min.time(), UTC),
                after_row=last or 0,
                practice=True,
            )
            await append(session, row)
        await self.pack_cache.refresh()

    async def say(self, layer: str, slot: str, value: str) -> None:
        """A force fills a slot at the desk. Signs nothing."""
        async with self.database.begin() as session:
            session.add(
                LocalFact(layer=layer, slot=slot, value=value, account_id=1, who=f"Editor {SECRET}", at=self.clock())
            )

    def move_to(self, day: date) -> None:
        """Another day."""
        self.pack_cache.today = lambda: day

    async def page(self, path: str, status: int = 200) -> str:
        """A page or file of the register."""
        async with self.browser() as browser:
            answer = await browser.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.text

    async def state(self, force: str, key: str) -> str:
        """How a card stands, as the four ways to read it agree."""
        row = standing(self.pack_cache, force)
        assert row is not None
        [state] = [line.state for line in row.lines if line.card == key]
        async with self.browser() as browser:
            cells = (await browser.get("/api/v1/coverage")).json()["cells"]
        assert [cell["state"] for cell in cells if (cell["force"], cell["card"]) == (force, key)] == [state]
        table = csv.DictReader(io.StringIO(await self.page("/register.csv")))
        assert [r["state"] for r in table if (r["force"], r["card"]) == (row.force.name, key)] == [state]
        found = re.search(
            rf'/register/{force}/{key}">.*?class="state-(\w+)"', await self.page(f"/register/{force}"), re.S
        )
        assert found
        assert found[1] == state
        return state

    async def told(self, force: str) -> list[str]:
        """The slots that a force has told us."""
        async with self.browser() as browser:
            told: list[str] = (await browser.get("/api/v1/facts")).json()["told"][force]
        return told


@pytest.fixture(scope="module")
def fresh_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that holds the practice words and nothing that another test did."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('fresh') / 'know.db'}"
    sign_everything(settings_for(url))
    return url


@pytest.fixture
async def public(fresh_url: str, tmp_path: Path) -> AsyncIterator[Public]:
    async with desk_app(fresh_url, tmp_path) as desk:
        yield Public(desk.app, desk.clock)


async def test_a_card_goes_through_every_state(public: Public) -> None:
    today = public.pack_cache.today()
    assert await public.state("kent", "bodycam") == "national"
    await public.sign("kent", "bodycam", days=30)
    assert await public.state("kent", "bodycam") == "own"
    public.move_to(today + timedelta(days=30))
    assert await public.state("kent", "bodycam") == "own"
    public.move_to(today + timedelta(days=31))
    assert await public.state("kent", "bodycam") == "overdue"
    await public.withdraw("kent", "bodycam")
    assert await public.state("kent", "bodycam") == "withdrawn"
    assert "withdrawn" in (await public.page("/register")).partition("/register/kent")[2].partition("</th>")[0]
    await public.sign("kent", "bodycam")
    assert await public.state("kent", "bodycam") == "own"
    await public.withdraw(NATIONAL, "bodycam")
    assert await public.state("kent", "bodycam") == "own"
    assert await public.state("essex", "bodycam") == "withdrawn"
    public.pack_cache._packs = Packs([signed("kent", "bodycam", words_of("bodycam"), today)])
    assert await public.state("essex", "bodycam") == "missing"


async def test_a_withdrawal_is_told_with_its_reason_post_and_date_and_no_name(public: Public) -> None:
    await public.sign("kent", "bodycam")
    await public.withdraw("kent", "bodycam")
    day = public.pack_cache.today()
    for path in ("/register/kent", "/register/kent/bodycam"):
        page = await public.page(path)
        assert "<b>is</b>" not in page
        text = html.unescape(page)
        assert REASON in text
        assert "the lead (kent, invented)" in text
        assert f"{day.day} {day:%B} {day.year}" in text
        assert SECRET not in text
    [row] = [
        row
        for row in csv.DictReader(io.StringIO(await public.page("/register.csv")))
        if (row["force"], row["card"]) == ("Kent Police", "bodycam")
    ]
    assert (row["why withdrawn"], row["withdrawn on"]) == (REASON, day.isoformat())
    async with public.browser() as browser:
        cells = (await browser.get("/api/v1/coverage")).json()["cells"]
    [cell] = [cell for cell in cells if cell["card"] == "bodycam" and cell["force"] == "kent"]
    assert cell["withdrawn"] == {"reason": REASON, "post": "the lead (kent, invented)", "on": day.isoformat()}
    assert SECRET not in str(cells)
    letter = (await public.page("/register/kent")).partition("readonly>")[2]
    assert words_of("bodycam").levels["standard"].question in html.unescape(letter)


async def test_a_cell_of_a_spreadsheet_is_never_a_formula(public: Public) -> None:
    await public.withdraw("kent", "bodycam", "=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in await public.page("/register.csv")


async def test_the_history_shows_each_signature_newest_first_and_marks_what_changed(public: Public) -> None:
    first = words_of("bodycam")
    word = next(word for word in first.levels["standard"].bubbles[0].text.split() if word.isalpha() and len(word) > 4)
    await public.sign("kent", "bodycam", changed(first, word, "aubergine"))
    public.move_to(public.pack_cache.today() + timedelta(days=1))
    await public.sign("kent", "bodycam", changed(first, word, "marigold"))
    await public.withdraw("kent", "bodycam")
    page = await public.page("/register/kent/bodycam")
    headings = re.findall(r"<h2[^>]*>(\w+) on", page)
    assert headings == ["Withdrawn", "Signed", "Signed", "Signed"]
    _, newest, middle, oldest = page.split('<section class="step"')[1:]
    assert re.search(r"<mark>[^<]*aubergine", newest)
    assert re.search(r"<mark>[^<]*marigold", newest)
    assert re.search(r"<mark>[^<]*aubergine", middle)
    assert "marigold" not in middle
    assert "the words for all of England and Wales signed on" in middle
    assert "Nothing to compare with" in oldest
    assert "aubergine" not in oldest
    assert SECRET not in page
    easy = await public.page("/register/kent/bodycam?level=easy")
    assert easy != page
    assert first.levels["easy"].bubbles[0].text.split()[0] in easy
    # Another force has its own history.
    assert "aubergine" not in await public.page("/register/essex/bodycam")


async def test_welsh_words_are_compared_with_welsh_words_and_said_to_be_welsh(public: Public) -> None:
    english = words_of("bodycam")
    await public.sign("gwent", "bodycam", replace(changed(english, "the", "yr"), language="cy", of=english.fingerprint))
    page = await public.page("/register/gwent/bodycam")
    welsh, _ = page.split('<section class="step"')[1:]
    assert 'lang="cy"' in welsh
    assert "in Welsh" in welsh
    assert "Nothing to compare with" in welsh


@pytest.mark.parametrize(
    "path", ["kent/nothing", "kent/what-is-this", "narnia/bodycam", "psni/bodycam", "kent/bodycam/x"]
)
async def test_what_is_not_on_the_register_has_no_history(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/register/{path}")).status_code == 404


async def test_drafts_and_altered_rows_have_no_history(public: Public, tmp_path: Path) -> None:
    async with public.database.begin() as session:
        session.add(
            ActRow(
                layer="kent",
                card="bodycam",
                number=1,
                kind="edit",
                account_id=1,
                who=SECRET,
                at=public.clock(),
                fingerprint="",
                text="draft aubergine",
                comment="comment aubergine",
            )
        )
    await public.sign("kent", "bodycam")
    with closing(sqlite3.connect(tmp_path / "know.db")) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{trigger}"')
        file.execute("UPDATE sign_off SET words = replace(words, 'police', 'aubergine') WHERE layer = 'kent'")
        file.commit()
    for path in ("/register/kent/bodycam", "/register/kent", "/register", "/register.csv"):
        assert "aubergine" not in await public.page(path)
    assert (await public.page("/register/kent/bodycam")).count("<h2") == 1


async def test_a_fact_is_told_only_while_it_stands_in_live_signed_words(public: Public) -> None:
    value = "data.officer@kent.example"
    card = card_with("dpo_email")
    await public.say("kent", "dpo_email", value)
    assert await public.told("kent") == []
    for path in ("/register", "/register?show=facts", "/register/kent", "/register/facts.csv", "/api/v1/facts"):
        assert value not in await public.page(path)
    await public.sign("kent", card)
    assert await public.told("kent") == []
    await public.sign("kent", card, words_of(card, dpo_email=value), days=30)
    assert await public.told("kent") == ["dpo_email"]
    # A newer value that nobody has signed is not public, and takes nothing away.
    await public.say("kent", "dpo_email", "other@kent.example")
    assert await public.told("kent") == ["dpo_email"]
    assert await public.told("essex") == []
    today = public.pack_cache.today()
    public.move_to(today + timedelta(days=31))
    assert await public.told("kent") == []
    public.move_to(today)
    assert await public.told("kent") == ["dpo_email"]
    await public.withdraw("kent", card)
    assert await public.told("kent") == []


async def test_what_is_not_told_is_named_asked_for_and_counted(public: Public) -> None:
    card = card_with("dpo_email")
    await public.say("kent", "dpo_email", "data.officer@kent.example")
    await public.sign("kent", card, words_of(card, dpo_email="data.officer@kent.example"))
    slots = release().vetting.renderer.slots
    page = html.unescape(await public.page("/register/kent"))
    missing = page.partition("What this force has not told us")[2].partition("Month by month")[0]
    letter = page.partition("readonly>")[2].partition("</textarea>")[0]
    for slot in slots.values():
        assert (f"<li>{slot.label}</li>" in missing) == (slot.id != "dpo_email"), slot.id
        assert (f"- {slot.label}\n" in letter) == (slot.id != "dpo_email"), slot.id
    board = await public.page("/register?order=facts&show=facts&region=South East")
    named = re.findall(r'<th scope="row"><a href="/register/([a-z-]+)"', board)
    assert named[0] == "kent"
    kent = board.partition("/register/kent")[2].partition("</tr>")[0]
    assert re.findall(r"<td>(\d+)</td>", kent)[-2:] == ["1", str(len(slots) - 1)]
    table = list(csv.DictReader(io.StringIO(await public.page("/register/facts.csv"))))
    assert [row["local fact"] for row in table if row["told"] == "told"] == ["dpo_email"]
    assert len(table) == len(slots) * len({row["force"] for row in table})


async def test_a_short_value_counts_only_where_its_slot_stands(public: Public) -> None:
    other = "my-phone"
    assert "bodycam_days" not in slots_in(other)
    await public.say("kent", "bodycam_days", "31")
    await public.sign("kent", other, changed(words_of(other), "police", "31 police"))
    assert await public.told("kent") == []
    await public.sign("kent", "bodycam", words_of("bodycam", bodycam_days="31"))
    assert await public.told("kent") == ["bodycam_days"]


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        ("31", "It is kept 31 days.", True),
        ("31", "It is kept 310 days.", False),
        ("31", "It is kept 131 days.", False),
        ("a@b.example", "Write to a@b.example.", True),
        ("a@b.example", "Write to a@b.examples", False),
        ("a.b", "axb", False),
    ],
)
def test_a_value_stands_as_a_whole_or_not_at_all(value: str, text: str, found: bool) -> None:
    assert stands(value, text) is found


def test_the_twelve_month_ends_cross_a_year_and_a_leap_day() -> None:
    ends = month_ends(date(2028, 3, 10))
    assert ends[0] == date(2027, 4, 30)
    assert ends[-4:] == [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 10)]
    assert len(ends) == 12
    assert month_ends(date(2027, 3, 31))[-2:] == [date(2027, 2, 28), date(2027, 3, 31)]
    assert month_ends(date(2027, 1, 1))[-2:] == [date(2026, 12, 31), date(2027, 1, 1)]


def score_on(past: LedgerHistory, today: date, day: date) -> int | None:
    return next(month.score for month in months(past, "kent", {"kent", "essex"}, today) if month.until == day)


def test_a_month_end_counts_its_own_day_and_nothing_after_it() -> None:
    def own(row: int, day: date, until: date) -> Signature:
        return Signature(row, "kent", "bodycam", day, until)

    national = Signature(1, NATIONAL, "bodycam", date(2026, 12, 31), date(2029, 1, 1))
    today = date(2028, 3, 10)
    leap = LedgerHistory((national, own(2, date(2028, 2, 29), date(2028, 3, 9))))
    assert score_on(leap, today, date(2028, 1, 31)) == 0
    assert score_on(leap, today, date(2028, 2, 29)) == 100
    assert score_on(leap, today, today) == 0
    last_day = LedgerHistory((national, own(2, date(2027, 6, 1), date(2027, 12, 31))))
    assert [score_on(last_day, today, day) for day in (date(2027, 12, 31), date(2028, 1, 31))] == [100, 0]
    gone = LedgerHistory(
        (national, own(2, date(2027, 6, 1), date(2029, 1, 1)), own(3, date(2028, 2, 1), date(2029, 1, 1))),
        (TakenOff(Withdrawn("kent", "bodycam", REASON, "post", date(2028, 1, 1)), 2),),
    )
    assert [score_on(gone, today, day) for day in month_ends(today)[-4:]] == [100, 0, 100, 100]
    before = LedgerHistory((own(1, date(2028, 3, 1), date(2029, 1, 1)),))
    assert score_on(before, today, date(2028, 2, 29)) is None
    assert line(months(before, "kent", {"kent"}, today), 110, 100) == "110,0"


Happening = tuple[str, str, str, int, int]
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["sign", "sign", "withdraw"]),
        st.sampled_from([NATIONAL, "kent", "essex"]),
        st.sampled_from(KEYS),
        st.integers(0, 40),
        st.integers(1, 120),
    ),
    max_size=25,
)


@cache
def no_database() -> Database:
    return Database(settings_for(AWAY))


def shelf_on(day: date, events: Sequence[SignOff | Withdrawn]) -> PackCache:
    """A shelf as it is on a day, after some signatures and withdrawals."""
    found = PackCache(no_database(), release().forces, practice=True, today=lambda: day)
    found._packs = Packs(events)
    return found


def lived(happenings: Sequence[Happening], start: date) -> tuple[list[SignOff | Withdrawn], LedgerHistory, date]:
    """What happened, as the Packs and as the history have it, and the day on which the last of it did."""
    events: list[SignOff | Withdrawn] = []
    signatures, off, day = list[Signature](), list[TakenOff](), start
    for kind, layer, key, later, days in happenings:
        day += timedelta(days=later)
        if kind == "sign":
            one = signed(layer, key, words_of(key), day, days)
            events.append(one)
            signatures.append(Signature(len(signatures) + 1, layer, key, one.signed_on, one.review_by))
        else:
            gone = Withdrawn(layer, key, REASON, "post", day)
            events.append(gone)
            off.append(TakenOff(gone, len(signatures)))
    return events, LedgerHistory(tuple(signatures), tuple(off)), day


@given(HAPPENINGS, st.integers(0, 200), st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_the_months_stay_within_100_and_end_at_todays_score(
    happenings: list[Happening], later: int, start: date
) -> None:
    events, past, day = lived(happenings, start)
    today = day + timedelta(days=later)
    pack_cache = shelf_on(today, events)
    for force in ("kent", "essex", "surrey"):
        series = months(past, force, pack_cache.forces.keys(), today)
        assert len(series) == 12
        assert all(month.score is None or 0 <= month.score <= 100 for month in series)
        row = standing(pack_cache, force)
        assert row is not None
        assert (series[-1].own, series[-1].cards, series[-1].score or 0) == (
            row.counts["own"],
            len(row.lines),
            row.score,
        )


@given(HAPPENINGS, st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_a_month_that_is_over_never_changes(happenings: list[Happening], start: date) -> None:
    """The score of a month end, seen later, is what the board said on that day."""
    events, past, day = lived(happenings, start)
    for end in month_ends(day)[-4:-1]:
        so_far = [event for event in events if (event.on if isinstance(event, Withdrawn) else event.signed_on) <= end]
        row = standing(shelf_on(end, so_far), "kent")
        assert row is not None
        assert (score_on(past, day, end) or 0) == row.score


async def test_the_force_page_shows_twelve_months_with_the_formula_and_the_line(public: Public) -> None:
    page = await public.page("/register/northmoor")
    row = standing(public.pack_cache, "northmoor")
    assert row is not None
    table = page.partition("<caption>The last 12 months")[2].partition("</table>")[0]
    assert table.count("<tr>") == 1 + 12
    assert f"<td>{row.score}</td>" in table.partition("(today)")[2].partition("</tr>")[0]
    assert "Score = 100 × own answers ÷ all answers" in page
    assert '<polyline class="line-score"' in page
    assert "style=" not in page
    rows = list(csv.DictReader(io.StringIO(await public.page("/register/northmoor/months.csv"))))
    assert [line["until"] for line in rows] == [day.isoformat() for day in month_ends(public.pack_cache.today())]
    assert (rows[-1]["score"], rows[-1]["own"]) == (str(row.score), str(row.counts["own"]))
    await public.page("/register/narnia/months.csv", 404)


async def test_answers_we_could_not_give_are_told_from_ten(public: Public) -> None:
    tally: Tally = doors(public.app).register.tally
    for force, times in (("kent", FEWEST - 1), ("essex", FEWEST)):
        for _ in range(times):
            tally.add(force)
    await tally.write()
    this = month_of(public.pack_cache.today())
    for force, told in (("kent", "fewer than 10"), ("essex", "10"), ("surrey", "fewer than 10")):
        page = await public.page(f"/register/{force}")
        today = page.partition("(today)")[2].partition("</tr>")[0]
        assert re.findall(r"<td>([^<]*)</td>", today)[-1] == told
        rows = csv.DictReader(io.StringIO(await public.page(f"/register/{force}/months.csv")))
        given = {row["until"][:7]: row["answers we could not give"] for row in rows}
        assert given.pop(this) == told
        assert set(given.values()) == {"fewer than 10"}


async def test_the_register_is_read_while_the_database_is_away(public: Public) -> None:
    away = Database(settings_for(AWAY))
    register = doors(public.app).register
    doors(public.app).register = replace(
        register, history=History(away, practice=True), tally=Tally(away, public.pack_cache.today)
    )
    assert "Not known now" in await public.page("/register")
    page = await public.page("/register/northmoor")
    assert "We cannot tell now." in page
    assert "We cannot read this now." in page
    for path in ("/register/northmoor/bodycam", "/register/facts.csv", "/register/northmoor/months.csv"):
        await public.page(path, 503)
    await away.close()


async def test_the_history_reads_on_and_keeps_what_it_knows(public: Public) -> None:
    history = History(public.database, practice=True)
    first = await history.past()
    assert first is not None
    assert await history.past() is first
    await public.sign("kent", "bodycam")
    later = await history.past()
    assert later is not None
    assert later.signatures[:-1] == first.signatures
    assert (later.signatures[-1].layer, later.signatures[-1].card) == ("kent", "bodycam")
    await public.withdraw("kent", "bodycam")
    last = await history.past()
    assert last is not None
    assert [off.what.reason for off in last.taken_off] == [REASON]
    real = History(public.database, practice=False)
    assert await real.past() == LedgerHistory((), (), last.said)


def test_each_state_has_a_shape_of_its_own() -> None:
    assert set(samples()) == set(STATES)
    assert len(set(samples().values())) == len(STATES)


def test_what_changed_beside_the_words_is_named() -> None:
    """A new button, picture or source is a change, though no word of the answer is another."""
    words = release_for(practice=True).vetting.renderer.words(release_for(practice=True).cards["bodycam"], {})
    easy = words.levels["easy"]
    other_picture = (replace(easy.bubbles[0], symbol="ask"), *easy.bubbles[1:])
    changed = replace(
        words,
        sources=words.sources[:1],
        levels={**words.levels, "easy": replace(easy, label="Cameras", bubbles=other_picture)},
    )
    assert list(beside_the_words(words, words, "easy")) == []
    found = list(beside_the_words(words, changed, "easy"))
    assert found == ["the words on the button", "the pictures", "the sources"]
    assert list(beside_the_words(words, changed, "simple")) == ["the sources"]
