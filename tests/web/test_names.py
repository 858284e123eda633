"""One name means one thing in the whole tree, and it is the field's word, not a metaphor of ours."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("accessibility", "content", "api", "bot")
SHARED = {"__init__", "routes", "tables", "env"}
"""Names that say what a module is in every package: `env` is Alembic's."""
OLD_MODULES = frozenset(
    [
        "bells",
        "classifier",
        "described",
        "finding",
        "guessing",
        "hall",
        "hush",
        "judges",
        "keeping",
        "knocking",
        "lapsed",
        "live",
        "looking",
        "marks",
        "newest",
        "panel",
        "postman",
        "quiet",
        "rate",
        "ringing",
        "room",
        "safe",
        "sending",
        "shelf",
        "sight",
        "slowing",
        "standing",
        "talk",
        "talking",
        "talks",
        "told",
        "turns",
        "visits",
        "waking",
    ]
)
OLD_CLASSES = frozenset(
    [
        "Bells",
        "Handle",
        "Handles",
        "Held",
        "Judge",
        "Keeping",
        "Knocker",
        "Newest",
        "Onces",
        "Pace",
        "Paces",
        "Panel",
        "PanelClassifier",
        "Postman",
        "Room",
        "Safe",
        "Seal",
        "Sending",
        "Shelf",
        "Sight",
        "Slips",
        "Standing",
        "Talking",
        "Talks",
        "Told",
        "TooManyTries",
        "Turns",
        "Visits",
        "Way",
    ]
)


def modules() -> Iterator[Path]:
    """Every module of ours, without migrations, whose names are dates in an order."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if not {"versions", ".venv"} & set(path.parts):
                yield path


@cache
def classes() -> list[tuple[str, str]]:
    """The name of every class, and where it is defined."""
    return [
        (node.name, f"{path.relative_to(ROOT)}:{node.lineno}")
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def test_no_two_modules_of_the_api_share_a_name() -> None:
    named = Counter(path.stem for path in modules() if path.is_relative_to(ROOT / "api"))
    assert {name for name, times in named.items() if times > 1} - SHARED - {"__main__"} == set()


def test_no_class_name_stands_twice() -> None:
    places: dict[str, list[str]] = {}
    for name, place in classes():
        places.setdefault(name, []).append(place)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_old_name_of_a_module_is_left() -> None:
    found = {part for path in modules() for part in path.relative_to(ROOT).with_suffix("").parts}
    assert found & OLD_MODULES == set()


def test_no_old_name_of_a_class_is_left() -> None:
    assert {name for name, _ in classes()} & OLD_CLASSES == set()
