"""A layer's pack out as files and in again: what files would change, told before anything is, then all or nothing."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from api.records.layer_changes import Changes, NewFact, NewWords
from api.records.local_facts import LocalFact, facts_of, newest
from api.records.wording import Wording, Wordings
from content.card import BrokenCard, Card
from content.card_text import card_text
from content.local_fact import BrokenFact, checked
from content.own_wording import read_wording
from content.pack_files import FACTS, BrokenFiles, PackTexts, pack_files
from content.signed_words import SignedWords
from content.signoff import NATIONAL
from content.slots import Slot


@dataclass(frozen=True)
class CardChange:
    """A card that files would change. `text` is what would be kept; empty goes back to the national words.

    `card` has the line numbers of the file that was brought in.
    """

    before: Wording
    card: Card
    words: SignedWords
    text: str


@dataclass(frozen=True)
class FactChange:
    """A local fact that files would change. `before` is what was said last, if anything ever was."""

    slot: Slot
    before: LocalFact | None
    value: str


@dataclass(frozen=True)
class Plan:
    """What files would change in a layer, and how many of them would change nothing."""

    cards: tuple[CardChange, ...]
    facts: tuple[FactChange, ...]
    same: int

    @property
    def about(self) -> str:
        """What would change, counted."""
        return f"{len(self.cards)} answers, {len(self.facts)} local facts"

    def changes(self) -> Changes:
        """The plan as changes to be made, if nobody else changes any of it first."""
        return Changes(
            tuple(NewFact(fact.slot.id, fact.value, fact.before.id if fact.before else 0) for fact in self.facts),
            tuple(
                NewWords(change.card.key, change.text, change.before.acts[-1].number if change.before.acts else 0)
                for change in self.cards
            ),
            "Brought in from files",
        )


async def export(session: AsyncSession, wordings: Wordings, layer: str, name: str, *, invented: bool) -> dict[str, str]:
    """The whole pack of a layer as it is now at the desk, signed or not, as texts by path."""
    found = await wordings.of(session, layer)
    facts = None if layer == NATIONAL else newest(await facts_of(session, layer))
    cards = {key: wording.card for key, wording in found.items()}
    slots = wordings.vetting.renderer.slots
    return await asyncio.to_thread(lambda: pack_files(name, cards, facts, slots, invented=invented))


async def plan(session: AsyncSession, wordings: Wordings, layer: str, brought: PackTexts) -> Plan:
    """What would change. Raises BrokenFiles with every file that cannot be used, and why."""
    before, said = await wordings.of(session, layer), await facts_of(session, layer)
    problems: dict[str, str] = {}
    if layer == NATIONAL and brought.facts:
        problems[FACTS] = "The national words have no local facts. Leave this file out."
    facts = _facts(wordings.vetting.renderer.slots, said_last(said), brought.facts, problems)
    local = newest(said) | {fact.slot.id: fact.value for fact in facts}
    cards = await asyncio.to_thread(_cards, wordings, before, brought.cards, local, problems)
    if problems:
        raise BrokenFiles(problems)
    return Plan(cards, facts, len(brought.cards) - len(cards) + bool(brought.facts and not facts))


def said_last(said: Mapping[str, list[LocalFact]]) -> dict[str, LocalFact]:
    """What was said last of each slot, also where that was to take it back."""
    return {slot: facts[-1] for slot, facts in said.items()}


def _facts(
    slots: Mapping[str, Slot], last: Mapping[str, LocalFact], brought: Mapping[str, str], problems: dict[str, str]
) -> tuple[FactChange, ...]:
    found, wrong = [], []
    for slot, typed in brought.items():
        before = last.get(slot)
        now = before.value if before else ""
        try:
            if typed != now and (value := checked(slots[slot], typed)) != now:
                found.append(FactChange(slots[slot], before, value))
        except BrokenFact as error:
            wrong.append(f"{slot}: {error}")
    if wrong:
        problems.setdefault(FACTS, " ".join(wrong))
    return tuple(found)


def _cards(
    wordings: Wordings,
    before: Mapping[str, Wording],
    brought: Mapping[str, str],
    local: Mapping[str, str],
    problems: dict[str, str],
) -> tuple[CardChange, ...]:
    found = []
    for key, text in brought.items():
        path = f"cards/{key}.md"
        if key not in before:
            problems[path] = "There is no answer of this name. A force words the national answers anew, and adds none."
            continue
        try:
            change = _card(wordings, before[key], text, local)
        except BrokenCard as error:
            problems[path] = str(error)
        else:
            found += [change] if change else []
    return tuple(found)


def _card(wordings: Wordings, before: Wording, text: str, local: Mapping[str, str]) -> CardChange | None:
    """What a file makes of a card; None where it is the card as it is."""
    now = card_text(before.card)
    if text == now and not before.fault:
        return None
    national = wordings.cards[before.card.key]
    own = read_wording(national, text)
    kept = card_text(own)
    if kept == now and not before.fault:
        return None
    if kept == card_text(national):
        kept = ""
    slots = wordings.slots_of(own)
    known = {slot: local[slot] for slot in slots if local.get(slot)}
    return CardChange(before, own, wordings.fill(national, kept, known)[1], kept)
