"""What every page of a deck begins with: whose words, at which level, and the visit that ends when somebody leaves."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from accessibility.finding import LEVELS, Level
from accessibility.symbols import symbols
from api.chat.page_view import ANY
from api.chat.room import Room
from api.chat.token import Turn
from api.hall.keeping import NAME, VISIT, is_visit, reading_of, visit_of, with_reading
from content.signoff import NATIONAL
from content.word_marks import WordMarks

_FIRST_LEVEL: Level = "simple"
SEE_OTHER = 303


@dataclass(frozen=True)
class DeckPage:
    """One request for a page of a deck of a force; `slug` is None for whoever does not say where they live."""

    request: Request
    room: Room
    slug: str | None

    @property
    def level(self) -> Level:
        """The level of this reader, which the address carries with all that they chose."""
        return reading_of(self.request).level or _FIRST_LEVEL

    def to(self, where: str = "", **asked: str) -> str:
        """An address of the decks of this force, as part of this visit. Cards stand in it with commas between."""
        parts = {name: value for name, value in {**asked, VISIT: visit_of(self.request)}.items() if value}
        return f"/{self.slug or ANY}/deck{where}?{urlencode(parts, safe=',')}"

    def instead(self) -> Response | None:
        """What is shown instead: a shut door, the talk where another law holds, and nothing of a visit that ended."""
        force, why = self.room.force(self.slug), self.room.shut(self.slug)
        if why:
            return self.room.pages.page(self.request, "closed.html", 503, why=why)
        asked = self.request.query_params.get(VISIT, "")
        if (force and force.kind == "hand-over") or self.room.tokens.visits.ended(asked):
            return RedirectResponse(f"/{self.slug or ANY}", SEE_OTHER)
        return None

    def as_visit(self, where: str = "", **asked: str) -> Response | None:
        """Leads to the same page as part of a visit, where its address is of none: what was left must not come back.

        A level that the address names for itself becomes the reader's choice, as if they had pressed it.
        """
        level = next((one for one in LEVELS if one == self.request.query_params.get("level")), None)
        if is_visit(self.request.query_params.get(VISIT)) and not level:
            return None
        reading = reading_of(self.request).but(level=level).address if level else ""
        return RedirectResponse(with_reading(self.to(where, **asked), reading, NAME), SEE_OTHER)

    def page(self, name: str, status: int = 200, **shown: Any) -> Response:
        """A page of a deck."""
        around: dict[str, Any] = {
            "slug": self.slug or ANY,
            "force": self.room.force(self.slug),
            "level": self.level,
            "levels": LEVELS,
            "symbols": symbols(),
            "to": self.to,
        }
        return self.room.pages.page(self.request, f"decks/{name}.html", status, **around, **shown)

    def card(self, key: str, at: int, of: int) -> dict[str, Any]:
        """What the templates of a card need: its signed words, or those that say that it is being checked."""
        room, today, pack, level = self.room, self.room.shelf.today(), self.room.pack(self.slug), self.level
        signed = pack.card(key, today) or pack.card("being-checked", today) or pack.card("not-sure", today)
        version = signed.words.levels[level] if signed else None
        return {
            "at": at,
            "of": of,
            "signed": signed,
            "version": version,
            "word": None,
            "turn": Turn("card", key),
            "marks": WordMarks(version.words if version else (), f"word-{at}-"),
            "sounding": signed is not None and room.sounds.sounding(signed.words, level),
            "sound_level": level,
            "national": bool(signed and signed.layer == NATIONAL and not pack.joined(today)),
            "paced": signed is not None and signed.words.kind == "card" and self._one_at_a_time(),
        }

    def _one_at_a_time(self) -> bool:
        return reading_of(self.request).one_at_a_time(self.level) and self.request.query_params.get("show") != "all"


def deck_page(request: Request, room: Room, force: str) -> DeckPage:
    """The page that is asked for. Raises Problem 404 for an unknown force."""
    slug = None if force == ANY else force
    room.force(slug)
    return DeckPage(request, room, slug)


def number(written: str, last: int) -> int:
    """A number from 1 to `last` as an address has it; the nearest for one outside, 1 for what is none."""
    digits = written if written.isascii() and written.isdigit() and len(written) <= len(str(last)) + 1 else "1"
    return min(max(int(digits), 1), last)
