"""The components of the pages: a folder for each in the room it belongs to, with its templates, script and style."""

import os
from pathlib import Path

from starlette.staticfiles import StaticFiles

FOLDERS = tuple(sorted(Path(__file__).parents[1].glob("*/components")))
"""Of each room the folder with its components. What lies in one is named "component/file" everywhere."""
_SERVED = (".css", ".js", ".svg")


def component_file(name: str) -> Path:
    """A file of a component, by its name "component/file". Raises a LookupError when there is none."""
    for folder in FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise LookupError(f"no component has {name}")


class ComponentFiles(StaticFiles):
    """Serves what a page loads of its components; templates are read by the server alone."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDERS[0])
        self.all_directories = list(FOLDERS)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where a file lies, as the base class finds it; nowhere for what no page loads."""
        return super().lookup_path(path) if path.endswith(_SERVED) else ("", None)
