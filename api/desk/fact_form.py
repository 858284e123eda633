"""The form of local facts: what stands in each slot, who said it, how a child reads it, and what was typed."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from accessibility.rule_finding import Level
from api.records.layer_changes import NewFact
from api.records.local_facts import LocalFact, history
from api.records.wording import Wording, Wordings
from content.local_fact import BrokenFact, checked
from content.signed_words import SignedBubble, SignedVersion
from content.slots import GROUPS, Slot, SlotGroup

Said = Mapping[str, Sequence[LocalFact]]
PREVIEWED: Level = "easy"
"""The level at which the form shows a bubble: the words that most children need."""


@dataclass(frozen=True)
class Preview:
    """A card in which a slot stands, and the bubble that holds it; None where that level does not have the slot."""

    key: str
    question: str
    bubble: SignedVersion | None


@dataclass(frozen=True)
class TypedFact:
    """What the form sent of a slot: the text, and the id of the fact that it was shown with (0 for none)."""

    text: str
    seen: int

    def old(self, said: Sequence[LocalFact]) -> str:
        """The value that the form was opened with."""
        return next((fact.value for fact in said if fact.id == self.seen), "")


@dataclass(frozen=True)
class Field:
    """One slot as the form shows it. `said` is its history, newest first; `wrong` is what to mend.

    `moved` is what somebody else said after the form was opened, where that stands against what was typed.
    """

    slot: Slot
    typed: TypedFact
    said: Sequence[LocalFact]
    previews: tuple[Preview, ...]
    wrong: str
    moved: LocalFact | None

    @property
    def now(self) -> str:
        """What counts now."""
        return self.said[0].value if self.said else ""


def read_form(form: FormData, slots: Mapping[str, Slot]) -> dict[str, TypedFact]:
    """What was sent of each slot; slots that were not sent are left out."""
    return {
        slot: TypedFact(str(form[f"value.{slot}"]), _number(str(form.get(f"seen.{slot}", ""))))
        for slot in slots
        if f"value.{slot}" in form
    }


def new_facts(
    typed: Mapping[str, TypedFact], said: Said, slots: Mapping[str, Slot]
) -> tuple[tuple[NewFact, ...], dict[str, str]]:
    """What was changed in the form, and what is wrong with it by slot. What was not touched is not looked at."""
    found, wrong = [], {}
    for slot, sent in typed.items():
        if sent.text.strip() == sent.old(said.get(slot, [])):
            continue
        try:
            found.append(NewFact(slot, checked(slots[slot], sent.text), sent.seen))
        except BrokenFact as error:
            wrong[slot] = str(error)
    return tuple(found), wrong


def grouped(
    wordings: Wordings,
    found: Mapping[str, Wording],
    said: Said,
    typed: Mapping[str, TypedFact],
    wrong: Mapping[str, str],
    moved: Collection[str],
) -> dict[SlotGroup, list[Field]]:
    """Every slot under its heading, as the form shows it."""
    groups: dict[SlotGroup, list[Field]] = {group: [] for group in GROUPS}
    for slot in wordings.vetting.renderer.slots.values():
        newest_first = history(said, slot.id)
        field = Field(
            slot,
            _shown(typed.get(slot.id), newest_first, moved=slot.id in moved),
            newest_first,
            tuple(_previews(wordings, found, slot.id)),
            wrong.get(slot.id, ""),
            newest_first[0] if slot.id in moved else None,
        )
        groups[slot.about].append(field)
    return groups


def _shown(typed: TypedFact | None, said: Sequence[LocalFact], *, moved: bool) -> TypedFact:
    now = TypedFact(said[0].value, said[0].id) if said else TypedFact("", 0)
    if typed is None or typed.text.strip() == typed.old(said):
        return now
    # Whoever has been told what another wrote, and saves again, means to replace that.
    return TypedFact(typed.text, now.seen) if moved else typed


def _previews(wordings: Wordings, found: Mapping[str, Wording], slot: str) -> Iterator[Preview]:
    for key in wordings.cards_with(slot, found):
        wording = found[key]
        yield Preview(key, wording.card.question, _bubble(wordings, wording, slot))


def _bubble(wordings: Wordings, wording: Wording, slot: str) -> SignedVersion | None:
    shown = wording.words.levels[PREVIEWED]
    for text, filled in _places(wording, shown):
        if slot in wordings.vetting.renderer.slots_of(text):
            return replace(shown, bubbles=(filled,))
    return None


def _places(wording: Wording, shown: SignedVersion) -> Iterator[tuple[str, SignedBubble]]:
    """Where a fact can stand, as its file has it and as it is filled: in a bubble, or in how a letter is sent."""
    texts = (bubble.text for bubble in wording.card.version(PREVIEWED).bubbles)
    yield from zip(texts, shown.bubbles, strict=True)
    letter, signed = wording.card.letter, wording.words.letter
    if letter and signed:
        yield from zip(letter.send, (SignedBubble(text, "letter") for text in signed.send), strict=True)


def _number(typed: str) -> int:
    return int(typed) if re.fullmatch(r"[0-9]{1,18}", typed) else 0
