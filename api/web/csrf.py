"""CSRF tokens: what every form behind a sign-in carries, so that no other site can send one; the same at every door."""

import hashlib
import hmac

from fastapi import Request
from starlette.datastructures import FormData

from api.web.errors import Problem

COOKIE = "desk"
"""The name of the cookie that holds the token of a sign-in, at whichever door."""
SIGN_IN = "/desk/sign-in"
"""Where everybody signs in, at whichever door they work."""
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""The methods by which something is done."""
SENT_FROM = "sec-fetch-site"
"""The header in which a browser says from which site a request comes."""
NOT_FROM_HERE = "This form is not from this page. Open the page again."


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more: the page to sign in is shown, and then the one that was asked for."""


class OldForm(Exception):
    """A form of a page of ours that was opened before the last sign-in: it is shown to be sent with the new mark."""


def form_mark(token: str) -> str:
    """What every form of a sign-in carries, so that no other site can send one. It says nothing of the token."""
    return hashlib.sha256(f"form {token}".encode()).hexdigest()


def carries_mark(form: FormData, token: str) -> bool:
    """True for a form of the page that was opened with this sign-in."""
    # As bytes, because somebody may send a mark of any letters.
    return hmac.compare_digest(str(form.get("mark", "")).encode(), form_mark(token).encode())


async def must_be_our_form(request: Request, token: str) -> None:
    """For the guards, of somebody who is signed in: a form must carry the mark of this sign-in.

    Raises OldForm for a form from before this sign-in, and Problem 403 for one that another page sent.
    """
    if request.method not in CHANGES or carries_mark(await request.form(), token):
        return
    if sent_by_our_page(request):
        raise OldForm
    raise Problem(403, NOT_FROM_HERE)


def sent_by_our_page(request: Request) -> bool:
    """True when the browser says so. Older browsers, and plain http to another machine, say nothing: False then."""
    return request.headers.get(SENT_FROM) == "same-origin"
