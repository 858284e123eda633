"""The people of the desk: who works for which force, how they prove who they are, and who stands in for the lead."""

import secrets
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.records.marked_rows import Marked
from api.web.column_types import Moment
from api.web.database import Base

_HIGHEST_NUMBER = 2**31 - 1


def drawn_number() -> int:
    """The number of a new account, drawn and not counted.

    Whoever can delete rows could else have the next account take a number whose sessions or passkeys they have copied.
    """
    return 1 + secrets.randbelow(_HIGHEST_NUMBER)


class Account(Marked, Base):
    """One person in one role for one layer. `name` and `post` are what a signature shows; an account is closed, never
    deleted, because signatures name it.

    `totp_sealed` is the secret of their code app, encrypted; `totp_step` the last 30-second step they used, so that a
    code works once. `subject` is who they are at their force's own sign-in, from the first time they used it.
    """

    __tablename__ = "account"
    unmarked = frozenset({"totp_step"})

    id: Mapped[int] = mapped_column(primary_key=True, default=drawn_number)
    layer: Mapped[str]
    role: Mapped[str]
    name: Mapped[str]
    post: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    totp_sealed: Mapped[str | None]
    totp_step: Mapped[int | None]
    subject: Mapped[str | None] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Marked, Base):
    """A code that stands in for the code app once. Only its hash is kept."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Invitation(Marked, Base):
    """A link that works once, to choose a password and a code app, first time or again. Only its hash is kept."""

    __tablename__ = "invitation"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class DeskSession(Marked, Base):
    """One sign-in on one browser. Only the hash of its token is kept."""

    __tablename__ = "desk_session"
    unmarked = frozenset({"seen_at"})

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    began_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class FailedSignIn(Base):
    """How often somebody at one origin has tried to get in with one e-mail since they last did, for a day after.

    Holds a hash of what was typed as the e-mail, and the origin by its keyed name of that day. `wrong_codes` counts
    the codes of a code app among the tries, which only somebody who knows the password can give.
    """

    __tablename__ = "failed_sign_in"
    __table_args__ = (UniqueConstraint("email_hash", "origin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email_hash: Mapped[str]
    origin: Mapped[str]
    tries: Mapped[int]
    wrong_codes: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(Moment)
    forget_at: Mapped[datetime] = mapped_column(Moment)


class Passkey(Marked, Base):
    """A passkey of somebody: which credential it is, the key that proves it, and what they call it.

    `handle` is the name by which their devices know the account, the same for all their passkeys. `sign_count` is what
    the passkey last said of how often it was used; many say 0 always.
    """

    __tablename__ = "passkey"
    unmarked = frozenset({"sign_count", "used_at"})

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    handle: Mapped[str]
    credential: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class AnsweredChallenge(Base):
    """A challenge that a passkey has answered, by its hash, for as long as it could be answered again."""

    __tablename__ = "answered_challenge"

    id: Mapped[int] = mapped_column(primary_key=True)
    challenge_hash: Mapped[str] = mapped_column(unique=True)
    forget_at: Mapped[datetime] = mapped_column(Moment)


class Delegation(Marked, Base):
    """Somebody who may sign in place of their force's lead, from a day to a day, both included."""

    __tablename__ = "delegation"

    layer: Mapped[str]
    deputy_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    starts: Mapped[date]
    ends: Mapped[date]
    named_by: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
