"""An idle lock never loses a draft: what was typed goes through the sign-in, and is sent again with one button."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from api.desk.desk_access import OnLayer
from api.web.csrf import COOKIE, form_mark
from api.web.handed import DoorRouter
from tests.desk_app import DeskApp
from tests.doors import doors
from tests.sign_in import PASSWORD, Member, form_of, member, token_in, with_small_hash

TYPED = {
    "words": 'Line one\nline "two" <b>& \u00fcml\u00e4ut</b>',
    "email": "a field of their own@northmoor.example",
    "code": "not a code",
    "tick": ["first", "second", "first"],
    "empty": "",
    "to": "somewhere",
}


class Listening:
    """A route of the desk that remembers what reached it."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[tuple[str, str]]]] = []
        self.routes = APIRouter()
        self.routes.post("/desk/{layer}/listening/{part}")(self.hear)

    async def hear(self, request: Request, _actor: OnLayer) -> Response:
        """Remembers."""
        async with request.form() as form:
            pairs = [
                (name, (await value.read()).decode() if isinstance(value, UploadFile) else value)
                for name, value in form.multi_items()
            ]
        self.got.append((f"{request.url.path}?{request.url.query}", pairs))
        return Response("heard")


@pytest.fixture
async def desk(desk: DeskApp) -> DeskApp:
    with_small_hash(desk)
    return desk


@pytest.fixture
def heard(desk: DeskApp) -> list[tuple[str, list[tuple[str, str]]]]:
    listening = Listening()
    found = doors(desk.app)
    desk.app.router.routes += DoorRouter([listening.routes], found.desk, found.locks, found.pages).routes
    return listening.got


@pytest.fixture
async def joined(desk: DeskApp) -> Member:
    return await member(desk)


ADDRESS = "/desk/northmoor/listening/part?at=7"


def pairs_of(typed: dict[str, Any]) -> list[tuple[str, str]]:
    """Every name and value that a browser would send, in any order."""
    return sorted(
        (name, one) for name, value in typed.items() for one in (value if isinstance(value, list) else [value])
    )


async def again(joined: Member, page: httpx.Response, **others: str) -> httpx.Response:
    """Signs in on the page of a form whose sign-in had ended."""
    right = {"email": joined.email, "password": PASSWORD, "code": joined.next_code()}
    return await joined.browser.post(
        "/desk/sign-in/again", data={**form_of(page, "/desk/sign-in/again").values, **right, **others}
    )


async def test_an_idle_lock_never_loses_a_draft(desk: DeskApp, joined: Member, heard: list[Any]) -> None:
    old = token_in(await joined.sign_in()) or ""
    desk.clock.move(minutes=31)
    locked = await joined.browser.post(ADDRESS, data={"mark": form_mark(old), **TYPED})
    assert locked.status_code == 401
    assert not heard
    attributes = form_of(locked, "/desk/sign-in/again").attributes
    assert [attributes[name]["autocomplete"] for name in ("email", "password", "code")] == [
        "username",
        "current-password",
        "one-time-code",
    ]
    assert attributes["email"]["value"] == ""

    wrong = await again(joined, locked, password="not it")
    assert wrong.status_code == 422
    assert "not it" not in wrong.text
    wrong = await again(joined, wrong, code="000000")
    assert wrong.status_code == 422
    assert not heard

    signed_in = await again(joined, wrong)
    assert signed_in.status_code == 200
    new = token_in(signed_in) or ""
    assert new not in ("", old)
    form = form_of(signed_in, ADDRESS)
    done = await joined.browser.post(form.action, data=form.values)
    assert done.text == "heard"
    ((address, pairs),) = heard
    assert address == ADDRESS
    assert sorted((name, value.replace("\r\n", "\n")) for name, value in pairs) == pairs_of(
        {**TYPED, "mark": form_mark(new)}
    )


async def test_a_file_is_chosen_again_and_the_rest_is_kept(desk: DeskApp, joined: Member, heard: list[Any]) -> None:
    old = token_in(await joined.sign_in()) or ""
    desk.clock.move(hours=13)
    sent = {"mark": form_mark(old), "note": "beside the file"}
    locked = await joined.browser.post(ADDRESS, data=sent, files={"pack": ("our pack.zip", b"1234")})
    signed_in = await again(joined, locked)
    form = form_of(signed_in, ADDRESS)
    assert form.attributes["pack"]["type"] == "file"
    assert "our pack.zip" in signed_in.text
    assert 'enctype="multipart/form-data"' in signed_in.text
    fields = {name: value for name, value in form.values.items() if name != "pack"}
    await joined.browser.post(form.action, data=fields, files={"pack": ("our pack.zip", b"1234")})
    ((_, pairs),) = heard
    assert ("note", "beside the file") in pairs
    assert ("pack", "1234") in pairs


async def test_signing_in_on_another_tab_does_not_lose_what_this_one_holds(
    desk: DeskApp, joined: Member, heard: list[Any]
) -> None:
    old = token_in(await joined.sign_in()) or ""
    desk.clock.move(minutes=31)
    new = token_in(await joined.sign_in()) or ""
    from_here = {"Sec-Fetch-Site": "same-origin"}
    page = await joined.browser.post(ADDRESS, data={"mark": form_mark(old), **TYPED}, headers=from_here)
    assert page.status_code == 409
    assert not heard
    form = form_of(page, ADDRESS)
    assert (await joined.browser.post(form.action, data=form.values)).text == "heard"
    assert ("mark", form_mark(new)) in heard[0][1]
    refused = await joined.browser.post(ADDRESS, data={"mark": form_mark(old), **TYPED})
    assert refused.status_code == 403


async def test_a_draft_survives_signing_out_on_another_tab(desk: DeskApp, joined: Member, heard: list[Any]) -> None:
    old = token_in(await joined.sign_in()) or ""
    await joined.browser.post("/desk/sign-out", data={"mark": form_mark(old)})
    from_here = {"Sec-Fetch-Site": "same-origin"}
    page = await joined.browser.post(ADDRESS, data={"mark": form_mark(old), **TYPED}, headers=from_here)
    signed_in = await again(joined, page)
    form = form_of(signed_in, ADDRESS)
    assert (await joined.browser.post(form.action, data=form.values)).text == "heard"


@pytest.mark.parametrize("says", [{}, {"Sec-Fetch-Site": "cross-site"}])
async def test_the_form_of_another_site_is_never_carried_past_a_sign_in(
    joined: Member, heard: list[Any], says: dict[str, str]
) -> None:
    await joined.sign_in()
    joined.browser.cookies.clear()
    data = {"mark": form_mark("guess"), "words": "planted words"}
    page = await joined.browser.post(ADDRESS, data=data, headers=says)
    assert page.status_code == 401
    assert "planted words" not in page.text
    assert form_of(page, "/desk/sign-in")


async def test_a_carried_form_goes_to_the_desk_alone(joined: Member) -> None:
    data = {"to": "https://evil.example/", "kept:words": "mine"}
    signed_in = await joined.browser.post(
        "/desk/sign-in/again",
        data={**data, "email": joined.email, "password": PASSWORD, "code": joined.next_code()},
    )
    assert "evil" not in signed_in.text
    assert form_of(signed_in, "/desk").values["words"] == "mine"
    joined.browser.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await joined.browser.post("/desk/sign-in/again", data=data)).status_code == 403


async def test_a_live_check_is_told_in_one_line(desk: DeskApp, joined: Member, heard: list[Any]) -> None:
    token = token_in(await joined.sign_in()) or ""
    desk.clock.move(minutes=31)
    data = {"mark": form_mark(token), "words": "typed"}
    answer = await joined.browser.post(ADDRESS, data=data, headers={"X-Fragment": "1"})
    assert answer.status_code == 401
    assert not heard
    assert "<form" not in answer.text
    assert "typed" not in answer.text
    assert len(answer.text.splitlines()) == 1


async def test_charlies_form_goes_nowhere_else(desk: DeskApp, joined: Member, heard: list[Any]) -> None:
    charlie = await member(desk, "southmere", "lead", "Charlie")
    old = token_in(await joined.sign_in()) or ""
    desk.clock.move(minutes=31)
    locked = await joined.browser.post(ADDRESS, data={"mark": form_mark(old), **TYPED})
    signed_in = await again(charlie, locked)
    form = form_of(signed_in, ADDRESS)
    assert (await charlie.browser.post(form.action, data=form.values)).status_code == 404
    assert not heard
    assert COOKIE in charlie.browser.cookies
