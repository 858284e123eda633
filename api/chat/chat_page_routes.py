"""The pages of the talk: complete without JavaScript, and the same fragment for the small script."""

from dataclasses import dataclass, replace
from typing import Annotated, get_args

from fastapi import Depends, Form, Header, Request
from fastapi.responses import RedirectResponse, Response

from accessibility.rule_finding import LEVELS, Level
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_page_view import ANY, page_view
from api.chat.dialogue.state import LIVES_MINUTES, Chat
from api.chat.message import ChildMessage, NotAnswered, WithPerson, answer
from api.chat.person.lead_to_person import lead_to_person
from api.chat.person.person_door import OnPerson
from api.chat.reading_samples import samples
from api.chat.talk_redirect import to_first_page, to_talk
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.page_state import page_state
from api.web.security_headers import anyone
from content.card import Situation

routes = page_routes(anyone)

_FIRST_LEVEL: Level = "simple"
_SEE_OTHER = 303


@dataclass(frozen=True)
class PostedMessage:
    """What a form of the page sends: the token, and one of text, card, act or level. `rung`: help was on the page."""

    chat: Annotated[str, Form()] = ""
    text: Annotated[str | None, Form()] = None
    card: Annotated[str | None, Form()] = None
    act: Annotated[str | None, Form()] = None
    level: Annotated[str | None, Form()] = None
    rung: Annotated[str, Form()] = ""


@routes.api_route("/{force}", methods=["GET", "HEAD"])
async def talk(
    request: Request,
    chat_door: OnChat,
    force: str,
    chat: str = "",
    level: str = "",
    card: str = "",
    situation: str = "",
) -> Response:
    """The chat of a force: as the token has it, else begun at a card or a situation, else fresh.

    A page that is opened again after a while waits for a press: somebody else may have opened it.
    """
    slug = _slug(chat_door, force)
    fresh = _begun(chat_door, slug, _level(level or page_state(request).reading.level or ""), card, situation)
    opened = chat_door.tokens.look(chat)
    now = chat_door.still(opened) or fresh
    why = chat_door.shut_to(slug, now.last)
    if why:
        return chat_door.pages.page(request, "chat/closed.html", 503, why=why)
    if opened.given and now is fresh:
        return _page(request, chat_door, fresh, NotAnswered(409, "old_visit", fresh, ours=opened.unsure))
    if now.force != slug:
        return to_talk(chat_door, now)
    # The greeting is always there.
    if len(now.shown) > 1 and chat_door.tokens.minutes_since(chat) > LIVES_MINUTES:
        return chat_door.pages.page(request, "chat/waits.html", slug=slug or ANY, chat=chat)
    # How to read is asked once, before anything else was.
    return _page(request, chat_door, now, ask_first=not (chat or level or card or page_state(request).reading.level))


@routes.get("/{force}/say")
async def again(chat_door: OnChat, force: str) -> Response:
    """Where a restored tab or a reload of a refused message lands: back at the talk."""
    _slug(chat_door, force)
    return RedirectResponse(f"/{force}", _SEE_OTHER)


@routes.post("/{force}/say")
async def say(
    request: Request,
    chat_door: OnChat,
    on_person: OnPerson,
    force: str,
    posted: Annotated[PostedMessage, Depends()],
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Answers one message or button: 303 to a page with the answer, or the fragment for the script.

    While a person talks with this child, neither the bot nor a card does; what was typed goes to the box of that talk.
    """
    message, fragment = _message(request, chat_door, force, posted), bool(x_fragment)
    outcome = await answer(chat_door, on_person, message)
    if isinstance(outcome, WithPerson):
        return await lead_to_person(request, chat_door, on_person, outcome, posted.text or "", fragment=fragment)
    if isinstance(outcome, NotAnswered):
        return _refused(request, chat_door, outcome, posted, fragment=fragment)
    after = outcome.chat
    if outcome.cleared:
        return await to_first_page(request, chat_door, on_person, after, posted.chat)
    if not fragment or (after.force or ANY) != force:
        return to_talk(chat_door, after)
    shown = page_view(chat_door, after, alongside=page_state(request).reading.place == "alongside")
    return chat_door.pages.page(
        request, "chat/_turn.html", asked=posted.text, chat=chat_door.tokens.write(after), **shown
    )


def _message(request: Request, chat_door: ChatDoor, force: str, posted: PostedMessage) -> ChildMessage:
    slug = None if force == ANY else force
    lost = not chat_door.knows(slug)
    fresh = chat_door.helper.start(Chat(None if lost else slug, _level(page_state(request).reading.level or "")))[0]
    return ChildMessage(
        chat_door.tokens.look(posted.chat),
        posted.text,
        posted.card,
        posted.act,
        _level(posted.level) if posted.level else None,
        replace(fresh, rung=bool(posted.rung)),
        lost,
    )


def _slug(chat_door: ChatDoor, force: str) -> str | None:
    if force == ANY:
        return None
    chat_door.force(force)
    return force


def _level(name: str) -> Level:
    return next((level for level in LEVELS if level == name), _FIRST_LEVEL)


def _begun(chat_door: ChatDoor, slug: str | None, level: Level, card: str, situation: str) -> Chat:
    """A fresh chat, begun where a link of anybody's says: an unknown card or situation begins where all chats do."""
    known = next((one for one in get_args(Situation) if one == situation), None)
    fresh = chat_door.helper.start(Chat(slug, level, known))[0]
    pack, today = chat_door.pack(slug), chat_door.pack_cache.today()
    signed = pack.card(card, today)
    if (signed and signed.words.kind == "card") or pack.being_checked(card, today):
        return chat_door.helper.open_card(fresh, card)[0]
    return fresh


def _refused(
    request: Request, chat_door: ChatDoor, refused: NotAnswered, posted: PostedMessage, *, fragment: bool
) -> Response:
    """The page, or what its script puts there, that says why; the words stay in the box."""
    chat = refused.chat
    if chat is None:
        raise Problem(refused.status, "We do not know that police force.")
    # A browser may send a page of before once more: whoever does so after leaving finds nothing that was typed.
    typed = "" if not fragment and chat_door.tokens.over(posted.chat) else posted.text or ""
    if refused.why == "old_page" and not typed.strip():
        refused = replace(refused, why="old_visit")
    if fragment:
        held = chat_door.tokens.write(chat)
        told = {"told": refused.why, "shut": refused.shows_help, "chat": held}
        return _waits(chat_door.pages.page(request, "chat/_told.html", refused.status, **told), refused)
    if refused.status == 503:
        return chat_door.pages.page(request, "chat/closed.html", 503, why=refused.why)
    return _waits(_page(request, chat_door, chat, refused, typed=typed), refused)


def _waits(answer: Response, refused: NotAnswered) -> Response:
    if refused.wait:
        answer.headers["Retry-After"] = str(refused.wait)
    return answer


def _page(
    request: Request,
    chat_door: ChatDoor,
    chat: Chat,
    refused: NotAnswered | None = None,
    *,
    typed: str = "",
    ask_first: bool = False,
) -> Response:
    show_all, place = request.query_params.get("show") == "all", page_state(request).reading.place
    return chat_door.pages.page(
        request,
        "chat/chat.html",
        refused.status if refused else 200,
        chat=chat_door.tokens.write(chat),
        told=refused.why if refused else "",
        shut=refused is not None and refused.shows_help,
        typed=typed,
        samples=samples(chat_door, chat.force) if ask_first else {},
        **page_view(chat_door, chat, show_all=show_all, alongside=place == "alongside"),
    )
