"""Attacks on handovers: floods, guessers, planted words, and people who are here no more."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from sqlalchemy import select

from api.chat.person.three_words_rate_limit import FREE, WrongTries
from api.records import people
from api.records.handovers import claims, danger_flag
from api.records.handovers.notify_provider import AGAIN_SOONEST, QUIET
from api.records.handovers.presence import who_is_here
from api.records.handovers.retention import sweep
from api.records.handovers.tables import Handover, Presence, Watch, layer_of
from api.records.letters import Letter
from api.records.people import operator
from api.web.csrf import COOKIE, SENT_FROM, form_mark
from api.web.database import Database
from api.web.origin import network_of
from tests.child_conversation import ROTA, Stage
from tests.conftest import settings_for
from tests.console_app import OURS, advocate_in, person, provider
from tests.desk_app import DeskApp, Person
from tests.doors import doors
from tests.events import stream
from tests.sign_in import member
from tests.waiting import WORDS, child, handover_context, kept, takes

EVIL = "<img src=x onerror=alert(1)>\"'</textarea></script>"


async def subjects(on: Stage) -> list[str]:
    async with on.database.begin() as session:
        return list(await session.scalars(select(Letter.subject).order_by(Letter.id)))


async def swept(on: Stage) -> int:
    return (await sweep(on.database, on.handover_context, on.clock())).rung


PLAIN, DANGER = "A child is waiting for an answer", "A child who may be in danger is waiting"


async def test_a_flood_of_asks_is_one_letter_every_two_minutes_and_each_child_stands_in_line(on: Stage) -> None:
    for _ in range(20):
        await on.child()
    assert await subjects(on) == [PLAIN]
    async with on.database.begin() as session:
        assert len(list(await session.scalars(select(Handover.id)))) == 20
    for minute in range(1, 21):
        on.clock.move(seconds=60)
        await swept(on)
        assert len(await subjects(on)) <= 1 + minute // (QUIET.total_seconds() / 60)
    assert len(await subjects(on)) > 5


async def test_while_a_child_waits_whose_letter_was_left_out_the_rota_is_rung_again(on: Stage) -> None:
    await on.child()
    on.clock.move(seconds=100)
    first, ann = await on.handover(), await on.adult("Ann")
    await ann.claim()
    await on.child()
    assert await subjects(on) == [PLAIN]
    on.clock.move(seconds=AGAIN_SOONEST.total_seconds())
    await ann.arrive()
    assert await swept(on) == 1
    assert await subjects(on) == [PLAIN] * 2
    assert (await on.handover()).id != first.id


async def test_danger_is_told_at_once_in_the_middle_of_a_flood_and_then_is_no_flood_itself(on: Stage) -> None:
    for _ in range(3):
        await on.child()
    for _ in range(3):
        await on.child(danger=True)
    await on.child()
    assert await subjects(on) == [PLAIN, DANGER]
    async with on.database.begin() as session:
        await danger_flag.raise_alarm(session, on.handover_context, await on.newest(session), on.clock())
    assert await subjects(on) == [PLAIN, DANGER]
    on.clock.move(minutes=2)
    await on.child(danger=True)
    assert await subjects(on) == [PLAIN, DANGER, DANGER]


async def test_a_clock_that_was_put_back_silences_no_letter(on: Stage) -> None:
    await on.child()
    on.clock.move(hours=-1)
    await on.child()
    assert await subjects(on) == [PLAIN, PLAIN]


async def test_another_provider_is_not_silenced(on: Stage) -> None:
    await on.child()
    other = await on.person_app.provider(f"other-{on.clock.now:%f%S}{id(on)}"[:25], layers=(), rota=ROTA)
    await Stage(on.person_app, other).child()
    assert await subjects(on) == [PLAIN, PLAIN]


async def test_a_guesser_with_a_new_address_for_each_try_is_slowed() -> None:
    slept = list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    tries = WrongTries(seconds=lambda: 0.0, sleep=sleep)
    for number in range(FREE + 1):
        await tries.wrong(network_of(ip_address(f"2001:db8::{number + 1:x}:1")))
    assert len(slept) == 1


async def test_a_time_at_the_end_of_all_calendars_is_mended_like_any_other(one: Stage) -> None:
    asking = one.person_app.json_child()
    await asking.open()
    window = {"starts": "0001-01-01T00:00:00+14:00", "ends": "9999-12-31T23:59:59-12:00"}
    answer = await asking.send(asking.body(wants="call-back", call=asking.call(window=window)))
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"call.window"}


async def test_whoever_signs_out_is_here_no_more(desk: DeskApp) -> None:
    made, ann = await provider(desk), await person(desk)
    await ann.post("/console/here")
    assert (await ann.post("/console/sign-out")).status_code == 303
    async with desk.database.begin() as session:
        assert list(await who_is_here(session, OURS, desk.clock())) == []
    ref = await child(desk, made)
    async with desk.database.begin() as session:
        handover = await session.scalar(select(Handover).where(Handover.ref == ref))
        with pytest.raises(claims.NotHere):
            await claims.claim(session, handover_context(desk), await advocate_in(desk, ann), handover, desk.clock())


async def test_signing_out_deletes_the_cookie_wherever_it_was_set(desk: DeskApp) -> None:
    await provider(desk)
    ann = await person(desk)
    answer = await ann.post("/console/sign-out")
    gone = [value.lower() for value in answer.headers.get_list("set-cookie")]
    assert sorted(value.partition("path=")[2].partition(";")[0] for value in gone) == ["/"]
    assert all("max-age=0" in value for value in gone)


async def test_signing_in_anew_ends_the_sign_in_before_of_the_same_browser(desk: DeskApp) -> None:
    await provider(desk)
    ann = await member(desk, layer_of(OURS), "advocate", "Ann")
    tokens = []
    for _ in range(2):
        answer = await ann.sign_in()
        assert answer.headers["location"] == "/console"
        (token,) = {value.partition("=")[2].partition(";")[0] for value in answer.headers.get_list("set-cookie")}
        tokens.append(token)
    statuses = []
    for token in tokens:
        async with desk.browser(**{COOKIE: token}) as browser:
            statuses.append((await browser.get("/console")).status_code)
    assert statuses == [303, 200]


async def test_the_talks_of_a_closed_account_go_back_in_line_at_once(desk: DeskApp) -> None:
    made, ann = await provider(desk), await person(desk, name="Ann")
    waits, calls = await child(desk, made), await child(desk, made, "call-back")
    await takes(ann, waits)
    await takes(ann, calls)
    sue = await person(desk, role="supervisor", name="Sue")
    assert (await sue.post(f"/console/people/{ann.account.id}/close")).status_code == 303
    async with desk.database.begin() as session:
        assert await session.get(Presence, ann.account.id) is None
    assert (await sweep(desk.database, handover_context(desk), desk.clock())).let_go == 2
    assert ((await kept(desk, waits)).state, (await kept(desk, calls)).state) == ("waiting", "call-back")
    assert (await ann.get(f"/console/talk/{waits}")).status_code == 303


@pytest.mark.parametrize("act", ["close", "change"])
async def test_who_is_supervisor_no_more_watches_nobody(desk: DeskApp, act: str) -> None:
    made, ann = await provider(desk), await person(desk, name="Ann")
    sue = await person(desk, role="supervisor", name="Sue")
    ref = await child(desk, made)
    await takes(ann, ref)
    await sue.post(f"/console/queue/{ref}/watch")
    assert WORDS in (await sue.get(f"/console/talk/{ref}")).text
    async with desk.database.begin() as session:
        account = await session.merge(sue.account)
        if act == "close":
            await people.close(session, operator("tests"), account, desk.clock())
        else:
            await people.change(session, operator("tests"), account, "advocate", "advocate", desk.clock())
    async with desk.database.begin() as session:
        assert list(await session.scalars(select(Watch).where(Watch.ended_at.is_(None)))) == []
    assert WORDS not in (await sue.get(f"/console/talk/{ref}")).text
    assert "; the child was told." not in (await ann.get(f"/console/talk/{ref}")).text


@pytest.mark.parametrize("headers", [{}, {SENT_FROM: "cross-site"}])
async def test_a_form_of_another_site_is_not_put_into_our_page_while_the_database_is_away(
    desk: DeskApp, headers: dict[str, str]
) -> None:
    await provider(desk)
    ann = await person(desk)
    console = doors(desk.app).console
    dead = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
    doors(desk.app).console = replace(console, database=dead)
    forged = {"mark": form_mark("guessed"), "text": "Send me your address"}
    page = await ann.browser.post("/console/talk/anything/say", data=forged, headers=headers)
    assert (page.status_code, "Send me your address" in page.text) == (503, False)
    ours = await ann.post("/console/talk/anything/say", text="Hello again")
    assert "Hello again" in ours.text
    late_headers = {SENT_FROM: "same-origin"}
    late = await ann.browser.post("/console/talk/a/say", data={"text": "Hello again"}, headers=late_headers)
    assert "Hello again" in late.text
    doors(desk.app).console = console
    await dead.close()


async def test_markup_in_every_name_and_word_is_words_on_every_page(one: Stage) -> None:
    asked = await one.child(EVIL, name=EVIL)
    ann: Person = await one.person_app.advocate(one.provider, f"Ann {EVIL}", "supervisor")
    ref = (await one.handover()).ref
    await ann.post(f"/console/queue/{ref}/claim")
    await ann.post(f"/console/talk/{ref}/say", text=f"{EVIL}\revent: over\r\rdata: x", client_id="abcdefgh1")
    await ann.post(f"/console/talk/{ref}/safeguarding", reason="harm", text=EVIL)
    pages = [f"/console/talk/{ref}{more}" for more in ("", "/close", "/safeguarding", "?change=4")]
    for address in (*pages, "/console", "/console/people", "/console/concerns", f"/console/queue/{ref}/pass-on"):
        page = await ann.get(address)
        assert page.status_code == 200, address
        assert "<img src=x" not in page.text, address
        assert "&lt;img src=x" in page.text, address
    shown = await asked.open(after="0")
    assert "<img src=x" not in shown.text
    assert shown.text.count("&lt;img src=x") >= 3
    async with one.listen(asked) as events:
        names = [await events.next() for _ in range(5)]
    assert "over" not in {event.name for event in names}
    assert not any("<img src=x" in event.data for event in names)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
async def test_no_other_method_and_no_other_site_gets_anything(one: Stage, method: str) -> None:
    asked = await one.child("hello")
    other = {"origin": "https://other.example", "access-control-request-method": "POST"}
    for address in (f"/northmoor/person/talk?here={asked.here}", "/api/v1/handovers/state", "/console/stream"):
        answer = await one.person_app.browser().request(method, address, headers=other)
        # A program of another site is refused before it is looked at what it wants.
        assert answer.status_code == (403 if address.startswith("/api/") else 405)
        assert answer.headers.get_list("cache-control") == ["no-store"]
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_no_stream_is_kept_by_a_browser_or_a_proxy(one: Stage) -> None:
    asked = await one.child("hello")
    ann: Any = await one.person_app.advocate(one.provider, "Ann")
    ref = (await one.handover()).ref
    await ann.post(f"/console/queue/{ref}/claim")
    cookie = f"{COOKIE}={ann.token}"
    for address in ("/console/stream", f"/console/talk/{ref}/stream"):
        async with stream(one.app, address, cookie=cookie) as events:
            assert (events.status, events.headers["cache-control"]) == (200, "no-store")
    async with one.listen(asked) as events:
        assert events.headers["cache-control"] == "no-store"
