"""Notes how long the whole suite took, for `make bench` to print."""

import time
from datetime import date

import pytest

NOTED = "know/whole-suite"
_begun = time.monotonic()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Notes seconds and day when every test ran and passed; workers of xdist leave it to who leads them."""
    config = session.config
    chosen = config.option.markexpr or config.option.keyword or config.args != config.getini("testpaths")
    if exitstatus == pytest.ExitCode.OK and not chosen and not hasattr(config, "workerinput"):
        config.cache.set(NOTED, {"seconds": time.monotonic() - _begun, "day": date.today().isoformat()})
