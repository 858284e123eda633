"""Who works for a force: who may decide that, what a closed account and a deputy can do, and the log that tells."""

import asyncio
import re
from datetime import date, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from api.records import letters, sessions
from api.records.accounts import Account, Delegation, Invitation
from api.records.audit import AuditRow, log_of, note
from api.records.chain_verification import first_altered
from api.records.force_availability import close_door
from api.records.invitation_email import welcome
from api.records.letters import letters_of
from api.records.people import Mistaken, NewPerson, add, operator, people_of
from api.web.clock import utc_now
from api.web.csrf import COOKIE
from api.web.database import Database
from tests.conftest import release_for, settings_for
from tests.desk_app import DeskApp, Person
from tests.doors import doors

PEOPLE = "/desk/northmoor/people"
LOG = "/desk/northmoor/log"
NEW = {"name": "Ada Example", "post": "Digital officer (invented)", "email": "Ada.Example@northmoor.example"}
ALL = [("southmere", role) for role in ("editor", "reviewer", "lead")] + [
    ("national", role) for role in ("editor", "reviewer", "lead")
]


@pytest.fixture
async def desk(desk: DeskApp) -> DeskApp:
    doors(desk.app).pack_cache.today = lambda: desk.clock().date()
    return desk


async def accounts(desk: DeskApp, layer: str = "northmoor") -> dict[str, Account]:
    """Everyone of a layer, by e-mail."""
    async with desk.database.begin() as session:
        return {one.email: one for one in await people_of(session, layer)}


async def log(desk: DeskApp, layer: str = "northmoor") -> list[tuple[str, str, str]]:
    """Who, what and about what, newest first."""
    async with desk.database.begin() as session:
        return [(line.who, line.what, line.about) for line in await log_of(session, layer)]


async def again(desk: DeskApp, account: Account) -> Person:
    """The same person, signed in anew: days have passed."""
    async with desk.database.begin() as session:
        token = await sessions.begin(session, account, desk.clock())
    return Person(account, desk.browser(**{COOKIE: token}), token)


def of(person: Person, doing: str = "") -> str:
    """The address of a person's page, or of an act on it."""
    return f"/desk/{person.account.layer}/people/{person.account.id}" + (f"/{doing}" if doing else "")


async def test_a_lead_invites_an_editor_and_the_link_is_shown_once(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead", "Lee Lead")
    page = await lead.post(PEOPLE, role="editor", **NEW)
    assert page.status_code == 200
    link = re.search(r"/desk/invitation/[\w-]{40,}", page.text)
    assert link
    added = (await accounts(desk))["ada.example@northmoor.example"]
    assert (added.role, added.name, added.password_hash) == ("editor", "Ada Example", None)
    assert (await log(desk))[0] == ("Lee Lead", "add person", "Ada Example, editor, Digital officer (invented)")
    later = await lead.get(PEOPLE)
    assert "Ada Example" in later.text
    assert link[0] not in later.text
    async with desk.database.begin() as session:
        kept = str((await session.execute(text("SELECT * FROM invitation"))).all())
    assert link[0].rpartition("/")[2] not in kept


async def test_the_link_that_is_shown_opens(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead")
    page = await lead.post(PEOPLE, role="editor", **NEW)
    link = re.search(r"/desk/invitation/[\w-]+", page.text)
    assert link
    assert (await desk.browser().get(link[0])).status_code == 200
    assert (await desk.browser().get("/desk/invitation/not-a-link")).status_code != 200


@pytest.mark.parametrize("role", ["editor", "reviewer"])
async def test_editors_and_reviewers_see_who_works_here_and_decide_nothing(desk: DeskApp, role: str) -> None:
    other = await desk.person("northmoor", "editor", "Otto Other")
    person = await desk.person("northmoor", role)
    page = await person.get(PEOPLE)
    assert "Otto Other" in page.text
    assert "Invite somebody" not in page.text
    assert other.account.email not in page.text + (await person.get(of(other))).text
    before = await accounts(desk)
    answers = [
        await person.post(PEOPLE, role="editor", **NEW),
        await person.post(of(other, "close")),
        await person.post(of(other, "invite")),
        await person.post(of(other, "change"), role="reviewer", post="Boss"),
        await person.post(of(other, "deputy"), starts=str(date.today()), ends=str(date.today())),
        await person.post(of(other, "end-deputy")),
        await person.post("/desk/northmoor/door/close", message="door_checking"),
    ]
    assert {answer.status_code for answer in answers} == {409}
    assert all("Ask one of them" in answer.text for answer in answers)
    after = await accounts(desk)
    assert {email: (one.role, one.closed_at) for email, one in before.items()} == {
        email: (one.role, one.closed_at) for email, one in after.items()
    }
    assert await log(desk) == []
    assert doors(desk.app).pack_cache.closed == {}


async def test_a_deputy_stands_in_for_signing_and_not_for_choosing_people(desk: DeskApp) -> None:
    lead, deputy = await desk.person("northmoor", "lead"), await desk.person("northmoor", "reviewer")
    today = str(desk.clock().date())
    assert (await lead.post(of(deputy, "deputy"), starts=today, ends=today)).status_code == 303
    assert (await deputy.post(PEOPLE, role="editor", **NEW)).status_code == 409
    assert NEW["email"].lower() not in await accounts(desk)


@pytest.mark.parametrize("role", ["lead", "admin", "chief", ""])
async def test_a_lead_makes_no_lead_and_nobody_gets_a_role_that_there_is_not(desk: DeskApp, role: str) -> None:
    lead, editor = await desk.person("northmoor", "lead"), await desk.person("northmoor", "editor")
    admin = await desk.person("national", "admin")
    for person in (lead, admin) if role != "lead" else (lead,):
        assert (await person.post(PEOPLE, role=role, **NEW)).status_code in (409, 422)
        assert (await person.post(of(editor, "change"), role=role, post="Boss")).status_code in (409, 422)
    assert {one.role for one in (await accounts(desk)).values()} == {"lead", "editor"}
    assert (await accounts(desk))[editor.account.email].role == "editor"


async def test_nobody_closes_or_changes_themselves_and_a_lead_no_other_lead(desk: DeskApp) -> None:
    lead, other = await desk.person("northmoor", "lead"), await desk.person("northmoor", "lead")
    admin = await desk.person("national", "admin")
    for doer, whose in ((lead, lead), (lead, other), (admin, admin)):
        assert (await doer.post(of(whose, "close"))).status_code == 409
        assert (await doer.post(of(whose, "change"), role="editor", post="x")).status_code == 409
        assert (await doer.post(of(whose, "invite"))).status_code == 409
        assert (await whose.get(f"/desk/{whose.account.layer}/people")).status_code == 200
    assert (await admin.post(of(lead, "close"))).status_code == 303
    assert (await lead.get(PEOPLE)).status_code != 200


async def test_an_admin_names_a_lead_and_changes_a_role_at_once(desk: DeskApp) -> None:
    admin, person = await desk.person("national", "admin", "Nan Admin"), await desk.person("northmoor", "editor", "Eve")
    assert (await person.post(PEOPLE, role="editor", **NEW)).status_code == 409
    named = await admin.post(of(person, "change"), role="lead", post="Assistant Chief Constable (invented)")
    assert named.status_code == 303
    assert (await person.post(PEOPLE, role="editor", **NEW)).status_code == 200
    assert ("Nan Admin", "name lead", "Eve, lead, Assistant Chief Constable (invented)") in await log(desk)


@pytest.mark.parametrize(("layer", "role"), ALL)
async def test_charlie_finds_nothing_and_changes_nothing(desk: DeskApp, layer: str, role: str) -> None:
    charlie = await desk.person(layer, role, "Charlie")
    lead, editor = await desk.person("northmoor", "lead"), await desk.person("northmoor", "editor")
    today = str(desk.clock().date())
    for path in (PEOPLE, LOG, "/desk/northmoor/door", of(lead), of(editor)):
        assert (await charlie.get(path)).status_code == 404, path
    tries = {
        PEOPLE: {"role": "editor", **NEW},
        of(editor, "change"): {"role": "reviewer", "post": "x"},
        of(editor, "deputy"): {"starts": today, "ends": today},
        **{of(editor, doing): {} for doing in ("close", "reopen", "invite", "end-deputy")},
        "/desk/northmoor/door/close": {"message": "door_checking"},
        "/desk/northmoor/door/open": {},
        "/desk/northmoor/door/provider": {"provider": "Charlie's"},
    }
    for path, fields in tries.items():
        assert (await charlie.post(path, **fields)).status_code == 404, path
    # Nor by way of their own address.
    for doing in ("close", "change", "invite", "deputy", "end-deputy", "reopen"):
        path = f"/desk/{layer}/people/{editor.account.id}/{doing}"
        assert (await charlie.post(path, role="editor", post="x", starts=today, ends=today)).status_code == 404
    assert await log(desk) == []
    assert len(await accounts(desk)) == 2
    assert (await editor.get(PEOPLE)).status_code == 200
    assert doors(desk.app).pack_cache.closed == {}


async def test_a_national_admin_sees_people_and_log_of_every_force_and_never_its_words(desk: DeskApp) -> None:
    admin = await desk.person("national", "admin")
    for layer in ("northmoor", "southmere", "kent", "national"):
        for page in ("people", "log"):
            assert (await admin.get(f"/desk/{layer}/{page}")).status_code == 200
    for words in ("", "/cards/bodycam", "/cards/bodycam/edit", "/sign", "/recall", "/facts", "/files"):
        assert (await admin.get(f"/desk/northmoor{words}")).status_code == 404, words
    there = (await admin.get(PEOPLE)).text
    assert 'href="/desk/northmoor/sign"' not in there
    assert 'href="/desk/northmoor/log"' in there
    for unknown in ("nowhere", "police-scotland"):
        assert (await admin.get(f"/desk/{unknown}/people")).status_code == 404


async def test_nobody_signed_in_sees_nothing(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    for path in (PEOPLE, LOG, "/desk/northmoor/door", of(editor)):
        assert (await desk.browser().get(path)).status_code in (303, 401), path
    for path in (PEOPLE, of(editor, "close"), "/desk/northmoor/door/close"):
        assert (await desk.browser().post(path, data={"role": "editor", **NEW})).status_code in (303, 401), path
    assert (await editor.get(PEOPLE)).status_code == 200


async def test_a_form_of_another_site_does_nothing(desk: DeskApp) -> None:
    lead, editor = await desk.person("northmoor", "lead"), await desk.person("northmoor", "editor")
    assert (await lead.browser.post(of(editor, "close"), data={"mark": "f" * 64})).status_code == 403
    assert (await editor.get(PEOPLE)).status_code == 200


async def test_a_closed_account_is_out_at_once_and_comes_back_as_the_same_person(desk: DeskApp) -> None:
    lead, editor = await desk.person("northmoor", "lead"), await desk.person("northmoor", "editor", "Eve Editor")
    elsewhere = await again(desk, editor.account)
    today = str(desk.clock().date())
    await lead.post(of(editor, "deputy"), starts=today, ends=today)
    await lead.post(of(editor, "invite"))
    assert (await editor.get(PEOPLE)).status_code == 200
    assert (await lead.post(of(editor, "close"))).status_code == 303
    for browser in (editor, elsewhere):
        assert (await browser.get(PEOPLE)).status_code != 200
    async with desk.database.begin() as session:
        live = select(Invitation).where(Invitation.expires_at > desk.clock())
        assert list(await session.scalars(live)) == []
        assert list(await session.scalars(select(Delegation).where(Delegation.ended_at.is_(None)))) == []
        account = await session.get_one(Account, editor.account.id)
        account.password_hash = "what they signed in with before"
    assert "Closed" in (await lead.get(PEOPLE)).text
    twice = await lead.post(PEOPLE, role="editor", **{**NEW, "email": editor.account.email})
    assert twice.status_code == 422
    assert "open their account again" in twice.text
    back = await lead.post(of(editor, "reopen"))
    assert "/desk/invitation/" in back.text
    found = (await accounts(desk))[editor.account.email]
    assert (found.id, found.closed_at, found.password_hash) == (editor.account.id, None, None)
    # The old sign-ins stay ended, and the delegation too.
    assert (await editor.get(PEOPLE)).status_code != 200
    assert (await (await again(desk, found)).get(LOG)).status_code == 404


async def test_a_deputy_is_one_from_the_first_day_to_the_last_and_no_longer(desk: DeskApp) -> None:
    lead, deputy = await desk.person("northmoor", "lead"), await desk.account("northmoor", "editor", "Dee Deputy")
    first = desk.clock().date() + timedelta(days=2)
    last = first + timedelta(days=3)
    named = await lead.post(f"{PEOPLE}/{deputy.id}/deputy", starts=str(first), ends=str(last))
    assert named.status_code == 303

    async def reads_the_log() -> bool:
        return (await (await again(desk, deputy)).get(LOG)).status_code == 200

    assert not await reads_the_log()
    desk.clock.move(days=1)
    assert not await reads_the_log()
    desk.clock.move(days=1)
    assert desk.clock().date() == first
    assert await reads_the_log()
    desk.clock.move(days=3)
    assert desk.clock().date() == last
    assert await reads_the_log()
    desk.clock.move(days=1)
    assert not await reads_the_log()


@pytest.mark.parametrize("end", ["end-deputy", "close"])
async def test_a_deputy_is_none_once_ended_or_closed(desk: DeskApp, end: str) -> None:
    lead, deputy = await desk.person("northmoor", "lead"), await desk.person("northmoor", "editor")
    today = desk.clock().date()
    await lead.post(of(deputy, "deputy"), starts=str(today), ends=str(today + timedelta(days=5)))
    assert (await deputy.get(LOG)).status_code == 200
    assert (await lead.post(of(deputy, end))).status_code == 303
    assert (await deputy.get(LOG)).status_code != 200
    assert "From" not in (await lead.get(PEOPLE)).text


@pytest.mark.parametrize(
    ("starts", "ends", "told"),
    [
        (-1, 3, "The first day has passed"),
        (3, 2, "The last day is before the first"),
        (0, 400, "more than a year"),
        (None, 3, "Write the day like"),
    ],
)
async def test_days_that_cannot_be_are_told_at_their_field_and_kept(
    desk: DeskApp, starts: int | None, ends: int, told: str
) -> None:
    lead, deputy = await desk.person("northmoor", "lead"), await desk.person("northmoor", "editor")
    today = desk.clock().date()
    first = "soon" if starts is None else str(today + timedelta(days=starts))
    last = str(today + timedelta(days=ends))
    page = await lead.post(of(deputy, "deputy"), starts=first, ends=last)
    assert page.status_code == 422
    assert told in page.text
    assert f'value="{first}"' in page.text
    assert f'value="{last}"' in page.text
    field = "starts" if told.startswith(("The first", "Write")) else "ends"
    assert f'aria-describedby="fault-{field}"' in page.text
    assert f'id="fault-{field}"' in page.text
    assert await log(desk) == []


async def test_a_deputy_is_somebody_else_of_the_same_force_and_named_once(desk: DeskApp) -> None:
    lead, editor = await desk.person("northmoor", "lead"), await desk.person("northmoor", "editor")
    stranger = await desk.account("southmere", "editor")
    today = str(desk.clock().date())
    assert (await lead.post(of(lead, "deputy"), starts=today, ends=today)).status_code == 409
    assert (await lead.post(f"{PEOPLE}/{stranger.id}/deputy", starts=today, ends=today)).status_code == 404
    assert (await lead.post(of(editor, "deputy"), starts=today, ends=today)).status_code == 303
    assert (await lead.post(of(editor, "deputy"), starts=today, ends=today)).status_code == 409


@pytest.mark.parametrize("email", ["ada", "ada@", "ada@localhost", "a b@c.example", ""])
async def test_an_address_that_no_letter_reaches_is_told_at_its_field(desk: DeskApp, email: str) -> None:
    admin = await desk.person("national", "admin")
    page = await admin.post(PEOPLE, role="reviewer", **{**NEW, "name": 'Ada "<b>" Example', "email": email})
    assert page.status_code == 422
    assert 'aria-describedby="fault-email"' in page.text
    assert 'value="Ada &#34;&lt;b&gt;&#34; Example"' in page.text
    assert '<option value="reviewer" selected>' in page.text
    assert await accounts(desk) == {}


async def test_a_lead_makes_no_reviewer_of_their_own(desk: DeskApp) -> None:
    """Who could make up a reviewer could have anything approved, and then sign it."""
    lead, editor = await desk.person("northmoor", "lead"), await desk.person("northmoor", "editor")
    assert (await lead.post(PEOPLE, role="reviewer", **NEW)).status_code == 422
    refused = await lead.post(of(editor, "change"), role="reviewer", post="Reviewer")
    assert refused.status_code in (403, 422)
    assert {account.role for account in (await accounts(desk)).values()} == {"lead", "editor"}


async def test_one_address_is_one_account_whoever_invites_and_however_it_is_written(desk: DeskApp) -> None:
    lead, other = await desk.person("northmoor", "lead"), await desk.person("southmere", "lead")
    assert (await lead.post(PEOPLE, role="editor", **NEW)).status_code == 200
    same = {**NEW, "name": "Somebody Else", "email": NEW["email"].upper()}
    for person, path in ((lead, PEOPLE), (other, "/desk/southmere/people")):
        page = await person.post(path, role="editor", **same)
        assert page.status_code == 422
        assert "has an account with this e-mail address already" in page.text
    assert len(await accounts(desk)) == 2
    assert len(await accounts(desk, "southmere")) == 1


async def test_two_people_of_one_name_are_told_apart(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead", "Ada Example")
    page = await lead.post(PEOPLE, role="editor", **{**NEW, "name": "ada  example"})
    assert page.status_code == 422
    assert "initial" in page.text


async def test_in_practice_people_are_added_to_invented_forces_only(desk: DeskApp) -> None:
    admin = await desk.person("national", "admin")
    page = await admin.post("/desk/kent/people", role="editor", **NEW)
    assert page.status_code == 409
    assert "practice version" in page.text
    assert await accounts(desk, "kent") == {}
    for layer, role, email in (("northmoor", "lead", "a@a.example"), ("national", "admin", "b@a.example")):
        page = await admin.post(f"/desk/{layer}/people", role=role, **{**NEW, "email": email})
        assert page.status_code == 200


async def test_where_letters_can_be_sent_the_link_goes_by_letter_too(desk: DeskApp) -> None:
    account = await desk.account("northmoor", "editor")
    mail = {"smtp_url": "smtp://127.0.0.1:25", "mail_from": "desk@know.example", "public_url": "https://know.example"}
    chosen = settings_for("sqlite+aiosqlite:///unused", **mail)
    async with desk.database.begin() as session:
        invited = await welcome(session, account, chosen, desk.clock())
        waiting, _ = await letters_of(session, "northmoor")
    assert invited.lettered
    assert [(letter.email, f"https://know.example{invited.path}" in letter.body) for letter in waiting] == [
        (account.email, True)
    ]
    assert isinstance(waiting[0], letters.Letter)


async def test_the_log_is_for_the_lead_and_the_national_admin(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead", "Lee Lead")
    await lead.post(PEOPLE, role="editor", **NEW)
    page = await lead.get(LOG)
    assert "Lee Lead" in page.text
    assert "invited somebody" in page.text
    assert f"{desk.clock().day} {desk.clock():%B %Y}, {desk.clock():%H:%M} UTC" in page.text
    assert "log of all layers" not in page.text
    admin = await desk.person("national", "admin")
    assert "The log of all layers is whole" in (await admin.get(LOG)).text
    for role in ("editor", "reviewer"):
        assert (await (await desk.person("northmoor", role)).get(LOG)).status_code == 404
    assert "Lee Lead" not in (await (await desk.person("southmere", "lead")).get("/desk/southmere/log")).text


async def test_the_log_goes_back_page_by_page(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead")
    async with desk.database.begin() as session:
        for number in range(150):
            await note(
                session, desk.clock(), "northmoor" if number % 5 else "southmere", "W", "edit", f"card-{number}."
            )
    page, seen = await lead.get(LOG), []
    for _ in range(5):
        seen += re.findall(r"card-(\d+)\.", page.text)
        older = re.search(rf"{LOG}\?before=\d+", page.text)
        if not older:
            break
        page = await lead.get(older[0])
    assert [int(number) for number in seen] == [number for number in range(149, -1, -1) if number % 5]
    for odd in ("0", "-1", "x", str(2**70)):
        assert (await lead.get(LOG, params={"before": odd})).status_code == 422


async def test_an_altered_line_is_told_to_the_admin(desk: DeskApp) -> None:
    admin = await desk.person("national", "admin")
    async with desk.database.begin() as session:
        for number in range(3):
            await note(session, desk.clock(), "northmoor", "W", "sign", f"card-{number}")
        await session.execute(text("DROP TRIGGER audit_no_update"))
        await session.execute(text("UPDATE audit SET who = 'Charlie' WHERE id = 2"))
    page = await admin.get(LOG)
    assert "Line 2 is not as it was written" in page.text
    assert page.status_code == 200


async def test_nothing_a_child_types_is_in_the_log(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead")
    browser = desk.browser()
    await lead.post("/desk/northmoor/door/close", message="door_checking")
    for typed in ("zebrafish marmalade", "i want to kill myself zebrafish"):
        await browser.post("/northmoor/say", data={"text": typed})
    async with desk.database.begin() as session:
        kept = str((await session.execute(text("SELECT * FROM audit"))).all())
    assert "zebrafish" not in kept + (await lead.get(LOG)).text


@pytest.mark.parametrize("act", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit", "DELETE FROM force_setting"])
async def test_what_was_done_cannot_be_changed(own_database: Database, act: str) -> None:
    now = await _one_of_each(own_database)
    with pytest.raises(DBAPIError, match="only added to"):
        async with own_database.begin() as session:
            await session.execute(text(act))
    async with own_database.begin() as session:
        whole, altered = await first_altered(session, AuditRow)
        assert (whole > 0, altered) == (True, None)
        assert (await log_of(session, "northmoor"))[0].at == now


async def _one_of_each(database: Database) -> datetime:
    now = utc_now()
    async with database.begin() as session:
        await close_door(session, operator("tests"), "northmoor", "door_checking", now)
    return now


async def test_two_invitations_at_once_for_one_address_make_one_account(own_database: Database) -> None:
    async def one(layer: str, number: int) -> bool:
        new = NewPerson("editor", f"Ada {number}", "post", NEW["email"])
        try:
            async with own_database.begin() as session:
                forces = release_for(practice=True).forces
                await add(session, operator("tests"), layer, new, forces=forces, practice=True, now=utc_now())
                await asyncio.sleep(0.05)
        except (Mistaken, DBAPIError):
            return False
        return True

    outcomes = await asyncio.gather(
        *(one(layer, at) for at, layer in enumerate(["northmoor", "southmere", "national"]))
    )
    assert sum(outcomes) == 1
    async with own_database.begin() as session:
        assert len(list(await session.scalars(select(Account)))) == 1
        assert len(await log_of(session, None)) == 1


@pytest.mark.parametrize("path", [PEOPLE, LOG, "/desk/northmoor/door"])
async def test_pages_of_the_desk_say_that_it_is_practice_and_work_without_script(desk: DeskApp, path: str) -> None:
    lead = await desk.person("northmoor", "lead")
    page: httpx.Response = await lead.get(path)
    assert page.status_code == 200
    assert "Practice version" in page.text
    assert "(invented)" in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", page.text)
    fields = set(re.findall(r'<(?:input|select)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', page.text))
    assert fields == set(re.findall(r'<label for="([^"]+)"', page.text))
    forms = page.text.count('<form class="stack" method="post" action="/desk') + page.text.count(
        'action="/desk/sign-out"'
    )
    assert page.text.count('name="mark"') == forms
