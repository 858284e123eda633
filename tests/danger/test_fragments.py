"""Half a sentence inside a talk: calm ones do not ring by themselves, and those that are not calm do."""

from pathlib import Path

import pytest

from accessibility.yaml_text import read_yaml
from tests.danger.ringing import ALARM, surely

_HERE = Path(__file__).parent
CALM = [str(text) for text in read_yaml((_HERE / "calm_fragments.yml").read_text("utf-8"))]
HINTS: dict[str, list[str]] = read_yaml((_HERE / "hint_fragments.yml").read_text("utf-8"))


def test_there_are_fragments_of_all_kinds_and_none_stands_twice() -> None:
    assert len(CALM) >= 160
    assert len(set(CALM)) == len(CALM)
    assert not set(CALM) & {text for texts in HINTS.values() for text in texts}


@pytest.mark.parametrize("text", CALM)
def test_a_calm_fragment_does_not_ring(text: str) -> None:
    assert surely(text) is None


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in HINTS.items() for text in texts])
def test_a_fragment_that_is_not_calm_rings(kind: str, text: str) -> None:
    assert ALARM.hear(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "you can have my xbox when im at uni",
        "u can have my charger",
        "they can have my phone",
        "can i have my xbox back",
    ],
)
def test_lending_and_giving_back_are_no_farewell(text: str) -> None:
    assert surely(text) is None
