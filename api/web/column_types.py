"""Kinds of columns: a moment with its zone, and a true or false that can be nothing else, on every database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, DateTime, Dialect, TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A moment, kept in UTC on every database and always handed back with its zone. Refuses one without a zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To the database: in UTC, without the zone that SQLite cannot keep."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database: in UTC, and saying so."""
        return value.replace(tzinfo=UTC) if value else None


class Flag(Boolean):
    """True or false, as a program of ours wrote it. Raises ValueError for anything else that a row holds.

    SQLite keeps any value in such a column: "yes" reads as true, and is not found by a search for true.
    """

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bool | None] | None:  # noqa: ARG002
        """From the database: only what it can have been given."""
        return None if dialect.supports_native_boolean else _strictly


def _strictly(value: Any) -> bool | None:
    if value not in (0, 1, None):
        raise ValueError("neither true nor false")
    return None if value is None else bool(value)
