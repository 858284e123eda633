"""Whoever can write to the database lets nobody in: accounts, and all that opens them, carry a mark."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = ("account", "desk_session", "invitation", "recovery_code", "passkey", "delegation")


def upgrade() -> None:
    """Adds the column. Rows of before have none, and are given one by `prepare`, which has the key."""
    for table in _TABLES:
        op.add_column(table, sa.Column("mark", sa.String(80), nullable=True))


def downgrade() -> None:
    """Refuses while a row is marked: marks cannot be had again, and rows that are not ours would be believed."""
    for table in _TABLES:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} WHERE mark IS NOT NULL LIMIT 1")).first():  # noqa: S608
            raise ValueError(f"the marks in {table} cannot be had again; put a copy from before the upgrade back")
    for table in _TABLES:
        op.drop_column(table, "mark")
