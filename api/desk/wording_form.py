"""Reads the form of the wording editor."""

import re
from typing import get_args

from starlette.datastructures import FormData

from accessibility.rule_finding import LEVELS, Level
from content.card import ANSWERS, Step
from content.editing import Idea, LevelText, Typed

_MOST_IDEAS = 20
# Of more digits Python makes no number.
_NUMBER = re.compile(r"[0-9]{1,18}")
_REASON = re.compile(r"reason_[0-9]{1,3}")


def read_form(form: FormData) -> Typed:
    """What an editor typed, level by level. Fields that are missing are empty."""
    return {level: _level(form, level) for level in LEVELS}


def read_reasons(form: FormData) -> dict[int, str]:
    """Why advice is set aside, by the number of the rule; rules without a reason are left out."""
    typed = {int(name[7:]): " ".join(str(why).split()) for name, why in form.items() if _REASON.fullmatch(name)}
    return {rule: why for rule, why in typed.items() if why}


def seen(form: FormData) -> int:
    """The number of the last act that the editor had seen when the form was opened; 0 for none."""
    number = str(form.get("seen", ""))
    return int(number) if _NUMBER.fullmatch(number) else 0


def _level(form: FormData, level: Level) -> LevelText:
    ideas = tuple(
        Idea(
            text=str(form.get(f"text_{level}_{number}", "")),
            symbol=str(form.get(f"symbol_{level}_{number}", "")),
            says=tuple(map(str, form.getlist(f"says_{level}_{number}"))),
            verbatim=f"quote_{level}_{number}" in form,
            place=_place(str(form.get(f"place_{level}_{number}", "")), number),
            step=next((step for step in get_args(Step) if step == form.get(f"step_{level}_{number}")), None),
            opens=str(form.get(f"opens_{level}_{number}", "")) or None,
            answers=tuple(name for name in map(str, form.getlist(f"answers_{level}_{number}")) if name in ANSWERS),
            rest_stays=f"rest_{level}_{number}" in form,
        )
        for number in range(_MOST_IDEAS)
        if f"text_{level}_{number}" in form
    )
    return LevelText(str(form.get(f"question_{level}", "")), str(form.get(f"label_{level}", "")), ideas)


def _place(typed: str, number: int) -> float:
    """Where an idea stands; who types no number leaves it where it was."""
    try:
        place = float(typed)
    except ValueError:
        return number + 1
    # "nan" is a number to Python, and would order nothing.
    return place if -1_000 < place < 1_000 else number + 1
