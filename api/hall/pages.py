"""Makes pages: the templates of every room, with the interface strings and what every page must know."""

from datetime import date
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from accessibility.markup import plain
from api.hall.settings import Settings
from content import rendering
from content.interface import Interface, load_interface

_API = Path(__file__).parents[1]


class Pages:
    """Renders templates. Each room's templates lie in its own folder; `hall` holds the frame of a page."""

    def __init__(self, settings: Settings) -> None:
        self.words: Interface = load_interface()
        folders = [FileSystemLoader(folder) for folder in sorted(_API.glob("*/templates"))]
        self._environment = Environment(
            loader=ChoiceLoader(folders),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(words=_words, day=day, plain=plain)
        self._environment.globals.update(say=self.words.say, practice=settings.practice, leave_to=settings.leave_to)

    def page(self, request: Request, name: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """A whole page, or a fragment of one."""
        template = self._environment.get_template(name)
        return HTMLResponse(template.render(path=request.url.path, **shown), status)


def _words(text: str) -> Markup:
    # rendering.html escapes everything but bold and lists.
    return Markup(rendering.html(text))  # noqa: S704


def day(value: date) -> str:
    """A date as people write it: 20 November 2026."""
    return f"{value.day} {value:%B %Y}"
