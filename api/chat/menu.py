"""The pages of the menu as turns of the talk, laid out for the reader's level."""

from collections.abc import Container
from dataclasses import replace

from accessibility.finding import Level
from api.chat.token import Turn
from content.situations import ROOT, Menu, most_choices


def menu_turn(menu: Menu, key: str, level: Level, live: Container[str]) -> Turn | None:
    """The turn that shows a page of the menu; None for a page that is not there, or leads to no live card."""
    near = menu.page(key, most_choices(level), live)
    return Turn("choices", "pick-one", None, near, key) if near else None


def groups(menu: Menu, live: Container[str]) -> tuple[str, ...]:
    """The keys of the menu's groups, as they stand beside another card: few enough for any reader."""
    return menu.page(ROOT, most_choices("easy"), live)


def laid_out(menu: Menu, turn: Turn, before: Level, level: Level, live: Container[str]) -> Turn:
    """A turn with the buttons of the new level, from the same place in the menu, so that no card is skipped."""
    if turn.menu is None:
        return turn
    key = menu.same_place(turn.menu, most_choices(before), most_choices(level))
    return replace(turn, near=menu.page(key, most_choices(level), live), menu=key)


def above(menu: Menu, turn: Turn | None, level: Level, live: Container[str]) -> Turn:
    """Where going back leads when no earlier turn is remembered: the page above in the menu, or the start."""
    key = menu.above(turn.menu) if turn and turn.menu else None
    return (menu_turn(menu, key, level, live) if key else None) or Turn("act", "what-is-this")
