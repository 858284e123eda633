"""The tables of handovers. Everything that somebody wrote lies sealed in them; dates, numbers and hashes lie open."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Relationship, mapped_column, relationship

from api.records.handovers.opening_hours import Hours
from api.records.handovers.states import Ended, Face, Outcome, State, Wants, Writer
from api.records.outbox import OutboxRow
from api.web.column_types import Moment
from api.web.database import Base


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

    @property
    def opening_hours(self) -> Hours:
        """When its advocates are there. Raises BrokenHours for a row that was not written here."""
        return Hours.read(self.hours, self.closed_days)


LAYER_PREFIX = "provider:"
LARGEST_NUMBER = 2**31 - 1
"""The largest number that a column of numbers holds: a greater one names nothing."""


def layer_of(slug: str) -> str:
    """The layer of a provider's people."""
    return f"{LAYER_PREFIX}{slug}"


class DataKey(Base):
    """A key of its own, sealed, of one handover or of one record of concern: without it nothing of that one opens.

    One that was destroyed belongs to nothing and holds nothing; the row says that the table is still to be rewritten.
    The table is rewritten with every forgetting, so nothing refers to it and it refers to nothing.
    """

    __tablename__ = "data_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int | None] = mapped_column(index=True)
    concern_id: Mapped[int | None] = mapped_column(index=True)
    sealed: Mapped[str] = mapped_column(Text)


def _keys(whose: str) -> Relationship[list[DataKey]]:
    """Read with every row, as nothing of it opens without."""
    return relationship(primaryjoin=whose, order_by=DataKey.id, lazy="selectin", viewonly=True)


class Handover(Base):
    """One child's wish for a person, from asking to forgetting.

    `asked_at` is the first ask; nothing that comes later moves it. `sealed` holds what the child sent along (name,
    question, cards, how to call back); `agreed` is JSON: the fingerprints of the consent cards on show when the child
    said yes. `code_hash` and `key_hash` are of the three words and of the secret in the page. `changes` counts what
    happened in the talk; each message takes its place from it. `due_from` and `due_until` are when the next call-back
    is safe. `purge_at` is when the words die; `seen_at` when the child's page was last here; `rung_at` when the
    provider was last rung.

    `origin` is the keyed name, good for a day, of where it was asked from, while nobody has taken or closed it; `turns`
    and `turned_at` are how many of that origin were taken meanwhile, and when the last one was. `closing_id` is the
    closing of many together that it was proposed for last.
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
    origin: Mapped[str | None]
    turns: Mapped[int]
    turned_at: Mapped[datetime | None] = mapped_column(Moment)
    closing_id: Mapped[int | None]
    keys: Mapped[list[DataKey]] = _keys("Handover.id == foreign(DataKey.handover_id)")

    @property
    def state(self) -> State:
        """Where it stands, as its dates make it."""
        if self.closed_at is not None:
            return "closed"
        if self.wants == "here":
            return "waiting" if self.claimed_by is None else "talking"
        return "call-back" if self.claimed_by is None else "calling"


class Closing(Base):
    """Many handovers that one advocate proposes to close together, and another one of the provider closes, or does not.

    `ended_at` is when it was given up before that, or undone after it.
    """

    __tablename__ = "closing"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


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
    keys: Mapped[list[DataKey]] = _keys("Message.handover_id == foreign(DataKey.handover_id)")


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


class CallAttempt(Base):
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
    keys: Mapped[list[DataKey]] = _keys("Concern.id == foreign(DataKey.concern_id)")


class Count(Base):
    """How often something happened at a provider in a month ("2026-11"): all that stays of a handover."""

    __tablename__ = "count"
    __table_args__ = (UniqueConstraint("provider_id", "month", "what"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    month: Mapped[str]
    what: Mapped[str]
    count: Mapped[int]


class WebhookCall(OutboxRow, Base):
    """One message to a provider's own system that a child waits. `body` is JSON without any word of the child."""

    __tablename__ = "knock"

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    body: Mapped[str] = mapped_column(Text)
