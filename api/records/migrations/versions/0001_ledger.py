"""The ledger of sign-offs: rows are added, never changed."""

import sqlalchemy as sa
from alembic import op

from api.web.migrate import must_be_empty

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER sign_off_no_{act} BEFORE {act} ON sign_off
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END
"""
_POSTGRES_FUNCTION = """
CREATE FUNCTION ledger_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is only added to'; END $$
"""
_POSTGRES = """
CREATE TRIGGER sign_off_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON sign_off
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to()
"""


def upgrade() -> None:
    """Makes the table, and the triggers that refuse any change of a row."""
    op.create_table(
        "sign_off",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("layer", sa.String(40), nullable=False),
        sa.Column("card", sa.String(60), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("written_by", sa.Text, nullable=False),
        sa.Column("reviewed_by", sa.String(120), nullable=False),
        sa.Column("signed_by", sa.String(120), nullable=False),
        sa.Column("signed_by_post", sa.String(160), nullable=False),
        sa.Column("signed_on", sa.Date, nullable=False),
        sa.Column("review_by", sa.Date, nullable=False),
        sa.Column("practice", sa.Boolean, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False, unique=True),
        sa.Column("row_hash", sa.String(64), nullable=False, unique=True),
    )
    op.create_index("ix_sign_off_layer_card", "sign_off", ["layer", "card"])
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(act=act))
    else:
        op.execute(_POSTGRES_FUNCTION)
        op.execute(_POSTGRES)


def downgrade() -> None:
    """Drops the ledger. Only for an empty one: signed words are never thrown away."""
    must_be_empty("sign_off")
    op.drop_table("sign_off")
