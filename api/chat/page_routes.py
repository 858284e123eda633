"""The pages of the talk: complete without JavaScript, and the same fragment for the small script."""

from dataclasses import dataclass, replace
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Header, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.finding import LEVELS, Level
from api.chat.page_view import ANY, page_view
from api.chat.person.room import OnWay
from api.chat.person.silence import Quiet, quiet_chat
from api.chat.room import LONGEST, InRoom, Room, wants_help
from api.chat.samples import samples
from api.chat.slowing import TOO_MANY, TooFast
from api.chat.token import Chat, StaleChat, Turn
from api.hall.errors import Problem
from api.hall.guard import anyone
from api.hall.keeping import reading_of
from content.card import Situation

routes = APIRouter(dependencies=[Depends(anyone)], default_response_class=Response, include_in_schema=False)

_FIRST_LEVEL: Level = "simple"
_SEE_OTHER = 303


class Stopped(Exception):
    """The message cannot be answered as it is; the page says why (an interface string) and keeps the words.

    `wait` is after how many seconds the same can be answered, 0 where that has nothing to do with it.
    """

    def __init__(self, status: int, why: str, wait: int = 0) -> None:
        super().__init__(why)
        self.status, self.why, self.wait = status, why, wait

    @property
    def shows_help(self) -> bool:
        """Whether 999 and Childline are told with it: where the child can do nothing about it."""
        return self.status == 503 or self.wait > 0


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
async def talk(
    request: Request, room: InRoom, force: str, chat: str = "", level: str = "", card: str = "", situation: str = ""
) -> Response:
    """The chat of a force: as the token has it, else begun at a card or a situation, else fresh."""
    slug = _slug(room, force)
    why = room.shut(slug)
    if why:
        return room.pages.page(request, "closed.html", 503, why=why)
    fresh = _begun(room, slug, _level(level or reading_of(request).level or ""), card, situation)
    try:
        now = _read(room, chat, fresh)
    except Stopped as stop:
        return _page(request, room, fresh, stop)
    if now.force != slug:
        return _to(room, now)
    # How to read is asked once, before anything else was.
    return _page(request, room, now, ask_first=not (chat or level or card or reading_of(request).level))


@routes.get("/{force}/say")
async def again(room: InRoom, force: str) -> Response:
    """Where a restored tab or a reload of a refused message lands: back at the talk."""
    _slug(room, force)
    return RedirectResponse(f"/{force}", _SEE_OTHER)


@routes.post("/{force}/say")
async def say(
    request: Request,
    room: InRoom,
    on_way: OnWay,
    force: str,
    posted: Annotated[Posted, Depends()],
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Answers one message or button: 303 to a page with the answer, or the fragment for the script.

    While a person talks with this child, neither the bot nor a card does; what was typed goes to the box of that talk.
    """
    alarm = room.helper.hear(posted.text) if posted.text is not None else None
    known = quiet_chat(room, posted.chat, rang=alarm is not None)
    quiet = Quiet(request, room, on_way, known, posted.text or "", bool(x_fragment))
    # Asked once more after the bot has thought: somebody may have come meanwhile, and then it is not said.
    return await quiet.answer() or await _say(request, room, force, posted, alarm, quiet)


async def _say(request: Request, room: Room, force: str, posted: Posted, alarm: Turn | None, quiet: Quiet) -> Response:
    slug = _slug(room, force)
    first = _level(reading_of(request).level or "")
    before = replace(_fresh(room, slug, first), rung=bool(posted.rung))
    before = room.for_help(before, alarm, posted.card, posted.act)
    try:
        why = room.shut(before.force)
        if why:
            raise Stopped(503, why)
        before = _read(room, posted.chat, before, forgive=alarm is not None)
        before = room.for_help(before, alarm, posted.card, posted.act)
        after = await _answer(room, before, posted, alarm)
    except Stopped as stop:
        return _stopped(request, room, before, stop, posted, fragment=quiet.fragment)
    silent = await quiet.answer()
    if silent:
        return silent
    if after.force != slug or not quiet.fragment:
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
    typed = not (posted.card or posted.level or posted.act)
    fast = None if wants_help(None, posted.card, posted.act) else room.too_fast(chat, typed=typed)
    if fast and alarm:
        # Help is told however fast; the bot, which only looks for what goes beside it, is left to others.
        return room.helper.show(chat, alarm)[0]
    if fast:
        raise Stopped(TOO_MANY, "too_fast" if typed else "too_fast_press", fast.seconds)
    if posted.card:
        return room.helper.open_card(chat, posted.card)[0]
    if posted.level:
        return room.helper.at_level(chat, _level(posted.level))
    if posted.act == "same":
        # Pictures come or go: the address says it, and what is on show stays.
        return chat
    if posted.act:
        return room.helper.act(chat, posted.act)[0]
    text = posted.text or ""
    if not text.strip():
        raise Stopped(422, "empty")
    if len(text) > LONGEST and not alarm:
        raise Stopped(422, "too_long")
    try:
        return (await room.answer(chat, text, alarm))[0]
    except TooFast as waiting:
        raise Stopped(TOO_MANY, "too_fast", waiting.seconds) from None


def _begun(room: Room, slug: str | None, level: Level, card: str, situation: str) -> Chat:
    """A fresh chat, begun where a link of anybody's says: an unknown card or situation begins where all chats do."""
    known = next((one for one in get_args(Situation) if one == situation), None)
    fresh = room.helper.start(Chat(slug, level, known))[0]
    pack, today = room.pack(slug), room.shelf.today()
    signed = pack.card(card, today)
    if (signed and signed.words.kind == "card") or pack.being_checked(card, today):
        return room.helper.open_card(fresh, card)[0]
    return fresh


def _fresh(room: Room, slug: str | None, level: Level) -> Chat:
    return room.helper.start(Chat(slug, level))[0]


def _to(room: Room, chat: Chat) -> Response:
    address = f"/{chat.force or ANY}?{urlencode({'chat': room.tokens.write(chat)})}#latest"
    return RedirectResponse(address, _SEE_OTHER)


def _stopped(request: Request, room: Room, chat: Chat, stop: Stopped, posted: Posted, *, fragment: bool) -> Response:
    if fragment:
        held = room.tokens.write(chat)
        return _waits(
            room.pages.page(request, "_told.html", stop.status, told=stop.why, shut=stop.shows_help, chat=held), stop
        )
    if stop.status == 503:
        return room.pages.page(request, "closed.html", 503, why=stop.why)
    # A browser may send a page of before once more: whoever does so after leaving finds nothing that was typed.
    typed = "" if room.tokens.over(posted.chat) else posted.text or ""
    return _waits(_page(request, room, chat, stop, typed=typed), stop)


def _waits(answer: Response, stop: Stopped) -> Response:
    if stop.wait:
        answer.headers["Retry-After"] = str(stop.wait)
    return answer


def _page(
    request: Request, room: Room, chat: Chat, stop: Stopped | None = None, *, typed: str = "", ask_first: bool = False
) -> Response:
    return room.pages.page(
        request,
        "talk.html",
        stop.status if stop else 200,
        chat=room.tokens.write(chat),
        told=stop.why if stop else "",
        shut=stop is not None and stop.shows_help,
        typed=typed,
        samples=samples(room, chat.force) if ask_first else {},
        **page_view(room, chat, show_all=request.query_params.get("show") == "all"),
    )
