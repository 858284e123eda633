"""The words around the answers follow the reading rules too, and every template uses only strings that exist."""

import re
from collections import defaultdict
from pathlib import Path

from accessibility.reading import read
from accessibility.rule_finding import Answer, Finding
from content.glossary import forms, load_glossary
from content.interface import load_interface
from content.situations import SITUATIONS

GLOSSARY = forms(load_glossary())
WORDS = load_interface()
ROOT = Path(__file__).parents[2]
# What a page may fill in; a blank that is not named here is a number.
FILLED = {"who": "Sam", "also": "Ben", "provider": "Children First", "date": "26 November 2026", "time": "16:00"}
# Names and fixed sentences: the product's name, what practice mode must say word for word, and parts of sentences.
# Labels, headings and what a page says of itself are no whole sentences and no bubbles of an answer.
OF_ANSWERS = {38, 40, 41}
NOT_SENTENCES = {"name", "practice", "national_words", "national_words_any", "signed", "review_by", "talk_heading"}


def wrong(text: str) -> list[Finding]:
    """What stops a string from being read as an answer of ours."""
    answer = Answer("simple", "Who can see it?", "Ask", (text.format_map(defaultdict(lambda: "5", FILLED)),))
    return [found for found in read(answer, GLOSSARY) if found.severity == "error" and found.rule not in OF_ANSWERS]


def test_every_string_is_fit_to_be_read() -> None:
    names = set(WORDS) - NOT_SENTENCES
    assert len(names) > 600
    assert {name: found for name in sorted(names) if (found := wrong(WORDS[name]))} == {}


def test_templates_use_strings_that_exist_and_every_string_is_used() -> None:
    files = [*ROOT.glob("api/*/components/**/*.html"), *ROOT.glob("api/**/*.py"), ROOT / "content" / "situations.py"]
    text = "\n".join(path.read_text("utf-8") for path in files)
    menu = set(re.findall(r"label: (\w+)", SITUATIONS.read_text("utf-8")))
    named = menu | set(re.findall(r'say\("([a-z_]+)"', text))
    starts = tuple(name for name in named if name.endswith("_"))
    assert {name for name in named if name not in starts} <= set(WORDS)
    # Some names are put together: a level, the kind of an error, what the page tells.
    put_together = {f"{kind}_{part}" for kind in ("lost", "broken", "away", "long") for part in ("heading", "body")}
    spoken = named | set(re.findall(r'"([a-z_]+)"', text)) | put_together
    assert {name for name in WORDS if name not in spoken and not name.startswith(starts)} == set()
