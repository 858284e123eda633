"""What the pages of a journey show: its steps each with its words, its drawing and the card that tells more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from api.chat.journey_path import Drawing, draw
from content.card import Step
from content.pack import Pack
from content.signed_words import SignedBubble, SignedVersion
from content.signoff import SignOff

NAMES: Mapping[str, str] = {
    "hurt": "hurt",
    "saw": "see",
    "stopped": "search",
    "arrested": "arrest",
    "missing": "missing",
    "worry": "worried",
    "picture": "picture",
    "exploited": "made-to-do",
}
"""The journeys by the name in their address, with the picture each is chosen by."""

# Where it is not the reader who tells the police, or where the police ask, the first step has another heading.
_TOLD: Mapping[str, str] = {
    "missing": "told_of_you",
    "worry": "told_of_you",
    "stopped": "told_asked",
    "arrested": "told_asked",
}
# The step at which a question is asked, by what its card asks. "What is it?" and "Who helps?" are asked at any.
_STEP_OF: Mapping[str, Step] = {
    "must-i": "told",
    "private": "told",
    "see-it": "written",
    "correct-it": "written",
    "where": "looked",
    "who-sees": "looked",
    "who-told": "shared",
    "said-no": "decided",
    "am-i-told": "decided",
    "stop-it": "decided",
    "how-long": "kept",
    "shows": "kept",
    "delete-it": "deleted",
}
# What a question to the police is about: these cards say what a young person can ask for, or whom.
_ASKING = frozenset(
    {"see-it", "delete-it", "correct-it", "take-down", "get-back", "complain"}
    | {"said-no", "private", "who-told", "stop-it"}
)


@dataclass(frozen=True)
class JourneyStep:
    """One step: the words for everybody, what the reader's own police say, and the drawing beside them.

    `heading` ends the name of an interface string. `opens` is the key of the card that says more and `label` its short
    name; both are None while that card is not live.
    """

    heading: str
    number: int
    words: SignedBubble
    own: tuple[SignedBubble, ...]
    drawing: Drawing
    opens: str | None
    label: str | None
    can_ask: bool
    here: bool


def key_of(name: str) -> str:
    """The key of the card that holds a journey."""
    return f"journey-{name}"


def stops(
    name: str, version: SignedVersion, pack: Pack, today: date, here: str, *, pictured: bool
) -> Iterator[JourneyStep]:
    """The steps of a journey, in their order. `here` is the key of the card that the reader comes from, "" for none.

    They are at the step that opens it, else at the one where its question is asked.
    """
    bubbles = (bubble for bubble in version.bubbles if bubble.step)
    steps = [(step, tuple(group)) for step, group in groupby(bubbles, key=lambda bubble: bubble.step)]
    at = _open_step(version, pack, today, here)
    for number, (step, (words, *own)) in enumerate(steps, 1):
        card = pack.card(words.opens, today) if words.opens else None
        yield JourneyStep(
            heading=_TOLD.get(name, "told") if step == "told" else str(step),
            number=number,
            words=words,
            own=tuple(own),
            drawing=draw(number, len(steps), words.symbol if pictured else None),
            opens=words.opens if card else None,
            label=card.words.levels["easy"].label if card else None,
            can_ask=bool(card and card.words.asks in _ASKING),
            here=step == at,
        )


def _open_step(version: SignedVersion, pack: Pack, today: date, here: str) -> Step | None:
    card = pack.card(here, today) if here else None
    opening = next((bubble.step for bubble in version.bubbles if here and bubble.opens == here), None)
    return opening or (_STEP_OF.get(card.words.asks) if card and card.words.kind == "card" else None)


def journey_of(pack: Pack, today: date, situation: str | None, shown: SignOff | None) -> str | None:
    """The name of the journey to offer beside an answer; "" to choose among several, None where there is none.

    The situation that a young person chose says it, else those of the card, where it is about a situation at all.
    """
    chosen = (situation,) if situation else ()
    of_card = shown.words.situations if shown and shown.words.kind == "card" else ()
    for situations in (chosen, of_card):
        names = _about(pack, today, situations)
        if names:
            return names[0] if len(names) == 1 else ""
    return None


def _about(pack: Pack, today: date, situations: tuple[str, ...]) -> list[str]:
    live = {name: signed for name in NAMES if (signed := pack.card(key_of(name), today))}
    return [name for name, signed in live.items() if not set(situations).isdisjoint(signed.words.situations)]
