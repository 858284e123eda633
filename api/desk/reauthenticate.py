"""What somebody sees whose sign-in has ended, at the desk or the console: everything they typed is carried along."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from api.desk.password_sign_in import door_of, own_path
from api.web.cookies import read_cookie
from api.web.csrf import COOKIE, NotSignedIn, OldForm, carries_mark, form_mark, sent_by_our_page
from api.web.handed import handed
from api.web.pages import Pages

KEPT = "kept:"
"""What the names of carried fields begin with, so that they cannot be taken for those of the sign-in."""
KEPT_FILE = "kept-file:"
_SEE_OTHER = 303


@dataclass(frozen=True)
class LapsedForm:
    """A form on its way: where it goes, what was typed, and the files to be chosen again (field and file name)."""

    to: str
    fields: Sequence[tuple[str, str]]
    files: Sequence[tuple[str, str]] = ()


async def not_signed_in(request: Request, _error: Exception) -> Response:
    """Asks to sign in; a page that was asked for is opened afterwards, a form that was sent can be sent again."""
    if "x-fragment" in request.headers:
        return HTMLResponse(
            "<p>Your sign-in has ended. Send the whole form: you sign in, and nothing is lost.</p>", 401
        )
    if request.method in ("GET", "HEAD"):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/desk/sign-in?{urlencode({'next': own_path(wanted)})}", _SEE_OTHER)
    async with request.form() as form:
        return page(request, _draft(request, form) if _is_ours(request, form) else None, status=401)


async def old_form(request: Request, _error: Exception) -> Response:
    """Offers to send a form from before this sign-in again, with the mark of this one."""
    if "x-fragment" in request.headers:
        return HTMLResponse("<p>You have signed in again since. Send the whole form: nothing is lost.</p>", 401)
    async with request.form() as form:
        return resend(request, _draft(request, form), read_cookie(request, COOKIE), status=409)


ANSWERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    NotSignedIn: not_signed_in,
    OldForm: old_form,
}
"""How the app answers those whose sign-in has ended."""


def page(
    request: Request, draft: LapsedForm | None, *, status: int, email: str = "", told: str = "", two: bool = False
) -> Response:
    """E-mail, password and code in one form, with the draft in hidden fields; beside it, a passkey."""
    shown = {"draft": draft, "email": email, "told": told, "two": two}
    return handed(request, Pages).page(request, "desk/again.html", status, **shown)


def resend(request: Request, draft: LapsedForm, token: str, *, status: int = 200) -> Response:
    """A button that sends the draft where it was going, with the mark of the new sign-in."""
    shown = {"draft": draft, "mark": form_mark(token), "door": door_of(draft.to)}
    return handed(request, Pages).page(request, "desk/resend.html", status, **shown)


def carried(form: FormData) -> LapsedForm:
    """The draft that our own page has carried along."""
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return LapsedForm(
        own_path(str(form.get("to", ""))),
        [(name.removeprefix(KEPT), value) for name, value in pairs if name.startswith(KEPT)],
        [(name.removeprefix(KEPT_FILE), value) for name, value in pairs if name.startswith(KEPT_FILE)],
    )


def _is_ours(request: Request, form: FormData) -> bool:
    """True for a form from a page of ours. Another site's is not carried past a sign-in: it would be sent as theirs."""
    token = read_cookie(request, COOKIE)
    return (token != "" and carries_mark(form, token)) or sent_by_our_page(request)


def _draft(request: Request, form: FormData) -> LapsedForm:
    to = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    sent = [(name, value) for name, value in form.multi_items() if name != "mark"]
    return LapsedForm(
        own_path(to),
        [(name, value) for name, value in sent if isinstance(value, str)],
        [(name, value.filename) for name, value in sent if isinstance(value, UploadFile) and value.filename],
    )
