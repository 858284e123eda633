"""Many patterns are looked for at once, and what is found is what each would find alone."""

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessibility.yaml_text import read_yaml
from content.feelings import FEELINGS, SECTIONS, Patterns, any_of, starts, written_out

READ = read_yaml(FEELINGS.read_text("utf-8"))
WORDS = sorted(
    {
        word
        for section in SECTIONS
        for lines in READ[section].values()
        for line in lines[::9]
        for word in re.findall(r"[^\W_]+", line)
    }
)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("keep seeing it", {("keep", "seeing")}),
        ("crying", {("crying", "")}),
        ("(i|we) (am|are) sad", {("i", "am"), ("i", "are"), ("we", "am"), ("we", "are")}),
        ("(my )?mums? cry", {("my", "mum"), ("my", "mums"), ("mum", "cry"), ("mums", "cry")}),
        ("laugh(ed|s)? at me", {("laughed", "at"), ("laughs", "at"), ("laugh", "at")}),
        ("(?<! if )(?:mum|dad)( (cried|wept))?", {("mum", "cried"), ("mum", "wept"), ("mum", ""), ("dad", "cried")}
         | {("dad", "wept"), ("dad", "")}),
        (r"told (\w+ ){1,3}times", {("told", "")}),
        (r"(\d|ten) (a ){0,2}b", None),
        ("/ no(?= /)", {("/", "no")}),
    ],
)  # fmt: skip
def test_tells_with_which_words_a_pattern_can_begin(pattern: str, found: set[tuple[str, str]] | None) -> None:
    if found is None:
        with pytest.raises(ValueError, match="begins"):
            starts(pattern)
    else:
        assert starts(pattern) == found


def test_the_first_key_wins_wherever_its_words_stand() -> None:
    patterns = Patterns({"a": ["so sad"], "b": ["i am (so)sad", "(start)help(end)"]})
    assert patterns.first(" / help / i am so sad / ") == "a"
    assert patterns.first(" / i am sad / ") == "b"
    assert patterns.first(" / help now / ") == "b"
    assert patterns.first(" / i am so sadly / ") is None


def test_a_broken_pattern_is_told_at_once() -> None:
    with pytest.raises(re.error):
        Patterns({"a": ["i am (sad"]})
    with pytest.raises(ValueError, match="begins"):
        Patterns({"a": [r"\w+ is sad"]})
    assert Patterns({}).first(" / i am sad / ") is None


@pytest.mark.parametrize("section", SECTIONS)
@given(words=st.lists(st.sampled_from([*WORDS, "/", "~", "i", "am", "so", "me", "my", "mum"]), max_size=12))
@settings(max_examples=60, deadline=None)
def test_finds_what_the_patterns_would_find_one_by_one(section: str, words: list[str]) -> None:
    plain = f" / {' '.join(words)} / ".replace("  ", " ")
    together, alone = both_ways(section)
    assert together.first(plain) == next((key for key, pattern in alone.items() if pattern.search(plain)), None)


@cache
def both_ways(section: str) -> tuple[Patterns, dict[str, re.Pattern[str]]]:
    """The patterns of a section as they are looked for, and those of each key as one."""
    return Patterns(READ[section]), {key: any_of(lines) for key, lines in READ[section].items()}


def test_every_sign_in_the_file_stands_for_words() -> None:
    for section in SECTIONS:
        for lines in READ[section].values():
            for line in lines:
                assert not re.search(r"\((me|so|start|end|idk|nobody|feel|my|home|us)\)(?!\|)", written_out(line)), line
