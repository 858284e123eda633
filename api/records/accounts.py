"""The people of the desk: who works for which force, how they prove who they are, and who stands in for the lead."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.hall.database import Base, Moment


class Account(Base):
    """One person in one role for one layer. `name` and `post` are what a signature shows; an account is closed, never
    deleted, because signatures name it.

    `totp_sealed` is the secret of their code app, encrypted; `totp_step` the last 30-second step they used, so that a
    code works once. `subject` is who they are at their force's own sign-in, from the first time they used it.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
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


class RecoveryCode(Base):
    """A code that stands in for the code app once. Only its hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Invitation(Base):
    """A link that works once, to choose a password and a code app, first time or again. Only its hash is kept."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class DeskSession(Base):
    """One sign-in on one browser. Only the hash of its token is kept."""

    __tablename__ = "desk_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    began_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class FailedSignIn(Base):
    """A sign-in that failed, kept for a day to slow guessing down. Holds a hash of what was typed as the e-mail."""

    __tablename__ = "failed_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    email_hash: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)


class Delegation(Base):
    """Somebody who may sign in place of their force's lead, from a day to a day, both included."""

    __tablename__ = "delegation"

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    deputy_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    starts: Mapped[date]
    ends: Mapped[date]
    named_by: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
