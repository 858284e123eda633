"""The console's doorway: one sign-in for two doors, what each opens, and what supervisors look after."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from api.console import console_access as console_guard
from api.desk.desk_access import from_here
from api.records.accounts import Account
from api.records.handovers.providers import typed_of
from api.records.handovers.tables import Provider
from api.records.handovers.webhooks import PURPOSE
from api.records.letters import Letter
from api.web.ciphers import Cipher
from api.web.csrf import COOKIE, form_mark
from tests.conftest import LIVE_SECRET
from tests.console_app import OURS, THEIRS, advocate_in, person, provider
from tests.desk_app import DeskApp, Person, desk_app
from tests.doors import doors
from tests.routes import ROUTES
from tests.sign_in import (
    PASSWORD,
    Member,
    accept,
    app_on,
    form_of,
    invitation,
    log,
    member,
    token_in,
    with_small_hash,
)

LAYER = f"provider:{OURS}"
NOT_POLICE = "You are not police. The child can see your name."
NAMED = {"number": "1", "doing": "close", "ref": "abc", "key": "hello", "card": "hello"}


def addresses(door: str) -> list[tuple[str, str]]:
    """Every method and address of a door that asks who is there."""
    return sorted(
        {(method, _filled(route.path)) for route in _routes() for method in route.methods if _is(route, door)}
    )


def _routes() -> Iterator[APIRoute]:
    yield from (route for router in ROUTES for route in router.routes if isinstance(route, APIRoute))


def _is(route: APIRoute, door: str) -> bool:
    guarded = from_here not in {dependency.call for dependency in route.dependant.dependencies}
    return guarded and (route.path == door or route.path.startswith(f"{door}/"))


def _filled(path: str) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: {"layer": "northmoor", **NAMED}.get(found[1], "1"), path)


@pytest.fixture
async def desk(desk: DeskApp) -> DeskApp:
    with_small_hash(desk)
    return desk


@pytest.fixture
async def supervisor(desk: DeskApp, ours: Provider) -> Person:
    return await person(desk, OURS, "supervisor", "Sue")


async def stored(desk: DeskApp, number: int) -> Account:
    async with desk.database.begin() as session:
        return await session.get_one(Account, number)


async def kept(desk: DeskApp, slug: str = OURS) -> Provider:
    async with desk.database.begin() as session:
        found = await session.scalar(select(Provider).where(Provider.slug == slug))
    assert found
    return found


def cookie_of(answer: httpx.Response) -> str:
    """The cookie that an answer sets, as it is sent."""
    return answer.headers["set-cookie"].lower()


async def test_an_advocate_joins_and_the_console_is_theirs(desk: DeskApp, ours: Provider) -> None:
    account, browser = await desk.account(LAYER, "advocate", "Ann"), desk.browser()
    address = await invitation(desk, account)
    page = await browser.get(address)
    assert "Welcome to the console, Ann" in page.text
    assert ours.name in page.text
    assert "They will see your name as it stands here, Ann" in page.text
    answer, _ = await accept(desk, browser, address)
    assert answer.status_code == 200
    assert 'href="/console"' in answer.text
    assert "path=/;" in cookie_of(answer)
    home = await browser.get("/console")
    assert home.status_code == 200
    for said in (NOT_POLICE, "Sign out (Ann)", "Practice version"):
        assert said in home.text
    assert (await browser.get("/desk")).headers["location"].startswith("/desk/sign-in")


async def test_one_sign_in_leads_everybody_to_their_own_door(desk: DeskApp, ours: Provider) -> None:
    advocate, editor = await member(desk, LAYER, "advocate"), await member(desk, "northmoor", "editor")
    for who, path in ((advocate, "/console"), (editor, "/desk")):
        answer = await who.sign_in()
        assert answer.headers["location"] == path
        cookie = cookie_of(answer)
        assert "path=/;" in cookie
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
    assert (await advocate.browser.get("/console")).status_code == 200
    assert (await editor.browser.get("/console")).headers["location"] == "/desk/sign-in?next=%2Fconsole"


@pytest.mark.parametrize(
    ("role", "wanted", "to"),
    [
        ("supervisor", "/console/people?at=1", "/console/people?at=1"),
        ("supervisor", "/desk/northmoor/log", "/console"),
        ("supervisor", "https://evil.example/console", "/console"),
        ("supervisor", "/consoleevil", "/console"),
        ("supervisor", "/console/../desk", "/console"),
        ("editor", "/console/people", "/desk"),
        ("editor", "/desk/northmoor/log", "/desk/northmoor/log"),
    ],
)
async def test_next_leads_through_ones_own_door_alone(
    desk: DeskApp, ours: Provider, role: str, wanted: str, to: str
) -> None:
    who = await member(desk, "northmoor" if role == "editor" else LAYER, role)
    code = who.next_code()
    slip = dict(form_of(await who.first_step(next=wanted), "/desk/sign-in/code").fields)["slip"]
    assert (await who.second_step(slip, code)).headers["location"] == to


async def test_somebody_of_the_desk_can_sign_in_at_the_console_as_another(desk: DeskApp, ours: Provider) -> None:
    editor = await desk.person("northmoor", "editor")
    assert (await editor.get("/desk/sign-in")).status_code == 303
    assert (await editor.get("/desk/sign-in", params={"next": "/console"})).status_code == 200


async def refused(browser: httpx.AsyncClient, method: str, path: str, token: str) -> None:
    """Whoever holds this token is nobody at this address."""
    data = {"mark": form_mark(token)} if method == "POST" else None
    answer = await browser.request(method, path, data=data)
    if method == "POST":
        assert answer.status_code == 401, path
    else:
        assert (answer.status_code, answer.headers["location"][:13]) == (303, "/desk/sign-in"), path


async def test_a_cookie_of_one_door_opens_nothing_behind_the_other(desk: DeskApp, supervisor: Person) -> None:
    assert ("POST", "/console/people/1/close") in addresses("/console")
    assert ("POST", "/console/sign-out") in addresses("/console")
    for role, layer in (("lead", "northmoor"), ("admin", "national"), ("editor", "national")):
        somebody = await desk.person(layer, role)
        for method, path in addresses("/console"):
            await refused(somebody.browser, method, path, somebody.token)
    assert len(addresses("/desk")) > 25
    for method, path in addresses("/desk"):
        await refused(supervisor.browser, method, path, supervisor.token)
    assert [what for _, what, _ in await log(desk, "northmoor")] == ["name provider"]


async def test_a_form_without_the_mark_of_this_sign_in_is_refused(desk: DeskApp, supervisor: Person) -> None:
    for method, path in addresses("/console"):
        if method == "POST":
            for mark in ("", "0" * 64, form_mark("another token")):
                assert (await supervisor.browser.post(path, data={"mark": mark})).status_code == 403, path
    assert (await supervisor.get("/console")).status_code == 200


async def test_signing_out_ends_this_sign_in(desk: DeskApp, supervisor: Person) -> None:
    out = await supervisor.post("/console/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/desk/sign-in")
    assert "path=/" in cookie_of(out)
    await refused(desk.browser(**{COOKIE: supervisor.token}), "GET", "/console", supervisor.token)
    assert ("Sue", "sign out", "own account") in await log(desk, LAYER)


async def again(who: Member, page: httpx.Response) -> httpx.Response:
    """Signs in on the page of a form whose sign-in had ended."""
    right = {"email": who.email, "password": PASSWORD, "code": who.next_code()}
    values = form_of(page, "/desk/sign-in/again").values
    return await who.browser.post("/desk/sign-in/again", data={**values, **right})


async def test_an_idle_lock_never_loses_what_was_typed(desk: DeskApp, ours: Provider) -> None:
    who = await member(desk, LAYER, "supervisor", "Sue")
    old = token_in(await who.sign_in()) or ""
    typed = {**typed_of(ours), "mon": "10:00-11:00", "lead": "Line one\nline <b>two</b>"}
    desk.clock.move(minutes=31)
    locked = await who.browser.post("/console/settings", data={"mark": form_mark(old), **typed})
    assert locked.status_code == 401
    signed_in = await again(who, locked)
    assert signed_in.status_code == 200
    assert "path=/;" in cookie_of(signed_in)
    assert 'href="/console"' in signed_in.text
    form = form_of(signed_in, "/console/settings")
    assert (await who.browser.post(form.action, data=form.values)).status_code == 303
    found = await kept(desk)
    assert found.opening_hours.text("mon") == "10:00-11:00"
    assert found.lead == "Line one\nline <b>two</b>"


async def test_signing_in_on_another_tab_does_not_lose_what_this_one_holds(desk: DeskApp, ours: Provider) -> None:
    who = await member(desk, LAYER, "supervisor", "Sue")
    old = token_in(await who.sign_in()) or ""
    await who.sign_in()
    typed = {"mark": form_mark(old), "lead": "typed before"}
    page = await who.browser.post("/console/settings", data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert page.status_code == 409
    form = form_of(page, "/console/settings")
    assert (await who.browser.post(form.action, data=form.values)).status_code == 303
    assert (await kept(desk)).lead == "typed before"


async def test_a_draft_waits_for_somebody_of_its_own_door(desk: DeskApp, ours: Provider) -> None:
    who, editor = await member(desk, LAYER, "supervisor"), await member(desk, "northmoor", "editor")
    old = token_in(await who.sign_in()) or ""
    desk.clock.move(minutes=31)
    locked = await who.browser.post("/console/settings", data={"mark": form_mark(old), "lead": "mine"})
    other = await again(editor, locked)
    assert other.status_code == 422
    assert "this account has none" in other.text
    assert token_in(other) is None
    signed_in = await again(who, other)
    assert form_of(signed_in, "/console/settings").values["lead"] == "mine"


async def test_advocates_look_after_nothing(desk: DeskApp, supervisor: Person) -> None:
    ann = await person(desk, OURS, "advocate", "Ann")
    assert [(await advocate_in(desk, one)).supervisor for one in (ann, supervisor)] == [False, True]
    home = await ann.get("/console")
    for path in ("/console/people", "/console/settings"):
        assert path not in home.text
        assert path in (await supervisor.get("/console")).text
    routes = [
        (method, path)
        for method, path in addresses("/console")
        if path.startswith(("/console/people", "/console/settings"))
    ]
    assert len(routes) >= 6
    for method, path in routes:
        answer = await (ann.post(path, keep_days="90") if method == "POST" else ann.get(path))
        assert answer.status_code == 404, path


async def test_every_supervisors_page_is_guarded_as_one() -> None:
    for route in _routes():
        if route.path.startswith(("/console/people", "/console/settings")):
            calls = {dependency.call for dependency in route.dependant.dependencies}
            assert console_guard.supervising in calls, route.path


async def test_charlie_of_another_provider_finds_nobody(desk: DeskApp, supervisor: Person) -> None:
    await provider(desk, THEIRS, ("southmere",))
    charlie = await person(desk, THEIRS, "supervisor", "Charlie")
    ann = await person(desk, OURS, "advocate", "Ann Ours")
    page = await charlie.get("/console/people")
    assert "Ann Ours" not in page.text
    assert OURS not in page.text
    for one in (ann, supervisor):
        for doing in ("close", "reopen", "invite"):
            path = f"/console/people/{one.account.id}/{doing}"
            ghost = f"/console/people/{one.account.id + 999}/{doing}"
            answer, nobody = await charlie.post(path), await charlie.post(ghost)
            assert answer.status_code == nobody.status_code == 404
            assert answer.text == nobody.text
        assert (await stored(desk, one.account.id)).closed_at is None
        assert (await one.get("/console")).status_code == 200
    assert len(await log(desk, LAYER)) == 2


async def test_a_supervisor_adds_an_advocate_and_the_link_is_shown_once(desk: DeskApp, supervisor: Person) -> None:
    page = await supervisor.post("/console/people", name="Ann", email="Ann@voices.example", role="supervisor")
    assert page.status_code == 200
    link = re.search(r"/desk/invitation/[\w-]{40,}", page.text)
    assert link
    assert link[0] not in (await supervisor.get("/console/people")).text
    async with desk.database.begin() as session:
        added = await session.scalar(select(Account).where(Account.email == "ann@voices.example"))
    assert added
    assert (added.layer, added.role, added.name) == (LAYER, "advocate", "Ann")
    opened = await desk.browser().get(link[0])
    assert "Welcome to the console, Ann" in opened.text
    assert app_on(opened)
    assert "What children see" in page.text


async def test_what_is_wrong_stands_by_its_field_and_what_was_typed_stays(desk: DeskApp, supervisor: Person) -> None:
    await person(desk, OURS, "advocate", "Ann")
    page = await supervisor.post("/console/people", name="ann", email="no address")
    assert page.status_code == 422
    form = form_of(page, "/console/people")
    assert (form.values["name"], form.values["email"]) == ("ann", "no address")
    faults = [name for name, has in form.attributes.items() if "aria-invalid" in has]
    assert faults == ["email"]
    page = await supervisor.post("/console/people", name="ann", email="new@voices.example")
    assert page.status_code == 422
    assert "tell you apart" in page.text
    assert form_of(page, "/console/people").attributes["name"]["aria-describedby"] == "name-help fault-name"


async def test_a_closed_account_is_out_at_once_and_comes_back_as_the_same(desk: DeskApp, supervisor: Person) -> None:
    ann = await person(desk, OURS, "advocate", "Ann")
    here = f"/console/people/{ann.account.id}"
    assert (await ann.get("/console")).status_code == 200
    assert (await supervisor.post(f"{here}/close")).status_code == 303
    await refused(ann.browser, "GET", "/console", ann.token)
    assert (await supervisor.post(f"{here}/close")).status_code == 409
    assert (await supervisor.post(f"{here}/invite")).status_code == 409
    back = await supervisor.post(f"{here}/reopen")
    assert "/desk/invitation/" in back.text
    assert (await stored(desk, ann.account.id)).closed_at is None
    await refused(ann.browser, "GET", "/console", ann.token)
    assert "/desk/invitation/" in (await supervisor.post(f"{here}/invite")).text
    whats = [what for who, what, _ in await log(desk, LAYER) if who == "Sue"]
    assert whats == ["close account", "reopen account", "invite again"]


async def test_a_supervisor_decides_over_advocates_alone(desk: DeskApp, supervisor: Person) -> None:
    other = await person(desk, OURS, "supervisor", "Sid")
    for one in (other, supervisor):
        for doing in ("close", "invite"):
            assert (await supervisor.post(f"/console/people/{one.account.id}/{doing}")).status_code == 409
    assert (await other.get("/console")).status_code == 200
    page = await supervisor.get("/console/people")
    assert f"/console/people/{other.account.id}/close" not in page.text


async def test_settings_are_kept_and_faults_keep_what_was_typed(desk: DeskApp, supervisor: Person) -> None:
    page = await supervisor.get("/console/settings")
    values = form_of(page, "/console/settings").values
    assert values["mon"] == "00:00-24:00"
    wrong = await supervisor.post("/console/settings", mon="nine to five", keep_days="91", name="New (invented)")
    assert wrong.status_code == 422
    form = form_of(wrong, "/console/settings")
    assert (form.values["mon"], form.values["keep_days"], form.values["name"]) == (
        "nine to five",
        "91",
        "New (invented)",
    )
    invalid = {name for name, has in form.attributes.items() if "aria-invalid" in has}
    assert invalid == {"mon", "keep_days"}
    assert 'href="#mon"' in wrong.text
    assert (await kept(desk)).keep_days == 7
    done = await supervisor.post("/console/settings", mon="09:00-17:00", keep_days="14", closed_days="2026-12-25\r\n")
    assert done.status_code == 303
    found = await kept(desk)
    assert (found.keep_days, found.opening_hours.text("mon"), found.opening_hours.text("tue")) == (
        14,
        "09:00-17:00",
        "00:00-24:00",
    )
    assert "Kept." in (await supervisor.get(done.headers["location"])).text


async def test_the_secret_of_their_own_system_is_shown_once(desk: DeskApp, supervisor: Person) -> None:
    wrong = await supervisor.post("/console/settings/hook", hook_url="http://10.0.0.1/")
    assert wrong.status_code == 422
    assert form_of(wrong, "/console/settings/hook").values["hook_url"] == "http://10.0.0.1/"
    page = await supervisor.post("/console/settings/hook", hook_url="https://rota.example.org/waits")
    assert page.status_code == 200
    secret = page.text.partition("<code>")[2].partition("</code>")[0]
    found = await kept(desk)
    cipher = Cipher.of(doors(desk.app).console.settings, PURPOSE)
    assert cipher.open(found.hook_secret or "") == secret
    later = await supervisor.get("/console/settings")
    assert secret not in later.text
    assert "https://rota.example.org/waits" in later.text
    taken = await supervisor.post("/console/settings/hook", hook_url="")
    assert "<code>" not in taken.text
    assert (await kept(desk)).hook_secret is None


@pytest.mark.parametrize("path", ["/console/people", "/console/settings"])
async def test_pages_say_who_is_not_police_and_work_without_script(supervisor: Person, path: str) -> None:
    page = await supervisor.get(path)
    assert page.status_code == 200
    assert NOT_POLICE in page.text
    assert "Practice version" in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|https?://(?!rota)", page.text)
    fields = re.findall(r'<(?:input|textarea|select)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', page.text)
    assert len(fields) == len(set(fields))
    assert set(fields) == set(re.findall(r'<label for="([^"]+)"', page.text))
    for ids in re.findall(r'aria-describedby="([^"]+)"', page.text):
        for one in ids.split():
            assert f'id="{one}"' in page.text, one
    assert page.text.count('name="mark"') == page.text.count('method="post"')


async def test_a_national_admin_looks_after_the_people_of_a_provider_at_the_desk(desk: DeskApp, ours: Provider) -> None:
    admin, lead = await desk.person("national", "admin", "Nan"), await desk.person("northmoor", "lead")
    people = f"/desk/{LAYER}/people"
    page = await admin.get(people)
    assert page.status_code == 200
    assert f"{ours.name}: people" in page.text
    assert "There is no supervisor here yet" in page.text
    added = await admin.post(people, role="supervisor", name="Sue", email="sue@voices.example")
    assert "/desk/invitation/" in added.text
    assert people in (await admin.get("/desk/national/people")).text
    async with desk.database.begin() as session:
        sue = await session.scalar(select(Account).where(Account.email == "sue@voices.example"))
    assert sue
    one = f"{people}/{sue.id}"
    assert "Name as deputy" not in (await admin.get(one)).text
    today = str(desk.clock().date())
    assert (await admin.post(f"{one}/deputy", starts=today, ends=today)).status_code == 409
    assert (await admin.post(f"{one}/change", role="advocate", post="duty")).status_code == 303
    assert (await admin.post(f"{one}/change", role="lead", post="duty")).status_code == 422
    assert (await admin.post(f"{one}/close")).status_code == 303
    assert ("Nan", "close account", "Sue") in await log(desk, LAYER)
    assert "changed a role or post" in (await admin.get(f"/desk/{LAYER}/log")).text
    for path in (people, one, f"/desk/{LAYER}/log", f"/desk/{LAYER}/letters", f"/desk/{LAYER}"):
        assert (await lead.get(path)).status_code == 404, path
    for path in ("/desk/provider:nobody/people", "/desk/provider:/people", f"/desk/{LAYER}", f"/desk/{LAYER}/sign"):
        assert (await admin.get(path)).status_code == 404, path


async def test_a_letter_invites_an_advocate_to_the_console(sqlite_url: str, tmp_path: Path) -> None:
    mail = {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "know@know.example"}
    async with desk_app(sqlite_url, tmp_path, **mail) as desk:
        await provider(desk)
        supervisor = await person(desk, OURS, "supervisor")
        page = await supervisor.post("/console/people", name="Ann", email="ann@voices.example")
        assert "/desk/invitation/" not in page.text
        admin = await desk.person("national", "admin")
        assert "ann@voices.example" in (await admin.get(f"/desk/{LAYER}/letters")).text
        async with desk.database.begin() as session:
            letter = await session.scalar(select(Letter).where(Letter.email == "ann@voices.example"))
        assert letter
        assert "console" in letter.subject
        assert "not police" in letter.body
        assert "/desk/invitation/" in letter.body


async def test_in_live_mode_nobody_of_an_invented_provider_is_in(sqlite_url: str, tmp_path: Path) -> None:
    async with desk_app(sqlite_url, tmp_path) as desk:
        with_small_hash(desk)
        await provider(desk)
        invented = await person(desk, OURS, "supervisor")
        desk_url = doors(desk.app).console.settings.database_url
        assert (await invented.get("/console")).status_code == 200
    (tmp_path / "live").mkdir()
    async with desk_app(desk_url, tmp_path / "live", mode="live", secret=LIVE_SECRET) as live:
        with_small_hash(live)
        await refused(live.browser(**{live.cookie: invented.token}), "GET", "/console", invented.token)
        await provider(live, "real", ("kent",))
        advocate = await member(live, "provider:real", "advocate", "Ann")
        answer = await advocate.sign_in()
        assert cookie_of(answer).startswith("__host-desk=")
        assert "secure" in cookie_of(answer)
        assert "path=/;" in cookie_of(answer)
        assert "domain" not in cookie_of(answer)
        # Another host of the same site can plant a cookie of a plain name: nobody reads one.
        token = answer.cookies.get("__Host-desk") or cookie_of(answer).partition("=")[2].partition(";")[0]
        await refused(live.browser(**{COOKIE: token}), "GET", "/console", token)
