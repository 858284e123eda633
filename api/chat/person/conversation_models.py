"""The shapes of a talk with a person in JSON."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from api.chat.chat_json_models import CardView, MeaningView
from api.chat.person.ask_models import CallBody
from api.records.handovers.states import Face, State, Wants

LONGEST_HANDLE = 600
"""The most characters of a handle."""
_LONGEST_NAME = 200


class SayBody(BaseModel):
    """What a child says. `client_id` is the caller's own name for it: sent twice, it is said once."""

    text: str
    client_id: str = Field(min_length=8, max_length=_LONGEST_NAME)
    here: str = Field("", max_length=LONGEST_HANDLE)


class ChangeBody(BaseModel):
    """How the child wants to be answered from now on; `call` says how to call back."""

    wants: Wants
    call: CallBody | None = None
    here: str = Field("", max_length=LONGEST_HANDLE)


class EndBody(BaseModel):
    """Ends the talk; with `forget` every word of it is deleted now, and cannot be had back."""

    forget: bool = False
    here: str = Field("", max_length=LONGEST_HANDLE)


class FaceBody(BaseModel):
    """How the talk was, once it is closed. Only counted."""

    face: Face
    here: str = Field("", max_length=LONGEST_HANDLE)


class LineView(BaseModel):
    """One message, or one thing that happened. `change` is its place in the stream, `number` in the talk.

    `who` is what its writer is called; `kind` is "words", or the name of what happened, which `text` then says.
    """

    number: int
    change: int
    writer: str
    who: str
    kind: str
    text: str
    symbol: str | None = None
    card: CardView | None = None
    meanings: list[MeaningView] = []
    at: datetime
    lost: bool = False


class EndedView(BaseModel):
    """How a talk ended: by whom, with what outcome, the card that says so, and when the words are deleted."""

    by: str
    outcome: str
    card: CardView | None
    deleted_on: date | None
    face: Face | None


class NumberView(BaseModel):
    """Who else can be reached, beside 999 and Childline. `how` is what to do, as "text SHOUT to 85258"."""

    name: str
    how: str
    phone: str | None
    web: str | None


class StateView(BaseModel):
    """Where a talk stands. `here` is the handle to use from now on, empty in a stream, which sends handles apart.

    `who_can_see` and `news` are the signed sentences for the child; `waited` is what the wait has come to.
    `messages` is how many were written before, which are never shown unless the child asks. `with_worker` is True
    where the child asked with a worker: say so on the page. `full` is True while more wait than the people who are
    here can take: the child keeps their place; show `numbers` beside 999 and Childline, and offer a call, at once.
    """

    here: str = ""
    state: State
    danger: bool
    who_can_see: str
    news: str | None
    provider: str
    advocate: str | None
    watchers: list[str]
    asked_at: datetime
    minutes: int
    waited: str | None
    place: int | None
    nobody: str | None
    call_from: datetime | None
    call_until: datetime | None
    ended: EndedView | None
    changes: int
    messages: int | None = None
    with_worker: bool = False
    full: bool = False
    numbers: list[NumberView] = []


class LinesView(BaseModel):
    """The messages since a change, in the order of the talk."""

    here: str
    changes: int
    lines: list[LineView]


class SaidView(BaseModel):
    """What was kept: the server has it. `danger` is True when the alarm rang at it: show 999 and Childline."""

    here: str
    number: int
    change: int
    danger: bool


class ForgottenView(BaseModel):
    """What went and what stays: a record of concern, where one was written, stays with the provider.

    `wiped` is false while a copy of the key that opens the words is still on our computer, which goes on deleting it.
    """

    messages: int
    name: bool
    number: bool
    concern: bool
    provider: str
    wiped: bool
