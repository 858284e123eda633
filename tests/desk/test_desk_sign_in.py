"""Signing in: two steps, tries that are slowed down, codes that work once, a cookie that stays ours."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from api.desk.password_sign_in import WRONG, own_path
from api.main import create_app
from api.records import sessions
from api.records.accounts import Account, DeskSession, FailedSignIn
from api.records.audit import AuditRow
from api.records.chain_verification import first_altered
from api.records.handovers.retention import sweep
from api.web.ciphers import Cipher
from api.web.csrf import COOKIE, form_mark
from api.web.migrate import migrate
from tests.conftest import LIVE_SECRET, in_postgres, postgres_url_of, release_for, settings_for
from tests.desk_app import DeskApp, FakeClock, desk_app
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.sign_in import (
    PASSWORD,
    CountingHasher,
    Member,
    accept,
    form_of,
    invitation,
    log,
    member,
    token_in,
    with_small_hash,
)


@pytest.fixture
def hasher(desk: DeskApp) -> CountingHasher:
    return with_small_hash(desk)


@pytest.fixture
async def joined(desk: DeskApp, hasher: CountingHasher) -> Member:
    return await member(desk)


async def sign_ins(desk: DeskApp, account: Account) -> int:
    async with desk.database.begin() as session:
        mine = select(func.count()).where(DeskSession.account_id == account.id, DeskSession.ended_at.is_(None))
        return await session.scalar(mine) or 0


async def test_somebody_signs_in_with_two_steps_and_out_again(desk: DeskApp, joined: Member) -> None:
    first = await joined.browser.get("/desk")
    assert (first.status_code, first.headers["location"]) == (303, "/desk/sign-in?next=%2Fdesk")
    before = await sign_ins(desk, joined.account)
    code, step = joined.next_code(), await joined.first_step()
    assert step.status_code == 200
    assert COOKIE not in step.cookies
    assert await sign_ins(desk, joined.account) == before
    slip = dict(form_of(step, "/desk/sign-in/code").fields)["slip"]
    assert PASSWORD not in step.text
    done = await joined.second_step(slip, code)
    assert (done.status_code, done.headers["location"]) == (303, "/desk")
    assert (await joined.browser.get("/desk")).headers["location"] == "/desk/northmoor"
    assert (await joined.browser.get("/desk/sign-in")).headers["location"] == "/desk"

    token = token_in(done)
    assert token
    out = await joined.browser.post("/desk/sign-out", data={"mark": form_mark(token)})
    assert (out.status_code, out.headers["location"]) == (303, "/desk/sign-in")
    assert COOKIE not in joined.browser.cookies
    assert "sign-in" in (await desk.browser(**{COOKIE: token}).get("/desk")).headers["location"]
    assert [line[1:] for line in await log(desk)][1:] == [
        ("sign in", "with password and code"),
        ("sign out", "own account"),
    ]


async def test_the_pages_tell_password_managers_what_is_what(joined: Member) -> None:
    first = form_of(await joined.browser.get("/desk/sign-in"), "/desk/sign-in").attributes
    assert (first["email"]["autocomplete"], first["password"]["autocomplete"]) == ("username", "current-password")
    second = form_of(await joined.first_step(), "/desk/sign-in/code").attributes
    assert (second["code"]["autocomplete"], second["code"]["inputmode"]) == ("one-time-code", "numeric")


async def test_a_wrong_pair_is_told_in_the_field_and_keeps_the_email_and_never_the_password(joined: Member) -> None:
    answer = await joined.first_step(password="nothing like it at all")
    form = form_of(answer, "/desk/sign-in")
    assert answer.status_code == 422
    assert dict(form.fields)["email"] == joined.email
    assert dict(form.fields)["password"] == ""
    assert form.attributes["email"]["aria-describedby"] == form.attributes["password"]["aria-describedby"] == "told"
    assert "nothing like it at all" not in answer.text
    assert WRONG in answer.text


async def test_nobody_learns_who_has_an_account(desk: DeskApp, joined: Member, hasher: CountingHasher) -> None:
    closed, fresh = await member(desk), await desk.account("northmoor", "editor")
    async with desk.database.begin() as session:
        (await session.get_one(Account, closed.account.id)).closed_at = desk.clock()
    told, work = set(), []
    for email, password in [
        ("nobody@northmoor.example", PASSWORD),
        (joined.email, "not the one"),
        (closed.email, PASSWORD),
        (fresh.email, PASSWORD),
    ]:
        hasher.checked.clear()
        answer = await joined.browser.post("/desk/sign-in", data={"email": email, "password": password})
        told.add((answer.status_code, answer.text.replace(email, "")))
        work.append(len(hasher.checked))
    assert len(told) == 1
    assert work == [1, 1, 1, 1]


async def test_an_email_is_the_same_in_large_letters(joined: Member) -> None:
    assert (await joined.first_step(email=f"  {joined.email.upper()} ")).status_code == 200


async def test_a_code_works_once_and_no_older_one_after_it(desk: DeskApp, joined: Member) -> None:
    earlier = joined.next_code()
    code = joined.next_code()
    assert (await joined.second_step(await joined.slip(), code)).status_code == 303
    joined.browser.cookies.clear()
    slip = await joined.slip()
    assert (await joined.second_step(slip, code)).status_code == 422
    assert (await joined.second_step(slip, earlier)).status_code == 422
    assert (await joined.second_step(slip, joined.next_code())).status_code == 303


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
async def test_a_clock_may_be_half_a_minute_off(desk: DeskApp, joined: Member, steps: int, status: int) -> None:
    desk.clock.move(minutes=10)
    code = joined.app.at(desk.clock(), counter_offset=steps)
    assert (await joined.second_step(await joined.slip(), f"{code[:3]} {code[3:]}")).status_code == status


async def test_a_recovery_code_works_once_however_it_is_typed(desk: DeskApp, joined: Member) -> None:
    code = joined.recovery[3].upper().replace("-", " ")
    assert (await joined.second_step(await joined.slip(), recovery=code)).status_code == 303
    assert (await joined.second_step(await joined.slip(), recovery=joined.recovery[3])).status_code == 422
    assert (await joined.second_step(await joined.slip(), recovery=joined.recovery[4])).status_code == 303
    assert [about for _, what, about in await log(desk) if what == "sign in"] == [
        "with a recovery code, 9 left",
        "with a recovery code, 8 left",
    ]


async def test_one_persons_recovery_code_is_not_anothers(desk: DeskApp, joined: Member) -> None:
    other = await member(desk)
    assert (await joined.second_step(await joined.slip(), recovery=other.recovery[0])).status_code == 422


async def test_a_code_app_sealed_with_another_secret_is_of_no_use_and_recovery_codes_still_are(
    desk: DeskApp, joined: Member
) -> None:
    async with desk.database.begin() as session:
        found = await session.get_one(Account, joined.account.id)
        found.totp_sealed = Cipher("the secret before", "code app").close(joined.app.secret)
    assert (await joined.second_step(await joined.slip(), joined.next_code())).status_code == 422
    assert (await joined.second_step(await joined.slip(), recovery=joined.recovery[0])).status_code == 303


async def test_half_way_lasts_five_minutes_and_cannot_be_made_up(desk: DeskApp, joined: Member) -> None:
    slip = await joined.slip()
    desk.clock.move(minutes=5, seconds=1)
    late = await joined.second_step(slip, joined.code())
    assert late.status_code == 422
    assert form_of(late, "/desk/sign-in")
    for made_up in ("", "made up", slip[:-4] + "AAAA", form_mark("x")):
        assert (await joined.second_step(made_up, joined.code())).status_code == 422
    assert COOKIE not in joined.browser.cookies


async def test_half_way_ends_when_the_account_closes_or_its_password_changes(desk: DeskApp, joined: Member) -> None:
    slip = await joined.slip()
    await accept(desk, desk.browser(), await invitation(desk, joined.account), password="a newer set of words")
    assert (await joined.second_step(slip, joined.next_code())).status_code == 422

    other = await member(desk)
    slip = await other.slip()
    async with desk.database.begin() as session:
        (await session.get_one(Account, other.account.id)).closed_at = desk.clock()
    assert (await other.second_step(slip, other.next_code())).status_code == 422


async def test_after_five_failures_each_try_waits_twice_as_long_as_the_one_before(
    desk: DeskApp, joined: Member, hasher: CountingHasher
) -> None:
    for email in (joined.email, "nobody@northmoor.example"):
        for wait in (0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
            assert (await joined.first_step(email=email, password="guess")).status_code == 422
            hasher.checked.clear()
            if wait:
                desk.clock.move(seconds=wait - 0.5)
                stopped = await joined.first_step(email=email)
                assert stopped.status_code == 429
                assert stopped.headers["Retry-After"] == "1"
                assert dict(form_of(stopped, "/desk/sign-in").fields)["email"] == email
                assert not hasher.checked
                desk.clock.move(seconds=0.5)
        await joined.first_step(email=email, password="guess")
        stopped = await joined.first_step(email=email)
        assert stopped.headers["Retry-After"] == "300"
        assert "Wait 5 minutes" in stopped.text
    other = await member(desk)
    assert (await other.first_step()).status_code == 200
    desk.clock.move(minutes=5)
    assert (await joined.first_step()).status_code == 200


async def test_wrong_codes_count_as_failures_and_a_right_password_does_not_forget_them(joined: Member) -> None:
    for tried in range(5):
        slip = await joined.slip()
        assert (await joined.second_step(slip, f"{tried:06}")).status_code == 422
    assert (await joined.second_step(slip, joined.code())).status_code == 429
    assert (await joined.first_step()).status_code == 429
    assert (await joined.second_step(slip, joined.next_code())).status_code == 303


async def test_many_tries_at_once_are_no_way_round(joined: Member, hasher: CountingHasher) -> None:
    hasher.checked.clear()
    answers = await asyncio.gather(*(joined.first_step(password=f"guess {number}") for number in range(30)))
    assert sorted({answer.status_code for answer in answers}) == [422, 429]
    assert len(hasher.checked) == 5


async def test_failures_are_kept_for_a_day_without_what_was_typed(desk: DeskApp, joined: Member) -> None:
    async def kept() -> list[FailedSignIn]:
        async with desk.database.begin() as session:
            return list(await session.scalars(select(FailedSignIn)))

    await joined.first_step(email="nobody@northmoor.example")
    (row,) = await kept()
    assert "nobody" not in row.email_hash
    desk.clock.move(hours=24, seconds=1)
    await sweep(desk.database, doors(desk.app).console.handover_context, desk.clock())
    assert not await kept()
    await joined.first_step(password="guess")
    assert [row.tries for row in await kept()] == [1]
    await joined.sign_in()
    assert [row.tries for row in await kept()] == [0]


async def test_a_token_from_before_the_sign_in_is_not_used(desk: DeskApp, joined: Member) -> None:
    planted = secrets.token_urlsafe(32)
    joined.browser.cookies.set(COOKIE, planted, domain="know.test", path="/desk")
    done = await joined.sign_in()
    assert token_in(done) not in (None, planted)
    assert "sign-in" in (await desk.browser(**{COOKIE: planted}).get("/desk")).headers["location"]
    again = await joined.sign_in()
    assert token_in(again) != token_in(done)
    assert "sign-in" in (await desk.browser(**{COOKIE: token_in(done) or ""}).get("/desk")).headers["location"]
    assert (await joined.browser.get("/desk")).headers["location"] == "/desk/northmoor"


async def test_the_cookie_is_for_the_desk_alone(joined: Member) -> None:
    cookie = (await joined.sign_in()).headers["set-cookie"].lower()
    assert {part.strip() for part in cookie.split(";")[1:]} == {"httponly", "path=/", "samesite=strict"}


async def test_the_cookie_of_a_live_installation_never_goes_over_plain_http(sqlite_url: str, tmp_path: Path) -> None:
    async with desk_app(sqlite_url, tmp_path, mode="live", secret=LIVE_SECRET) as desk:
        account = await desk.account("kent", "editor")
        answer, _ = await accept(desk, desk.browser(), await invitation(desk, account))
    assert answer.status_code == 200
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_a_sign_in_from_another_site_and_a_form_without_its_mark_are_refused(
    desk: DeskApp, joined: Member
) -> None:
    code, slip = joined.next_code(), await joined.slip()
    joined.browser.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await joined.first_step()).status_code == 403
    assert (await joined.second_step(slip, code)).status_code == 403
    del joined.browser.headers["Sec-Fetch-Site"]
    await joined.second_step(slip, code)
    for mark in ("", form_mark("another token"), "\u00e9"):
        assert (await joined.browser.post("/desk/sign-out", data={"mark": mark})).status_code == 403
    assert (await joined.browser.get("/desk")).headers["location"] == "/desk/northmoor"


@pytest.mark.parametrize(
    ("wanted", "to"),
    [
        ("/desk", "/desk"),
        ("/desk/northmoor/sign?stage=draft", "/desk/northmoor/sign?stage=draft"),
        ("//evil.example", "/desk"),
        ("https://evil.example/desk", "/desk"),
        ("/desk//evil.example", "/desk//evil.example"),
        ("/\\evil.example", "/desk"),
        ("/desk\\evil", "/desk"),
        ("/desk/../northmoor", "/desk"),
        ("/deskevil", "/desk"),
        ("/desk.evil.example", "/desk"),
        ("/desk/a b", "/desk"),
        ("/desk/\n//evil", "/desk"),
        ("javascript:alert(1)", "/desk"),
        ("", "/desk"),
        ("/northmoor", "/desk"),
    ],
)
async def test_next_leads_to_pages_of_the_desk_alone(wanted: str, to: str) -> None:
    assert own_path(wanted) == to


async def test_next_goes_through_both_steps(joined: Member) -> None:
    for wanted, to in (("/desk/northmoor/log", "/desk/northmoor/log"), ("//evil.example", "/desk")):
        page = await joined.browser.get("/desk/sign-in", params={"next": wanted})
        assert dict(form_of(page, "/desk/sign-in").fields)["next"] == to
        code = joined.next_code()
        slip = dict(form_of(await joined.first_step(next=wanted), "/desk/sign-in/code").fields)["slip"]
        assert (await joined.second_step(slip, code)).headers["location"] == to
        joined.browser.cookies.clear()


async def test_a_link_from_a_letter_leads_on_though_the_browser_holds_the_cookie_back(joined: Member) -> None:
    await joined.sign_in()
    from_letter = httpx.AsyncClient(transport=joined.browser._transport, base_url="http://know.test")
    away = await from_letter.get("/desk/northmoor/log?page=2")
    page = await from_letter.get(away.headers["location"])
    assert page.status_code == 200
    link = page.text.partition('signed in already? <a href="')[2].partition('"')[0]
    assert link == "/desk/northmoor/log?page=2"
    assert (await joined.browser.get("/desk/sign-in", params={"next": link})).headers["location"] == link


async def test_what_is_in_the_log_and_what_is_not(desk: DeskApp, joined: Member) -> None:
    await joined.browser.post("/desk/sign-in", data={"email": "nobody@northmoor.example", "password": "typed words"})
    await joined.first_step(password="typed words")
    await joined.second_step(await joined.slip(), "123456")
    await joined.sign_in()
    lines = await log(desk)
    assert [what for _, what, _ in lines] == ["accept invitation", "fail to sign in", "fail to sign in", "sign in"]
    assert {who for who, _, _ in lines} == {joined.account.name}
    assert not any(typed in str(lines) for typed in ("nobody", "typed words", "123456", joined.email))


async def test_a_closed_account_is_out_at_once(desk: DeskApp, joined: Member) -> None:
    await joined.sign_in()
    async with desk.database.begin() as session:
        await sessions.end_all(session, joined.account.id, desk.clock())
    assert "sign-in" in (await joined.browser.get("/desk")).headers["location"]
    await joined.sign_in()
    async with desk.database.begin() as session:
        (await session.get_one(Account, joined.account.id)).closed_at = desk.clock()
    assert "sign-in" in (await joined.browser.get("/desk")).headers["location"]


async def test_a_sign_in_ends_when_nobody_touches_it_and_after_half_a_day(desk: DeskApp, joined: Member) -> None:
    await joined.sign_in()
    for _ in range(24):
        desk.clock.move(minutes=29)
        assert (await joined.browser.get("/desk")).headers["location"] == "/desk/northmoor"
    desk.clock.move(minutes=25)
    assert "sign-in" in (await joined.browser.get("/desk")).headers["location"]
    joined.browser.cookies.clear()
    await joined.sign_in()
    desk.clock.move(minutes=30, seconds=1)
    assert "sign-in" in (await joined.browser.get("/desk")).headers["location"]


async def test_restored_tabs_land_at_the_first_page(joined: Member) -> None:
    for path in ("/desk/sign-in/code", "/desk/sign-in/again"):
        assert (await joined.browser.get(path)).headers["location"] == "/desk/sign-in"


@pytest.fixture
async def on_postgres() -> AsyncIterator[DeskApp]:
    name = f"know_sign_in_{secrets.token_hex(4)}"
    try:
        await in_postgres(f"CREATE DATABASE {name}")
    except OSError as error:
        pytest.skip(f"PostgreSQL does not answer ({type(error).__name__})")
    settings, clock = settings_for(postgres_url_of(name)), FakeClock()
    await asyncio.to_thread(migrate, settings)
    app = create_app(settings, FakeBrain(), release_for(practice=True), clock)
    async with app.router.lifespan_context(app):
        yield DeskApp(app, clock)
    await in_postgres(f"DROP DATABASE {name} WITH (FORCE)")


async def test_of_two_sign_ins_at_once_with_one_code_one_gets_in(desk: DeskApp) -> None:
    await _race(desk)


async def test_of_two_sign_ins_at_once_one_gets_in_on_postgres(on_postgres: DeskApp) -> None:
    await _race(on_postgres)


def _one_got_in(answers: Iterable[httpx.Response]) -> bool:
    """One got in; the others did not. Who comes after so many wrong ones may be told to wait, which order decides."""
    statuses = sorted(answer.status_code for answer in answers)
    return statuses[0] == 303 and set(statuses[1:]) <= {422, 429}


async def _race(desk: DeskApp) -> None:
    with_small_hash(desk)
    people = [await member(desk), await member(desk, "southmere")]
    for joined in people:
        slip, code, before = await joined.slip(), joined.next_code(), await sign_ins(desk, joined.account)
        answers = await asyncio.gather(*(joined.second_step(slip, code) for _ in range(4)))
        assert _one_got_in(answers)
        assert await sign_ins(desk, joined.account) == before + 1
        answers = await asyncio.gather(*(joined.second_step(slip, recovery=joined.recovery[0]) for _ in range(4)))
        assert _one_got_in(answers)
    address = await invitation(desk, people[0].account)
    twice = await asyncio.gather(*(accept(desk, desk.browser(), address) for _ in range(2)))
    assert sorted(answer.status_code for answer, _ in twice) == [200, 410]
    async with desk.database.begin() as session:
        assert (await first_altered(session, AuditRow))[1] is None
