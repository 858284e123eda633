"""What the JSON of asking and coming back takes and gives."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from api.chat.chat_json_models import CardView
from api.records.handovers.states import State, Wants


class WindowView(BaseModel):
    """A time at which somebody is there to call, with its words by UK clocks."""

    starts: datetime
    ends: datetime
    label: str


class ProviderView(BaseModel):
    """The independent organisation that answers. It is not the police."""

    slug: str
    name: str


class TermsView(BaseModel):
    """What a child must be shown before they say yes, and what is sent back with their yes.

    `open` says that it is a time at which somebody answers on the page; `here` that somebody is at their screen.
    `opens_next` is None while it is not known. `keep_days` is how long words are kept after the talk ends; show it
    under the card "person-what-we-keep". `once` makes sending happen once: send it back as it is. Where a worker asks
    with the child, `consent_with_worker` is the card that the child must say yes to first; without it all ask alone.
    """

    provider: ProviderView
    open: bool
    here: bool
    opens_next: datetime | None
    keep_days: int
    consent: list[CardView]
    windows: list[WindowView]
    once: str
    consent_with_worker: CardView | None = None


class WindowBody(BaseModel):
    """From when until when a call is safe, with their time zones: one of those in the terms, or another inside them."""

    starts: AwareDatetime
    ends: AwareDatetime


class CallBody(BaseModel):
    """How it is safe to call back. `voicemail` is False unless the child says that a message may be left.

    `say` is the name to say when somebody else answers. With `to_worker` the child says that the worker is called: at
    the number of `worker.reach`, and no other is asked for or kept.
    """

    number: str = ""
    whose: Literal["mine", "family", "friend", "other", ""] = ""
    voicemail: bool = False
    say: str = ""
    code_word: str = ""
    window: WindowBody | None = None
    to_worker: bool = False


class WorkerBody(BaseModel):
    """What to call a worker, and one way to reach them at their work: a UK phone number, or an e-mail address.

    The number may end in an extension ("ext 12"). The child sees both before they are sent. Neither has to be given.
    """

    name: str = ""
    reach: str = ""


class AskBody(BaseModel):
    """What a child asks for, every part seen by them before.

    `chat` is the chat's token. `once`, `provider` (its slug), `keep_days` and `agreed` (the fingerprints of the consent
    cards by their keys) are those of the terms that the child said yes to. `cards` are keys of answers to pass on.
    `passport` are ids of sentences on how to talk with the child, as GET /api/v1/passport lists them: only those that
    the child ticked, and only where they also said that these may be sent.

    `with_worker` is for a child who asks with a worker and said yes to that before all else: `agreed` then also holds
    the fingerprint of `consent_with_worker`, or it is refused. `worker` may only be named then.
    """

    chat: str = Field(max_length=8_000)
    once: str = Field(max_length=2_000)
    provider: str = Field(max_length=100)
    keep_days: int
    agreed: dict[str, str] = Field(max_length=10)
    wants: Wants
    name: str = ""
    question: str = ""
    cards: list[str] = Field([], max_length=20)
    passport: list[str] = Field([], max_length=40)
    call: CallBody | None = None
    with_worker: bool = False
    worker: WorkerBody | None = None


class KeptView(BaseModel):
    """A handover that is kept. `here` is the handle of its talk, good for 30 minutes and renewed by every answer.

    `words` are the three words that lead back to it: show them once. `danger` is True when the alarm rang at something
    in it, or in the chat before: show help then, and keep it on the page. `full` is True while more wait than those who
    are here can take: give the numbers of the talk's state, and offer a call, at once. The place in line is kept.
    """

    here: str
    words: str
    chat: str
    state: State
    danger: bool
    full: bool = False


class BackBody(BaseModel):
    """The three words, however they are spelt, and the chat's token if there is one."""

    words: str
    chat: str = Field("", max_length=8_000)


class BackView(BaseModel):
    """A talk that a child has come back to. Older handles of it are out from now on."""

    here: str
    chat: str
    force: str | None
    state: State
    danger: bool
