"""Handovers: providers, what a child asked and said (sealed), who is here, concerns, and the counts that stay."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from api.web.migrate import must_be_empty

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_HEX = 64


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _text(name: str, size: int, *, null: bool = False, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), nullable=null, unique=unique)


def _long(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _moment(name: str, *, null: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime, nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null)


def _yes_or_no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _of(table: str, name: str = "", *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name or f"{table}_id", sa.Integer, sa.ForeignKey(f"{table}.id"), nullable=null, index=True)


def upgrade() -> None:
    """Makes the tables."""
    _providers()
    _handovers()
    _beside()


def _providers() -> None:
    op.create_table(
        "provider",
        _key(),
        _text("slug", 30, unique=True),
        _text("name", 120),
        _long("hours"),
        _long("closed_days"),
        _long("rota"),
        _number("keep_days"),
        _number("keep_concern_days"),
        _number("most_open"),
        _number("break_minutes"),
        _long("lead"),
        _long("hook_url", null=True),
        _long("hook_secret", null=True),
        _yes_or_no("practice"),
        _moment("made_at"),
    )
    op.create_table(
        "presence",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), primary_key=True, autoincrement=False),
        _moment("here_since", null=True),
        _moment("seen_at"),
    )
    op.create_table(
        "count",
        _key(),
        _of("provider"),
        _text("month", 7),
        _text("what", 40),
        _number("count"),
        sa.UniqueConstraint("provider_id", "month", "what"),
    )
    op.create_table(
        "knock",
        _key(),
        _of("provider"),
        _long("body"),
        _moment("made_at"),
        _moment("try_at"),
        _number("tries"),
        _moment("sent_at", null=True),
        _text("fault", 255),
    )


def _handovers() -> None:
    op.create_table(
        "handover",
        _key(),
        _text("ref", 24, unique=True),
        _of("provider"),
        _text("force", 40),
        _text("level", 20),
        _yes_or_no("danger"),
        _text("wants", 12),
        _long("agreed"),
        _long("sealed"),
        _text("code_hash", _HEX, unique=True),
        _text("key_hash", _HEX),
        _number("changes"),
        _moment("asked_at"),
        _of("account", "claimed_by", null=True),
        _moment("claimed_at", null=True),
        _moment("due_from", null=True),
        _moment("due_until", null=True),
        _moment("closed_at", null=True),
        _text("closed_by", 12, null=True),
        _text("outcome", 20, null=True),
        _text("face", 10, null=True),
        _moment("purge_at", null=True),
        _moment("seen_at", null=True),
        _moment("rung_at", null=True),
    )
    op.create_table(
        "message",
        _key(),
        _of("handover"),
        _number("number"),
        _number("change"),
        _text("writer", 10),
        _number("account_id", null=True),
        _text("client_id", 40, null=True),
        _text("kind", 40),
        _long("sealed"),
        _moment("at"),
        _moment("edited_at", null=True),
        _moment("fetched_at", null=True),
        sa.UniqueConstraint("handover_id", "number"),
        sa.UniqueConstraint("handover_id", "change"),
        sa.UniqueConstraint("handover_id", "client_id"),
    )


def _beside() -> None:
    op.create_table(
        "watch", _key(), _of("handover"), _of("account"), _moment("began_at"), _moment("ended_at", null=True)
    )
    op.create_table("attempt", _key(), _of("handover"), _of("account"), _text("outcome", 20), _moment("at"))
    op.create_table(
        "concern",
        _key(),
        _text("ref", 24, unique=True),
        _of("provider"),
        _text("handover_ref", 24),
        _of("account"),
        _text("reason", 40),
        _long("sealed"),
        _moment("at"),
        _moment("keep_until"),
    )


def downgrade() -> None:
    """Drops the tables. Only where no child ever asked for a person: a record of concern is never thrown away."""
    must_be_empty("concern", "message", "handover", "provider")
    for table in (
        *("concern", "attempt", "watch", "message", "handover"),
        *("knock", "count", "presence", "provider"),
    ):
        op.drop_table(table)
