"""How a reader likes to read, kept on their device: only after they pressed "Remember on this device"."""

from dataclasses import replace

from fastapi import Request, Response

from accessibility.preferences import Reading
from api.web.cookies import cookie_name, forget_cookie, keep_cookie, read_cookie
from api.web.page_state import NAME

_YEAR = 365 * 24 * 60 * 60


def remembered(request: Request) -> str:
    """The code that this device holds; "" for none, and for a cookie that says nothing that we know."""
    return Reading.of(read_cookie(request, NAME)).code


def remember(request: Request, response: Response, reading: Reading) -> None:
    """Keeps the choices on the device, or removes them when nothing was chosen.

    That a screen is shared says something of this visit, not of the reader, so it is never kept.
    """
    code = replace(reading, place="alone").code
    if not code:
        forget(request, response)
        return
    keep_cookie(request, response, NAME, code, seconds=_YEAR)


def forget(request: Request, response: Response) -> None:
    """Removes what the device holds, whatever it is."""
    if cookie_name(request, NAME) in request.cookies:
        forget_cookie(request, response, NAME)
