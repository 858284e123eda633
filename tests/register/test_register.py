"""The public register: anyone can read who signed what, in each force; nothing is claimed that is not in the ledger."""

import csv
import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from api.records.pack_cache import PackCache
from api.register.board import STATES, standing, standings, state_of
from api.register.coverage_picture import picture
from content import difference
from content.pack import Packs
from tests.doors import doors
from tests.fake_brain import FakeBrain

Running = tuple[FastAPI, FakeBrain]


@pytest.fixture
def pack_cache(running: Running) -> PackCache:
    found: PackCache = doors(running[0]).pack_cache
    return found


@contextmanager
def on(pack_cache: PackCache, day: date) -> Iterator[None]:
    """The shelf's clock set to a day."""
    clock = pack_cache.today
    pack_cache.today = lambda: day
    try:
        yield
    finally:
        pack_cache.today = clock


def test_every_force_whose_law_we_explain_is_on_the_board_once(pack_cache: PackCache) -> None:
    names = [row.force.name for row in standings(pack_cache)]
    explained = {force.name for force in pack_cache.forces.values() if force.kind != "hand-over"}
    assert sorted(names) == sorted(explained)
    assert names == sorted(names)


def test_every_answer_is_counted_in_every_force_and_nothing_else(pack_cache: PackCache) -> None:
    answers = {key for key, signed in pack_cache.pack(None).signed().items() if signed.words.kind == "card"}
    for row in standings(pack_cache):
        assert {line.card for line in row.lines} == answers
        assert sum(row.counts.values()) == len(answers)


def test_a_force_has_joined_only_when_its_own_people_signed(pack_cache: PackCache) -> None:
    joined = {row.force.slug for row in standings(pack_cache) if row.joined}
    assert joined == {slug for slug, force in pack_cache.forces.items() if force.practice}


def test_the_score_is_the_share_of_own_words_in_date(pack_cache: PackCache) -> None:
    row = standing(pack_cache, "northmoor")
    assert row is not None
    assert row.counts["own"] > 0
    assert row.score == 100 * row.counts["own"] // len(row.lines)
    with on(pack_cache, date.today() + timedelta(days=5000)):
        late = standing(pack_cache, "northmoor")
        assert late is not None
        assert (late.joined, late.score, set(late.counts)) == (False, 0, {"overdue"})


def test_a_card_is_live_on_its_last_day_and_overdue_on_the_next(pack_cache: PackCache) -> None:
    pack = pack_cache.pack("northmoor")
    last = pack.signed()["bodycam"].review_by
    assert state_of(pack, "bodycam", last) == "own"
    assert state_of(pack, "bodycam", last + timedelta(days=1)) == "overdue"
    assert state_of(pack, "no-such-card", date.today()) == "missing"


def test_what_only_one_force_signed_is_missing_in_the_others(pack_cache: PackCache) -> None:
    packs, own = pack_cache._packs, [pack_cache.pack("northmoor").signed()["bodycam"]]
    pack_cache._packs = Packs(own)
    try:
        kent, northmoor = standing(pack_cache, "kent"), standing(pack_cache, "northmoor")
    finally:
        pack_cache._packs = packs
    assert kent is not None
    assert northmoor is not None
    assert [line.state for line in kent.lines] == ["missing"]
    assert kent.lines[0].question == northmoor.lines[0].question
    assert [line.state for line in northmoor.lines] == ["own"]


async def test_the_board_says_who_has_not_joined_and_who_is_invented(client: httpx.AsyncClient) -> None:
    page = (await client.get("/register")).text
    rows = {
        found[1]: found[0]
        for found in re.finditer(r'<tr>\s*<th scope="row"><a href="/register/([a-z-]+)".*?</tr>', page, re.S)
    }
    assert "not joined" in rows["kent"]
    assert "not joined" not in rows["northmoor"]
    assert "(invented)" in rows["northmoor"]


async def test_the_board_can_be_ordered_and_narrowed_without_script(client: httpx.AsyncClient) -> None:
    def named(page: str) -> list[str]:
        return re.findall(r'<th scope="row"><a href="/register/([a-z-]+)"', page)

    by_name = named((await client.get("/register")).text)
    by_own = named((await client.get("/register?order=own")).text)
    assert sorted(by_name) == sorted(by_own)
    assert by_own[0] == "northmoor"
    welsh = named((await client.get("/register?region=Wales")).text)
    assert set(welsh) == {"dyfed-powys", "gwent", "north-wales", "south-wales"}
    invented = named((await client.get("/register?region=Invented&show=facts&order=facts")).text)
    assert set(invented) == {"northmoor", "southmere"}
    for wrong in ("order=luck", "region=Narnia", "show=all"):
        assert (await client.get(f"/register?{wrong}")).status_code == 422


async def test_every_region_that_is_offered_has_forces_and_every_force_is_in_one(
    client: httpx.AsyncClient, pack_cache: PackCache
) -> None:
    page = html.unescape((await client.get("/register")).text)
    regions = set(re.findall(r"[?&]region=([^&\"]+)", page))
    found: list[str] = []
    for region in regions:
        shown = (await client.get(f"/register?region={region}")).text
        found += re.findall(r'<th scope="row"><a href="/register/([a-z-]+)"', shown)
    assert len(regions) == 12
    assert sorted(found) == sorted(row.force.slug for row in standings(pack_cache))


async def test_a_choice_on_the_board_keeps_the_others(client: httpx.AsyncClient) -> None:
    page = html.unescape((await client.get("/register?order=own&region=London&show=facts")).text)
    assert 'href="/register?order=missing&region=London&show=facts"' in page
    assert 'href="/register?order=own&region=Wales&show=facts"' in page
    assert 'href="/register?order=own&region=London"' in page
    assert page.count('aria-current="true"') == 3


async def test_a_force_shows_the_post_that_signed_and_both_dates(
    client: httpx.AsyncClient, pack_cache: PackCache
) -> None:
    signed = pack_cache.pack("northmoor").signed()["bodycam"]
    page = (await client.get("/register/northmoor")).text
    assert "This force is invented." in page
    assert signed.signer.post in page
    assert f"{signed.review_by.day} {signed.review_by:%B} {signed.review_by.year}" in page
    assert signed.signer.name not in page
    assert "Not joined." in (await client.get("/register/kent")).text


async def test_the_letter_asks_for_every_answer_the_force_has_not_signed_and_no_other(
    client: httpx.AsyncClient, pack_cache: PackCache
) -> None:
    row = standing(pack_cache, "northmoor")
    assert row is not None
    page = html.unescape((await client.get("/register/northmoor")).text)
    letter = page.partition("readonly>")[2].partition("Young people also need")[0]
    asked = [line[2:] for line in letter.splitlines() if line.startswith("- ")]
    assert asked == [line.question for line in row.lines if line.state != "own"]
    assert 0 < len(asked) < len(row.lines)


async def test_a_force_whose_words_are_all_past_their_date_is_not_said_to_have_signed_nothing(
    client: httpx.AsyncClient, pack_cache: PackCache
) -> None:
    with on(pack_cache, date.today() + timedelta(days=5000)):
        page, kent = [(await client.get(f"/register/{slug}")).text for slug in ("northmoor", "kent")]
        board = (await client.get("/register")).text
    assert "past its date" in page
    assert "Not joined" not in page
    assert "Not joined" in kent
    assert board.count("past its date") == sum(force.practice for force in pack_cache.forces.values())


@pytest.mark.parametrize("slug", ["narnia", "police-scotland", "psni", "northmoor%2F..", "NORTHMOOR"])
async def test_what_is_no_force_of_ours_is_a_page_not_found(client: httpx.AsyncClient, slug: str) -> None:
    assert (await client.get(f"/register/{slug}")).status_code == 404


async def test_the_csv_has_a_row_for_each_force_and_card(client: httpx.AsyncClient, pack_cache: PackCache) -> None:
    answer = await client.get("/register.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == sum(len(row.lines) for row in standings(pack_cache))
    assert {row["state"] for row in rows} <= set(STATES)
    assert {row["force"] for row in rows if row["invented"]} == {
        force.name for force in pack_cache.forces.values() if force.practice
    }


async def test_a_board_where_nothing_is_signed_is_still_a_page(
    client: httpx.AsyncClient, pack_cache: PackCache
) -> None:
    packs = pack_cache._packs
    pack_cache._packs = Packs()
    try:
        closed = [(await client.get(path)).status_code for path in ("/register", "/register/kent", "/register.csv")]
    finally:
        pack_cache._packs = packs
    assert closed == [200, 200, 200]


def test_every_mark_of_the_picture_stands_once_and_each_state_has_its_own_shape(pack_cache: PackCache) -> None:
    row = standing(pack_cache, "northmoor")
    assert row is not None
    drawn = picture(line.state for line in row.lines)
    assert set(drawn) == set(row.counts)
    shapes = {state: re.sub(r"M\d+ \d+", "M", path)[:8] for state, path in drawn.items()}
    assert len(set(shapes.values())) == len(shapes)
    assert drawn["own"].count("M") == row.counts["own"]


async def test_two_forces_are_shown_side_by_side_with_the_differences_marked(client: httpx.AsyncClient) -> None:
    page = (await client.get("/register/compare?card=bodycam&a=northmoor&b=kent")).text
    assert "The words that differ are marked." in page
    assert re.search(r"<mark>[^<]+</mark>", page)
    assert "Own words, signed by" in page
    assert "National words, signed by" in page
    same = (await client.get("/register/compare?card=bodycam&a=essex&b=kent")).text
    assert "Children in both places see the same words." in same
    assert "<mark>" not in same


async def test_comparing_asks_first_and_knows_what_it_does_not_know(client: httpx.AsyncClient) -> None:
    form = (await client.get("/register/compare")).text
    assert form.count("<select") == 4
    assert "<mark>" not in form
    for wrong in (
        "card=bodycam&a=kent&b=narnia",
        "card=nothing&a=kent&b=essex",
        "card=bodycam&a=kent&b=police-scotland",
    ):
        assert (await client.get(f"/register/compare?{wrong}")).status_code == 404


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_is_lost_or_added_by_comparing(left: str, right: str) -> None:
    ours, theirs = difference.runs(left, right)
    assert " ".join(run.text for run in ours) == " ".join(left.split())
    assert " ".join(run.text for run in theirs) == " ".join(right.split())
    assert [run.text for run in ours if not run.differs] == [run.text for run in theirs if not run.differs]
