"""The menu by situation: its file is held to the cards, and its pages to what a reader can choose among."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from accessibility.rule_finding import LEVELS, Level
from content.card import Card, Situation
from content.situations import ROOT, SITUATIONS, BrokenMenu, Menu, load_menu, most_choices, reachable, refuse_lost


@pytest.fixture(scope="module")
def menu() -> Menu:
    return load_menu()


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The menu's file with one thing changed."""
    text = SITUATIONS.read_text("utf-8")
    assert old in text
    path = tmp_path / "situations.yml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def walked(menu: Menu, key: str, most: int, live: set[str]) -> list[str]:
    """Every button of a page and of those behind More, in order."""
    found: list[str] = []
    while key:
        page = menu.page(key, most, live)
        assert 0 < len(page) <= most
        more = page[-1] if re.search(r"/\d+$", page[-1]) else ""
        found += page[: -1 if more else None]
        key = more
    return found


def test_every_card_stands_under_the_situations_it_names(menu: Menu, cards: dict[str, Card]) -> None:
    refuse_lost(menu, cards)


@pytest.mark.parametrize("level", LEVELS)
def test_walking_on_meets_every_card_once_and_no_page_is_too_long(
    menu: Menu, cards: dict[str, Card], level: str
) -> None:
    most = most_choices(level)  # type: ignore[arg-type]
    groups = walked(menu, ROOT, most, set(cards))
    situations = [key for group in groups for key in walked(menu, group, most, set(cards))]
    assert sorted(situations) == sorted(f"menu/{name}" for name in get_args(Situation))
    for key in situations:
        assert walked(menu, key, most, set(cards)) == list(menu.entries[key].opens)


def test_only_what_leads_to_a_live_card_is_offered(menu: Menu) -> None:
    assert menu.page("menu", 5, {"missing"}) == ("menu/other",)
    assert menu.page("menu/other", 5, {"missing"}) == ("menu/missing",)
    assert menu.page("menu/missing", 5, {"missing"}) == ("missing",)
    assert menu.page("menu/arrested", 5, {"missing"}) == ()
    assert menu.page("menu", 5, set()) == ()


def test_exactly_as_many_as_fit_need_no_more(menu: Menu) -> None:
    five = set(menu.entries["menu/missing"].opens[:5])
    assert len(menu.page("menu/missing", 5, five)) == 5
    assert menu.page("menu/missing", 5, five)[-1] not in ("menu/missing/2",)
    assert menu.page("menu/missing", 4, five)[-1] == "menu/missing/2"


@pytest.mark.parametrize(
    "key",
    ["", "menu/", "menu/zebra", "menu/arrested/0", "menu/arrested/01", "menu/arrested/99", "menu/arrested/-1",
     "menu/arrested/2/3", "menu/2", "menu//2", "MENU", "menu/arrested/२", "menu/arrested\n", "bail"],
)  # fmt: skip
def test_what_is_no_page_is_empty(menu: Menu, cards: dict[str, Card], key: str) -> None:
    assert menu.page(key, 4, set(cards)) == ()


def test_another_level_skips_nothing(menu: Menu, cards: dict[str, Card]) -> None:
    for before in (3, 4, 5):
        for after in (3, 4, 5):
            first = menu.page("menu/arrested/4", before, set(cards))[0]
            assert first in menu.page(menu.same_place("menu/arrested/4", before, after), after, set(cards))


def test_the_way_up(menu: Menu) -> None:
    ways = ["menu/arrested/3", "menu/arrested/2", "menu/arrested", "menu/trouble", "menu"]
    assert [menu.above(key) for key in ways] == [*ways[1:], None]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("symbol: police, situations", "symbol: badge, situations", 'no symbol "badge"'),
        ("label: menu_hurt", "label: menu_unknown", "menu_unknown"),
        ("label: menu_hurt", "label: talk_heading_any", "too long for a button"),
        ("[arrested, stopped, school]", "[arrested, stopped]", '"school" must be a situation'),
        ("[arrested, stopped, school]", "[arrested, stopped, school, harmed]", '"harmed" must be a situation'),
        ("[arrested, stopped, school]", "[arrested, stopped, school, zebra]", '"zebra" must be a situation'),
        ("  hurt: {", "  helping: {", 'group "helping" must have a name of its own'),
        ("  other: {", "  more: {label: menu_other, symbol: see, situations: []}\n  other: {", "4 groups; at most 3"),
        ("[record, ", "[record, record, ", '"record" must be a situation of card.py, with its cards, in exactly one'),
        ("    cards:\n      - tell-parents", "    cars:\n      - tell-parents", "'cards' is missing"),
    ],
)
def test_a_broken_file_says_where_and_what_to_mend(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(BrokenMenu, match=re.escape(says)) as broken:
        load_menu(changed(tmp_path, old, new))
    assert "situations.yml" in str(broken.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("      - bail\n", "", 'put "bail" into arrested'),
        ("      - bail\n", "      - bail\n      - hate-incident\n", 'take "hate-incident" out of arrested'),
        ("      - bail\n", "      - bail\n      - bail\n", 'take "bail" out of arrested'),
        ("      - bail\n", "      - bale\n", 'take "bale" out of arrested'),
    ],
)
def test_a_card_in_the_wrong_place_is_named(
    tmp_path: Path, cards: dict[str, Card], old: str, new: str, says: str
) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(BrokenMenu, match=re.escape(says)) as broken:
        refuse_lost(load_menu(path), cards, path)
    assert str(path) in str(broken.value)


def test_a_card_that_names_another_situation_must_be_put_there(menu: Menu, cards: dict[str, Card]) -> None:
    moved = {**cards, "bail": replace(cards["bail"], situations=("arrested", "stopped"))}
    with pytest.raises(BrokenMenu, match='put "bail" into stopped'):
        refuse_lost(menu, moved)


def test_a_card_that_no_button_leads_to_is_named(menu: Menu, cards: dict[str, Card]) -> None:
    lost = {**cards, "new": replace(cards["bail"], key="new", situations=())}
    with pytest.raises(BrokenMenu, match='no button leads to "new" at standard; name a situation'):
        refuse_lost(menu, lost)
    refuse_lost(menu, {**cards, "new": replace(lost["new"], kind="house")})


@pytest.mark.parametrize("level", LEVELS)
def test_a_situation_too_long_for_its_last_page_loses_cards(
    tmp_path: Path, cards: dict[str, Card], level: Level
) -> None:
    """Pages are numbered up to 99, and what would lie behind them must not get lost unseen."""
    many = {f"new-{number}": replace(cards["bail"], situations=("arrested",)) for number in range(500)}
    path = changed(tmp_path, "      - bail\n", "      - bail\n" + "".join(f"      - {key}\n" for key in many))
    found = reachable(load_menu(path), most_choices(level), {**cards, **many})
    assert set(many) - found
    with pytest.raises(BrokenMenu, match="no button leads to"):
        refuse_lost(load_menu(path), {**cards, **many}, path)


@pytest.mark.parametrize("level", LEVELS)
def test_a_group_takes_at_most_three_pages(menu: Menu, cards: dict[str, Card], level: Level) -> None:
    for group in menu.entries[ROOT].opens:
        assert menu.page(f"{group}/4", most_choices(level), cards) == ()
        assert not any(key.endswith("/4") for key in menu.page(f"{group}/3", most_choices(level), cards))


@pytest.mark.parametrize(
    ("situation", "first"),
    [
        ("arrested", {"solicitor-private", "right-to-silence", "tell-parents"}),
        ("harmed", {"tell-parents", "will-they-know-it-was-me", "must-tell"}),
        ("victim", {"will-they-know-it-was-me", "tell-parents", "victim-rights"}),
        ("helping", {"helping-a-child", "must-tell", "who-speaks-up"}),
    ],
)
def test_what_must_be_known_at_once_stands_first(menu: Menu, situation: str, first: set[str]) -> None:
    assert set(menu.entries[f"menu/{situation}"].opens[:3]) == first
