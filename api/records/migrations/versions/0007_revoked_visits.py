"""Visits that were left: keyed hashes, and when they go."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "revoked_visit",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("until", sa.DateTime, nullable=False, index=True),
    )


def downgrade() -> None:
    """Drops the table, once nothing in it counts: without it, pages that were left would come back to life."""
    rows = sa.table("revoked_visit", sa.column("until", sa.DateTime))
    if op.get_bind().scalar(sa.select(sa.func.count()).select_from(rows)):
        raise RuntimeError("Visits that were left are still kept. They go within KNOW_CHAT_HOURS: try again then.")
    op.drop_table("revoked_visit")
