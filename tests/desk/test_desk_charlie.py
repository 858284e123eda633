"""Charlie works for another force. In every role, at every address of the desk, there is nothing there for Charlie."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute

from api.records.accounts import Delegation
from api.web.csrf import COOKIE, form_mark
from tests.desk_app import DeskApp, Person, desk_app
from tests.doors import doors
from tests.routes import ROUTES

OURS, THEIRS = "northmoor", "southmere"
# Whatever an address may name: a card, a person, a letter, a line of the log.
NAMED = {"key": "bodycam", "doing": "approve", "person": "1", "account": "1", "letter": "1", "id": "1"}


def addresses() -> Iterator[tuple[str, str]]:
    """Every method and address of the desk that belongs to one layer, as our force has it."""
    for router in ROUTES:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.path.startswith("/desk/{layer}"):
                path = re.sub(
                    r"\{(\w+)(?::\w+)?\}", lambda found: {"layer": OURS, **NAMED}.get(found[1], "1"), route.path
                )
                yield from ((method, path) for method in sorted(route.methods))


@pytest.fixture(scope="module")
async def desk(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DeskApp]:
    async with desk_app(sqlite_url, tmp_path_factory.mktemp("charlie")) as found:
        yield found


@pytest.fixture(scope="module")
async def charlies(desk: DeskApp) -> dict[str, Person]:
    """Everybody who is not of our force: each role of another force, a deputy there, and the national people."""
    found = {role: await desk.person(THEIRS, role, f"Charlie {role}") for role in ("editor", "reviewer", "lead")}
    found["deputy"] = await desk.person(THEIRS, "editor", "Charlie deputy")
    today = doors(desk.app).pack_cache.today()
    async with desk.database.begin() as session:
        session.add(
            Delegation(
                layer=THEIRS,
                deputy_id=found["deputy"].account.id,
                starts=today,
                ends=today + timedelta(days=9),
                named_by="Charlie lead",
                made_at=desk.clock(),
            )
        )
    for role in ("editor", "reviewer", "lead"):
        found[f"national {role}"] = await desk.person("national", role, f"Nat {role}")
    return found


async def ask(person: Person, method: str, path: str) -> int:
    """What an address answers; a form carries Charlie's own, valid mark."""
    sent = {"data": {"mark": form_mark(person.token), "shown": "0" * 64}} if method == "POST" else {}
    return (await person.browser.request(method, path, **sent)).status_code


def test_there_are_many_addresses_and_all_are_tried() -> None:
    found = set(addresses())
    assert len(found) > 20
    assert ("POST", f"/desk/{OURS}/cards/bodycam/approve") in found
    assert ("POST", f"/desk/{OURS}/sign") in found
    assert not any("{" in path for _, path in found)


@pytest.mark.parametrize(("method", "path"), sorted(set(addresses())))
async def test_charlie_finds_nothing(desk: DeskApp, charlies: dict[str, Person], method: str, path: str) -> None:
    for who, charlie in charlies.items():
        assert await ask(charlie, method, path) == 404, who


@pytest.mark.parametrize(("method", "path"), sorted(set(addresses())))
async def test_nobody_is_sent_to_sign_in(desk: DeskApp, method: str, path: str) -> None:
    async with desk.browser() as browser:
        answer = await browser.request(method, path, data={"mark": "x"} if method == "POST" else None)
    if method == "GET":
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/desk/sign-in")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path"), sorted(set(addresses())))
async def test_a_form_without_its_mark_is_refused(desk: DeskApp, method: str, path: str) -> None:
    if method != "POST":
        return
    person = await desk.person(OURS, "lead")
    async with desk.browser(**{COOKIE: person.token}) as browser:
        for mark in ("", "0" * 64, form_mark("another token")):
            assert (await browser.post(path, data={"mark": mark})).status_code == 403


async def test_an_admin_reads_no_words(desk: DeskApp) -> None:
    admin = await desk.person("national", "admin")
    for path in ("", "/facts", "/sign", "/recall", "/files", "/cards/bodycam", "/cards/bodycam/edit"):
        assert await ask(admin, "GET", f"/desk/{OURS}{path}") == 404, path
    for path in ("/people", "/log", "/letters", "/door"):
        assert await ask(admin, "GET", f"/desk/{OURS}{path}") == 200, path


async def test_the_addresses_of_our_force_tell_charlie_nothing_that_unknown_ones_do_not(
    desk: DeskApp, charlies: dict[str, Person]
) -> None:
    charlie = charlies["lead"]
    ours = await charlie.get(f"/desk/{OURS}/cards/bodycam")
    nowhere = await charlie.get("/desk/not-a-force/cards/bodycam")
    assert ours.status_code == nowhere.status_code == 404
    assert ours.text.replace(OURS, "") == nowhere.text.replace("not-a-force", "")
