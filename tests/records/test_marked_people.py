"""Whoever writes to the database and holds no key comes in as nobody, rises to nothing, and signs no word."""

import hashlib
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from api.records.accounts import Account
from api.records.deputies import end_deputy, name_deputy
from api.records.people import change, close, operator
from tests.doors import doors
from tests.person_app import signed_copy
from tests.records.intruder import MARKS, OURS, THEIRS, Break, break_in, keyholder
from tests.sign_in import Member, accept, form_of, invitation, member

pytestmark = pytest.mark.database

FORGED = "a token that the one who breaks in has made"
MARK = pytest.mark.parametrize("mark", MARKS)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def copied_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with signed_copy(request.getfixturevalue(f"{request.param}_url"), tmp_path_factory.mktemp("broken")) as url:
        yield url


@pytest.fixture(scope="module")
async def broken(copied_url: str) -> AsyncIterator[Break]:
    async with break_in(copied_url) as found:
        yield found


async def nobody(broken: Break, token: str) -> bool:
    """True when a token opens no desk, and signs nothing."""
    return await broken.layer_of(token) == "" and not await broken.signs(token)


async def named(broken: Break, deputy: Account) -> int:
    """Makes somebody the deputy by right; the number of the row."""
    today = doors(broken.app.app).pack_cache.today()
    async with broken.app.database.begin() as session:
        by, now = operator("tests"), broken.app.clock()
        row = await name_deputy(session, by, deputy, today, today + timedelta(days=3), now=now, today=today)
        return row.id


# INSERT


@MARK
async def test_a_sign_in_that_is_put_in_opens_nothing(broken: Break, mark: str) -> None:
    lead, (_, own) = await broken.lead(), await broken.mole()
    token = f"{FORGED} {mark}"
    own_hash = hashlib.sha256(token.encode()).hexdigest()
    like = await broken.session_of(own)
    await broken.copied("desk_session", like, mark, account_id=lead.account.id, token_hash=own_hash)
    assert await nobody(broken, token)
    assert await broken.layer_of(own) == OURS


@MARK
async def test_an_account_that_is_put_in_signs_nobody_in(broken: Break, mark: str) -> None:
    charlie, _ = await broken.mole(THEIRS, "lead")
    number, email = 900_000 + list(MARKS).index(mark), f"forged.{list(MARKS).index(mark)}@x.example"
    others = {"id": number, "layer": OURS, "email": email, "name": f"Forged {mark}"}
    await broken.copied("account", charlie.account.id, mark, subject=None, totp_step=None, **others)
    forged = Member(Account(id=number, email=email), charlie.app, charlie.recovery, broken.app, broken.app.browser())
    assert (await forged.first_step()).status_code == 422
    # Nor with a sign-in of its own beside it.
    token = f"{FORGED} for {number}"
    like = await broken.session_of(await broken.signed_in(charlie.account))
    own_hash = hashlib.sha256(token.encode()).hexdigest()
    await broken.copied("desk_session", like, mark, account_id=number, token_hash=own_hash)
    assert await nobody(broken, token)
    # And nobody is told that there is such a person.
    lead = await broken.lead()
    page = await broken.app.browser(**{broken.app.cookie: await broken.signed_in(lead.account)}).get(
        f"/desk/{OURS}/people"
    )
    assert page.status_code == 200
    assert f"Forged {mark}" not in page.text


@MARK
async def test_an_invitation_that_is_put_in_is_over(broken: Break, mark: str) -> None:
    lead, (mole, _) = await broken.lead(), await broken.mole()
    await invitation(broken.app, mole.account)
    rows = "SELECT id FROM invitation WHERE account_id = :account AND used_at IS NULL"
    like = (await broken.sql(rows, account=mole.account.id))[0][0]
    token = f"forged-{mark.replace(' ', '-')}"
    own_hash = hashlib.sha256(token.encode()).hexdigest()
    await broken.copied("invitation", like, mark, account_id=lead.account.id, token_hash=own_hash)
    assert (await broken.app.browser().get(f"/desk/invitation/{token}")).status_code == 410
    data = {"password": "a password of who breaks in", "again": "a password of who breaks in", "code": "123456"}
    assert (await broken.app.browser().post(f"/desk/invitation/{token}", data=data)).status_code == 410
    assert (await lead.sign_in()).status_code == 303


@MARK
async def test_a_recovery_code_that_is_put_in_is_wrong(broken: Break, mark: str) -> None:
    lead = await broken.lead()
    like = (await broken.sql("SELECT id FROM recovery_code WHERE account_id = :account", account=lead.account.id))[0][0]
    own_hash = hashlib.sha256(b"forgedcodeabcdef").hexdigest()
    await broken.copied("recovery_code", like, mark, account_id=lead.account.id, code_hash=own_hash)
    slip = await lead.slip()
    assert (await lead.second_step(slip, recovery="forg-edco-deab-cdef")).status_code == 422
    assert (await lead.second_step(slip, recovery=lead.recovery[0])).status_code == 303


@MARK
async def test_a_passkey_that_is_put_in_proves_nothing(broken: Break, mark: str) -> None:
    lead = await broken.lead()
    mole = await keyholder(*await broken.mole())
    kept = "SELECT id, credential FROM passkey WHERE account_id = :account"
    like, credential = (await broken.sql(kept, account=mole.member.account.id))[0]
    assert await mole.sign_in() == 303
    await broken.sql("UPDATE passkey SET credential = :other WHERE id = :like", other=f"gone {like}", like=like)
    await broken.copied("passkey", like, mark, account_id=lead.account.id, credential=credential)
    assert await mole.sign_in() == 422


@MARK
async def test_a_delegation_that_is_put_in_makes_no_deputy(broken: Break, mark: str) -> None:
    (mole, token), (charlie, _) = await broken.mole(), await broken.mole(THEIRS)
    like = await named(broken, charlie.account)
    await broken.copied("delegation", like, mark, deputy_id=mole.account.id, layer=OURS)
    assert not await broken.may_sign(token)
    assert not await broken.signs(token)


# UPDATE


@pytest.mark.parametrize(
    "change",
    [
        "role = 'lead'",
        "role = 'lead', mark = ''",
        "role = 'lead', mark = NULL",
        "role = 'lead', mark = (SELECT a.mark FROM account a WHERE a.id = :lead)",
        "layer = 'national', role = 'admin'",
        "name = 'Somebody Else'",
        "post = 'the lead'",
        "email = 'other@x.example'",
        "subject = 'https://issuer.example somebody'",
    ],
)
async def test_an_account_that_is_changed_is_nobodys(broken: Break, change: str) -> None:
    lead, (mole, token) = await broken.lead(), await broken.mole()
    assert await broken.layer_of(token) == OURS
    assert not await broken.signs(token)
    change = change.replace("other@", f"other{mole.account.id}@").replace("somebody'", f"{mole.account.id}'")
    given = {"lead": lead.account.id} if ":lead" in change else {}
    await broken.sql(f"UPDATE account SET {change} WHERE id = :number", number=mole.account.id, **given)  # noqa: S608
    assert await nobody(broken, token)
    assert (await mole.first_step()).status_code == 422


async def test_charlie_cannot_move_to_our_force(broken: Break) -> None:
    charlie, token = await broken.mole(THEIRS, "lead")
    assert await broken.layer_of(token) == THEIRS
    assert not await broken.signs(token)
    await broken.sql("UPDATE account SET layer = :ours WHERE id = :number", ours=OURS, number=charlie.account.id)
    assert await nobody(broken, token)
    assert (await charlie.first_step()).status_code == 422


@pytest.mark.parametrize("secrets", [("password_hash",), ("password_hash", "totp_sealed"), ("totp_sealed",)])
async def test_the_secrets_of_one_account_do_not_open_another(broken: Break, secrets: tuple[str, ...]) -> None:
    lead, (mole, _) = await broken.lead(), await broken.mole()
    for name in secrets:
        taken = f"UPDATE account SET {name} = (SELECT {name} FROM account WHERE id = :mole) WHERE id = :lead"  # noqa: S608
        await broken.sql(taken, mole=mole.account.id, lead=lead.account.id)
    forged = Member(lead.account, mole.app, mole.recovery, broken.app, broken.app.browser())
    assert (await forged.first_step()).status_code == 422


async def test_somebody_halfway_in_is_stopped_when_the_account_is_altered(broken: Break) -> None:
    mole, _ = await broken.mole()
    slip = await mole.slip()
    await broken.sql("UPDATE account SET role = 'lead' WHERE id = :number", number=mole.account.id)
    assert (await mole.second_step(slip, mole.next_code())).status_code == 422


async def test_who_has_left_is_not_opened_again(broken: Break) -> None:
    gone, token = await broken.mole(OURS, "lead")
    async with broken.app.database.begin() as session:
        await close(session, operator("tests"), await session.get_one(Account, gone.account.id), broken.app.clock())
    await broken.sql("UPDATE account SET closed_at = NULL WHERE id = :number", number=gone.account.id)
    await broken.sql("UPDATE desk_session SET ended_at = NULL WHERE account_id = :number", number=gone.account.id)
    assert await nobody(broken, token)
    assert (await gone.first_step()).status_code == 422


async def test_a_sign_in_does_not_become_another_persons(broken: Break) -> None:
    lead, (_, token), (_, other) = await broken.lead(), await broken.mole(), await broken.mole()
    moved = "UPDATE desk_session SET account_id = :lead WHERE id = :number"
    await broken.sql(moved, lead=lead.account.id, number=await broken.session_of(token))
    assert await nobody(broken, token)
    # Nor does it lend its token to the sign-in of the lead.
    leads = await broken.session_of(await broken.signed_in(lead.account))
    own = await broken.session_of(other)
    hash_of = (await broken.sql("SELECT token_hash FROM desk_session WHERE id = :number", number=own))[0][0]
    await broken.sql("UPDATE desk_session SET token_hash = 'x' WHERE id = :number", number=own)
    await broken.sql("UPDATE desk_session SET token_hash = :hash WHERE id = :number", hash=hash_of, number=leads)
    assert await nobody(broken, other)


@pytest.mark.parametrize("mark", ["mark", "NULL", "(SELECT d.mark FROM desk_session d WHERE d.id = :other)"])
async def test_a_sign_in_that_has_ended_stays_ended(broken: Break, mark: str) -> None:
    mole, token = await broken.mole(OURS, "lead")
    assert await broken.may_sign(token)
    browser = broken.app.browser(**{broken.app.cookie: token})
    mark_of_form = dict(form_of(await browser.get(f"/desk/{OURS}"), "/desk/sign-out").fields)["mark"]
    await browser.post("/desk/sign-out", data={"mark": mark_of_form})
    given = {"other": await broken.session_of(await broken.signed_in(mole.account))} if ":other" in mark else {}
    again = f"UPDATE desk_session SET ended_at = NULL, mark = {mark} WHERE id = :number"  # noqa: S608
    await broken.sql(again, number=await broken.session_of(token), **given)
    assert await nobody(broken, token)


async def test_a_sign_in_does_not_last_longer_than_it_may(broken: Break) -> None:
    mole, token = await broken.mole()
    broken.app.clock.move(hours=13)
    newer = await broken.session_of(await broken.signed_in(mole.account))
    young = "(SELECT d.{0} FROM desk_session d WHERE d.id = :newer)"
    changes = ", ".join(f"{name} = {young.format(name)}" for name in ("began_at", "seen_at"))
    longer = f"UPDATE desk_session SET {changes} WHERE id = :number"  # noqa: S608
    await broken.sql(longer, newer=newer, number=await broken.session_of(token))
    assert await nobody(broken, token)


@pytest.mark.parametrize("how", ["account_id = :lead", "used_at = NULL", "later"])
async def test_an_invitation_that_is_changed_is_over(broken: Break, how: str) -> None:
    lead, mole = await broken.lead(), await broken.app.account(OURS, "editor")
    address = await invitation(broken.app, mole)
    given: dict[str, object] = {"number": mole.id}
    if how == "used_at = NULL":
        await accept(broken.app, broken.app.browser(), address)
    if how == "later":
        broken.app.clock.move(days=4)
        await invitation(broken.app, lead.account)
        how = "expires_at = (SELECT max(i.expires_at) FROM invitation i)"
    if ":lead" in how:
        given["lead"] = lead.account.id
    await broken.sql(f"UPDATE invitation SET {how} WHERE account_id = :number", **given)  # noqa: S608
    assert (await broken.app.browser().get(address)).status_code == 410


@pytest.mark.parametrize("how", ["used", "moved"])
async def test_a_recovery_code_that_is_changed_is_wrong(broken: Break, how: str) -> None:
    lead, (mole, _) = await broken.lead(), await broken.mole()
    code, give = mole.recovery[0], lead
    if how == "used":
        assert (await mole.second_step(await mole.slip(), recovery=code)).status_code == 303
        await broken.sql("UPDATE recovery_code SET used_at = NULL WHERE account_id = :mole", mole=mole.account.id)
        give = mole
    else:
        moved = "UPDATE recovery_code SET account_id = :lead WHERE account_id = :mole"
        await broken.sql(moved, lead=lead.account.id, mole=mole.account.id)
    assert (await give.second_step(await give.slip(), recovery=code)).status_code == 422


@pytest.mark.parametrize("how", ["the account of the passkey", "the key of the passkey"])
async def test_a_passkey_that_is_changed_proves_nothing(broken: Break, how: str) -> None:
    mole, lead = await keyholder(*await broken.mole()), await broken.lead()
    leads = await keyholder(lead, await broken.signed_in(lead.account))
    assert (await mole.sign_in(), await leads.sign_in()) == (303, 303)
    given = {"mole": mole.member.account.id, "lead": lead.account.id}
    if how == "the account of the passkey":
        await broken.sql("UPDATE passkey SET account_id = :lead WHERE account_id = :mole", **given)
        assert await mole.sign_in() == 422
        return
    key = "(SELECT p.public_key FROM passkey p WHERE p.account_id = :mole)"
    await broken.sql(f"UPDATE passkey SET public_key = {key} WHERE account_id = :lead", **given)  # noqa: S608
    leads.passkey.key = mole.passkey.key
    assert await leads.sign_in() == 422


@pytest.mark.parametrize("how", ["moved", "ended"])
async def test_a_delegation_that_is_changed_makes_no_deputy(broken: Break, how: str) -> None:
    (mole, token), (honest, hers) = await broken.mole(), await broken.mole()
    number = await named(broken, honest.account)
    assert await broken.may_sign(hers)
    if how == "moved":
        moved = "UPDATE delegation SET deputy_id = :mole WHERE id = :number"
        await broken.sql(moved, mole=mole.account.id, number=number)
    else:
        today, now = doors(broken.app.app).pack_cache.today(), broken.app.clock()
        async with broken.app.database.begin() as session:
            await end_deputy(session, operator("tests"), honest.account, now=now, today=today)
        await broken.sql("UPDATE delegation SET ended_at = NULL WHERE id = :number", number=number)
    for one in (token, hers):
        assert not await broken.may_sign(one)
        assert not await broken.signs(one)


@pytest.mark.parametrize("table", ["account", "desk_session"])
async def test_marks_that_are_swapped_fit_neither_row(broken: Break, table: str) -> None:
    (one, first), (two, second) = await broken.mole(OURS, "lead"), await broken.mole()
    numbers = [one.account.id, two.account.id]
    if table == "desk_session":
        numbers = [await broken.session_of(first), await broken.session_of(second)]
    marks = [(await broken.sql(f"SELECT mark FROM {table} WHERE id = :id", id=id))[0][0] for id in numbers]  # noqa: S608, A001
    for number, mark in zip(numbers, reversed(marks), strict=True):
        await broken.sql(f"UPDATE {table} SET mark = :mark WHERE id = :id", mark=mark, id=number)  # noqa: S608
    assert await nobody(broken, first)
    assert await nobody(broken, second)
    for number, mark in zip(numbers, marks, strict=True):
        await broken.sql(f"UPDATE {table} SET mark = :mark WHERE id = :id", mark=mark, id=number)  # noqa: S608
    assert await broken.may_sign(first)
    assert await broken.layer_of(second) == OURS


async def test_an_honest_change_does_not_believe_what_was_altered_before(broken: Break) -> None:
    mole, token = await broken.mole()
    await broken.sql("UPDATE account SET role = 'lead' WHERE id = :number", number=mole.account.id)
    lead = await broken.lead()
    hers = broken.app.browser(**{broken.app.cookie: await broken.signed_in(lead.account)})
    # Nothing that the pages offer finds them; nor does the code behind, when it is handed the row all the same.
    assert (await hers.get(f"/desk/{OURS}/people/{mole.account.id}")).status_code == 404
    async with broken.app.database.begin() as session:
        found = await session.get_one(Account, mole.account.id)
        await change(session, operator("tests"), found, "reviewer", "a new post", broken.app.clock())
    assert await nobody(broken, token)


async def test_an_honest_change_keeps_an_account_whole(broken: Break) -> None:
    somebody, token = await broken.mole()
    async with broken.app.database.begin() as session:
        found = await session.get_one(Account, somebody.account.id)
        await change(session, operator("tests"), found, "lead", "a new post", broken.app.clock())
    assert await broken.may_sign(token)
    assert (await somebody.sign_in()).status_code == 303


async def test_it_is_logged_once_and_says_nothing_of_anybody(broken: Break, caplog: pytest.LogCaptureFixture) -> None:
    mole, token = await broken.mole()
    await broken.sql("UPDATE account SET role = 'lead' WHERE id = :number", number=mole.account.id)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert await nobody(broken, token)
            assert (await mole.first_step()).status_code == 422
    told = [record.getMessage() for record in caplog.records if str(mole.account.id) in record.getMessage()]
    assert told == [f"row {mole.account.id} of account was altered, or put in by nobody here: it opens nothing"]
    for personal in (mole.account.name, mole.email, token):
        assert personal not in caplog.text


async def test_a_new_account_never_takes_the_number_of_one_that_was_deleted(broken: Break) -> None:
    mole = await broken.app.account(OURS, "editor")
    await broken.sql("DELETE FROM account WHERE id = :number", number=mole.id)
    numbers = {(await broken.app.account(OURS, "lead")).id for _ in range(20)}
    assert len(numbers) == 20
    assert mole.id not in numbers


async def test_the_lead_who_holds_the_post_signs_all_the_same(broken: Break) -> None:
    """The last: from now on the card is signed."""
    lead = await member(broken.app, OURS, "lead")
    token = await broken.signed_in(lead.account)
    assert await broken.may_sign(token)
    assert await broken.signs(token)
