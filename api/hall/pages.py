"""Makes pages: the templates of every room, with the interface strings and what every page must know."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from accessibility.markup import plain
from accessibility.preferences import CHOICES, Reading
from api.hall.fonts import have_fonts
from api.hall.guard import Sites
from api.hall.keeping import NAME, VISIT, WITHIN, kept, reading_of, visit_of, within_of
from api.hall.settings import Settings
from content import rendering
from content.interface import Interface, load_interface
from content.language import LANGUAGES, Language, asked

_API = Path(__file__).parents[1]
# The keys of 30 cards.
_LONGEST_QUERY = 1_500
_LOOKS = ("size", "font", "spacing", "paper", "movement")
_PAGE_LANGUAGE: Mapping[Language, str] = {"en": "en-GB", "cy": "cy"}
_WELSH_MONTHS = (
    *("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin"),
    *("Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"),
)


class Pages:
    """Renders templates. Each room's templates lie in its own folder; `hall` holds the frame of a page.

    `sites` says on which sites the pages of a force may stand in a frame, `is_open` whether its door is open.
    `interfaces` holds the interface strings by the language that a browser asks for; `words` are the English ones.
    """

    def __init__(
        self,
        settings: Settings,
        sites: Sites = lambda _force: (),
        is_open: Callable[[str], bool] = lambda _force: True,
    ) -> None:
        self._sites, self._is_open = sites, is_open
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
        self._environment.filters.update(words=_words, plain=plain, day=day, looks=_looks)
        self._environment.globals.update(fonts=have_fonts())
        self._environment.globals.update(practice=settings.practice, leave_to=settings.leave_to)
        self._environment.globals.update(shared_minutes=settings.shared_minutes)

    def page(self, request: Request, name: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """A whole page, or a fragment of one, in the language that the browser asks for where we have it.

        `reading` among what is shown says how it is shown; else the address or the device does.
        """
        template = self._environment.get_template(name)
        spoken = self.interfaces[asked(request.headers.get("accept-language", ""))]
        reading = shown.pop("reading", None) or reading_of(request)
        visit, within = visit_of(request), within_of(request)
        shown["back_to"] = _back_to(request)
        # What the device remembers needs no address to carry it.
        carried = "" if reading == Reading.of(request.cookies.get(NAME, "")) else reading.address
        # A path that begins with two slashes would be a link to another host.
        path = f"/{request.url.path.lstrip('/')}"
        known: dict[str, Any] = {"path": path, "reading": reading, "carried": carried, "visit": visit, "within": within}
        known.update(sites=self._sites(within), was_open=bool(within) and self._is_open(within))
        html = template.render(**known, **_saying(spoken), **shown)
        # Where somebody else looks too, Start fresh stands on every page, and must know what it ends.
        html = kept(html, visit, VISIT) if reading.place != "alone" else html
        html = kept(_opening_beside(html), within, WITHIN) if within else html
        return HTMLResponse(kept(html, carried), status)


async def pages(request: Request) -> Pages:
    """The pages of this app."""
    return cast(Pages, request.app.state.pages)


OnPages = Annotated[Pages, Depends(pages)]


def _opening_beside(html: str) -> str:
    """A page for a frame: other sites open beside it, because most refuse to stand in one."""
    return html.replace('<a href="https://', '<a target="_blank" href="https://')


def _back_to(request: Request) -> str:
    """Where "How it looks" leads back to: this page, without the tokens, which the page itself holds newer."""
    # What stands in an address of staff, as an invitation does, is for that page alone.
    staff = next((door for door in ("/desk", "/console") if request.url.path.startswith(door)), None)
    if staff or request.method == "POST":
        return staff or request.url.path
    asked = [
        one for one in request.query_params.multi_items() if one[0] not in (NAME, VISIT, WITHIN, "mode", "chat", "here")
    ]
    query = urlencode(asked)
    # What is longer was typed by nobody's hand, and no page of ours needs it.
    return f"{request.url.path}?{query}" if 0 < len(query) <= _LONGEST_QUERY else request.url.path


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


def _looks(reading: Reading) -> Markup:
    """How a page looks, as attributes that the style sheet knows: data-size="bigger"."""
    chosen = ((name, getattr(reading, name)) for name in _LOOKS)
    return Markup("").join(Markup(' data-{}="{}"').format(*one) for one in chosen if one[1] != CHOICES[one[0]][0])


def day(value: date, language: Language = "en") -> str:
    """A date as people write it: 20 November 2026."""
    month = f"{value:%B}" if language == "en" else _WELSH_MONTHS[value.month - 1]
    return f"{value.day} {month} {value.year}"
