"""The shape of the documents: how wide they are, how long a decision is, one line for each change, every credit."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIDTH = 120
DECISION_LINES = 6
ENTRY_LETTERS = 160
PICTURE_BYTES = 150_000
AT_THE_ROOT = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "NOTICE")
DOCUMENTS = [*(ROOT / name for name in AT_THE_ROOT), *sorted((ROOT / "docs").glob("*.md"))]
DATED = re.compile(r"\*\*20\d\d-\d\d-\d\d - [^*]+\*\* ")


def prose(text: str) -> Iterator[str]:
    """The lines of Markdown that can be wrapped: no table, no code, none with an address in it."""
    in_code = False
    for line in text.splitlines():
        in_code ^= line.lstrip().startswith("```")
        if not in_code and not line.startswith(("|", "    ")) and "://" not in line:
            yield line


def entries(changelog: str) -> list[str]:
    """Every line under the first release that is neither empty nor a heading."""
    _, _, releases = changelog.partition("\n## ")
    return [line for line in releases.splitlines()[1:] if line and not line.startswith("#")]


def decisions(text: str) -> list[list[str]]:
    """The paragraphs after the first dated one, it too, each as its lines."""
    paragraphs = [part.splitlines() for part in re.split(r"\n{2,}", text.strip())]
    first = next(at for at, lines in enumerate(paragraphs) if DATED.match(lines[0]))
    return paragraphs[first:]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_prose_is_wrapped(document: Path) -> None:
    assert [line for line in prose(document.read_text("utf-8")) if len(line) > WIDTH] == []


def test_what_cannot_be_wrapped_is_left_alone() -> None:
    wide = "x" * (WIDTH + 1)
    assert list(prose(f"a\n| {wide} |\n```\n{wide}\n```\n    {wide}\nhttps://{wide}\n{wide}")) == ["a", "```", wide]


def test_a_decision_is_dated_and_short() -> None:
    found = decisions((ROOT / "docs" / "decisions.md").read_text("utf-8"))
    assert [lines[0] for lines in found if len(lines) > DECISION_LINES] == []
    # A title may go over the end of a line.
    assert [lines[0] for lines in found if not DATED.match(" ".join(lines))] == []


def test_a_change_is_one_line() -> None:
    found = entries((ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert [line for line in found if not line.startswith("- ") or len(line) > ENTRY_LETTERS] == []


def test_a_change_of_two_lines_is_found() -> None:
    assert entries("# Changelog\n\nWords.\n\n## Unreleased\n\n### Added\n\n- One\n  and more.\n") == [
        "- One",
        "  and more.",
    ]


def test_unreleased_stands_above_the_releases() -> None:
    headings = re.findall(r"^## (.+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", heading) for heading in headings[1:])


def test_the_pictures_of_the_readme_are_there_small_and_described() -> None:
    shown = re.findall(r'<img src="(docs/pictures/[^"]+)"[^>]* alt="([^"]+)"', (ROOT / "README.md").read_text("utf-8"))
    assert {path for path, _ in shown} == {f"docs/pictures/{path.name}" for path in (ROOT / "docs/pictures").iterdir()}
    assert [path for path, _ in shown if (ROOT / path).stat().st_size > PICTURE_BYTES] == []


@pytest.mark.parametrize("lock", ["api", "bot"])
def test_every_package_of_an_installation_is_credited(lock: str) -> None:
    locked = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8"), re.M)
    assert locked
    notice = (ROOT / "NOTICE").read_text("utf-8").partition(f"(requirements/{lock}.txt)")[2].split("\n\n")[1]
    credited = {plain(word) for word in re.findall(r"[\w.-]+", notice)}
    assert [name for name in locked if plain(name) not in credited] == []


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).strip("-").lower()
