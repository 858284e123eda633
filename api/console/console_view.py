"""What every page of the console needs to know: which advocate is asking, and the mark its forms carry."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.console.console_door import ConsoleDoor
from api.records.handovers.advocates import Advocate
from api.web.cookies import read_cookie
from api.web.csrf import COOKIE, form_mark


def show(
    request: Request, console: ConsoleDoor, advocate: Advocate, name: str, status: int = 200, **shown: Any
) -> HTMLResponse:
    """A page of the console for an advocate. `name` is the template's, in the folder console."""
    mark = form_mark(read_cookie(request, COOKIE))
    return console.pages.page(request, f"console/{name}", status, advocate=advocate, mark=mark, **shown)
