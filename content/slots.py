"""What only a force can say: the slots a card may leave open, and the honest sentence while one is empty."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from accessibility.yaml_text import read_yaml

SlotKind = Literal["text", "email", "phone", "page", "days"]
SlotGroup = Literal["record", "picture", "station", "harm", "worry", "ask"]
GROUPS: Mapping[SlotGroup, str] = {
    "record": "Seeing, mending and deleting records",
    "picture": "Fingerprints, photos, video and computers",
    "station": "Police stations, searches and things taken",
    "harm": "Children who were hurt, witnesses and their cases",
    "worry": "Worries, schools and jobs",
    "ask": "Who to ask, and how to complain",
}
"""What slots are about, as headings of the desk, in the order they are asked for."""
SLOTS = Path(__file__).with_name("slots.yml")
_LOCAL = re.compile(r"\{\{\s*local\.([a-z_]+)\s*\}\}")


@dataclass(frozen=True)
class Slot:
    """One local fact: what it is called in the desk, how it is checked, and what a child reads while it is unknown.

    `about` is the group it is asked for with; `help` tells a force's web editor what to write.
    """

    id: str
    kind: SlotKind
    label: str
    missing: str
    about: SlotGroup
    help: str


def slots_of(text: str) -> tuple[str, ...]:
    """The ids of the slots that stand in a text, in their order, however they are spaced."""
    return tuple(_LOCAL.findall(text))


def load_slots(path: Path = SLOTS) -> dict[str, Slot]:
    """Every slot by id. Raises ValueError naming the slot that is misshapen."""
    slots = {}
    for key, raw in read_yaml(path.read_text("utf-8")).items():
        if raw.get("kind") not in get_args(SlotKind) or not raw.get("label") or not raw.get("missing"):
            raise ValueError(f'{path}: slot "{key}" needs a kind, a label and a sentence for "missing"')
        if raw.get("about") not in GROUPS or not raw.get("help"):
            raise ValueError(f'{path}: slot "{key}" needs a group for "about" and a "help" for who fills it in')
        slots[key] = Slot(key, raw["kind"], raw["label"], raw["missing"], raw["about"], raw["help"])
    return slots
