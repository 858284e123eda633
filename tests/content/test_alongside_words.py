"""The words for a worker beside a young person: fit to be read at a glance, and each with where it comes from."""

import re
from pathlib import Path

import pytest

from content.alongside import (
    ALONGSIDE,
    BrokenAlongside,
    GuideLine,
    Part,
    alongside,
    in_the_way,
    load_alongside,
    sources_of,
)
from content.glossary import forms, load_glossary
from content.helplines import load_helplines

WORDS = alongside()
GLOSSARY = forms(load_glossary())
LAW = re.compile(r"\blaw\b|\bduty\b|appropriate adult|have to tell|risk of serious harm|\b999\b|\b10 seconds\b")


@pytest.mark.parametrize("part", WORDS.parts.values(), ids=list(WORDS.parts))
def test_each_line_can_be_read_at_a_glance(part: Part) -> None:
    assert 2 <= len(part.lines) <= 9
    assert in_the_way(part, GLOSSARY) == []


def test_what_cannot_be_read_is_found() -> None:
    hard = Part(
        "hard", "Hard", (GuideLine("Utilise terminology that individuals comprehend, don't they. " + "So " * 20),)
    )
    assert len(in_the_way(hard, GLOSSARY)) > 2


def test_what_states_law_or_guidance_says_where_it_comes_from() -> None:
    lines = [line for part in WORDS.parts.values() for line in part.lines]
    assert [line.says for line in lines if LAW.search(line.says) and not line.source] == []
    for source in sources_of(tuple(WORDS.parts.values())):
        assert source.url.startswith("https://")


def test_numbers_to_call_come_from_the_one_list_of_them() -> None:
    called = re.findall(r"\b0\d[\d ]{7,}\d|\b999\b", " ".join(one.says for one in WORDS.parts["danger"].lines))
    assert called == ["999", load_helplines()["nspcc"].phone]
    assert not re.search(
        r"\d{3}", re.sub(r"https://\S+|\d{4}-\d\d-\d\d|\b20\d\d\b|.*title: .*", "", ALONGSIDE.read_text("utf-8"))
    )


def test_nobody_is_told_to_interview_to_promise_or_to_keep_secrets() -> None:
    for line in (line.says for part in WORDS.parts.values() for line in part.lines):
        for word in ("what happened", "who did it", "promise", "secret"):
            assert word not in line or "Do not" in line, line


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  first:\n", "  last:\n", 'no part "first"'),
        ("        source: listening\n", "        source: hearsay\n", "hearsay"),
        ("        source: listening\n", "", "no line names the source"),
        ("https://learning.nspcc", "http://learning.nspcc", "needs an https address"),
        ("    checked: 2026-11-24\n", "    checked: lately\n", "the day on which it was read"),
        ("  start: [limits", "  start: [limit", "limit"),
        ("parts:\n", "pieces:\n", "parts"),
    ],
)
def test_a_broken_file_says_what_to_mend(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = ALONGSIDE.read_text("utf-8")
    assert old in text
    file = tmp_path / "alongside.yml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(BrokenAlongside, match=told):
        load_alongside(file)
