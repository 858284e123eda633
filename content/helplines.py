"""Helplines from one dated file, so that a number is corrected in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

HELPLINES = Path(__file__).with_name("helplines.yml")


@dataclass(frozen=True)
class Helpline:
    """Who answers, how to reach them, and when it was last checked. `show` is how a card names it in a sentence."""

    id: str
    name: str
    show: str
    phone: str | None
    web: str | None
    who_for: str
    nations: tuple[str, ...]
    source: str
    checked: date


def load_helplines(path: Path = HELPLINES) -> dict[str, Helpline]:
    """The helplines that may be shown: only those whose number was seen in a source, or that everybody knows."""
    raw = yaml.safe_load(path.read_text("utf-8"))
    return {key: _helpline(key, value) for key, value in raw.items() if value["verified"]}


def _helpline(key: str, raw: Mapping[str, object]) -> Helpline:
    checked, nations = raw["checked"], raw["nations"]
    if not isinstance(checked, date) or not isinstance(nations, list):
        raise ValueError(f'helplines.yml: "{key}" needs a checked date and a list of nations')
    phone, web = raw.get("phone"), raw.get("web")
    return Helpline(
        key,
        str(raw["name"]),
        str(raw["show"]),
        str(phone) if phone else None,
        str(web) if web else None,
        str(raw["who_for"]),
        tuple(map(str, nations)),
        str(raw["source"]),
        checked,
    )
