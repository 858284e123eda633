"""Every palette can be read: the contrast of each pair of colours that a page uses, from the style sheets."""

import re
from itertools import product
from pathlib import Path

import pytest

from accessibility.contrast import black_or_white, contrast
from accessibility.preferences import CHOICES
from api.web.component_files import FOLDERS, component_file

SHEETS = [path for folder in FOLDERS for path in sorted(folder.rglob("*.css"))]
SHEET = component_file("frame/frame.css").read_text("utf-8")
COLOUR = r"(#[0-9a-f]{6}|transparent)"
TOKENS = re.compile(rf"--([a-z-]+): {COLOUR};")
# Of the two the first stands by day, the second by night.
PAIRS = re.compile(rf"--([a-z-]+): var\(--day, {COLOUR}\) var\(--night, {COLOUR}\);")
COLOURS = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(|:\s*(?:white|black|red|grey|gray)\b")
USED = re.compile(r"(?<![-\w])(color|background|background-color):[^;}]*?var\(--([a-z-]+)\)")
# On paper and in forced colours the palettes do not count. A picture is drawn in dark lines, so it may stand on white.
OTHER_MEDIA = re.compile(
    r"/\*.*?\*/|@media (?:print|\(forced-colors[^{]*)\s*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.DOTALL
)
SHADOW = re.compile(r"box-shadow: [^;}]*")
# Nor does a film: what is beside its picture is black.
PLATE = re.compile(r"video[^{]* \{ [^}]*background: #000;|(?:img|\.journey-ring) \{ (?:background|fill): #fff(?:fff)?;")

AAA, AA, BORDER = 7.0, 4.5, 3.0
BODY = [*product(("ink", "teal"), ("paper", "card")), ("ink", "mist"), ("on-teal", "teal")]
SMALL = [*product(("muted", "red"), ("paper", "card", "mist")), ("teal", "mist"), ("on-sun", "sun"), ("on-bar", "bar")]
LINES = [*product(("line", "teal", "ink"), ("paper", "card", "mist")), ("sun", "bar")]


def blocks(start: str) -> str:
    """What stands between the braces after these words."""
    return SHEET[SHEET.index(start) :].partition("{")[2].partition("}")[0]


def palette(start: str) -> dict[str, str]:
    return dict(TOKENS.findall(blocks(start)))


FIRST = ':root, [data-paper="device"], [data-paper="cream"], [data-paper="dark"] {'
BY_DAY = palette(FIRST) | {name: day for name, day, _ in PAIRS.findall(blocks(FIRST))}
BY_NIGHT = palette(FIRST) | {name: night for name, _, night in PAIRS.findall(blocks(FIRST))}
PALETTES = {
    "cream": BY_DAY,
    **{name: palette(f'\n[data-paper="{name}"] {{') for name in ("white", "blue", "yellow", "contrast")},
    "dark": BY_NIGHT,
    "print": dict(TOKENS.findall(SHEET[SHEET.index("@media print") :].partition("  }")[0])),
}


def written_together() -> set[tuple[str, str]]:
    """The pairs of text and background that one rule of any style sheet names."""
    found = set()
    for path in SHEETS:
        for rule in re.findall(r"\{([^{}]*)\}", path.read_text("utf-8")):
            named = {
                "background" if name.startswith("background") else name: token for name, token in USED.findall(rule)
            }
            if {"color", "background"} <= named.keys():
                found.add((named["color"], named["background"]))
    return found


def test_the_formula_gives_the_known_figures() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


def test_every_background_that_can_be_chosen_is_a_palette_with_every_colour() -> None:
    assert set(CHOICES["paper"]) - {"device"} == set(PALETTES) - {"print"}
    assert all(each.keys() == PALETTES["cream"].keys() for each in PALETTES.values())
    assert len(PALETTES["cream"]) == 15


def test_the_dark_colours_stand_once_for_the_reader_who_chose_them_and_for_the_device() -> None:
    night = "--day: ; --night: initial;"
    assert [rule for rule in re.findall(r"([^{}\n]+) \{ ([^{}]*) \}", SHEET) if rule[1] == night] == [
        ('[data-paper="dark"]', night),
        ('  :root:not([data-paper]), [data-paper="device"]', night),
    ]
    own = {name for name, colour in BY_NIGHT.items() if colour != BY_DAY[name]}
    assert all(SHEET.count(f"--{name}: {BY_NIGHT[name]};") == 0 for name in own - {"plate"})


@pytest.mark.parametrize("name", PALETTES)
def test_what_is_read_can_be_read(name: str) -> None:
    colours = PALETTES[name]
    least = {**dict.fromkeys(LINES, BORDER), **dict.fromkeys(SMALL, AA), **dict.fromkeys(BODY, AAA)}
    if name == "print":
        # On paper nothing is a button, and borders show what was a colour.
        least = {pair: floor for pair, floor in least.items() if floor != BORDER}
    for pair in written_together():
        least.setdefault(pair, AA)
        least[pair] = max(least[pair], AA)
    weak = {pair: round(contrast(*(colours[part] for part in pair)), 2) for pair in least}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < least[pair]} == {}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_no_style_sheet_has_a_colour_that_a_palette_cannot_change(path: Path) -> None:
    text = OTHER_MEDIA.sub("", path.read_text("utf-8"))
    lines = [
        line.strip()
        for line in text.splitlines()
        if not (TOKENS.fullmatch(line.strip()) or PAIRS.fullmatch(line.strip()))
    ]
    raw = [line for line in lines if COLOURS.search(SHADOW.sub("", line)) and not PLATE.search(line)]
    assert raw == []


@pytest.mark.parametrize("green", range(0, 256, 5))
def test_words_on_any_colour_can_be_read(green: int) -> None:
    for red, blue in product(range(0, 256, 15), repeat=2):
        colour = f"#{red:02x}{green:02x}{blue:02x}"
        assert contrast(colour, black_or_white(colour)) >= AA
