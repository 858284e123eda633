"""The desk: people, what they do to words, local facts, withdrawals, the audit log, letters and decisions."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from api.web.migrate import must_be_empty

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ONLY_ADDED_TO = ("act", "local_fact", "withdrawal", "audit", "force_setting")
_SQLITE = """
CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END
"""
_POSTGRES = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to()
"""


def upgrade() -> None:
    """Makes the tables, and the triggers that refuse any change of a row that is only added."""
    _people()
    _words()
    _chains()
    _post()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _ONLY_ADDED_TO:
        for act in ("UPDATE", "DELETE") if sqlite else ("",):
            op.execute((_SQLITE if sqlite else _POSTGRES).format(table=table, act=act))


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


def _account(name: str = "account_id") -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey("account.id"), nullable=False, index=True)


def _chained() -> tuple[sa.Column[str], sa.Column[str]]:
    return _text("previous", 64, unique=True), _text("row_hash", 64, unique=True)


def _people() -> None:
    op.create_table(
        "account",
        _key(),
        _text("layer", 40),
        _text("role", 20),
        _text("name", 120),
        _text("post", 160),
        _text("email", 254, unique=True),
        _text("password_hash", 255, null=True),
        _text("totp_sealed", 255, null=True),
        _number("totp_step", null=True),
        _text("subject", 255, null=True, unique=True),
        _moment("made_at"),
        _moment("closed_at", null=True),
    )
    op.create_table("recovery_code", _key(), _account(), _text("code_hash", 64), _moment("used_at", null=True))
    op.create_table(
        "invitation",
        _key(),
        _account(),
        _text("token_hash", 64, unique=True),
        _moment("made_at"),
        _moment("expires_at"),
        _moment("used_at", null=True),
    )
    op.create_table(
        "desk_session",
        _key(),
        _account(),
        _text("token_hash", 64, unique=True),
        _moment("began_at"),
        _moment("seen_at"),
        _moment("ended_at", null=True),
    )
    op.create_table("failed_sign_in", _key(), _text("email_hash", 64), _moment("at"))
    op.create_index("ix_failed_sign_in_email_hash", "failed_sign_in", ["email_hash"])
    op.create_table(
        "delegation",
        _key(),
        _text("layer", 40),
        _account("deputy_id"),
        sa.Column("starts", sa.Date, nullable=False),
        sa.Column("ends", sa.Date, nullable=False),
        _text("named_by", 120),
        _moment("made_at"),
        _moment("ended_at", null=True),
    )


def _words() -> None:
    op.create_table(
        "act",
        _key(),
        _text("layer", 40),
        _text("card", 60),
        _number("number"),
        _text("kind", 20),
        _number("account_id"),
        _text("who", 120),
        _moment("at"),
        _text("fingerprint", 64),
        _long("text", null=True),
        _long("comment"),
        sa.UniqueConstraint("layer", "card", "number"),
    )
    op.create_table(
        "local_fact",
        _key(),
        _text("layer", 40),
        _text("slot", 60),
        _long("value"),
        _number("account_id"),
        _text("who", 120),
        _moment("at"),
    )
    op.create_index("ix_local_fact_layer", "local_fact", ["layer", "slot"])


def _chains() -> None:
    op.create_table(
        "withdrawal",
        _key(),
        _text("layer", 40),
        _text("card", 60),
        _long("reason"),
        _text("who", 120),
        _text("post", 160),
        _moment("at"),
        _number("after_row"),
        sa.Column("practice", sa.Boolean, nullable=False),
        *_chained(),
    )
    op.create_table(
        "audit",
        _key(),
        _moment("at"),
        _text("layer", 40),
        _number("account_id", null=True),
        _text("who", 120),
        _text("what", 40),
        _text("about", 255),
        *_chained(),
    )
    op.create_index("ix_audit_layer", "audit", ["layer"])
    op.create_table(
        "force_setting",
        _key(),
        _text("layer", 40),
        _text("name", 40),
        _text("value", 255),
        _text("who", 120),
        _moment("at"),
    )


def _post() -> None:
    op.create_table(
        "letter",
        _key(),
        _text("layer", 40),
        _text("email", 254),
        _text("subject", 160),
        _long("body"),
        _moment("made_at"),
        _moment("try_at"),
        _number("tries"),
        _moment("sent_at", null=True),
        _text("fault", 255),
    )
    op.create_table(
        "reminder",
        _key(),
        _text("layer", 40),
        _text("card", 60),
        sa.Column("review_by", sa.Date, nullable=False),
        _number("days"),
        sa.UniqueConstraint("layer", "card", "review_by", "days"),
    )
    op.create_table(
        "unanswered",
        _key(),
        _text("force", 40),
        _text("month", 7),
        _number("count"),
        sa.UniqueConstraint("force", "month"),
    )


def downgrade() -> None:
    """Drops the desk. Only for one that nobody has worked at: what was done is never thrown away."""
    must_be_empty("force_setting", "audit", "withdrawal", "local_fact", "act", "delegation", "account")
    for table in (
        "unanswered",
        "reminder",
        "letter",
        "force_setting",
        "audit",
        "withdrawal",
        "local_fact",
        "act",
        "delegation",
        "failed_sign_in",
        "desk_session",
        "invitation",
        "recovery_code",
        "account",
    ):
        op.drop_table(table)
