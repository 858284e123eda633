"""Puts the files whose tests take seconds each before all others, so that none is begun when the rest is done."""

import pytest

_LONG = ("faults", "rasa", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a test that is marked as one of these come first; else the order stays as it is."""
    long = {item.path for item in items if any(item.get_closest_marker(mark) for mark in _LONG)}
    items.sort(key=lambda item: item.path not in long)
