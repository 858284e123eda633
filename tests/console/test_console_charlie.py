"""Charlie works for another provider. At every address of the console that names something, there is nothing there."""

import itertools
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import pytest
from fastapi.routing import APIRoute

from api.records.accounts import Account
from api.records.handovers import concerns
from api.records.handovers.tables import Provider
from api.web.csrf import COOKIE, form_mark
from tests.console_app import OURS, THEIRS, advocate_in, person, provider
from tests.desk_app import DeskApp, Person, desk_app
from tests.events import stream
from tests.routes import ROUTES
from tests.waiting import CALL, NAME, WORDS, child, handover_context, kept, takes

RECORD = "The child said that a man waits at the gate."
# Whatever an address or a form may name that is of no handover, concern or person.
OTHERS = {"key": "hello", "card": "hello"}


@dataclass(frozen=True)
class Ours:
    """Everything of ours that an address may name."""

    provider: Provider
    waiting: str
    talking: str
    calling: str
    concern: str
    ann: Person
    sue: Person

    @property
    def refs(self) -> tuple[str, ...]:
        """What stands in addresses."""
        return (self.waiting, self.talking, self.calling, self.concern)

    def named(self, parameter: str) -> tuple[str, ...]:
        """Every value that a parameter of an address may have."""
        if parameter == "ref":
            return self.refs
        return (str(self.ann.account.id), "1") if parameter == "number" else (OTHERS.get(parameter, "1"),)


def routes() -> Iterator[APIRoute]:
    """Every route of the console whose address names something."""
    for router in ROUTES:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.path.startswith("/console/") and "{" in route.path:
                yield route


ROUTED = sorted({(method, route.path) for route in routes() for method in route.methods})


def form_of(method: str, path: str) -> dict[str, Any]:
    """Something valid in every field of a route's form, so that nothing but the guard refuses it."""
    route = next(route for route in routes() if route.path == path and method in route.methods)
    return {field.alias: _valid(field.field_info.annotation) for field in route.dependant.body_params}


def _valid(kind: Any) -> str:
    choices = [one for one in (kind, *get_args(kind)) if get_origin(one) is Literal]
    if choices:
        return str(get_args(choices[0])[0])
    return "1" if int in (kind, *get_args(kind)) else "hello"


def filled(path: str, method: str, ours: Ours) -> Iterator[str]:
    """The address with everything of ours that it may name."""
    route = next(route for route in routes() if route.path == path and method in route.methods)
    kinds = {field.alias: field.field_info.annotation for field in route.dependant.path_params}
    names = re.findall(r"\{(\w+)(?::\w+)?\}", path)
    values = [get_args(kinds[name]) if get_origin(kinds.get(name)) is Literal else ours.named(name) for name in names]
    for chosen in itertools.product(*values):
        address = path
        for name, value in zip(names, chosen, strict=True):
            address = re.sub(rf"\{{{name}(?::\w+)?\}}", str(value), address)
        yield address


@pytest.fixture(scope="module")
async def desk(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DeskApp]:
    async with desk_app(sqlite_url, tmp_path_factory.mktemp("charlie")) as found:
        yield found


@pytest.fixture(scope="module")
async def ours(desk: DeskApp) -> Ours:
    """A provider with a child who waits, one who is talked with, one who is called, and a record of concern."""
    made = await provider(desk)
    ann, sue = await person(desk, OURS, "advocate", "Ann"), await person(desk, OURS, "supervisor", "Sue")
    waiting, talking = await child(desk, made), await child(desk, made)
    calling = await child(desk, made, "call-back")
    await takes(ann, talking)
    await takes(ann, calling)
    async with desk.database.begin() as session:
        handover = await session.merge(await kept(desk, talking), load=False)
        who = await advocate_in(desk, ann)
        concern = await concerns.record(session, handover_context(desk), who, handover, "harm", RECORD, desk.clock())
    return Ours(made, waiting, talking, calling, concern.ref, ann, sue)


@pytest.fixture(scope="module")
async def charlies(desk: DeskApp, ours: Ours) -> Mapping[str, Person]:
    """Everybody of another provider, present and ready to take a child."""
    await provider(desk, THEIRS, ("southmere",))
    found = {role: await person(desk, THEIRS, role, f"Charlie {role}") for role in ("advocate", "supervisor")}
    for charlie in found.values():
        await charlie.post("/console/here")
    return found


async def everything(desk: DeskApp, ours: Ours) -> list[object]:
    """All that Charlie could have changed."""
    found = []
    for ref in ours.refs[:3]:
        one = await kept(desk, ref)
        found.append((one.state, one.claimed_by, one.changes, one.outcome, one.due_until))
    async with desk.database.begin() as session:
        account = await session.get_one(Account, ours.ann.account.id)
        return [*found, account.closed_at]


def test_there_are_many_addresses_and_all_are_tried() -> None:
    assert len(ROUTED) > 10
    for expected in (
        ("POST", "/console/queue/{ref}/{doing}"),
        ("GET", "/console/queue/{ref}/pass-on"),
        ("POST", "/console/calls/{ref}/number"),
        ("POST", "/console/concerns/{ref}"),
        ("POST", "/console/people/{number}/{doing}"),
    ):
        assert expected in ROUTED
    assert form_of("POST", "/console/calls/{ref}/number") == {"reason": "to-call-now"}


@pytest.mark.parametrize(("method", "path"), ROUTED)
async def test_charlie_finds_nothing(
    desk: DeskApp, ours: Ours, charlies: Mapping[str, Person], method: str, path: str
) -> None:
    before = await everything(desk, ours)
    for who, charlie in charlies.items():
        for address in filled(path, method, ours):
            sent = {"data": {"mark": form_mark(charlie.token), **form_of(method, path)}} if method == "POST" else {}
            answer = await charlie.browser.request(method, address, **sent)
            assert answer.status_code == 404, f"{who} {address}"
            for secret in (WORDS, NAME, CALL.say, RECORD, "Ann"):
                assert secret not in answer.text
    assert await everything(desk, ours) == before


@pytest.mark.parametrize(("method", "path"), ROUTED)
async def test_what_is_ours_looks_to_charlie_like_what_never_was(
    desk: DeskApp, ours: Ours, charlies: Mapping[str, Person], method: str, path: str
) -> None:
    if "{ref}" not in path:
        return
    charlie, nowhere = charlies["supervisor"], "x" * len(ours.talking)
    sent = {"data": {"mark": form_mark(charlie.token), **form_of(method, path)}} if method == "POST" else {}
    for address in filled(path, method, ours):
        ref = next(ref for ref in ours.refs if ref in address)
        found = await charlie.browser.request(method, address, **sent)
        never = await charlie.browser.request(method, address.replace(ref, nowhere[: len(ref)]), **sent)
        assert found.status_code == never.status_code
        assert found.text.replace(ref, "") == never.text.replace(nowhere[: len(ref)], "")


@pytest.mark.parametrize(("method", "path"), ROUTED)
async def test_nobody_is_sent_to_sign_in(desk: DeskApp, ours: Ours, method: str, path: str) -> None:
    async with desk.browser() as browser:
        for address in filled(path, method, ours):
            answer = await browser.request(method, address, data={"mark": "x"} if method == "POST" else None)
            assert answer.status_code == (303 if method == "GET" else 401)
            assert WORDS not in answer.text


@pytest.mark.parametrize("path", ["/console", "/console/calls", "/console/concerns", "/console/figures"])
async def test_the_lists_of_charlie_name_nothing_of_ours(
    desk: DeskApp, ours: Ours, charlies: Mapping[str, Person], path: str
) -> None:
    for who, charlie in charlies.items():
        page = await charlie.get(path)
        assert page.status_code == (404 if (who, path) == ("advocate", "/console/figures") else 200)
        for known in (*ours.refs, "Ann", "Sue", ours.provider.name):
            assert known not in page.text


async def test_the_streams_of_ours_are_refused_to_charlie(
    desk: DeskApp, ours: Ours, charlies: Mapping[str, Person]
) -> None:
    streams = [path for method, path in ROUTED if path.endswith("/stream")]
    for path in streams:
        for address in filled(path, "GET", ours):
            for charlie in charlies.values():
                async with stream(desk.app, address, cookie=f"{COOKIE}={charlie.token}") as events:
                    assert events.status == 404
    for charlie in charlies.values():
        async with stream(desk.app, "/console/stream", cookie=f"{COOKIE}={charlie.token}") as events:
            shown = (await events.next("queue")).data
            assert not any(known in shown for known in (*ours.refs, "Ann", "Sue"))


async def test_charlie_cannot_be_given_a_child_of_ours(
    desk: DeskApp, ours: Ours, charlies: Mapping[str, Person]
) -> None:
    for giver in (ours.ann, ours.sue):
        for charlie in charlies.values():
            to = str(charlie.account.id)
            assert (await giver.post(f"/console/queue/{ours.talking}/pass-on", to=to)).status_code == 409
    assert (await kept(desk, ours.talking)).claimed_by == ours.ann.account.id


async def test_ann_reads_what_charlie_does_not(ours: Ours) -> None:
    """The addresses that answer Charlie with nothing are there."""
    assert (await ours.ann.get(f"/console/calls/{ours.calling}")).status_code == 200
    assert (await ours.ann.get(f"/console/concerns/{ours.concern}")).status_code == 200
    assert (await ours.ann.get(f"/console/queue/{ours.talking}/pass-on")).status_code == 200
