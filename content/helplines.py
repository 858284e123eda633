"""Helplines from one dated file, so that a number is corrected in one place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from accessibility.yaml_text import read_yaml
from content.language import Language

HELPLINES = Path(__file__).with_name("helplines.yml")


@dataclass(frozen=True)
class Helpline:
    """Who answers, how to reach them, and when it was last checked.

    `show` is how a card names it in a sentence, `show_cy` how a Welsh one does (None until somebody has written it).
    """

    id: str
    name: str
    show: str
    phone: str | None
    web: str | None
    who_for: str
    nations: tuple[str, ...]
    source: str
    checked: date
    show_cy: str | None = None

    def shown(self, language: Language) -> str | None:
        """How a card in this language names it; None where that is not written yet."""
        return self.show if language == "en" else self.show_cy


def load_helplines(path: Path = HELPLINES) -> dict[str, Helpline]:
    """The helplines that may be shown: only those whose number was seen in a source, or that everybody knows."""
    raw = read_yaml(path.read_text("utf-8"))
    return {key: _helpline(key, value) for key, value in raw.items() if value["verified"]}


def load_unverified(path: Path = HELPLINES) -> dict[str, Helpline]:
    """The helplines that nobody has verified. None of them is ever shown; words of before may still name one."""
    raw = read_yaml(path.read_text("utf-8"))
    return {key: _helpline(key, value) for key, value in raw.items() if not value["verified"]}


def _helpline(key: str, raw: Mapping[str, object]) -> Helpline:
    checked, nations = raw["checked"], raw["nations"]
    if not isinstance(checked, date) or not isinstance(nations, list):
        raise ValueError(f'helplines.yml: "{key}" needs a checked date and a list of nations')
    phone, web, welsh = raw.get("phone"), raw.get("web"), raw.get("show_cy")
    if welsh and _figures(welsh) != _figures(raw["show"]):
        raise ValueError(f'helplines.yml: "{key}" has other figures in show_cy than in show; a number must be the same')
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
        str(welsh) if welsh else None,
    )


def _figures(text: object) -> list[str]:
    return re.findall(r"\d", str(text))
