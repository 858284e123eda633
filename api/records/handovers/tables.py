"""The tables of handovers. Everything that somebody wrote lies sealed in them; dates, numbers and hashes lie open."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.hall.database import Base, Moment
from api.records.handovers.states import Ended, Face, Outcome, State, Wants, Writer, state_of
from api.records.sending import Sending


class Provider(Base):
    """An independent advocacy organisation that answers for forces. It is never police.

    `hours` is JSON: by day ("mon" ... "sun") a list of "HH:MM-HH:MM", in UK time; `closed_days` a JSON list of days
    ("2026-12-25"); `rota` a JSON list of the e-mail addresses that are rung. `keep_days` is how many days the words of
    a closed handover are kept, `keep_concern_days` how long a record of concern is; `most_open` how many handovers one
    advocate has at once; `break_minutes` after how long at work a break is suggested. `lead` says who at the provider
    is rung about a child's safety, and how. `hook_url` and `hook_secret` (sealed) are for a system of their own.
    """

    __tablename__ = "provider"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    hours: Mapped[str] = mapped_column(Text)
    closed_days: Mapped[str] = mapped_column(Text)
    rota: Mapped[str] = mapped_column(Text)
    keep_days: Mapped[int]
    keep_concern_days: Mapped[int]
    most_open: Mapped[int]
    break_minutes: Mapped[int]
    lead: Mapped[str] = mapped_column(Text)
    hook_url: Mapped[str | None] = mapped_column(Text)
    hook_secret: Mapped[str | None] = mapped_column(Text)
    practice: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def layer(self) -> str:
        """The layer of this provider's people and of its lines in the log."""
        return layer_of(self.slug)


LAYER_PREFIX = "provider:"
LARGEST_NUMBER = 2**31 - 1
"""The largest number that a column of numbers holds: a greater one names nothing."""


def layer_of(slug: str) -> str:
    """The layer of a provider's people."""
    return f"{LAYER_PREFIX}{slug}"


class Handover(Base):
    """One child's wish for a person, from asking to forgetting.

    `asked_at` is the first ask; nothing that comes later moves it. `sealed` holds what the child sent along (name,
    question, cards, how to call back); `agreed` is JSON: the fingerprints of the consent cards on show when the child
    said yes. `code_hash` and `key_hash` are of the three words and of the secret in the page. `changes` counts what
    happened in the talk; each message takes its place from it. `due_from` and `due_until` are when the next call-back
    is safe. `purge_at` is when the words die; `seen_at` when the child's page was last here; `rung_at` when the
    provider was last rung.
    """

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    force: Mapped[str]
    level: Mapped[str]
    danger: Mapped[bool]
    wants: Mapped[Wants]
    agreed: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[str] = mapped_column(unique=True)
    key_hash: Mapped[str]
    changes: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(Moment)
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    due_from: Mapped[datetime | None] = mapped_column(Moment)
    due_until: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[Ended | None]
    outcome: Mapped[Outcome | None]
    face: Mapped[Face | None]
    purge_at: Mapped[datetime | None] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    rung_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def state(self) -> State:
        """Where it stands."""
        return state_of(self.wants, claimed=self.claimed_by is not None, closed=self.closed_at is not None)


class Message(Base):
    """One thing said, or one thing that happened, in a handover.

    `number` is its place in the talk; `change` its place in the stream, which an edit raises. `client_id` is the
    page's own name for it: sent twice, it is one message. `kind` is "words", or the name of what happened ("claimed",
    "transferred" ...). A message that the child's page has fetched is never changed again.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("handover_id", "number"),
        UniqueConstraint("handover_id", "change"),
        UniqueConstraint("handover_id", "client_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"))
    number: Mapped[int]
    change: Mapped[int]
    writer: Mapped[Writer]
    account_id: Mapped[int | None]
    client_id: Mapped[str | None]
    kind: Mapped[str]
    sealed: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    fetched_at: Mapped[datetime | None] = mapped_column(Moment)


class Presence(Base):
    """Whether an advocate is here: `here_since` from pressing "I am here" until they leave or their browser does."""

    __tablename__ = "presence"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    here_since: Mapped[datetime | None] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class Watch(Base):
    """A supervisor who watches a talk, which the child is told of. Ended rows are deleted with the words."""

    __tablename__ = "watch"

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    began_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Attempt(Base):
    """One try to call a child back, and what came of it."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)


class Concern(Base):
    """A record of concern about a child's safety: sealed, kept apart from the talk and for its own time.

    Its author and the provider's supervisors open it, with a reason, and the log says so.
    """

    __tablename__ = "concern"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    handover_ref: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str]
    sealed: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    keep_until: Mapped[datetime] = mapped_column(Moment)


class Count(Base):
    """How often something happened at a provider in a month ("2026-11"): all that stays of a handover."""

    __tablename__ = "count"
    __table_args__ = (UniqueConstraint("provider_id", "month", "what"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    month: Mapped[str]
    what: Mapped[str]
    count: Mapped[int]


class Knock(Sending, Base):
    """One message to a provider's own system that a child waits. `body` is JSON without any word of the child."""

    __tablename__ = "knock"

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    body: Mapped[str] = mapped_column(Text)
