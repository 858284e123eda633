"""Marks: every row of the three chains carries one, and a row put in by anybody else takes no place from ours."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What each chain says, before what it is long for: looking through places then need not read the words.
_COLUMNS = {
    "sign_off": (
        *("layer", "card", "practice", "words", "written_by", "reviewed_by", "signed_by", "signed_by_post"),
        *("signed_on", "review_by", "fingerprint"),
    ),
    "withdrawal": ("layer", "card", "practice", "reason", "who", "post", "at", "after_row"),
    "audit": ("at", "layer", "account_id", "who", "what", "about"),
}
_LINK = ("id", "previous", "row_hash")
_INDEXES = {
    "sign_off": [("ix_sign_off_layer_card", "layer, card")],
    "withdrawal": [],
    "audit": [("ix_audit_layer", "layer")],
}
_SQLITE = """
CREATE TRIGGER {table}_no_{act} BEFORE {when} ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END
"""
_POSTGRES = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OF {columns} OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to()
"""


def upgrade() -> None:
    """Adds the column for marks, which alone may be changed, and lets two rows say that they follow the same one."""
    for table in _COLUMNS:
        if op.get_bind().dialect.name == "sqlite":
            _anew(table)
        else:
            _in_place(table)


def _anew(table: str) -> None:
    """SQLite cannot let go of UNIQUE, so the table is written anew beside the old one, with every row."""
    columns = (*_LINK, *_COLUMNS[table])
    _copy(table, columns, [sa.Column("mark", sa.String(80))], unique=())
    for column in ("previous", "row_hash"):
        op.create_index(f"ix_{table}_{column}", table, [column])
    for act, when in {"update": f"UPDATE OF {', '.join(columns)}", "delete": "DELETE"}.items():
        op.execute(_SQLITE.format(table=table, act=act, when=when))


def _copy(table: str, columns: tuple[str, ...], new: list[sa.Column[str]], unique: tuple[str, ...]) -> None:
    """Writes a table anew with these columns in this order, the new ones after the first three."""
    old = {column["name"]: column for column in sa.inspect(op.get_bind()).get_columns(table)}
    made = [
        sa.Column(
            name, old[name]["type"], nullable=old[name]["nullable"], unique=name in unique, primary_key=name == "id"
        )
        for name in columns
    ]
    every = ", ".join(columns)
    # Of a change that was cut off.
    op.execute(f"DROP TABLE IF EXISTS {table}_anew")
    op.create_table(f"{table}_anew", *made[:3], *new, *made[3:])
    op.execute(f"INSERT INTO {table}_anew ({every}) SELECT {every} FROM {table} ORDER BY id")  # noqa: S608
    op.drop_table(table)
    op.rename_table(f"{table}_anew", table)
    for name, indexed in _INDEXES[table]:
        op.execute(f"CREATE INDEX {name} ON {table} ({indexed})")


def _in_place(table: str) -> None:
    op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
    for column in ("previous", "row_hash"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_key")
    op.add_column(table, sa.Column("mark", sa.String(80)))
    for column in ("previous", "row_hash"):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.execute(_POSTGRES.format(table=table, columns=", ".join((*_LINK, *_COLUMNS[table]))))


def downgrade() -> None:
    """Refuses while a row is marked: marks cannot be had again, and rows that are not ours would be believed."""
    for table in _COLUMNS:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} WHERE mark IS NOT NULL LIMIT 1")).first():  # noqa: S608
            raise ValueError(f"the marks in {table} cannot be had again; put a copy from before the upgrade back")
    for table in _COLUMNS:
        if op.get_bind().dialect.name == "sqlite":
            _back(table)
        else:
            _back_in_place(table)


def _back(table: str) -> None:
    _copy(table, ("id", *_COLUMNS[table], *_LINK[1:]), [], unique=_LINK[1:])
    for act in ("UPDATE", "DELETE"):
        op.execute(_SQLITE.format(table=table, act=act, when=act))


def _back_in_place(table: str) -> None:
    op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
    op.drop_column(table, "mark")
    for column in ("previous", "row_hash"):
        op.drop_index(f"ix_{table}_{column}", table)
        op.create_unique_constraint(f"{table}_{column}_key", table, [column])
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to()"
    )
