"""The menu by situation: groups, the situations of each, and the cards of each in the order children ask them."""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from accessibility.rule_finding import LEVELS, Level
from accessibility.rulebook import rulebook
from accessibility.symbols import symbol_ids
from accessibility.yaml_text import read_yaml
from content.card import Card, Situation
from content.interface import Interface, load_interface

SITUATIONS = Path(__file__).with_name("situations.yml")
ROOT = "menu"
"""The key of the first page of the menu; every other key starts with it and a slash."""

_KEY = re.compile(r"(menu(?:/[a-z]+)?)(?:/([1-9][0-9]?))?")
# Six lie on two pages of four buttons and three pages of three, so a reader of easy words presses More twice at most.
_MOST_SITUATIONS = 6
_MORE = "menu_more"


class BrokenMenu(ValueError):
    """The menu cannot be used. The message names the file and what to mend."""


def most_choices(level: Level) -> int:
    """How many buttons a reader of the level can choose among (rule 23)."""
    return int(rulebook().limits["choices"].figures[level])


def is_menu(key: str) -> bool:
    """True for a key that asks for the menu, whether there is such a page or not."""
    return key == ROOT or key.startswith(f"{ROOT}/")


@dataclass(frozen=True)
class Entry:
    """A button of the menu: its words, its picture (None for More), and the keys of the buttons behind it."""

    label: str
    symbol: str | None
    opens: tuple[str, ...]


class Menu:
    """All entries by key: `menu`, `menu/hurt` for a group, `menu/arrested` for a situation. `/2` is a second page."""

    def __init__(self, entries: Mapping[str, Entry], more: str) -> None:
        self.entries = entries
        self._more = Entry(more, None, ())

    def button(self, key: str) -> Entry | None:
        """The entry behind a key, More for a later page; None for what is no page of the menu, such as a card."""
        name, page = _place(key)
        return None if name not in self.entries else self._more if page > 1 else self.entries[name]

    def title(self, key: str) -> str | None:
        """What stands over the buttons of a page: the group or situation that was chosen. None for no page."""
        entry = self.entries.get(_place(key)[0])
        return entry.label if entry else None

    def page(self, key: str, most: int, live: Container[str]) -> tuple[str, ...]:
        """The keys of a page's buttons, at most `most`, More last while some remain; only what leads to a live card.

        Empty for a page that is not there.
        """
        name, page = _place(key)
        if name not in self.entries:
            return ()
        opens = [key for key in self.entries[name].opens if self._leads_to(key, live)]
        rest = tuple(opens[(page - 1) * (most - 1) :])
        return rest if len(rest) <= most else (*rest[: most - 1], f"{name}/{page + 1}")

    def same_place(self, key: str, before: int, after: int) -> str:
        """The page that holds the first button of this one, when pages change from `before` to `after` buttons."""
        name, page = _place(key)
        return _key(name, (page - 1) * (before - 1) // (after - 1) + 1)

    def above(self, key: str) -> str | None:
        """The page that leads to this one; None for the first."""
        name, page = _place(key)
        if page > 1:
            return _key(name, page - 1)
        return next((above for above, entry in self.entries.items() if name in entry.opens), None)

    def situation(self, key: str) -> str | None:
        """The situation that a page is about; None for a page of groups or situations."""
        name = _place(key)[0].removeprefix(f"{ROOT}/")
        return name if name in get_args(Situation) else None

    def _leads_to(self, key: str, live: Container[str]) -> bool:
        if key not in self.entries:
            return key in live
        return any(self._leads_to(behind, live) for behind in self.entries[key].opens)


def _place(key: str) -> tuple[str, int]:
    found = _KEY.fullmatch(key)
    return (found[1], int(found[2] or 1)) if found else ("", 1)


def _key(name: str, page: int) -> str:
    return name if page == 1 else f"{name}/{page}"


def load_menu(path: Path = SITUATIONS, words: Interface | None = None) -> Menu:
    """The menu of this release. Raises BrokenMenu naming the file and what to mend."""
    raw, words = read_yaml(path.read_text("utf-8")), words or load_interface()
    try:
        groups, situations = raw["groups"], raw["situations"]
        pages = {key: tuple(entry["situations"]) for key, entry in groups.items()}
        behind = {f"{ROOT}/{key}": tuple(f"{ROOT}/{name}" for name in names) for key, names in pages.items()}
        behind |= {f"{ROOT}/{key}": tuple(entry["cards"]) for key, entry in situations.items()}
        entries = {f"{ROOT}/{key}": (words[raw["label"]], raw["symbol"]) for key, raw in (groups | situations).items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise BrokenMenu(f"{path}: {error} is missing or misshapen; see the entry before it for the shape") from error
    for problem in _problems(pages, situations, entries):
        raise BrokenMenu(f"{path}: {problem}")
    first = Entry(words["choose"], None, tuple(f"{ROOT}/{key}" for key in groups))
    found = {key: Entry(label, symbol, behind[key]) for key, (label, symbol) in entries.items()}
    return Menu({ROOT: first, **found}, words[_MORE])


def _problems(
    pages: Mapping[str, tuple[str, ...]], situations: Mapping[str, Any], entries: Mapping[str, tuple[str, str]]
) -> Iterator[str]:
    known, named = get_args(Situation), [name for names in pages.values() for name in names]
    words = int(rulebook().limits["button_words"].figures["easy"])
    if len(pages) > most_choices("easy"):
        yield f"{len(pages)} groups; at most {most_choices('easy')}, so that every reader sees them all"
    for name in [*known, *named, *situations]:
        if name not in known or name not in situations or named.count(name) != 1:
            yield f'"{name}" must be a situation of card.py, with its cards, in exactly one group'
    for key, names in pages.items():
        if key in known or len(names) > _MOST_SITUATIONS:
            yield f'group "{key}" must have a name of its own and at most {_MOST_SITUATIONS} situations'
    for key, (label, symbol) in entries.items():
        if symbol not in symbol_ids():
            yield f'{key}: no symbol "{symbol}"; pick one from accessibility/symbols.yml'
        if len(label.split()) > words:
            yield f'{key}: "{label}" is too long for a button; at most {words} words'


def refuse_lost(menu: Menu, cards: Mapping[str, Card], path: Path = SITUATIONS) -> None:
    """Raises BrokenMenu for the first card that stands in a wrong place, or that pressing buttons does not lead to."""
    for situation in get_args(Situation):
        listed = menu.entries[f"{ROOT}/{situation}"].opens
        naming = [key for key, card in cards.items() if card.kind == "card" and situation in card.situations]
        for key in listed:
            if key not in naming or listed.count(key) > 1:
                raise BrokenMenu(f'{path}: take "{key}" out of {situation}: its card does not name it, or it is twice')
        for key in naming:
            if key not in listed:
                raise BrokenMenu(f'{path}: put "{key}" into {situation}, where children ask it: its card names it')
    for level in LEVELS:
        found = reachable(menu, most_choices(level), cards)
        for key, card in cards.items():
            if card.kind == "card" and key not in found:
                raise BrokenMenu(
                    f'{path}: no button leads to "{key}" at {level}; name a situation in its card, or record'
                )


def reachable(menu: Menu, most: int, live: Container[str]) -> set[str]:
    """Every page of the menu and every live card that pressing its buttons leads to, with `most` buttons a page."""
    found, waiting = {ROOT}, [ROOT]
    while waiting:
        fresh = {key for key in menu.page(waiting.pop(), most, live) if key not in found}
        found |= fresh
        waiting += fresh
    return found
