"""The console's guards: which advocate is signed in, and that a form came from our own page."""

from typing import Annotated

from fastapi import Depends, Request

from api.console.console_door import OnConsole, nothing_here
from api.records.handovers.advocates import Advocate, advocate_of
from api.web.cookies import read_cookie
from api.web.csrf import COOKIE, NotSignedIn, must_be_our_form


async def signed_in(request: Request, console: OnConsole) -> Advocate:
    """Which advocate is asking. A form must carry the mark of this sign-in.

    Raises NotSignedIn for nobody, and for people of the desk, who have no console; OldForm for a form from before this
    sign-in, and Problem 403 for one that another page sent.
    """
    token = read_cookie(request, COOKIE)
    async with console.work() as session:
        found = await advocate_of(session, token, console.now(), practice=console.settings.practice) if token else None
    if found is None:
        raise NotSignedIn
    await must_be_our_form(request, token)
    return found


async def supervising(advocate: Annotated[Advocate, Depends(signed_in)]) -> Advocate:
    """Which supervisor is asking; Problem 404 for every other advocate."""
    if not advocate.supervisor:
        raise nothing_here()
    return advocate


OnAdvocate = Annotated[Advocate, Depends(signed_in)]
OnSupervisor = Annotated[Advocate, Depends(supervising)]
