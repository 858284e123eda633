"""What tests of the console may ask of a talk: what is kept, what the child does, and what a page sends."""

import re
from html import unescape
from typing import Any

import httpx
from sqlalchemy import select

from api.records.handovers.conversation import fetch, say_as_child
from api.records.handovers.message_cipher import OpenedMessage, opened
from api.records.handovers.tables import Handover, Message
from api.web.csrf import form_mark
from tests.desk_app import DeskApp, Person
from tests.waiting import handover_context

SCRIPT = {"X-Fragment": "1"}
NAMED = "0123456789abcdef"
"""The name that a page gives to a message."""


async def reads(desk: DeskApp, ref: str) -> None:
    """The child's page fetches all that is new."""
    async with desk.database.begin() as session:
        await fetch(session, handover_context(desk), await found(session, ref), 0, desk.clock())


async def writes(desk: DeskApp, ref: str, text: str, client_id: str) -> None:
    """The child writes."""
    async with desk.database.begin() as session:
        await say_as_child(session, handover_context(desk), await found(session, ref), text, client_id, desk.clock())


async def lines(desk: DeskApp, ref: str) -> list[OpenedMessage]:
    """The talk as it is kept now, opened."""
    async with desk.database.begin() as session:
        wanted = select(Message).join(Handover, Handover.id == Message.handover_id).where(Handover.ref == ref)
        return opened(handover_context(desk).message_cipher, list(await session.scalars(wanted)))


async def said(desk: DeskApp, ref: str) -> list[str]:
    """What the advocates said, in order: their text, or the card they sent."""
    return [one.said.text or f"card {one.said.card}" for one in await lines(desk, ref) if one.writer == "advocate"]


async def found(session: Any, ref: str) -> Handover:
    """A handover."""
    handover: Handover | None = await session.scalar(select(Handover).where(Handover.ref == ref))
    assert handover
    return handover


async def sends(who: Person, path: str, **fields: Any) -> httpx.Response:
    """What the page's script sends: the same form, and only a part of a page is wanted back."""
    return await who.browser.post(path, data={"mark": form_mark(who.token), **fields}, headers=SCRIPT)


def plain(html: str) -> str:
    """A page without its markup, as it is read."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def in_box(html: str) -> str:
    """What stands in the box."""
    box = re.search(r'<textarea id="text"[^>]*>(.*?)</textarea>', html, re.S)
    assert box, "there is no box"
    return unescape(box[1])
