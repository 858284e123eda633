"""The documents keep up: every setting and verb is explained, links lead somewhere, no file names a machine."""

import re
from pathlib import Path

import pytest

from api.web.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SETTINGS = (ROOT / "docs" / "running.md").read_text("utf-8")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def test_every_setting_is_in_the_guide_to_running_it_with_its_default_and_no_other() -> None:
    named = {field.validation_alias or f"KNOW_{name.upper()}": field for name, field in Settings.model_fields.items()}
    listed = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", SETTINGS, re.M))
    assert set(listed) == set(named)
    for name, field in named.items():
        if "secret" not in name.lower() and "token" not in name.lower():
            assert listed[str(name)] == f"`{field.default}`"


def test_every_verb_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    verbs = re.findall(r"^([a-z]+):.*##", makefile, re.M)
    assert {"run", "test", "check", "train", "bench", "unit", "pictures"} <= set(verbs)
    for verb in ("run", "test", "check", "train", "bench", "unit", "pictures"):
        assert f"make {verb}" in README


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_files_that_are_named_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert link.startswith("https://") or (document.parent / link).exists(), link
    for name in re.findall(r"`((?:api|bot|content|accessibility|tests|docs)/[\w./-]+\.\w+)`", text):
        assert (ROOT / name).exists(), name


def test_no_document_names_this_machine_or_a_registry() -> None:
    files = [
        *DOCUMENTS,
        ROOT / "Dockerfile",
        ROOT / "compose.yaml",
        ROOT / "Makefile",
        *(ROOT / "requirements").glob("*"),
    ]
    for path in files:
        text = path.read_text("utf-8")
        assert not re.search(r"index-url|/(?:root|home)/|--find-links|files\.python", text), path
