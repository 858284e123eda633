"""The builds of the widget's loader: the script that a force puts on its own site, each for ever as it was released."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from accessibility.yaml_text import read_yaml

WIDGET = Path(__file__).with_name("widget")
"""Each build in a folder named as its version, and beside them the hashes of those that are released."""


SAYS = {
    "ask": "widget_greeting_ask",
    "police": "widget_greeting_police",
    "rights": "widget_greeting_rights",
    "title": "widget_title",
    "close": "word_close",
    "opening": "widget_opening",
    "away": "widget_away",
    "again": "person_again",
    "danger": "closed_danger",
    "talk": "closed_talk",
}
"""The words of the loader by the names it has for them, and the interface strings that they are."""


class BrokenBuild(ValueError):
    """A released build is not what it was, so every site that pins it would refuse it. The message names the file."""


@dataclass(frozen=True)
class Build:
    """One build: its version ("1.0.0"), its bytes, and their hash as the attribute `integrity` of a script has it."""

    version: str
    integrity: str
    content: bytes


@cache
def builds(folder: Path = WIDGET) -> tuple[Build, ...]:
    """Every released build, newest first. Raises BrokenBuild when one is not, byte for byte, what was released."""
    released: dict[str, str] = read_yaml((folder / "hashes.yml").read_text("utf-8"))
    found = [_build(folder / version / "know.js", version, integrity) for version, integrity in released.items()]
    return tuple(sorted(found, key=lambda build: _numbers(build.version), reverse=True))


def newest(folder: Path = WIDGET) -> Build:
    """The newest released build, which the address without a full version gives out."""
    return builds(folder)[0]


def integrity_of(content: bytes) -> str:
    """The hash of a script's bytes as the attribute `integrity` has it: SHA-384, base64."""
    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"


def _build(path: Path, version: str, integrity: str) -> Build:
    content = path.read_bytes() if path.is_file() else b""
    if integrity_of(content) != integrity:
        raise BrokenBuild(f"{path}: not what was released as {version}. Put it back, and make a new version instead.")
    return Build(version, integrity, content)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
