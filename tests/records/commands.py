"""The operator's commands, as tests give them: on a wide screen without colours, so that no line is broken."""

from click.testing import Result
from typer.testing import CliRunner

from api.__main__ import cli


def run_command(*words: str) -> Result:
    """What a command comes to, over the database that the environment names."""
    return CliRunner(env={"COLUMNS": "400", "TERM": "dumb", "NO_COLOR": "1"}).invoke(cli, list(words))


class Commands:
    """Runs commands over a database of this test's own; `first` are the words that each of them begins with."""

    def __init__(self, url: str, *first: str) -> None:
        self.url, self._first = url, first

    def __call__(self, *words: str) -> Result:
        return run_command(*self._first, *words)
