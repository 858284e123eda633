"""Planning a session: pick what it is about, tick cards, put them in order. All of it stands in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.chat.chat_door import OnChat
from api.chat.decks.deck_cards import DeckCards, chosen, named
from api.chat.decks.deck_page import SEE_OTHER, DeckPage, deck_page
from api.records.decks import MOST_CARDS
from api.web.page_routes import page_routes
from api.web.security_headers import anyone
from content.language import Language
from content.situations import ROOT, Entry, Menu

routes = page_routes(anyone)

_HAPPENS = "deck_about_happens"
GROUPS: Mapping[str, frozenset[str]] = {
    _HAPPENS: frozenset({"what", "who", "what-form"}),
    "deck_about_told": frozenset({"who-told", "who-sees", "private", "shows", "find-family", "am-i-told"}),
    "deck_about_kept": frozenset({"how-long", "delete-it", "take-down", "why-keep", "where"}),
    "deck_about_ask": frozenset({"see-it", "correct-it", "get-back", "complain", "said-no", "stop-it"}),
    "deck_about_you": frozenset({"must-i", "must-they", "who-helps"}),
}
"""What a card asks, by the name of the interface string that stands over such cards."""


@dataclass(frozen=True)
class Tick:
    """A card that may be ticked: its question at the reader's level, in the language that it is signed in."""

    key: str
    question: str
    language: Language
    about: str


@dataclass(frozen=True)
class Planned:
    """What the address of a plan says. `go` says that ticking is done, `add` that more cards are wanted."""

    situation: Annotated[str, Query()] = ""
    cards: Annotated[list[str] | None, Query()] = None
    go: Annotated[str, Query()] = ""
    add: Annotated[str, Query()] = ""

    @property
    def named(self) -> list[str]:
        """The keys that it names."""
        return named(self.cards or ())

    @property
    def asked(self) -> dict[str, str]:
        """The same in one form, for an address."""
        marks = {"go": "1" if self.go else "", "add": "1" if self.add else ""}
        return {"situation": self.situation, "cards": ",".join(self.named), **marks}


@routes.api_route("/{force}/deck", methods=["GET", "HEAD"])
async def plan(request: Request, chat_door: OnChat, force: str, planned: Annotated[Planned, Depends()]) -> Response:
    """The step that the address is at: what it is about, the cards of that, or the deck in its order."""
    page = deck_page(request, chat_door, force)
    entry = _about(chat_door.helper.menu, planned.situation)
    planned = planned if entry else replace(planned, situation="")
    instead = page.instead() or page.as_visit(**planned.asked)
    if instead:
        return instead
    deck = chosen(chat_door, page.slug, planned.cards or ())
    if planned.go and deck.keys:
        return RedirectResponse(page.to(cards=planned.asked["cards"]), SEE_OTHER)
    if entry:
        return _ticking(page, planned.situation, entry, deck, told="deck_tick_one" if planned.go else "")
    if deck.keys and not planned.add:
        return page.page("ordered", deck=deck, ticks=_ticks(page, deck.keys))
    return page.page("about", deck=deck, groups=_groups(chat_door.helper.menu))


def _ticking(page: DeckPage, situation: str, entry: Entry, deck: DeckCards, told: str) -> Response:
    """The cards of a situation, those of the deck ticked; the deck's others are carried along."""
    ticks = _ticks(page, entry.opens)
    order = list(GROUPS)
    ordered = sorted(ticks, key=lambda tick: order.index(tick.about))
    return page.page(
        "ticking",
        422 if told else 200,
        situation=situation,
        entry=entry,
        deck=deck,
        others=[key for key in deck.keys if key not in {tick.key for tick in ticks}],
        grouped=[(about, list(group)) for about, group in groupby(ordered, key=lambda tick: tick.about)],
        most=str(MOST_CARDS),
        told=told,
    )


def _about(menu: Menu, situation: str) -> Entry | None:
    """A situation of the menu; None for what is none, such as a group of them."""
    key = f"{ROOT}/{situation}"
    return menu.entries.get(key) if situation and menu.situation(key) else None


def _groups(menu: Menu) -> list[tuple[Entry, list[tuple[str, Entry]]]]:
    """The groups of the menu, each with its situations by name."""
    entries = menu.entries
    return [
        (entries[group], [(key.removeprefix(f"{ROOT}/"), entries[key]) for key in entries[group].opens])
        for group in entries[ROOT].opens
    ]


def _ticks(page: DeckPage, keys: Sequence[str]) -> list[Tick]:
    """Those of the keys that are live answers, as this reader is asked about them."""
    live = page.chat_door.pack(page.slug).live(page.chat_door.pack_cache.today())
    words = {key: live[key].words for key in keys if key in live and live[key].words.kind == "card"}
    return [Tick(key, one.levels[page.level].question, one.language, _group_of(one.asks)) for key, one in words.items()]


def _group_of(asks: str) -> str:
    return next((name for name, kinds in GROUPS.items() if asks in kinds), _HAPPENS)
