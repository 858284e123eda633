"""The scripts of the pages: modules of ours that import what they use, and are there before they are asked for."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.web.component_files import FOLDERS, component_file

TEMPLATES = [path for folder in FOLDERS for path in sorted(folder.rglob("*.html"))]
SCRIPTS = [path for folder in FOLDERS for path in sorted(folder.rglob("*.js"))]
IMPORTED = re.compile(r'^(?:import|export)\b[^;"]*"([^"]+)";', re.MULTILINE)
TAG = re.compile(r"<script\b[^>]*>")
OURS = re.compile(r'<script src="(/static/[a-z0-9/_-]+\.js)" type="module"[^>]*>')
PRELOADED = re.compile(r'<link rel="modulepreload" href="(/static/[a-z0-9/_-]+\.js)">')
# The desk's preview shows the released widget as the page of a force does.
WIDGET = "/widget/v1/know.js"
CHILD = (
    "/",
    "/northmoor",
    "/northmoor?mode=shared",
    "/northmoor?mode=alongside",
    "/northmoor?within=northmoor",
    "/looks",
    "/passport",
    "/northmoor/journey/arrested",
    "/northmoor/ask/fingerprints-dna",
    "/northmoor/sheet",
    "/alongside/guide",
)


def imports(script: Path) -> Iterator[Path]:
    """Every file that a script needs, at any depth."""
    for name in IMPORTED.findall(script.read_text("utf-8")):
        needed = (script.parent / name).resolve()
        yield needed
        yield from imports(needed)


def address(script: Path) -> str:
    return f"/static/{script.parent.name}/{script.name}"


def file_of(address: str) -> Path:
    return component_file(address.removeprefix("/static/"))


@pytest.mark.parametrize("script", SCRIPTS, ids=address)
def test_a_script_imports_files_of_its_own_room_and_nothing_from_elsewhere(script: Path) -> None:
    text = script.read_text("utf-8")
    assert all(name.startswith(("./", "../")) for name in IMPORTED.findall(text))
    assert all(needed.is_file() and script.parents[1] in needed.parents for needed in imports(script))
    assert "import(" not in text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_script_of_a_template_is_a_module_of_ours(template: Path) -> None:
    text = template.read_text("utf-8")
    named = OURS.findall(text)
    assert len(named) == len([tag for tag in TAG.findall(text) if WIDGET not in tag])
    assert all(file_of(name).is_file() for name in named)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_style_and_picture_of_a_template_is_there(template: Path) -> None:
    for name in re.findall(r'"(/static/[a-z0-9/_.-]+)"', template.read_text("utf-8")):
        assert file_of(name).is_file()


def test_no_two_components_share_a_file() -> None:
    names = [path.relative_to(folder) for folder in FOLDERS for path in folder.rglob("*.*")]
    assert len(names) == len(set(names))
    assert {len(name.parts) for name in names} == {2}


@pytest.mark.parametrize(
    "name", ["frame/frame.html", "desk/card.html", "frame", "frame/", "../pages.py", "frame/none.js"]
)
async def test_only_what_a_page_loads_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/{name}")).status_code == 404


@pytest.mark.parametrize("path", CHILD)
async def test_a_page_fetches_at_once_all_that_its_scripts_import(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, follow_redirects=True)
    assert page.status_code == 200
    asked = OURS.findall(page.text)
    early = PRELOADED.findall(page.text)
    needed = {address(file) for name in asked for file in imports(file_of(name))}
    assert "/static/frame/leave.js" in asked
    assert needed - set(asked) == set(early)
    for name in (*asked, *early):
        script = await client.get(name)
        assert script.status_code == 200
        # A module in any other kind of file is refused by every browser.
        assert script.headers["content-type"].partition(";")[0] == "text/javascript"
        assert script.headers["x-content-type-options"] == "nosniff"


async def test_only_scripts_of_this_address_may_run(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor", follow_redirects=True)
    assert "script-src 'self';" in page.headers["content-security-policy"]
