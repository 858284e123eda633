"""The page of a talk, whole or in part; and what is shown of a talk that is with somebody else."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from accessibility.symbols import symbols
from api.console.console_conversation_view import ConversationPage, WithAnotherAdvocate, pack_of, talk_of
from api.console.console_door import ConsoleDoor
from api.console.console_view import show
from api.console.plain_labels import LEVELS
from api.console.snippet_view import Snippet, by_name, snippets
from api.records.handovers.advocates import Advocate
from content.advice import Advice

LONGEST = 2_000
"""Letters of one message at most."""
TOO_LATE = "It is on their page already. Write a new message to put it right."
_NAME_BYTES = 12


def new_name() -> str:
    """A page's own name for the message that is written next: sent twice, it is one message."""
    return secrets.token_urlsafe(_NAME_BYTES)


@dataclass(frozen=True)
class MessageDraft:
    """What stands in the box. `name` is its message's; `number` is of the message that it changes, 0 for a new one."""

    text: str = ""
    symbol: str = ""
    number: int = 0
    name: str = field(default_factory=new_name)


@dataclass(frozen=True)
class DraftCheck:
    """What the reading rules say to a draft, if any is `written`; `explained` are its words that the page explains."""

    written: bool
    advice: Sequence[Advice]
    explained: Sequence[str]


@dataclass(frozen=True)
class Extra:
    """What a page of the talk shows beside it: why something was not done, the draft, what a search found."""

    told: Sequence[str] = ()
    draft: MessageDraft = field(default_factory=MessageDraft)
    checked: DraftCheck | None = None
    searched: str = ""
    answers: Sequence[Snippet] = ()


def wants_part(request: Request) -> bool:
    """True for the page's script, which puts the answer into the page it has."""
    return "x-fragment" in request.headers


def told(request: Request, reason: str, status: int) -> Response | None:
    """The reason alone, for the page's script; None when a whole page is wanted."""
    return PlainTextResponse(reason, status) if wants_part(request) else None


async def talk_page(
    request: Request, console: ConsoleDoor, advocate: Advocate, ref: str, status: int = 200, extra: Extra | None = None
) -> HTMLResponse:
    """The whole page, or what is shown to somebody who may not read it. Raises Problem 404 for other providers."""
    extra = extra or Extra()
    try:
        async with console.work() as session:
            talk = await talk_of(session, console, advocate, ref)
    except WithAnotherAdvocate as elsewhere:
        return elsewhere_page(request, console, advocate, elsewhere, status, extra)
    extra = _to_change(talk, extra)
    today = console.pack_cache.today()
    return show(
        request,
        console,
        advocate,
        "conversation.html",
        status,
        talk=talk,
        danger=talk.danger,
        extra=extra,
        still=request.method == "POST" or "write" in request.query_params or extra.draft.number > 0,
        level_words=LEVELS[talk.level],
        symbols=symbols(),
        snippets=snippets(pack_of(console, talk.handover), talk.level, today) if talk.writes else (),
        glossary=by_name(console.renderer.glossary) if talk.writes else (),
    )


def _to_change(talk: ConversationPage, extra: Extra) -> Extra:
    """The message to be changed, put into the box as it is; or that it is too late, and an empty box."""
    draft = extra.draft
    if draft.number == 0 or draft.text:
        return extra
    found = next((turn for turn in talk.turns if turn.line.number == draft.number), None)
    if found is None or not found.changeable:
        return replace(extra, told=(TOO_LATE,) if found and found.line.fetched else (), draft=MessageDraft())
    said = found.line.said
    return replace(extra, draft=replace(draft, text=said.text, symbol=said.symbol or ""))


def elsewhere_page(
    request: Request, console: ConsoleDoor, advocate: Advocate, found: WithAnotherAdvocate, status: int, extra: Extra
) -> HTMLResponse:
    """Who has it, without a word of it; and the draft of whoever had it until now."""
    return show(request, console, advocate, "elsewhere.html", status, found=found, extra=extra)


def part(request: Request, console: ConsoleDoor, advocate: Advocate, name: str, **shown: Any) -> str:
    """One part of the page as markup."""
    return bytes(show(request, console, advocate, name, symbols=symbols(), **shown).body).decode()
