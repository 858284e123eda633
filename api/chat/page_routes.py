"""The pages of the talk: complete without JavaScript, and the same fragment for the small script."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Header, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.finding import LEVELS, Level
from api.chat.page_view import ANY, page_view
from api.chat.room import LONGEST, InRoom, Room
from api.chat.token import Chat, StaleChat, Turn
from api.hall.errors import Problem
from api.hall.guard import anyone

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)

_FIRST_LEVEL: Level = "simple"
_SEE_OTHER = 303


class Stopped(Exception):
    """The message cannot be answered as it is; the page says why (an interface string) and keeps the words."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True)
class Posted:
    """What a form of the page sends: the token, and one of text, card, act or level. `rung`: help was on the page."""

    chat: Annotated[str, Form()] = ""
    text: Annotated[str | None, Form()] = None
    card: Annotated[str | None, Form()] = None
    act: Annotated[str | None, Form()] = None
    level: Annotated[str | None, Form()] = None
    rung: Annotated[str, Form()] = ""


@routes.api_route("/{force}", methods=["GET", "HEAD"])
async def talk(request: Request, room: InRoom, force: str, chat: str = "", level: str = _FIRST_LEVEL) -> Response:
    """The chat of a force, fresh, or as the token has it."""
    slug = _slug(room, force)
    why = room.shut(slug)
    if why:
        return room.pages.page(request, "closed.html", 503, why=why)
    fresh = _fresh(room, slug, _level(level))
    try:
        now = _read(room, chat, fresh)
    except Stopped as stop:
        return _page(request, room, fresh, stop)
    return _page(request, room, now) if now.force == slug else _to(room, now)


@routes.get("/{force}/say")
async def again(room: InRoom, force: str) -> Response:
    """Where a restored tab or a reload of a refused message lands: back at the talk."""
    _slug(room, force)
    return RedirectResponse(f"/{force}", _SEE_OTHER)


@routes.post("/{force}/say")
async def say(
    request: Request,
    room: InRoom,
    force: str,
    posted: Annotated[Posted, Depends()],
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Answers one message or button: 303 to a page with the answer, or the fragment for the script."""
    alarm = room.helper.hear(posted.text) if posted.text is not None else None
    slug = _slug(room, force)
    before = replace(_fresh(room, slug, _FIRST_LEVEL), rung=bool(posted.rung))
    before = room.for_help(before, alarm, posted.card, posted.act)
    try:
        why = room.shut(before.force)
        if why:
            raise Stopped(503, why)
        before = _read(room, posted.chat, before, forgive=alarm is not None)
        before = room.for_help(before, alarm, posted.card, posted.act)
        after = await _answer(room, before, posted, alarm)
    except Stopped as stop:
        return _stopped(request, room, before, stop, posted, fragment=bool(x_fragment))
    if after.force != slug or not x_fragment:
        return _to(room, after)
    shown = page_view(room, after)
    return room.pages.page(request, "_turn.html", asked=posted.text, chat=room.tokens.write(after), **shown)


def _slug(room: Room, force: str) -> str | None:
    if force == ANY:
        return None
    room.force(force)
    return force


def _level(name: str) -> Level:
    return next((level for level in LEVELS if level == name), _FIRST_LEVEL)


def _read(room: Room, token: str, fresh: Chat, *, forgive: bool = False) -> Chat:
    """The chat of a token; a fresh one for none, as the help row sends, or for a stale one when the alarm rings."""
    if not token:
        return fresh
    try:
        return room.known(room.tokens.read(token))
    except (StaleChat, Problem):
        if forgive:
            return fresh
        raise Stopped(409, "old_page") from None


async def _answer(room: Room, chat: Chat, posted: Posted, alarm: Turn | None) -> Chat:
    if posted.card:
        return room.helper.open_card(chat, posted.card)[0]
    if posted.level:
        return room.helper.at_level(chat, _level(posted.level))
    if posted.act:
        return room.helper.act(chat, posted.act)[0]
    text = posted.text or ""
    if not text.strip():
        raise Stopped(422, "empty")
    if len(text) > LONGEST and not alarm:
        raise Stopped(422, "too_long")
    return (await room.helper.answer(chat, text, alarm))[0]


def _fresh(room: Room, slug: str | None, level: Level) -> Chat:
    return room.helper.start(Chat(slug, level))[0]


def _to(room: Room, chat: Chat) -> Response:
    address = f"/{chat.force or ANY}?{urlencode({'chat': room.tokens.write(chat)})}#latest"
    return RedirectResponse(address, _SEE_OTHER)


def _stopped(request: Request, room: Room, chat: Chat, stop: Stopped, posted: Posted, *, fragment: bool) -> Response:
    if fragment:
        shut = stop.status == 503
        return room.pages.page(
            request, "_told.html", stop.status, told=stop.why, shut=shut, chat=room.tokens.write(chat)
        )
    if stop.status == 503:
        return room.pages.page(request, "closed.html", 503, why=stop.why)
    return _page(request, room, chat, stop, typed=posted.text or "")


def _page(request: Request, room: Room, chat: Chat, stop: Stopped | None = None, *, typed: str = "") -> Response:
    return room.pages.page(
        request,
        "talk.html",
        stop.status if stop else 200,
        chat=room.tokens.write(chat),
        told=stop.why if stop else "",
        shut=False,
        typed=typed,
        **page_view(room, chat),
    )
