"""The shape of the templates: lines that can be read, and no name of a template that is not there."""

import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from api.web.component_files import FOLDERS

API = Path(__file__).parents[2] / "api"
WIDTH = 160
TEMPLATES = {path.relative_to(folder).as_posix(): path for folder in FOLDERS for path in sorted(folder.rglob("*.html"))}
NAMED = re.compile(r'"((?:[a-z_-]+/)*[a-z_-]+\.html)"')
NAMES = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
WRITERS = frozenset({"url", "state_fields", "link_out"})
# What `url` does not write: parts of the same page, telephones, what a page loads, and what stands on paper.
NOT_WRITTEN = re.compile(r"""\s(?:href|action|formaction)="(?!\{\{ url\(|#|tel:|/static/|/fonts/|\{\{ "sms")([^"]*)""")
ON_PAPER = "{{ scan.address }}"
GET_FORM = re.compile(r'<form\b(?:\{\{.*?\}\}|[^>])*\bmethod="get"(?:\{\{.*?\}\}|[^>])*>(.{0,17})')


@cache
def tree_of(name: str) -> nodes.Template:
    """A template as Jinja reads it."""
    return Environment(autoescape=True).parse(TEMPLATES[name].read_text("utf-8"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_line_of_a_template_is_too_long_to_read(name: str) -> None:
    lines = TEMPLATES[name].read_text("utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > WIDTH] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_that_another_names_is_there(name: str) -> None:
    named = [found.template.value for found in tree_of(name).find_all(NAMES) if isinstance(found.template, nodes.Const)]
    assert set(named) <= TEMPLATES.keys()


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_address_of_a_template_carries_on_what_its_page_must(name: str) -> None:
    text = TEMPLATES[name].read_text("utf-8")
    assert set(NOT_WRITTEN.findall(text)) <= {ON_PAPER}
    assert all(after.startswith("{{ state_fields(") for after in GET_FORM.findall(text))


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_writes_addresses_is_known_wherever_it_is_used(name: str) -> None:
    """A macro that is imported without context knows nothing of its page; a loop's own `url` would hide it."""
    tree = tree_of(name)
    for found in tree.find_all((nodes.Import, nodes.FromImport)):
        taken = [macro if isinstance(macro, str) else macro[0] for macro in getattr(found, "names", [])]
        assert found.with_context or not WRITERS & used(found.template.value, taken), found.template.value
    assert not WRITERS & {one.name for one in tree.find_all(nodes.Name) if one.ctx in ("store", "param")}


def used(template: str, taken: list[str]) -> set[str]:
    """The names that these macros of a template look up; those of all its macros where none is named."""
    macros = [macro for macro in tree_of(template).find_all(nodes.Macro) if not taken or macro.name in taken]
    return {one.name for macro in macros for one in macro.find_all(nodes.Name) if one.ctx == "load"}


def test_every_template_that_our_code_names_is_there() -> None:
    named = {name for path in API.rglob("*.py") for name in NAMED.findall(path.read_text("utf-8"))}
    last = {name.rpartition("/")[2] for name in TEMPLATES}
    assert {name for name in named if name not in TEMPLATES and name not in last} == set()
