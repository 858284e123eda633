"""The line takes turns between origins; and many asks that are alike are closed together, by two people."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what turns are counted by to handovers, and the table of closings.."""
    op.add_column("handover", sa.Column("origin", sa.String(40), nullable=True))
    op.add_column("handover", sa.Column("turns", sa.Integer, nullable=False, server_default="0"))
    op.add_column("handover", sa.Column("turned_at", sa.DateTime, nullable=True))
    op.add_column("handover", sa.Column("closing_id", sa.Integer, nullable=True))
    op.create_index("ix_handover_closing_id", "handover", ["closing_id"])
    op.create_table(
        "closing",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("ref", sa.String(24), nullable=False, unique=True),
        sa.Column("provider_id", sa.Integer, sa.ForeignKey("provider.id"), nullable=False, index=True),
        sa.Column("proposed_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("proposed_at", sa.DateTime, nullable=False),
        sa.Column("confirmed_by", sa.Integer, sa.ForeignKey("account.id"), nullable=True),
        sa.Column("confirmed_at", sa.DateTime, nullable=True),
        sa.Column("ended_at", sa.DateTime, nullable=True),
    )


def downgrade() -> None:
    """Drops them. Nothing that cannot be had again: the order is by danger and time then, the log says who closed."""
    op.drop_table("closing")
    op.drop_index("ix_handover_closing_id", "handover")
    for column in ("closing_id", "turned_at", "turns", "origin"):
        op.drop_column("handover", column)
