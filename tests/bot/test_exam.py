"""The exam's own tools: the rule for the alarm's threshold, and a command line that says what is wrong."""

import pytest

from tests.exam import __main__ as exam
from tests.exam.figures import Heard, by_rule
from tests.exam.questions import Cry


def calm(style: str, *dangers: float) -> list[Heard]:
    return [Heard(Cry("line", None, style, "nobody"), phrase=False, danger=danger) for danger in dangers]


def test_the_rule_takes_the_lowest_threshold_that_leaves_ordinary_lines_and_lookalikes_alone() -> None:
    quiet = [0.0] * 99
    assert by_rule(calm("ordinary", 0.075, 0.075, *quiet) + calm("joke", *quiet)) == 0.08
    assert by_rule(calm("ordinary", 0.075, *quiet) + calm("joke", *quiet)) == 0.01
    assert by_rule(calm("ordinary", *quiet) + calm("joke", *[0.115] * 7, *quiet[6:])) == 0.12


def test_the_rule_chooses_nothing_where_phrases_alone_ring_too_often() -> None:
    rung = [Heard(Cry("line", None, "ordinary", "nobody"), phrase=True, danger=0.0)]
    assert by_rule(rung + calm("joke", 0.0)) is None


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (["--of", "nobody"], "no lines by nobody. There are: ada"),
        (["--of", "una"], "no lines by una"),
        (["--misses"], "add --development"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_before_the_bot_is_woken(
    wish: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def woken(*_: object) -> None:
        raise AssertionError("the bot was woken")

    monkeypatch.setattr(exam, "bot_server", woken)
    monkeypatch.setattr("sys.argv", ["exam", *wish])
    with pytest.raises(SystemExit) as stopped:
        exam.main()
    assert stopped.value.code == 2
    assert says in capsys.readouterr().err
