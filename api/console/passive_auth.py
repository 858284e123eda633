"""Looking: the guard of what a page does by itself. It tells who asks, and keeps no sign-in awake."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_access import signed_in
from api.console.console_door import ConsoleDoor, OnConsole
from api.console.plain_labels import when
from api.records.handovers.advocates import Advocate, advocate
from api.records.sessions import look
from api.web.cookies import read_cookie
from api.web.csrf import COOKIE, NotSignedIn, must_be_our_form

BY_ITSELF = "again"
"""In the address of a page that was opened by itself, as a page without script is every 30 seconds."""

_SOON = timedelta(minutes=5)


@dataclass(frozen=True)
class PassiveSignIn:
    """An advocate whose page asks, and when their sign-in ends if they do nothing."""

    advocate: Advocate
    ends_at: datetime

    def soon(self, now: datetime) -> str:
        """When the sign-in ends, when that is soon: there must be time to keep it."""
        return when(self.ends_at, now) if self.ends_at - now <= _SOON else ""


async def find(session: AsyncSession, console: ConsoleDoor, token: str) -> PassiveSignIn:
    """Who looks. Raises NotSignedIn when the sign-in has ended, and for people of the desk."""
    found = await look(session, token, console.now()) if token else None
    who = await advocate(session, found[0], practice=console.settings.practice) if found else None
    if found is None or who is None:
        raise NotSignedIn
    return PassiveSignIn(who, found[1])


async def looking(request: Request, console: OnConsole) -> PassiveSignIn:
    """Who looks; a form must carry the mark of their sign-in. Raises as the guard `signed_in` does."""
    token = read_cookie(request, COOKIE)
    async with console.work() as session:
        found = await find(session, console, token)
    await must_be_our_form(request, token)
    return found


async def at_queue(request: Request, console: OnConsole) -> PassiveSignIn:
    """Who opens the queue: themselves, which keeps their sign-in awake, or their page by itself, which does not."""
    if BY_ITSELF not in request.query_params:
        await signed_in(request, console)
    return await looking(request, console)


OnLooking = Annotated[PassiveSignIn, Depends(looking)]
AtQueue = Annotated[PassiveSignIn, Depends(at_queue)]
