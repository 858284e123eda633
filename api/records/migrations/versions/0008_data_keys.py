"""A key of its own for each handover and each record of concern, in a table small enough to be rewritten at once."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table. What was kept before gets its keys from the running service, which has the operator's."""
    op.create_table(
        "data_key",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("handover_id", sa.Integer, nullable=True, index=True),
        sa.Column("concern_id", sa.Integer, nullable=True, index=True),
        sa.Column("sealed", sa.Text, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        # ANALYZE would copy keys into the statistics, where they outlive the table's own files.
        op.execute("ALTER TABLE data_key ALTER COLUMN sealed SET STATISTICS 0")


def downgrade() -> None:
    """Drops the table, if it is empty: without their keys, talks and records cannot be read by anybody."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM data_key WHERE sealed <> ''")):
        raise ValueError("talks and records of concern are sealed with keys in data_key: dropping it would lose them")
    op.drop_table("data_key")
