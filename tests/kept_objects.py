"""Tells Python that what was made before the first test stays: hundreds of MB that it else looks through ever again.

Modules, the release with its thousands of patterns, and every test are among them.
"""

import gc

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Once all tests are found, what is there is not looked through for rubbish any more."""
    gc.collect()
    gc.freeze()
