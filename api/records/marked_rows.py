"""Rows that say who somebody is and what they may do: each carries a mark that whoever has the database cannot make."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar, cast

from sqlalchemy import Connection, FromClause, String, event, inspect, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Mapper, declared_attr, mapped_column, object_session
from sqlalchemy.orm.attributes import set_committed_value

from api.web.database import keys_of, log_once_of
from api.web.ledger_keys import LedgerKeys

_log = logging.getLogger(__name__)
TAKEN_AWAY = ""
"""The mark of a row that has ended: it opens nothing from then on, and to empty the other columns again is no use."""


class Marked:
    """A row with a mark: HMAC-SHA256 over its table, its number and every column but those in `unmarked`.

    Added or changed through a session, it is marked by itself, unless it was altered before: what was not ours does not
    become ours by being changed. Of two who change a row at once one gets StaleDataError, because a mark over what the
    other has just changed would be wrong. To end a row, an UPDATE puts TAKEN_AWAY.
    """

    __tablename__: Any
    __table__: ClassVar[FromClause]
    unmarked: ClassVar[frozenset[str]] = frozenset()
    """Columns that change by use, and that open nothing."""

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str | None] = mapped_column(String(80), sort_order=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands over the class
        """Lets an UPDATE find the row only while its mark is the one that was read."""
        return {"version_id_col": cls.mark, "version_id_generator": False}


Row = TypeVar("Row", bound=Marked)


def believed(session: AsyncSession, row: Row | None) -> Row | None:
    """The row, if it was written by who holds a key, and not altered since; None, and logged once, for every other."""
    if row is None or is_ours(keys_of(session), row):
        return row
    if row.mark != TAKEN_AWAY and log_once_of(session).is_new(f"{row.__tablename__} {row.id}"):
        _log.error("row %s of %s was altered, or put in by nobody here: it opens nothing", row.id, row.__tablename__)
    return None


def believed_of(session: AsyncSession, rows: Iterable[Row]) -> list[Row]:
    """Those of the rows that are believed."""
    return [row for row in rows if believed(session, row) is not None]


def is_ours(keys: LedgerKeys, row: Marked) -> bool:
    """True when the database holds this row as it was written by who holds a key. What is not written yet is left out.

    Never raises: what a value of no right kind makes of reading it is a row that nobody wrote here.
    """
    return keys.marked(cast(str | None, _value(row, "mark", kept=True)), *_said(row, kept=True))


def mark_of(keys: LedgerKeys, row: Marked) -> str:
    """The mark that the newest key gives a row as it stands."""
    return keys.mark(*_said(row, kept=False))


async def give_mark(session: AsyncSession, row: Marked) -> None:
    """Marks a row that this transaction has just added by an INSERT of its own."""
    mark, table = mark_of(keys_of(session), row), type(row)
    await session.execute(update(table).where(table.id == row.id).values(mark=mark))


def _said(row: Marked, *, kept: bool) -> list[str]:
    """What a mark is over: the columns by name, so that none passes for another, and NULL for no text."""
    said = [(name, _value(row, name, kept=kept)) for name in _names(type(row))]
    return [str(row.__tablename__), *(name if value is None else f"{name}={_text(value)}" for name, value in said)]


def _names(kind: type[Marked]) -> list[str]:
    return sorted({column.key for column in inspect(kind).column_attrs} - {"mark", *kind.unmarked})


def _value(row: Marked, name: str, *, kept: bool) -> object:
    """A value as the database holds it (`kept`), or as it will when it is written."""
    history = inspect(row).attrs[name].history
    found = history.non_added() if kept else history.non_deleted()
    return found[0] if found else None


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


def _keys(row: Marked) -> LedgerKeys:
    session = object_session(row)
    if session is None:
        raise TypeError("a marked row is written through a session")
    return keys_of(session)


@event.listens_for(Marked, "after_insert", propagate=True)
def _mark_new(_mapper: Mapper[Any], connection: Connection, row: Marked) -> None:
    # Only now it has its number.
    mark, table = mark_of(_keys(row), row), type(row).__table__
    connection.execute(update(cast(Any, table)).where(table.c.id == row.id).values(mark=mark))
    set_committed_value(row, "mark", mark)


@event.listens_for(Marked, "before_update", propagate=True)
def _mark_changed(_mapper: Mapper[Any], _connection: Connection, row: Marked) -> None:
    keys = _keys(row)
    if is_ours(keys, row) and _said(row, kept=True) != _said(row, kept=False):
        row.mark = mark_of(keys, row)
