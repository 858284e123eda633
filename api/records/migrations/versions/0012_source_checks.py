"""What is known of the sources of the cards: fingerprints of what they say, and when they were looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "source_check",
        sa.Column("url", sa.String(500), primary_key=True),
        sa.Column("place", sa.String(300), primary_key=True),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("detail", sa.String(600), nullable=False),
        sa.Column("checked_at", sa.DateTime, nullable=False),
        sa.Column("fingerprint", sa.String(80), nullable=True),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("read_at", sa.DateTime, nullable=True),
        sa.Column("changed_at", sa.DateTime, nullable=True),
        sa.Column("outdated_until", sa.Date, nullable=True),
        sa.Column("etag", sa.String(300), nullable=True),
        sa.Column("last_modified", sa.String(100), nullable=True),
    )


def downgrade() -> None:
    """Drops it. The next check begins anew: what changes before it is not told."""
    op.drop_table("source_check")
