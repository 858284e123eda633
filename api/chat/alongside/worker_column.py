"""What a worker sees beside the talk. It is made from the words on show alone, and never from the chat of the child."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from accessibility.rule_finding import LEVELS, Level
from content.alongside import GuideSource, Moment, Part, alongside, sources_of
from content.language import Language
from content.pack import Pack
from content.signed_words import SignedVersion
from content.signoff import NATIONAL, SignOff

# Every other card is read together.
_MOMENTS: Mapping[str, Moment] = {
    "what-is-this": "first",
    "place-found": "first",
    "pick-one": "choices",
    "did-you-mean": "choices",
    "place-which": "choices",
    "not-sure": "lost",
    "bot-away": "lost",
    "being-checked": "lost",
    "place-unknown": "lost",
    "talk-to-a-person": "person",
    "in-danger": "danger",
}


@dataclass(frozen=True)
class Question:
    """A question that may be asked next: what opens it, and its words in their language."""

    key: str
    words: str
    language: Language


@dataclass(frozen=True)
class Column:
    """What stands beside one answer. `labels` are the headings.

    `moment` fits what is on show, and `danger` is there as long as the page shows help. `answer` is the card whose law
    and sources are told, `national` whether its words are those of no force; `near` may be asked next, and `others` is
    the same card at the other levels. Words of the house have none of the three.
    """

    labels: Mapping[str, str]
    moment: Part
    danger: Part | None
    answer: SignOff | None = None
    national: bool = False
    near: tuple[Question, ...] = ()
    others: tuple[tuple[Level, SignedVersion], ...] = ()

    @property
    def sources(self) -> tuple[GuideSource, ...]:
        """Where the advice comes from."""
        return sources_of((self.moment, self.danger) if self.danger else (self.moment,))


def column(
    signed: SignOff | None, level: Level, pack: Pack, today: date, *, rung: bool = False, national: bool = False
) -> Column:
    """What goes with the words on show: which they are, at which level, and whether help stands on the page (`rung`).

    What was guessed from a child's words, as the buttons beside an alarm are, never comes here.
    """
    words, moment = alongside(), alongside().at(_moment(signed))
    danger = words.at("danger") if rung and moment.id != "danger" else None
    if signed is None or signed.words.kind != "card":
        return Column(words.labels, moment, danger)
    return Column(
        words.labels,
        moment,
        danger,
        signed,
        national and signed.layer == NATIONAL,
        tuple(_questions(signed, level, pack, today)),
        tuple((other, signed.words.levels[other]) for other in LEVELS if other != level),
    )


def _moment(signed: SignOff | None) -> Moment:
    if signed is None:
        return "lost"
    return "danger" if signed.words.kind == "alarm" else _MOMENTS.get(signed.card, "card")


def _questions(signed: SignOff, level: Level, pack: Pack, today: date) -> list[Question]:
    live = ((key, pack.card(key, today)) for key in signed.words.near)
    return [
        Question(key, near.words.levels[level].question, near.words.language)
        for key, near in live
        if near and near.words.kind in ("card", "house")
    ]
