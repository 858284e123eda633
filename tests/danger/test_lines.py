"""The cries are many, of every cause, in both halves, and no line stands in two places."""

from collections import Counter
from typing import get_args

import pytest

from tests.danger.lines import KINDS, Half, Line, causes, lines

HALVES: tuple[Half, ...] = get_args(Half)


def folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def test_a_hundred_causes_each_with_a_name_and_alarms_that_would_do() -> None:
    found = causes().values()
    assert len(found) >= 100
    for cause in found:
        assert cause.name.strip(), cause.id
        assert isinstance(cause.now, bool), cause.id
        assert cause.expected, cause.id
        assert set(cause.expected) <= KINDS, cause.id


@pytest.mark.parametrize("half", HALVES)
def test_each_half_has_cries_and_twins_enough(half: Half) -> None:
    held = lines(half)
    assert sum(line.cry for line in held) >= 350
    assert sum(not line.cry for line in held) >= 175


@pytest.mark.parametrize("half", HALVES)
def test_each_half_covers_every_cause(half: Half) -> None:
    held = lines(half)
    cries = Counter(line.cause for line in held if line.cry)
    twins = Counter(line.cause for line in held if not line.cry)
    assert [cause for cause in causes() if cries[cause] < 3] == []
    assert [cause for cause in causes() if not twins[cause]] == []


@pytest.mark.parametrize("half", HALVES)
def test_each_line_is_whole(half: Half) -> None:
    for line in lines(half):
        assert isinstance(line.text, str)
        assert line.text.strip() == line.text != ""
        assert isinstance(line.now, bool)
        assert line.cry == bool(line.expected), line
        assert line.cry or not line.now, line


def test_no_line_stands_twice_once_case_spaces_and_marks_are_gone() -> None:
    every: list[Line] = [line for half in HALVES for line in lines(half)]
    counted = Counter(folded(line.text) for line in every)
    assert [text for text, times in counted.items() if times > 1] == []


def test_no_author_writes_in_both_halves_and_there_are_ten() -> None:
    authors = {half: {line.author for line in lines(half)} for half in HALVES}
    assert not authors["development"] & authors["sealed"]
    assert sum(map(len, authors.values())) >= 10
