"""Passkeys without a browser: made and used as they should be, and everything that an attacker may send instead."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select, update

from api.desk.passkey_sign_in import WRONG_PASSKEY
from api.desk.webauthn_ceremony import NotProved, credential_in
from api.main import create_app
from api.records.accounts import AnsweredChallenge, Passkey
from api.records.handovers.retention import sweep
from api.records.marking_people import PEOPLE
from api.records.people import close, operator
from api.web.csrf import COOKIE, form_mark
from api.web.database import Database
from tests.conftest import release_for, settings_for
from tests.console_app import OURS, provider
from tests.desk_app import DeskApp, FakeClock
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.records.test_only_added_to import down
from tests.sign_in import Member, accept, form_of, invitation, log, member, token_in, with_small_hash
from tests.soft_passkey import PRESENT, SoftPasskey

HOST, SITE = "know.example", "https://know.example"
LAYER = f"provider:{OURS}"
_BEFORE = "0009-1"


@asynccontextmanager
async def desk_over(url: str) -> AsyncIterator[DeskApp]:
    """An app whose people reach it as know.example."""
    chosen, clock = settings_for(url, public_url=f"{SITE}:443/"), FakeClock()
    app = create_app(chosen, FakeBrain(), release_for(practice=True), clock)
    async with app.router.lifespan_context(app):
        found = DeskApp(app, clock)
        with_small_hash(found)
        yield found


@pytest.fixture
async def desk(own_sqlite: str) -> AsyncIterator[DeskApp]:
    async with desk_over(own_sqlite) as found:
        yield found


@pytest.fixture
async def on_each(own_url: str) -> AsyncIterator[DeskApp]:
    """The same over each database in turn."""
    async with desk_over(own_url) as found:
        yield found


@dataclass
class Holder:
    """Somebody who has just signed in with password and code, and a passkey in their hand."""

    member: Member
    token: str
    passkey: SoftPasskey
    door: str = "/desk"

    @property
    def here(self) -> str:
        """Their own page."""
        return f"{self.door}/my-sign-in"

    async def asked(self) -> dict[str, Any]:
        """What their page's script is told to ask for."""
        answer = await self.member.browser.get(f"{self.here}/passkey")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def add(self, name: str = "work laptop", **others: Any) -> httpx.Response:
        """Makes the passkey known."""
        asked = await self.asked()
        credential = self.passkey.make(asked["options"], **others.pop("lies", {}))
        data = {"mark": form_mark(self.token), "slip": asked["slip"], "credential": credential, "name": name}
        return await self.member.browser.post(f"{self.here}/passkey", data={**data, **others})

    async def sign_in(self, browser: httpx.AsyncClient | None = None, **others: Any) -> httpx.Response:
        """Signs in with it, in a browser that is not signed in."""
        browser = browser or self.member.desk.browser()
        asked = (await browser.get("/desk/sign-in/passkey")).json()
        data = {"slip": asked["slip"], "credential": self.passkey.prove(asked["options"], **others.pop("lies", {}))}
        return await browser.post("/desk/sign-in/passkey", data={**data, **others})


async def holder(desk: DeskApp, layer: str = "northmoor", role: str = "editor", *, adds: bool = True) -> Holder:
    """Somebody with a passkey of their own, which is known here if it `adds`."""
    joined = await member(desk, layer, role)
    token = token_in(await joined.sign_in()) or ""
    door = "/console" if layer == LAYER else "/desk"
    found = Holder(joined, token, SoftPasskey(SITE, HOST), door)
    assert not adds or (await found.add()).status_code == 303
    return found


async def passkeys(desk: DeskApp) -> list[Passkey]:
    async with desk.database.begin() as session:
        return list(await session.scalars(select(Passkey).order_by(Passkey.id)))


def refused(answer: httpx.Response) -> bool:
    """Not signed in, told so in the one sentence, and no cookie was given."""
    return (answer.status_code, WRONG_PASSKEY in unescape(answer.text), token_in(answer)) == (422, True, None)


async def test_a_passkey_is_made_listed_used_and_removed(on_each: DeskApp) -> None:
    somebody = await holder(on_each)
    done = await somebody.sign_in(next="/desk/northmoor/sign")
    assert (done.status_code, done.headers["location"]) == (303, "/desk/northmoor/sign")
    page = await somebody.member.browser.get(somebody.here)
    for said in ("work laptop", "Last used on", "Remove this passkey: work laptop"):
        assert said in page.text
    (kept,) = await passkeys(on_each)
    gone = await somebody.member.browser.post(
        f"{somebody.here}/passkeys/{kept.id}/remove", data={"mark": form_mark(somebody.token)}
    )
    assert gone.status_code == 303
    assert refused(await somebody.sign_in())
    assert [line[1:] for line in await log(on_each)][2:] == [
        ("add passkey", "work laptop"),
        ("sign in", "with a passkey"),
        ("remove passkey", "work laptop"),
    ]


async def test_what_a_browser_is_asked_for_needs_a_person_and_names_nobody(desk: DeskApp) -> None:
    somebody = await holder(desk)
    asked = (await desk.browser().get("/desk/sign-in/passkey")).json()["options"]
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == (HOST, "required", [])
    made = (await somebody.asked())["options"]
    chosen = made["authenticatorSelection"]
    assert (made["rp"]["id"], chosen["userVerification"], chosen["residentKey"]) == (HOST, "required", "required")
    assert [one["id"] for one in made["excludeCredentials"]] == [(await passkeys(desk))[0].credential]
    assert made["attestation"] == "none"


async def test_an_answer_counts_once(on_each: DeskApp) -> None:
    somebody, browser = await holder(on_each), on_each.browser()
    for steps in (1, 0):
        # One that never counts, as those that are copied between devices, is held by the challenge alone.
        somebody.passkey.steps = steps
        somebody.passkey.count = steps * 7
        if not steps:
            somebody = await holder(on_each)
            somebody.passkey.steps = 0
        asked = (await browser.get("/desk/sign-in/passkey")).json()
        data = {"slip": asked["slip"], "credential": somebody.passkey.prove(asked["options"])}
        answers = await asyncio.gather(*(on_each.browser().post("/desk/sign-in/passkey", data=data) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
        assert refused(await on_each.browser().post("/desk/sign-in/passkey", data=data))


async def test_an_old_challenge_and_one_of_another_purpose_are_refused(desk: DeskApp) -> None:
    somebody, browser = await holder(desk), desk.browser()
    asked, other = (
        (await browser.get("/desk/sign-in/passkey")).json(),
        (await browser.get("/desk/sign-in/passkey")).json(),
    )
    made = await somebody.asked()
    for slip, options in ((other["slip"], asked["options"]), (made["slip"], made["options"]), ("", asked["options"])):
        data = {"slip": slip, "credential": somebody.passkey.prove(options)}
        assert refused(await browser.post("/desk/sign-in/passkey", data=data))
    desk.clock.move(minutes=5, seconds=1)
    data = {"slip": asked["slip"], "credential": somebody.passkey.prove(asked["options"])}
    assert refused(await browser.post("/desk/sign-in/passkey", data=data))
    assert (await somebody.sign_in()).status_code == 303


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "https://know.example.evil.example"},
        {"origin": "http://know.example"},
        {"origin": "https://know.example:8443"},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
    ],
)
async def test_what_was_said_to_another_site_is_refused(desk: DeskApp, lies: dict[str, str]) -> None:
    somebody = await holder(desk)
    assert refused(await somebody.sign_in(lies=lies))


@pytest.mark.parametrize(
    "changed", [{"host": "evil.example"}, {"flags": PRESENT}, {"flags": 0x04}, {"count": -3, "steps": 3}]
)
async def test_another_name_nobody_verified_nobody_there_and_a_count_that_goes_back(
    desk: DeskApp, changed: dict[str, Any]
) -> None:
    somebody = await holder(desk)
    somebody.passkey.count = 10
    assert (await somebody.sign_in()).status_code == 303
    before = somebody.passkey.count
    somebody.passkey = replace(somebody.passkey, **changed)
    assert refused(await somebody.sign_in())
    somebody.passkey = replace(somebody.passkey, host=HOST, flags=0x05, steps=1, count=before)
    assert (await somebody.sign_in()).status_code == 303


async def test_anothers_credential_and_anothers_handle_prove_nothing(desk: DeskApp) -> None:
    somebody, charlie = await holder(desk), await holder(desk, "southmere", "lead")
    stolen = replace(charlie.passkey, credential=somebody.passkey.credential)
    assert refused(await replace(somebody, passkey=stolen).sign_in())
    bent = replace(charlie.passkey, handle=somebody.passkey.handle)
    assert refused(await replace(charlie, passkey=bent).sign_in())
    assert refused(await replace(somebody, passkey=SoftPasskey(SITE, HOST)).sign_in())
    assert (await charlie.sign_in(next="/desk/northmoor")).headers["location"] == "/desk/northmoor"
    browser = desk.browser()
    await charlie.sign_in(browser)
    assert (await browser.get("/desk/northmoor")).status_code == 404


async def test_a_closed_account_and_an_invitation_end_every_passkey_at_once(on_each: DeskApp) -> None:
    somebody, again = await holder(on_each), await holder(on_each)
    async with on_each.database.begin() as session:
        account = await session.get_one(type(somebody.member.account), somebody.member.account.id)
        await close(session, operator("tests"), account, on_each.clock())
    assert refused(await somebody.sign_in())
    await accept(on_each, on_each.browser(), await invitation(on_each, again.member.account))
    assert refused(await again.sign_in())
    assert not await passkeys(on_each)


async def test_a_passkey_of_one_door_opens_nothing_behind_the_other(desk: DeskApp) -> None:
    await provider(desk)
    editor, advocate = await holder(desk), await holder(desk, LAYER, "advocate")
    for somebody, theirs, wanted in ((editor, "/desk", "/console"), (advocate, "/console", "/desk")):
        browser = desk.browser()
        done = await somebody.sign_in(browser, next=f"{wanted}/my-sign-in")
        assert done.headers["location"] == theirs
        token = token_in(done) or ""
        other = await desk.browser(**{COOKIE: token}).get(wanted)
        assert other.headers["location"].startswith("/desk/sign-in")
        draft = {"to": f"{wanted}/settings", "kept:words": "mine"}
        asked = (await browser.get("/desk/sign-in/passkey")).json()
        proof = {"slip": asked["slip"], "credential": somebody.passkey.prove(asked["options"])}
        page = await desk.browser().post("/desk/sign-in/again", data={**draft, **proof})
        assert (page.status_code, token_in(page)) == (422, None)
        assert form_of(page, "/desk/sign-in/again").values["kept:words"] == "mine"


async def test_a_form_whose_sign_in_had_ended_is_sent_on_after_a_passkey(desk: DeskApp) -> None:
    somebody, browser = await holder(desk), desk.browser()
    asked = (await browser.get("/desk/sign-in/passkey")).json()
    proof = {"slip": asked["slip"], "credential": somebody.passkey.prove(asked["options"])}
    page = await browser.post("/desk/sign-in/again", data={"to": "/desk/northmoor/x", "kept:words": "mine", **proof})
    assert page.status_code == 200
    assert form_of(page, "/desk/northmoor/x").values["words"] == "mine"


async def test_another_site_can_neither_sign_anybody_in_nor_add_a_passkey(desk: DeskApp) -> None:
    somebody, browser = await holder(desk, adds=False), desk.browser()
    assert (await somebody.add(mark="")).status_code == 403
    assert (await somebody.add(mark=form_mark("another"))).status_code == 403
    assert not await passkeys(desk)
    await somebody.add()
    browser.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await somebody.sign_in(browser)).status_code == 403


@pytest.mark.parametrize(
    "lies", [{"origin": "https://evil.example"}, {"type": "webauthn.get"}, {"challenge": "AAAA"}, {"slip": "made up"}]
)
async def test_a_passkey_that_proves_nothing_is_not_kept(desk: DeskApp, lies: dict[str, str]) -> None:
    somebody = await holder(desk, adds=False)
    said, others = lies, {}
    if "slip" in lies:
        said, others = {}, lies
    told = await somebody.add(lies=said, **others)
    assert told.status_code == 422
    assert "No passkey was kept" in told.text
    somebody.passkey.flags = PRESENT
    assert (await somebody.add()).status_code == 422
    assert not await passkeys(desk)


async def test_an_answer_for_one_account_is_not_kept_for_another_and_none_twice(on_each: DeskApp) -> None:
    somebody, charlie = await holder(on_each, adds=False), await holder(on_each, "southmere", "lead", adds=False)
    asked = await somebody.asked()
    data = {"slip": asked["slip"], "credential": charlie.passkey.make(asked["options"]), "name": "mine"}
    theirs = {**data, "mark": form_mark(charlie.token)}
    assert (await charlie.member.browser.post(charlie.here + "/passkey", data=theirs)).status_code == 422
    ours = {**data, "mark": form_mark(somebody.token)}
    assert (await somebody.member.browser.post(somebody.here + "/passkey", data=ours)).status_code == 303
    assert (await somebody.member.browser.post(somebody.here + "/passkey", data=ours)).status_code == 422
    assert (await charlie.add()).status_code == 409
    assert [one.account_id for one in await passkeys(on_each)] == [somebody.member.account.id]


async def test_charlie_removes_nobodys_passkey(desk: DeskApp) -> None:
    somebody, charlie = await holder(desk), await holder(desk, "southmere", "lead")
    (kept, _) = await passkeys(desk)
    for number in (kept.id, kept.id + 999):
        answer = await charlie.member.browser.post(
            f"/desk/my-sign-in/passkeys/{number}/remove", data={"mark": form_mark(charlie.token)}
        )
        assert answer.status_code == 404
    assert "work laptop" in (await somebody.member.browser.get(somebody.here)).text
    assert somebody.member.email not in (await charlie.member.browser.get(charlie.here)).text
    assert (await somebody.sign_in()).status_code == 303


async def test_after_ten_minutes_somebody_proves_again_who_they_are(desk: DeskApp) -> None:
    somebody = await holder(desk)
    (kept,) = await passkeys(desk)
    desk.clock.move(minutes=10, seconds=1)
    page = await somebody.member.browser.get(somebody.here)
    assert "Remove this passkey" not in page.text
    assert form_of(page, "/desk/sign-in").values["next"] == somebody.here
    asked = await somebody.asked()
    other = SoftPasskey(SITE, HOST)
    data = {"slip": asked["slip"], "credential": other.make(asked["options"]), "name": "thief"}
    mark = {"mark": form_mark(somebody.token)}
    for path, sent in (("passkey", data), (f"passkeys/{kept.id}/remove", {})):
        answer = await somebody.member.browser.post(f"{somebody.here}/{path}", data={**mark, **sent})
        assert answer.status_code == 403
        assert "more than ten minutes" in answer.text
    assert len(await passkeys(desk)) == 1
    done = await somebody.sign_in(somebody.member.browser, next=somebody.here)
    assert done.headers["location"] == somebody.here
    mark = {"mark": form_mark(token_in(done) or "")}
    gone = await somebody.member.browser.post(f"{somebody.here}/passkeys/{kept.id}/remove", data=mark)
    assert gone.status_code == 303
    assert not await passkeys(desk)


async def test_names_are_lines_and_there_are_ten_at_most(on_each: DeskApp) -> None:
    somebody = await holder(on_each)
    for name in ("", "  ", "x" * 61, "a\x00b"):
        somebody.passkey = SoftPasskey(SITE, HOST)
        told = await somebody.add(name)
        assert told.status_code == 422
        assert 'aria-invalid="true"' in told.text
    for number in range(9):
        somebody.passkey = SoftPasskey(SITE, HOST)
        assert (await somebody.add(f"key  {number}")).status_code == 303
    somebody.passkey = SoftPasskey(SITE, HOST)
    assert (await somebody.add()).status_code == 409
    assert [one.name for one in await passkeys(on_each)] == ["work laptop", *(f"key {number}" for number in range(9))]


async def test_whoever_has_no_password_here_makes_no_passkey(desk: DeskApp) -> None:
    vouched_for = await desk.person("northmoor", "editor")
    assert (await vouched_for.get("/desk/my-sign-in/passkey")).status_code == 404
    page = await vouched_for.get("/desk/my-sign-in")
    assert "You sign in with your force's own account" in page.text
    assert "Make a passkey" not in page.text


async def test_answered_challenges_go_on_their_date(on_each: DeskApp) -> None:
    async def kept() -> list[AnsweredChallenge]:
        async with on_each.database.begin() as session:
            return list(await session.scalars(select(AnsweredChallenge)))

    await (await holder(on_each)).sign_in()
    assert len(await kept()) == 2
    on_each.clock.move(minutes=5, seconds=1)
    await sweep(on_each.database, doors(on_each.app).console.handover_context, on_each.clock())
    assert not await kept()


async def test_many_wrong_passwords_stop_no_passkey(desk: DeskApp) -> None:
    somebody = await holder(desk)
    for _ in range(20):
        await somebody.member.first_step(password="guess")
    assert (await somebody.member.first_step()).status_code == 429
    assert (await somebody.sign_in()).status_code == 303


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://know.example", "https://10.0.0.1", "https://[::1]"])
async def test_where_browsers_make_none_nothing_is_offered(own_sqlite: str, url: str) -> None:
    app = create_app(settings_for(own_sqlite, public_url=url), FakeBrain(), release_for(practice=True))
    async with app.router.lifespan_context(app):
        browser = DeskApp(app, FakeClock()).browser()
        assert (await browser.get("/desk/sign-in/passkey")).status_code == 404
        assert "passkey" not in (await browser.get("/desk/sign-in")).text
        assert refused(await browser.post("/desk/sign-in/passkey", data={"slip": "x", "credential": "{}"}))


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=8) | some.just("AAAA"),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "userHandle")


async def test_nothing_that_somebody_makes_up_is_a_fault_of_ours(desk: DeskApp) -> None:
    somebody, browser = await holder(desk), desk.browser()
    ceremony = doors(desk.app).locks.ceremony
    (kept,) = await passkeys(desk)
    asked = ceremony.ask_to_sign_in(desk.clock())
    right = json.loads(somebody.passkey.prove(asked.options))

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(some.sampled_from(FIELDS), anything)
    def bent(name: str, value: object) -> None:
        inner = {**right["response"], **({name: value} if name in right["response"] else {})}
        answer = {**right, "response": inner, **({name: value} if name in right else {})}
        for text in (json.dumps(answer), json.dumps(value)):
            for judge in (lambda text: ceremony.used(asked.slip, text, kept, desk.clock()), credential_in):
                with suppress(NotProved):
                    judge(text)

    bent()
    for made_up in ("", "{}", "[]", "null", '{"id": 7}', '{"id": "\\u0000"}', "[" * 5_000, '{"id": "' + "x" * 9_000):
        assert refused(await browser.post("/desk/sign-in/passkey", data={"slip": asked.slip, "credential": made_up}))


def test_a_downgrade_refuses_to_drop_passkeys(own_url: str) -> None:
    async def one_passkey() -> None:
        async with desk_over(own_url) as desk:
            await holder(desk)
            # The step back over marks refuses before this one would.
            async with desk.database.begin() as session:
                for table in PEOPLE.values():
                    await session.execute(update(table).values(mark=None))

    async def left() -> int:
        database = Database(settings_for(own_url))
        async with database.begin() as session:
            found = len(list(await session.scalars(select(Passkey))))
        await database.close()
        return found

    asyncio.run(one_passkey())
    with pytest.raises(RuntimeError, match="There are passkeys"):
        down(own_url, _BEFORE)
    assert asyncio.run(left()) == 1
