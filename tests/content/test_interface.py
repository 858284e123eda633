"""The words around the answers follow the reading rules too, and every template uses only strings that exist."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from accessibility.reading import read
from accessibility.rule_finding import Answer
from content.glossary import forms, load_glossary
from content.interface import load_interface
from content.situations import SITUATIONS

GLOSSARY = forms(load_glossary())
ROOT = Path(__file__).parents[2]
# What a page may fill in; a blank that is not named here is a number.
FILLED = {"who": "Sam", "also": "Ben", "provider": "Children First", "date": "26 November 2026", "time": "16:00"}
# Names and fixed sentences: the product's name, what practice mode must say word for word, and parts of sentences.
# Labels, headings and what a page says of itself are no whole sentences and no bubbles of an answer.
OF_ANSWERS = {38, 40, 41}
NOT_SENTENCES = {"name", "practice", "national_words", "national_words_any", "signed", "review_by", "talk_heading"}


@pytest.mark.parametrize("name", sorted(set(load_interface()) - NOT_SENTENCES))
def test_a_string_is_fit_to_be_read(name: str) -> None:
    text = load_interface()[name].format_map(defaultdict(lambda: "5", FILLED))
    answer = Answer("simple", "Who can see it?", "Ask", (text,))
    blocking = [found for found in read(answer, GLOSSARY) if found.severity == "error"]
    assert [found for found in blocking if found.rule not in OF_ANSWERS] == []


def test_templates_use_strings_that_exist_and_every_string_is_used() -> None:
    files = [*ROOT.glob("api/*/components/**/*.html"), *ROOT.glob("api/**/*.py"), ROOT / "content" / "situations.py"]
    text = "\n".join(path.read_text("utf-8") for path in files)
    menu = set(re.findall(r"label: (\w+)", SITUATIONS.read_text("utf-8")))
    named = menu | set(re.findall(r'say\("([a-z_]+)"', text))
    starts = tuple(name for name in named if name.endswith("_"))
    assert {name for name in named if name not in starts} <= set(load_interface())
    # Some names are put together: a level, the kind of an error, what the page tells.
    put_together = {f"{kind}_{part}" for kind in ("lost", "broken", "away", "long") for part in ("heading", "body")}
    spoken = named | set(re.findall(r'"([a-z_]+)"', text)) | put_together
    assert {name for name in load_interface() if name not in spoken and not name.startswith(starts)} == set()
