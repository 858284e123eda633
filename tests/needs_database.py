"""Marks the tests that ask for a database, so that `make unit` runs without any."""

import pytest

_GIVES_ONE = frozenset(
    ("sqlite_url", "postgres_url", "database_url", "both_url", "empty_sqlite", "own_url", "own_sqlite", "own_postgres")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for a database, itself or by what it asks for, is marked; a file that makes its own marks itself."""
    for item in items:
        if not _GIVES_ONE.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("database")
