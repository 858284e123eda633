"""The widget: how each force embeds it, and the keys of forces' own apps."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "embed",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("layer", sa.String(40), nullable=False, index=True),
        sa.Column("sites", sa.Text, nullable=False),
        sa.Column("colour", sa.String(7), nullable=False),
        sa.Column("position", sa.String(10), nullable=False),
        sa.Column("greeting", sa.String(60), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("exit_key", sa.String(10), nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "embed_key",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("layer", sa.String(40), nullable=False, index=True),
        sa.Column("key", sa.String(60), nullable=False, unique=True),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("ended_by", sa.String(120), nullable=True),
        sa.Column("ended_at", sa.DateTime, nullable=True),
    )


def downgrade() -> None:
    """Drops the tables: every force lists its sites and makes its keys again."""
    op.drop_table("embed_key")
    op.drop_table("embed")
