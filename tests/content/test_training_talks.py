"""What young people type once a card was read is learnt alone, after the open question, and as calm or danger."""

from pathlib import Path

import pytest

from content.training import CALM
from content.training_lines import BadLines
from content.training_talks import TalkLine, after_questions, alone, danger_or_calm, load_talks

KNOWN = {"bail", "get-things-back", "thanks", "alarm-harm-now"}
LONG = "they still got me phone an all so wen do i get that"
TALKS = [
    TalkLine("bail", "bail", "how long"),
    TalkLine("bail", "get-things-back", LONG),
    TalkLine("bail", "alarm-harm-now", "my uncle hits me when i am late home"),
]


def written(folder: Path, text: str) -> Path:
    (folder / "author.yml").write_text(text, "utf-8")
    return folder


def test_a_line_is_read_with_the_open_card_and_its_answer(tmp_path: Path) -> None:
    folder = written(tmp_path, f"bail:\n  get-things-back: |\n    {LONG}\n  thanks: |\n    ta\n    cheers\n")
    assert load_talks(KNOWN, folder) == [
        TalkLine("bail", "get-things-back", LONG),
        TalkLine("bail", "thanks", "ta"),
        TalkLine("bail", "thanks", "cheers"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("bail:\n  nonsense: |\n    how long\n", "nonsense"),
        ("nonsense:\n  bail: |\n    how long\n", "nonsense"),
        ("bail: |\n  how long\n", "must hold open cards"),
        ("- bail\n", "must hold open cards"),
        ("bail:\n  bail: [how long]\n", "bail"),
        ("bail:\n  bail: |\n    how long\n  thanks: |\n    How long\n", "two answers"),
        ("bail: {\n", "not valid YAML"),
    ],
)
def test_a_file_that_cannot_be_learnt_from_says_what_to_mend(tmp_path: Path, text: str, names: str) -> None:
    with pytest.raises(BadLines, match=names):
        load_talks(KNOWN, written(tmp_path, text))


def test_only_what_says_enough_is_learnt_alone() -> None:
    assert alone(TALKS) == {"get-things-back": [LONG]}


def test_every_line_is_learnt_as_calm_or_as_its_danger() -> None:
    assert danger_or_calm(TALKS, CALM) == {
        CALM: ["how long", LONG],
        "alarm-harm-now": ["my uncle hits me when i am late home"],
    }


def test_lines_stand_after_the_open_question_and_some_after_one_they_turn_from() -> None:
    questions = {"bail": "What is bail?"}
    asked = {"get-things-back": [f"where is my bike number {number}" for number in range(90)]}
    found = after_questions(TALKS, asked, questions)
    assert found["bail"] == ["What is bail? how long"]
    assert found["get-things-back"][0] == f"What is bail? {LONG}"
    turned = found["get-things-back"][1:]
    assert len(turned) == 30
    assert all(line.startswith("What is bail? where is my bike number ") for line in turned)


def test_a_card_without_a_question_leads_nowhere() -> None:
    assert after_questions(TALKS, {}, {}) == {}
