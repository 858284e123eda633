"""The tools from npm that examine pages (`.ci/pages` fetches them): how a test reaches them, or leaves itself out."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import BROWSER

HERE = Path(__file__).parent


def tool(path: str) -> Path:
    """A file of the tools. Where they are not fetched the test is left out; in CI it fails."""
    found = HERE / "node_modules" / path
    if not found.exists() or not shutil.which("node"):
        missing = "the tools that examine pages are not here; run .ci/pages (it needs npm)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def run(script: str, *arguments: str, stdin: str = "") -> Any:
    """What a script of this folder prints, read as JSON."""
    environment = {**os.environ, "CHROME_PATH": BROWSER or ""}
    done = subprocess.run(
        ["node", str(HERE / script), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
