"""What only a force can say: the slots a card may leave open, and the honest sentence while one is empty."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from accessibility.yaml_text import read_yaml

SlotKind = Literal["text", "email", "phone", "page", "days"]
SLOTS = Path(__file__).with_name("slots.yml")


@dataclass(frozen=True)
class Slot:
    """One local fact: what it is called in the desk, how it is checked, and what a child reads while it is unknown."""

    id: str
    kind: SlotKind
    label: str
    missing: str


def load_slots(path: Path = SLOTS) -> dict[str, Slot]:
    """Every slot by id. Raises ValueError naming the slot that is misshapen."""
    slots = {}
    for key, raw in read_yaml(path.read_text("utf-8")).items():
        if raw.get("kind") not in get_args(SlotKind) or not raw.get("label") or not raw.get("missing"):
            raise ValueError(f'{path}: slot "{key}" needs a kind, a label and a sentence for "missing"')
        slots[key] = Slot(key, raw["kind"], raw["label"], raw["missing"])
    return slots
