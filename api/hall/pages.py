"""Makes pages: the templates of every room, with the interface strings and what every page must know."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from accessibility.markup import plain
from api.hall.settings import Settings
from content import rendering
from content.interface import Interface, load_interface
from content.language import LANGUAGES, Language, asked

_API = Path(__file__).parents[1]
_PAGE_LANGUAGE: Mapping[Language, str] = {"en": "en-GB", "cy": "cy"}
_WELSH_MONTHS = (
    *("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin"),
    *("Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"),
)


class Pages:
    """Renders templates. Each room's templates lie in its own folder; `hall` holds the frame of a page.

    `interfaces` holds the interface strings by the language that a browser asks for; `words` are the English ones.
    """

    def __init__(self, settings: Settings) -> None:
        self.interfaces: dict[Language, Interface] = {language: load_interface(language) for language in LANGUAGES}
        self.words: Interface = self.interfaces["en"]
        folders = [FileSystemLoader(folder) for folder in sorted(_API.glob("*/templates"))]
        self._environment = Environment(
            loader=ChoiceLoader(folders),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(words=_words, plain=plain, day=day)
        self._environment.globals.update(practice=settings.practice, leave_to=settings.leave_to)

    def page(self, request: Request, name: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """A whole page, or a fragment of one, in the language that the browser asks for where we have it."""
        template = self._environment.get_template(name)
        spoken = self.interfaces[asked(request.headers.get("accept-language", ""))]
        return HTMLResponse(template.render(path=request.url.path, **_saying(spoken), **shown), status)


async def pages(request: Request) -> Pages:
    """The pages of this app."""
    return cast(Pages, request.app.state.pages)


OnPages = Annotated[Pages, Depends(pages)]


def _saying(spoken: Interface) -> dict[str, Any]:
    """What templates say words with. `say` is for text; `bare` for attributes, where nothing can be marked."""
    return {
        "page_language": _PAGE_LANGUAGE[spoken.language],
        "say": partial(_say, spoken),
        "bare": spoken.say,
        "known": partial(_known, spoken),
        "marked": partial(_marked, spoken),
        "in_language": partial(_in_language, spoken),
        "language_of": spoken.language_of,
    }


def _say(spoken: Interface, name: str, **filled: str | date) -> str:
    """An interface string as text of the page, marked where it is not in the page's language."""
    language = spoken.language_of(name)
    text = spoken.say(
        name, **{blank: day(value, language) if isinstance(value, date) else value for blank, value in filled.items()}
    )
    return _marked(spoken, language, text)


def _known(spoken: Interface, english: str) -> str:
    """An English interface string that was looked up before the page's language was known."""
    own = spoken.own(english)
    return _marked(spoken, "en", english) if own is None else own


def _marked(spoken: Interface, language: Language, text: str) -> str:
    return text if language == spoken.language else Markup('<span lang="{}">{}</span>').format(language, text)


def _in_language(spoken: Interface, language: Language) -> Markup:
    """The lang attribute of a part of the page; nothing where it is in the page's language."""
    return Markup("") if language == spoken.language else Markup(' lang="{}"').format(language)


def _words(text: str) -> Markup:
    # rendering.html escapes everything but bold and lists.
    return Markup(rendering.html(text))  # noqa: S704


def day(value: date, language: Language = "en") -> str:
    """A date as people write it: 20 November 2026."""
    month = f"{value:%B}" if language == "en" else _WELSH_MONTHS[value.month - 1]
    return f"{value.day} {month} {value.year}"
