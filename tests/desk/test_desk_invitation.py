"""An invitation: a link that works once, a password and a code app that are stored together or not at all."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import select, text

from api.records.accounts import Account, RecoveryCode
from api.records.invitations import invite
from api.records.passwords import COMMON, TOO_LONG, TOO_SHORT, YOURS, Passwords, why_not
from api.web.ciphers import BrokenCipherText, Cipher
from api.web.csrf import COOKIE
from content.review import NotAllowed
from tests.desk_app import DeskApp
from tests.sign_in import PASSWORD, accept, app_on, form_of, invitation, log, member, token_in, with_small_hash


@pytest.fixture
async def desk(desk: DeskApp) -> DeskApp:
    with_small_hash(desk)
    return desk


async def stored(desk: DeskApp, account: Account) -> Account:
    async with desk.database.begin() as session:
        return await session.get_one(Account, account.id)


async def test_somebody_new_joins_and_is_in(desk: DeskApp) -> None:
    account, browser = await desk.account("northmoor", "editor", "Ada Invented"), desk.browser()
    answer, _ = await accept(desk, browser, await invitation(desk, account))
    assert answer.status_code == 200
    assert answer.text.count("<code>") == 10
    assert (await browser.get("/desk")).headers["location"] == "/desk/northmoor"
    assert await log(desk) == [("Ada Invented", "accept invitation", "password and code app")]


async def test_the_picture_and_the_letters_are_the_same_secret_and_the_page_obeys_its_policy(desk: DeskApp) -> None:
    account = await desk.account("northmoor", "editor")
    page = await desk.browser().get(await invitation(desk, account))
    assert '<svg viewBox="0 0 ' in page.text
    assert "style=" not in page.text
    assert len(app_on(page).secret) == 32
    assert app_on(page).secret not in dict(form_of(page, "").fields)["app"]
    attributes = form_of(page, "").attributes
    assert attributes["email"]["autocomplete"] == "username"
    assert attributes["password"]["autocomplete"] == attributes["again"]["autocomplete"] == "new-password"
    assert attributes["code"]["autocomplete"] == "one-time-code"
    assert attributes["password"]["type"] == "password"


async def test_a_link_works_once(desk: DeskApp) -> None:
    account = await desk.account("northmoor", "editor")
    address = await invitation(desk, account)
    page = await desk.browser().get(address)
    first, _ = await accept(desk, desk.browser(), address)
    kept = await stored(desk, account)
    assert first.status_code == 200
    assert (await desk.browser().get(address)).status_code == 410
    fields = {**dict(form_of(page, "").fields), "password": "another of my words", "again": "another of my words"}
    second = await desk.browser().post(address, data={**fields, "code": app_on(page).at(desk.clock())})
    assert second.status_code == 410
    assert token_in(second) is None
    assert (await stored(desk, account)).password_hash == kept.password_hash


async def test_a_link_ends_after_three_days_when_a_newer_one_is_made_and_when_the_account_closes(desk: DeskApp) -> None:
    account, browser = await desk.account("northmoor", "editor"), desk.browser()
    old = await invitation(desk, account)
    desk.clock.move(days=3, seconds=-1)
    assert (await browser.get(old)).status_code == 200
    desk.clock.move(seconds=1)
    assert (await browser.get(old)).status_code == 410

    older, newer = await invitation(desk, account), await invitation(desk, account)
    assert (await browser.get(older)).status_code == 410
    assert (await browser.get(newer)).status_code == 200

    page = await browser.get(newer)
    async with desk.database.begin() as session:
        (await session.get_one(Account, account.id)).closed_at = desk.clock()
    assert (await browser.get(newer)).status_code == 410
    right = {**dict(form_of(page, "").fields), "password": PASSWORD, "again": PASSWORD}
    answer = await browser.post(newer, data={**right, "code": app_on(page).at(desk.clock())})
    assert answer.status_code == 410
    assert (await stored(desk, account)).password_hash is None


async def test_nobody_is_invited_to_a_closed_account_and_a_made_up_link_is_nobodys(desk: DeskApp) -> None:
    account = await desk.account("northmoor", "editor")
    account.closed_at = desk.clock()
    async with desk.database.begin() as session:
        with pytest.raises(NotAllowed):
            await invite(session, account, desk.clock())
    assert (await desk.browser().get("/desk/invitation/made-up")).status_code == 410


@pytest.mark.parametrize(
    "wrong",
    [{"code": "000000"}, {"code": ""}, {"password": "short"}, {"again": "not the same at all"}, {"app": "made up"}],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_nothing_is_half_set_and_what_was_typed_stays(desk: DeskApp, wrong: dict[str, str]) -> None:
    account, browser = await desk.account("northmoor", "editor"), desk.browser()
    address = await invitation(desk, account)
    answer, app = await accept(desk, browser, address, **wrong)
    assert answer.status_code == 422
    assert token_in(answer) is None
    found = await stored(desk, account)
    assert found.password_hash is found.totp_sealed is found.totp_step is None
    async with desk.database.begin() as session:
        assert not list(await session.scalars(select(RecoveryCode).where(RecoveryCode.account_id == account.id)))
    form = form_of(answer, "")
    assert PASSWORD not in answer.text
    assert dict(form.fields)["code"] == wrong.get("code", app.at(desk.clock()))
    assert "aria-describedby" in form.attributes["password" if "code" not in wrong and "app" not in wrong else "code"]
    if "app" not in wrong:
        assert app_on(answer).secret == app.secret
    again = {"password": PASSWORD, "again": PASSWORD, "code": app_on(answer).at(desk.clock())}
    assert (await browser.post(address, data={**dict(form.fields), **again})).status_code == 200


async def test_the_app_of_one_invitation_is_of_no_use_for_another(desk: DeskApp) -> None:
    first, second = await desk.account("northmoor", "editor"), await desk.account("northmoor", "editor")
    page = await desk.browser().get(await invitation(desk, first))
    sealed, code = dict(form_of(page, "").fields)["app"], app_on(page).at(desk.clock())
    answer, _ = await accept(desk, desk.browser(), await invitation(desk, second), app=sealed, code=code)
    assert answer.status_code == 422


async def test_joining_again_ends_what_was_before(desk: DeskApp) -> None:
    joined = await member(desk)
    assert (await joined.sign_in()).status_code == 303
    answer, _ = await accept(
        desk, desk.browser(), await invitation(desk, joined.account), password="a newer set of words"
    )
    assert answer.status_code == 200
    assert "sign-in" in (await joined.browser.get("/desk")).headers["location"]
    assert (await joined.first_step()).status_code == 422
    desk.clock.move(seconds=30)
    page = await joined.first_step(password="a newer set of words")
    slip = dict(form_of(page, "/desk/sign-in/code").fields)["slip"]
    assert (await joined.second_step(slip, recovery=joined.recovery[0])).status_code == 422
    assert (await joined.second_step(slip, joined.code())).status_code == 422


async def test_neither_secret_nor_codes_nor_password_can_be_read_in_the_database(desk: DeskApp) -> None:
    joined = await member(desk)
    async with desk.database.begin() as session:
        tables = list(await session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
        rows = [str(list(await session.execute(text(f'SELECT * FROM "{table}"')))) for table in tables]  # noqa: S608
    whole = "".join(rows)
    assert joined.email in whole
    for secret in (joined.app.secret, PASSWORD, *joined.recovery, joined.recovery[0].replace("-", "")):
        assert secret not in whole


def test_a_seal_opens_only_with_its_own_secret_and_purpose() -> None:
    sealed = Cipher("one secret", "code app").close("words")
    assert Cipher("one secret", "code app").open(sealed) == "words"
    for other in (Cipher("another secret", "code app"), Cipher("one secret", "letters")):
        with pytest.raises(BrokenCipherText):
            other.open(sealed)
    with pytest.raises(BrokenCipherText):
        Cipher("one secret", "code app").open("not sealed")


ABOUT = ("Jo Smithson", "jo.smithson@northmoor.example", "Northmoor Police", "In the Know", "intheknow")


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("eleven sign", TOO_SHORT),
        ("password1234", COMMON),
        ("iloveyou12345", COMMON),
        ("qwertyuiop123", COMMON),
        ("aaaaaaaaaaaaaaaa", COMMON),
        ("1234567890123456", COMMON),
        ("Jo Smithson 2026", YOURS),
        ("smithson.northmoor", YOURS),
        ("jo.smithson@northmoor.example", YOURS),
        ("In The Know 2026!", YOURS),
        ("intheknow-2026", YOURS),
        ("x" * 257, TOO_LONG),
        ("seven otters under a lamp", None),
        ("sevenottersunderalamp", None),
        ("smithson keeps seven otters in a bath", None),
        ("Tr0ub4dor&3 mit Käse", None),
        ("correct tractor moss viola " * 5, None),
        ("kZ8#q!mVw2Lp", None),
    ],
)
def test_which_passwords_may_be_chosen(password: str, fault: str | None) -> None:
    assert why_not(password, ABOUT) == fault


def test_128_letters_are_fine() -> None:
    assert why_not(("copper violin glacier mustard " * 5)[:128], ABOUT) is None


async def test_passwords_are_kept_as_argon2id_of_64_mib_and_an_unknown_one_takes_the_same() -> None:
    checked: list[str] = []

    class Watching(PasswordHasher):
        def verify(self, hash: str, password: str) -> bool:  # type: ignore[override]  # noqa: A002
            checked.append(hash)
            return super().verify(hash, password)

    passwords = Passwords(Watching())
    kept = await passwords.keep("here", "caf\u00e9 otters under lamps")
    assert kept.startswith("$argon2id$")
    found = extract_parameters(kept)
    assert found.memory_cost >= 64 * 1024
    assert found.time_cost >= 3
    assert await passwords.fits("here", kept, "cafe\u0301 otters under lamps")
    assert not await passwords.fits("here", kept, "cafe otters under lamps")
    assert not await passwords.fits("here", None, "cafe otters under lamps")
    assert extract_parameters(checked[-1]) == found


async def test_a_form_from_another_site_is_refused(desk: DeskApp) -> None:
    account, browser = await desk.account("northmoor", "editor"), desk.browser()
    browser.headers["Sec-Fetch-Site"] = "cross-site"
    answer, _ = await accept(desk, browser, await invitation(desk, account))
    assert answer.status_code == 403
    assert COOKIE not in answer.cookies
