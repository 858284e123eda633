"""Whoever guesses is slowed by where they are and the e-mail together; the owner gets in, and nobody is locked out."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from threading import Event
from typing import Literal

import httpx
import pytest
from sqlalchemy import func, select

from api.main import create_app
from api.records.accounts import FailedSignIn
from api.records.letters import Letter
from api.records.passwords import Passwords
from api.records.sign_in_rate_limit import LONGEST, MOST_CODES, Guesser, count_try, wait_after
from api.web.database import Base
from api.web.rate_limit import TooFast
from tests.conftest import release_for, settings_for
from tests.desk_app import DeskApp, FakeClock
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.sign_in import PASSWORD, CountingHasher, Member, form_of, log, member, with_small_hash

GUESSER, BESIDE, OWNER = "203.0.113.9", "203.0.113.77", "198.51.100.4"
MAIL = {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "know@know.example"}


@pytest.fixture
async def desk(own_url: str) -> AsyncIterator[DeskApp]:
    """An app over each database in turn."""
    settings, clock = settings_for(own_url, **MAIL), FakeClock()
    app = create_app(settings, FakeBrain(), release_for(practice=True), clock)
    async with app.router.lifespan_context(app):
        found = DeskApp(app, clock)
        with_small_hash(found)
        yield found


@pytest.fixture
async def joined(desk: DeskApp) -> Member:
    return await member(desk)


def at(joined: Member, address: str) -> Member:
    """The same e-mail, typed by somebody at this address."""
    transport = httpx.ASGITransport(joined.desk.app, raise_app_exceptions=False, client=(address, 4711))
    browser = httpx.AsyncClient(transport=transport, base_url="http://know.test")
    return Member(joined.account, joined.app, joined.recovery, joined.desk, browser)


async def guess(who: Member, times: int) -> list[int]:
    """What so many wrong passwords are answered."""
    return [(await who.first_step(password=f"guess {number}")).status_code for number in range(times)]


async def test_a_thousand_guesses_from_one_network_shut_nobody_out(desk: DeskApp, joined: Member) -> None:
    told = await guess(at(joined, GUESSER), 1_000)
    assert told == [422] * 5 + [429] * 995
    assert (await at(joined, OWNER).sign_in()).status_code == 303


class HeldHasher(CountingHasher):
    """Checks nothing until it is let go, and takes its time then."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = Event()

    def verify(self, hash: str, password: str) -> Literal[True]:  # noqa: A002 - argon2's own name
        self.let_go.wait(60)
        time.sleep(0.05)
        return super().verify(hash, password)


async def test_a_flood_of_made_up_e_mails_from_one_network_holds_nobody_of_another_up(
    desk: DeskApp, joined: Member
) -> None:
    hasher = HeldHasher()
    doors(desk.app).locks = replace(doors(desk.app).locks, passwords=Passwords(hasher))
    try:
        guesser, flood = at(joined, GUESSER), 40
        guessing = [asyncio.create_task(guesser.first_step(email=f"nobody{number}@a.b")) for number in range(flood)]
        await until_counted(desk, flood)
        signing_in = asyncio.create_task(at(joined, OWNER).first_step())
        await until_counted(desk, flood + 1)
    finally:
        hasher.let_go.set()
    assert (await signing_in).status_code == 200
    before = len(hasher.checked)
    assert [one.status_code for one in await asyncio.gather(*guessing)] == [422] * flood
    # As many as were being checked already, and one whose turn came first; the rest for a slow machine.
    assert before < flood / 2


async def until_counted(desk: DeskApp, tries: int) -> None:
    async with asyncio.timeout(30):
        while True:
            async with desk.database.begin() as session:
                if await session.scalar(select(func.count()).select_from(FailedSignIn)) == tries:
                    return
            await asyncio.sleep(0.02)


async def test_the_owner_beside_the_guesser_gets_in_after_one_bounded_wait(desk: DeskApp, joined: Member) -> None:
    guesser, owner = at(joined, GUESSER), at(joined, BESIDE)
    for _ in range(40):
        await guess(guesser, 3)
        desk.clock.move(minutes=5)
    await guess(guesser, 3)
    refused = await owner.first_step()
    assert refused.status_code == 429
    wait = int(refused.headers["Retry-After"])
    assert 0 < wait <= LONGEST.total_seconds() == 300
    assert "Wait 5 minutes" in refused.text
    desk.clock.move(seconds=wait)
    slip = await owner.slip()
    assert (await owner.second_step(slip, owner.code())).status_code == 303


async def test_waits_grow_to_their_bound_and_no_further() -> None:
    assert [wait_after(tries).total_seconds() for tries in range(17)] == [
        *(0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300)
    ]
    assert wait_after(1_000_000) == LONGEST


async def test_two_processes_count_together(desk: DeskApp, joined: Member) -> None:
    settings = doors(desk.app).desk.settings
    other = create_app(settings, FakeBrain(), release_for(practice=True), desk.clock)
    async with other.router.lifespan_context(other):
        there = DeskApp(other, desk.clock)
        hashers = with_small_hash(desk), with_small_hash(there)
        both = [at(joined, GUESSER), at(Member(joined.account, joined.app, [], there, joined.browser), BESIDE)]
        answers = await asyncio.gather(*(both[number % 2].first_step(password="guess") for number in range(30)))
    assert sorted({answer.status_code for answer in answers}) == [422, 429]
    assert sum(len(hasher.checked) for hasher in hashers) == 5


async def test_the_clock_put_back_makes_nobody_wait_longer(desk: DeskApp) -> None:
    who = Guesser("ann@northmoor.example", "an origin")
    desk.clock.move(days=400)
    for _ in range(5):
        async with desk.database.begin() as session:
            await count_try(session, who, desk.clock())
    with pytest.raises(TooFast):
        async with desk.database.begin() as session:
            await count_try(session, who, desk.clock())
    desk.clock.move(days=-400)
    async with desk.database.begin() as session:
        await count_try(session, who, desk.clock())


async def test_nobody_learns_who_has_an_account_by_being_slowed(desk: DeskApp, joined: Member) -> None:
    told = []
    for email in (joined.email, "nobody@northmoor.example"):
        guesser = at(joined, GUESSER)
        answers = [await guesser.first_step(email=email, password="guess") for _ in range(8)]
        told.append([(one.status_code, one.headers.get("Retry-After"), one.text.replace(email, "")) for one in answers])
    assert told[0] == told[1]


async def test_no_address_is_kept(desk: DeskApp, joined: Member) -> None:
    planted = "2001:db8:7:1::5"
    for address in (GUESSER, planted):
        await guess(at(joined, address), 30)
        await at(joined, address).second_step(await at(joined, OWNER).slip(), "000000")
    async with desk.database.begin() as session:
        counted = list(await session.scalars(select(FailedSignIn)))
        rows = [await session.execute(select(table)) for table in Base.metadata.sorted_tables]
        kept = "\n".join(str(tuple(row)) for found in rows for row in found)
    assert len(counted) == 3
    assert joined.email in kept
    assert joined.email not in str([vars(row) for row in counted])
    for one in (GUESSER, planted, "203.0.113", "2001:db8:7"):
        assert one not in kept


async def wrong_codes(desk: DeskApp, joined: Member, number: int) -> None:
    """Codes that are wrong, from a network each."""
    slip = await at(joined, OWNER).slip()
    for one in range(number):
        wrong = f"{(int(joined.code()) + 500_000) % 1_000_000:06}"
        assert (await at(joined, f"10.1.{one}.1").second_step(slip, wrong)).status_code == 422


async def test_who_knows_the_password_and_has_many_networks_is_asked_for_two_codes_in_a_row(
    desk: DeskApp, joined: Member
) -> None:
    await wrong_codes(desk, joined, MOST_CODES)
    desk.clock.move(seconds=30)
    owner, slip = at(joined, OWNER), await at(joined, OWNER).slip()
    page = await owner.first_step()
    assert "following" in form_of(page, "/desk/sign-in/code").attributes
    right = joined.code()
    for following in ("", right, "000000"):
        page = await owner.browser.post(
            "/desk/sign-in/code", data={"slip": slip, "code": right, "following": following}
        )
        assert page.status_code == 422
        assert "two codes" in page.text
    desk.clock.move(seconds=30)
    done = await owner.browser.post(
        "/desk/sign-in/code", data={"slip": slip, "code": right, "following": joined.code()}
    )
    assert done.status_code == 303
    again = await at(joined, OWNER).first_step()
    assert "following" in form_of(again, "/desk/sign-in/code").attributes
    assert (await owner.second_step(slip, recovery=joined.recovery[0])).status_code == 303
    desk.clock.move(days=1, seconds=1)
    assert (await at(joined, OWNER).sign_in()).status_code == 303


async def test_wrong_passwords_from_everywhere_change_nothing_for_the_owner(desk: DeskApp, joined: Member) -> None:
    for one in range(60):
        assert (await at(joined, f"10.2.{one}.1").first_step(password="guess")).status_code == 422
    page = await at(joined, OWNER).first_step()
    assert "following" not in form_of(page, "/desk/sign-in/code").attributes
    assert (await at(joined, OWNER).sign_in()).status_code == 303


async def test_the_owner_is_told_once_a_day_and_the_log_is_not_filled(desk: DeskApp, joined: Member) -> None:
    for one in range(70):
        await at(joined, f"10.2.{one}.1").first_step(password="guess")
    lines = [(what, about) for _, what, about in await log(desk)]
    failed = [about for what, about in lines if what == "fail to sign in"]
    assert failed == ["own account"] * 10 + [f"own account, {number} tries of late" for number in (16, 32, 64)]
    assert [what for what, _ in lines].count("warn of guessing") == 1
    await wrong_codes(desk, joined, MOST_CODES + 5)
    async with desk.database.begin() as session:
        letters = list(await session.scalars(select(Letter).order_by(Letter.id)))
    assert [letter.email for letter in letters] == [joined.email] * 2
    assert "Somebody has tried many times" in letters[0].body
    assert "Somebody who knows your password" in letters[1].body
    assert "/desk/my-sign-in" in letters[0].body


async def test_a_form_whose_sign_in_had_ended_is_slowed_alike(desk: DeskApp, joined: Member) -> None:
    data = {"to": "/desk/northmoor", "kept:words": "mine", "email": joined.email, "password": "guess", "code": "000000"}
    guesser = at(joined, GUESSER)
    answers = [await guesser.browser.post("/desk/sign-in/again", data=data) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2
    assert answers[-1].headers["Retry-After"] == "1"
    assert form_of(answers[-1], "/desk/sign-in/again").values["kept:words"] == "mine"
    right = {**data, "password": PASSWORD, "code": joined.next_code()}
    assert (await at(joined, OWNER).browser.post("/desk/sign-in/again", data=right)).status_code == 200
