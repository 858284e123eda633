"""Passkeys, challenges that were answered, and sign-in attempts counted by origin and e-mail together."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables. Failed sign-ins, which were kept for a day, are counted anew."""
    op.drop_table("failed_sign_in")
    op.create_table(
        "failed_sign_in",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("email_hash", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("wrong_codes", sa.Integer, nullable=False),
        sa.Column("next_at", sa.DateTime, nullable=False),
        sa.Column("forget_at", sa.DateTime, nullable=False, index=True),
        sa.UniqueConstraint("email_hash", "origin"),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("handle", sa.String(100), nullable=False),
        sa.Column("credential", sa.String(1400), nullable=False, unique=True),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("used_at", sa.DateTime, nullable=True),
    )
    op.create_table(
        "answered_challenge",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("challenge_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("forget_at", sa.DateTime, nullable=False, index=True),
    )


def downgrade() -> None:
    """Drops the tables. Refuses while anybody has a passkey: nobody but they could make it again."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM passkey")):
        raise RuntimeError("There are passkeys, and only the people who have them could make them again.")
    op.drop_table("answered_challenge")
    op.drop_table("passkey")
    op.drop_table("failed_sign_in")
    op.create_table(
        "failed_sign_in",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("email_hash", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_failed_sign_in_email_hash", "failed_sign_in", ["email_hash"])
