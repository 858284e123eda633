"""What every page of the console needs to know: which advocate is asking, and the mark its forms carry."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.console.room import Console
from api.hall.marks import COOKIE, form_mark
from api.records.handovers.advocates import Advocate


def show(
    request: Request, console: Console, advocate: Advocate, name: str, status: int = 200, **shown: Any
) -> HTMLResponse:
    """A page of the console for an advocate. `name` is the template's, in the folder console."""
    mark = form_mark(request.cookies.get(COOKIE, ""))
    return console.pages.page(request, f"console/{name}", status, advocate=advocate, mark=mark, **shown)
