"""Draws the winding path of a journey as SVG: for each step a stop with its picture, and the way on to the next.

There is no text in the drawing and no colour: words stand beside it, and colours come from the style sheet.
"""

from dataclasses import dataclass

from markupsafe import Markup

# In units of the drawing, which grows with the room it has. Every piece begins and ends in the middle, so they join.
_WIDTH, _STOP, _WAY = 96, 104, 100
_MIDDLE = _WIDTH // 2
_OUT, _RADIUS, _PICTURE = 19, 28, 40
_SWAY = 12


@dataclass(frozen=True)
class Drawing:
    """The two pieces beside a step: the stop, of a set shape, and the way on, which is as long as the words are."""

    stop: Markup
    way: Markup


def draw(number: int, of: int, picture: str | None) -> Drawing:
    """The pieces of a step, counted from 1; odd ones swing to the right and even ones to the left.

    The path begins at the first stop and ends at the last.
    """
    side = 1 if number % 2 else -1
    return Drawing(_stop(side, picture, first=number == 1, last=number == of), _person_door(-side, last=number == of))


def _stop(side: int, picture: str | None, *, first: bool, last: bool) -> Markup:
    at, half = _MIDDLE + side * _OUT, _STOP // 2
    into = "" if first else f"M{_MIDDLE} 0C{_MIDDLE} {half // 2} {at} {half // 4} {at} {half}"
    out = "" if last else f"M{at} {half}C{at} {_STOP - half // 4} {_MIDDLE} {_STOP - half // 2} {_MIDDLE} {_STOP}"
    corner = _PICTURE // 2
    shown = Markup('<image href="/pictures/{}.svg" x="{}" y="{}" width="{}" height="{}"/>').format(
        picture, at - corner, half - corner, _PICTURE, _PICTURE
    )
    return Markup(
        '<svg class="journey-stop" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">{}'
        '<circle class="journey-ring" cx="{}" cy="{}" r="{}"/>{}</svg>'
    ).format(_WIDTH, _STOP, _road(into + out), at, half, _RADIUS, shown if picture else "")


def _person_door(side: int, *, last: bool) -> Markup:
    if last:
        return Markup("")
    at, half = _MIDDLE + side * _SWAY, _WAY // 2
    swing = f"M{_MIDDLE} 0C{_MIDDLE} {half // 2} {at} {half // 2} {at} {half}"
    back = f"C{at} {_WAY - half // 2} {_MIDDLE} {_WAY - half // 2} {_MIDDLE} {_WAY}"
    return Markup(
        '<svg class="journey-way" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        "{}</svg>"
    ).format(_WIDTH, _WAY, _road(swing + back))


def _road(line: str) -> Markup:
    """A road with two edges: a broad line, and a narrower one upon it."""
    edge, middle = (
        Markup('<path class="{}" vector-effect="non-scaling-stroke" d="{}"/>').format(name, line)
        for name in ("journey-edge", "journey-road")
    )
    return edge + middle
