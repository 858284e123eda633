"""The page of all questions: by situation and by letter, with a search that asks the bot as a message does."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.beside_talk import around, elsewhere, fresh, talk_of
from api.chat.chat_door import ChatDoor, OnChat
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import LIVES_MINUTES, Chat, Turn
from api.chat.message import Answered, ChildMessage, NotAnswered, WithPerson, answer
from api.chat.person.lead_to_person import lead_to_person
from api.chat.person.person_door import OnPerson, PersonDoor
from api.chat.question_list import by_letter, by_situation, listed, question_of
from api.chat.question_search import MOST_FOUND, found
from api.chat.reply_view import first_help
from api.chat.talk_redirect import to_first_page, to_talk
from api.web.errors import Problem
from api.web.page_routes import page_routes
from api.web.security_headers import anyone
from content.situations import most_choices

routes = page_routes(anyone, prefix="/{force}/questions")
_SEE_OTHER = 303
# There is no Ask to press here.
_SAYS_OTHERWISE = {"too_fast": "too_fast_press"}


@dataclass(frozen=True)
class QuestionsRequest:
    """What the address may say: the talk that the reader comes from, a level, and what a search found, sealed."""

    chat: Annotated[str, Query()] = ""
    level: Annotated[str, Query()] = ""
    found: Annotated[str, Query()] = ""


@dataclass(frozen=True)
class PostedSearch:
    """What the search box sends. `rung`: help was on the page."""

    chat: Annotated[str, Form()] = ""
    text: Annotated[str, Form()] = ""
    rung: Annotated[str, Form()] = ""


@routes.api_route("", methods=["GET", "HEAD"])
async def questions(
    request: Request, chat_door: OnChat, force: str, asked: Annotated[QuestionsRequest, Depends()]
) -> Response:
    """Every question that may be shown for a force, and above them what a search found."""
    slug = None if force == ANY else force
    chat = elsewhere(request, chat_door, slug) or talk_of(request, chat_door, slug, asked.chat, asked.level)
    if isinstance(chat, Response):
        return chat
    return _page(request, chat_door, chat, found=asked.found)


@routes.post("")
async def search(
    request: Request, chat_door: OnChat, on_person: OnPerson, force: str, posted: Annotated[PostedSearch, Depends()]
) -> Response:
    """Asks as a message of the talk would: danger first, a person, limits, then the bot. Leads to what was found.

    What is no search is answered in the talk. The talk itself does not change by a search, and no address says what
    was typed.
    """
    slug = None if force == ANY else force
    lost = not chat_door.knows(slug)
    begun = replace(fresh(request, chat_door, None if lost else slug), rung=bool(posted.rung))
    message = ChildMessage(chat_door.tokens.look(posted.chat), posted.text, fresh=begun, lost=lost)
    outcome = await answer(chat_door, on_person, message)
    if isinstance(outcome, WithPerson):
        return await lead_to_person(request, chat_door, on_person, outcome, posted.text, fragment=False)
    if isinstance(outcome, NotAnswered):
        return _refused(request, chat_door, outcome, posted)
    return await _answered(request, chat_door, on_person, outcome, message, posted)


async def _answered(
    request: Request,
    chat_door: ChatDoor,
    person_door: PersonDoor,
    outcome: Answered,
    message: ChildMessage,
    posted: PostedSearch,
) -> Response:
    if outcome.cleared:
        return await to_first_page(request, chat_door, person_door, outcome.chat, posted.chat)
    before = chat_door.still(message.opened) or message.fresh
    live = listed(chat_door.pack(outcome.chat.force), chat_door.pack_cache.today())
    turn = found(outcome.reply, posted.text, live, chat_door.helper.nearest)
    if turn is None or before is None or outcome.moved:
        return to_talk(chat_door, outcome.chat)
    write, sealed = chat_door.tokens.write, Chat(before.force, before.level, shown=(turn,), visit=before.visit)
    address = f"/{before.force or ANY}/questions?{urlencode({'chat': write(before), 'found': write(sealed)})}#found"
    return RedirectResponse(address, _SEE_OTHER)


def _refused(request: Request, chat_door: ChatDoor, refused: NotAnswered, posted: PostedSearch) -> Response:
    """The page that says why; the words stay in the box."""
    if refused.chat is None:
        raise Problem(refused.status, "We do not know that police force.")
    if refused.status == 503:
        return chat_door.pages.page(request, "chat/closed.html", 503, why=refused.why)
    # A browser may send a page of before once more: whoever does so after leaving finds nothing that was typed.
    typed = "" if chat_door.tokens.over(posted.chat) else posted.text
    page = _page(request, chat_door, refused.chat, refused, typed=typed)
    if refused.wait:
        page.headers["Retry-After"] = str(refused.wait)
    return page


def _page(
    request: Request,
    chat_door: ChatDoor,
    chat: Chat,
    refused: NotAnswered | None = None,
    *,
    typed: str = "",
    found: str = "",
) -> Response:
    live = listed(chat_door.pack(chat.force), chat_door.pack_cache.today())
    return chat_door.pages.page(
        request,
        "questions/questions.html",
        refused.status if refused else 200,
        situations=by_situation(live, chat.level, chat_door.helper.menu),
        letters=by_letter(live, chat.level),
        # A link begins a talk; where one has begun already, or a person was asked for, a question goes on in it.
        goes_on=len(chat.shown) > 1 or chat.rung or chat.person is not None,
        told=_SAYS_OTHERWISE.get(refused.why, refused.why) if refused else "",
        shut=refused is not None and refused.shows_help,
        typed=typed,
        **_found(chat_door, chat, found),
        **around(chat_door, chat),
    )


def _found(chat_door: ChatDoor, chat: Chat, token: str) -> dict[str, Any]:
    """What a search of this visit found, for as long as a page may show without a press what was on it before."""
    searched = chat_door.tokens.look(token).chat
    if searched is None or not searched.last or chat_door.tokens.minutes_since(token) > LIVES_MINUTES:
        return {"found": None, "found_token": ""}
    return {"found": _found_view(chat_door, chat, searched.last), "found_token": token}


def _found_view(chat_door: ChatDoor, chat: Chat, turn: Turn) -> dict[str, Any]:
    today, pack = chat_door.pack_cache.today(), chat_door.pack(chat.force)
    live, most = listed(pack, today), min(MOST_FOUND, most_choices(chat.level))
    return {
        "kind": turn.kind,
        "note": turn.note,
        "questions": [question_of(live[key], chat.level) for key in turn.near if key in live][:most],
        "first_help": first_help(turn, None, chat.level, pack, today, chat_door.spoken),
    }
