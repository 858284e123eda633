"""What every page of a deck begins with: whose words, at which level, and the visit that ends when somebody leaves."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from accessibility.rule_finding import LEVELS, Level
from accessibility.symbols import symbols
from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Turn
from api.web.page_state import NAME, VISIT, page_state, with_query
from content.signoff import NATIONAL
from content.word_marks import WordMarks

_FIRST_LEVEL: Level = "simple"
SEE_OTHER = 303


@dataclass(frozen=True)
class DeckPage:
    """One request for a page of a deck of a force; `slug` is None for whoever does not say where they live."""

    request: Request
    chat_door: ChatDoor
    slug: str | None

    @property
    def level(self) -> Level:
        """The level of this reader, which the address carries with all that they chose."""
        return page_state(self.request).reading.level or _FIRST_LEVEL

    def to(self, where: str = "", **asked: str) -> str:
        """An address of the decks of this force, as part of this visit. Cards stand in it with commas between."""
        parts = {name: value for name, value in {**asked, VISIT: page_state(self.request).visit}.items() if value}
        return f"/{self.slug or ANY}/deck{where}?{urlencode(parts, safe=',')}"

    def instead(self) -> Response | None:
        """What is shown instead: a shut door, the talk where another law holds, and nothing of a visit that ended."""
        force, why = self.chat_door.force(self.slug), self.chat_door.shut(self.slug)
        if why:
            return self.chat_door.pages.page(self.request, "chat/closed.html", 503, why=why)
        if (force and force.kind == "hand-over") or self._left(page_state(self.request).asked_visit):
            return RedirectResponse(f"/{self.slug or ANY}", SEE_OTHER)
        return None

    def _left(self, visit: str) -> bool:
        """Whether a visit has ended, or nobody can know yet: its address does not say when it began."""
        visits = self.chat_door.tokens.visits
        return visits.ended(visit) or (bool(visit) and not visits.listed)

    def as_visit(self, where: str = "", **asked: str) -> Response | None:
        """Leads to the same page as part of a visit, where its address is of none: what was left must not come back.

        A level that the address names for itself becomes the reader's choice, as if they had pressed it.
        """
        level = next((one for one in LEVELS if one == self.request.query_params.get("level")), None)
        state = page_state(self.request)
        if state.asked_visit and not level:
            return None
        reading = state.reading.but(level=level).address if level else ""
        return RedirectResponse(with_query(self.to(where, **asked), {NAME: reading}), SEE_OTHER)

    def page(self, name: str, status: int = 200, **shown: Any) -> Response:
        """A page of a deck."""
        around: dict[str, Any] = {
            "slug": self.slug or ANY,
            "force": self.chat_door.force(self.slug),
            "level": self.level,
            "levels": LEVELS,
            "symbols": symbols(),
            "to": self.to,
        }
        return self.chat_door.pages.page(self.request, f"decks/{name}.html", status, **around, **shown)

    def card(self, key: str, at: int, of: int) -> dict[str, Any]:
        """What the templates of a card need: its signed words, or those that say that it is being checked."""
        chat_door, today, pack, level = (
            self.chat_door,
            self.chat_door.pack_cache.today(),
            self.chat_door.pack(self.slug),
            self.level,
        )
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
            "sounding": signed is not None and chat_door.sounds.sounding(signed.words, level),
            "sound_level": level,
            "national": bool(signed and signed.layer == NATIONAL and not pack.joined(today)),
            "paced": signed is not None and signed.words.kind == "card" and self._one_at_a_time(),
        }

    def _one_at_a_time(self) -> bool:
        reading, show = page_state(self.request).reading, self.request.query_params.get("show")
        return reading.one_at_a_time(self.level) and show != "all"


def deck_page(request: Request, chat_door: ChatDoor, force: str) -> DeckPage:
    """The page that is asked for. Raises Problem 404 for an unknown force."""
    slug = None if force == ANY else force
    chat_door.force(slug)
    return DeckPage(request, chat_door, slug)


def number(written: str, last: int) -> int:
    """A number from 1 to `last` as an address has it; the nearest for one outside, 1 for what is none."""
    digits = written if written.isascii() and written.isdigit() and len(written) <= len(str(last)) + 1 else "1"
    return min(max(int(digits), 1), last)
