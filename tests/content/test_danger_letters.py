"""Letters hear danger while the bot is away: what they promise of any text, of their file, and of their teaching."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.danger_letters import WEIGHTS, BrokenWeights, DangerLetters, pieces
from content.teach_danger_letters import pupils, teach, write_letters

LETTERS = DangerLetters.load()
LINES = """
nlu:
- intent: "alarm-harm-now"
  examples: |
    - he locked us in the shed
    - she locked me in again
    - locked in and it is dark
- intent: "bail"
  examples: |
    - how long is bail
    - can i go out on bail
    - what is bail for
- lookup: "subject"
  examples: |
    - phone
"""


@given(st.text(max_size=200))
def test_any_text_has_one_answer(text: str) -> None:
    assert LETTERS.danger(text) == LETTERS.danger(text)
    assert LETTERS.ring(text) in (True, False)


@pytest.mark.parametrize("text", ["", " ", "...", "?", "ok", "hi", "👍"])
def test_next_to_nothing_rings_at_nothing(text: str) -> None:
    assert not LETTERS.ring(text)


@given(st.text(st.characters(codec="ascii", categories=["L", "Zs"]), max_size=60))
def test_capitals_change_nothing(text: str) -> None:
    assert pieces(text) == pieces(text.upper())


def test_the_file_must_be_whole(tmp_path: Path) -> None:
    short = tmp_path / "short.bin"
    short.write_bytes(WEIGHTS.read_bytes()[:-1])
    with pytest.raises(BrokenWeights, match="python -m content letters"):
        DangerLetters.load(short)


def test_what_is_taught_is_heard_and_what_is_written_is_read_again(tmp_path: Path) -> None:
    lines = [*pupils([LINES])]
    assert [danger for _, danger in lines] == [True, True, True, False, False, False]
    write_letters(*teach(lines), tmp_path / "taught.bin")
    taught = DangerLetters.load(tmp_path / "taught.bin")
    assert taught.danger("we got locked in") > 0 > taught.danger("is bail long")


def test_the_same_lines_teach_the_same_weights() -> None:
    lines = [*pupils([LINES])]
    assert teach(lines) == teach(lines)
