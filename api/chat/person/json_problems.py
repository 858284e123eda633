"""What a program is told when something cannot be done: which fields to mend, and whether the alarm rang."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse

from api.chat.person import plain_times
from api.chat.person.ask_models import CallBody
from api.chat.person.call_form import TypedCall
from api.records.handovers.new_handover import CallWindow
from api.web.cors import HELP as HELP

SLEPT = f"This handle is too old, or is no handle of ours. The three words lead back. {HELP}"
AWAY = f"We cannot reach our records now. Send the same again: it is kept once. {HELP}"


def problem_with(
    status: int, title: str, *, danger: bool = False, fields: Mapping[str, str] | None = None
) -> JSONResponse:
    """A problem document. `fields` says what to mend, by field, and never what was in them."""
    body: dict[str, Any] = {"type": "about:blank", "status": status, "title": title, "danger": danger}
    body |= {"fields": dict(fields)} if fields else {}
    return JSONResponse(body, status, media_type="application/problem+json")


def typed_call(call: CallBody | None) -> TypedCall:
    """How to call back, as the form of the page has it."""
    if call is None:
        return TypedCall()
    window = plain_times.written(CallWindow(call.window.starts, call.window.ends)) if call.window else ""
    voicemail, to_worker = ("yes" if ticked else "" for ticked in (call.voicemail, call.to_worker))
    return TypedCall(call.number, call.whose, voicemail, call.say, call.code_word, window, to_worker)
