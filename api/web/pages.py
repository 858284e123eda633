"""Makes pages: the templates of every door, with the interface strings and what every page must know."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import BytecodeCache, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.bccache import Bucket
from markupsafe import Markup

from accessibility.markup import plain
from accessibility.preferences import CHOICES, Reading
from api.web.component_files import FOLDERS
from api.web.fonts import have_fonts
from api.web.handed import from_door
from api.web.page_state import NAME, VISIT, WITHIN, PageLinks, PageState, language_of, page_state
from api.web.security_headers import Sites
from api.web.settings import Settings
from content import rendering
from content.interface import Interface, load_interface
from content.language import LANGUAGES, Language

# The keys of 30 cards.
_LONGEST_QUERY = 1_500
_LOOKS = ("size", "font", "spacing", "paper", "movement")
_PAGE_LANGUAGE: Mapping[Language, str] = {"en": "en-GB", "cy": "cy"}
_WELSH_MONTHS = (
    *("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin"),
    *("Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"),
)


class _CompiledTemplates(BytecodeCache):
    """Compiled templates in memory, for the many apps of one process that tests make."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


_compiled = _CompiledTemplates()
_interface = cache(load_interface)


class Pages:
    """Renders templates. Each door has components of its own; `web` holds the frame of a page.

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
        self.interfaces: dict[Language, Interface] = {language: _interface(language) for language in LANGUAGES}
        self.words: Interface = self.interfaces["en"]
        folders = [FileSystemLoader(folder) for folder in FOLDERS]
        self._environment = Environment(
            loader=ChoiceLoader(folders),
            bytecode_cache=_compiled,
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(words=_words, plain=plain, day=day, looks=_looks)
        self._environment.globals.update(fonts=have_fonts())
        self._environment.globals.update(practice=settings.practice, leave_to=settings.leave_to)
        self._environment.globals.update(shared_minutes=settings.shared_minutes)
        self._environment.globals.update(passkeys_work=settings.passkey_host is not None)

    def page(self, request: Request, name: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """A whole page, or a fragment of one, in the language that the browser asks for where we have it."""
        template = self._environment.get_template(name)
        spoken = self.interfaces[language_of(request)]
        state = page_state(request)
        # A path that begins with two slashes would be a link to another host.
        known: dict[str, Any] = {"path": f"/{request.url.path.lstrip('/')}", "back_to": _back_to(request)}
        known.update(self._around(state.within), **_addressing(state), **_saying(spoken))
        return HTMLResponse(template.render(**known, **shown), status)

    def _around(self, within: str) -> dict[str, Any]:
        """What a page in a frame needs to know: the sites of its force, and whether its door was open when it came."""
        return {"sites": self._sites(within) if within else (), "was_open": bool(within) and self._is_open(within)}


OnPages = Annotated[Pages, Depends(from_door(Pages))]


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


def _addressing(state: PageState) -> dict[str, Any]:
    """What templates write addresses with. `url` is for every address of ours, `link_out` for those of other sites."""
    links = PageLinks(state)
    return {
        "reading": state.reading,
        "carried": state.code,
        "visit": state.visit,
        "within": state.within,
        "url": links.url,
        "state_fields": links.state_fields,
        "link_out": links.link_out,
    }


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
