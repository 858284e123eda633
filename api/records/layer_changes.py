"""Changing a layer's words: its local facts and its own wording, with an act on every card they stand in, or none."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.records.acts import add_act
from api.records.audit import note
from api.records.local_facts import LocalFact, facts_of, newest
from api.records.wording import Wording, Wordings
from content.review import Actor, NotAllowed, Progress, must_be_allowed


@dataclass(frozen=True)
class NewFact:
    """What somebody says of a slot; empty to take it back.

    `seen` is the id of the fact that stood there when they looked, 0 for none.
    """

    slot: str
    value: str
    seen: int


@dataclass(frozen=True)
class NewWords:
    """A layer's own wording of a card as a file; an empty text goes back to the national words.

    `seen` is the number of the card's last act when whoever changes it looked, 0 for none.
    """

    card: str
    text: str
    seen: int


@dataclass(frozen=True)
class Changes:
    """What is changed together. `why` stands in the comment of every act."""

    facts: tuple[NewFact, ...] = ()
    words: tuple[NewWords, ...] = ()
    why: str = ""


class FactsMoved(NotAllowed):
    """Somebody else said something of these slots after they were seen. Nothing was kept."""

    def __init__(self, slots: frozenset[str]) -> None:
        super().__init__(["Somebody else changed a local fact after you looked. Look at it again."])
        self.slots = slots


async def change(
    session: AsyncSession, actor: Actor, wordings: Wordings, layer: str, changes: Changes, now: datetime
) -> int:
    """Makes all the changes or none; gives how many facts and cards changed. A fact that says the same is no change.

    Whoever sets a fact is an author of every card that it stands in, so each of them gets an edit by that person.

    Raises NotAllowed for somebody who may not, and when a card has moved on since it was seen; FactsMoved for facts.
    """
    must_be_allowed("edit", actor, layer, Progress((), ""))
    said = await facts_of(session, layer)
    changes = replace(changes, facts=tuple(fact for fact in changes.facts if _differs(fact, said)))
    for what, about in _lines(changes):
        await note(session, now, layer, actor.name, what, about, actor.id)
    # After its first line of the log nobody else writes at the desk until this ends: what is read now stays true.
    before, said = await wordings.of(session, layer), await facts_of(session, layer)
    _refuse_moved(changes, before, said)
    local = newest(said) | {fact.slot: fact.value for fact in changes.facts}
    for fact in changes.facts:
        session.add(
            LocalFact(layer=layer, slot=fact.slot, value=fact.value, account_id=actor.id, who=actor.name, at=now)
        )
    await _edit(session, actor, wordings, before, changes, {slot: value for slot, value in local.items() if value}, now)
    return len(changes.facts) + len(changes.words)


def _differs(fact: NewFact, said: Mapping[str, Sequence[LocalFact]]) -> bool:
    """True unless it says what was seen, or what somebody else has said by now."""
    known = said.get(fact.slot, [])
    seen = next((old.value for old in known if old.id == fact.seen), "")
    return fact.value not in (seen, known[-1].value if known else "")


def _lines(changes: Changes) -> Iterator[tuple[str, str]]:
    for fact in changes.facts:
        yield "set local fact" if fact.value else "take back local fact", fact.slot
    for words in changes.words:
        yield "edit", words.card


def _refuse_moved(changes: Changes, before: Mapping[str, Wording], said: Mapping[str, Sequence[LocalFact]]) -> None:
    last = {slot: facts[-1].id for slot, facts in said.items()}
    moved = frozenset(fact.slot for fact in changes.facts if last.get(fact.slot, 0) != fact.seen)
    if moved:
        raise FactsMoved(moved)
    for words in changes.words:
        acts = before[words.card].acts
        if acts and acts[-1].number != words.seen:
            raise NotAllowed([f"{acts[-1].who} changed {words.card} after you looked. Look at it again."])


async def _edit(
    session: AsyncSession,
    actor: Actor,
    wordings: Wordings,
    before: Mapping[str, Wording],
    changes: Changes,
    local: Mapping[str, str],
    now: datetime,
) -> None:
    """One edit on every card that changes, with the fingerprint of its words as they are then."""
    texts = {words.card: words.text for words in changes.words}
    slots = {fact.slot for fact in changes.facts}
    cards = [key for key, wording in before.items() if key in texts or slots & wording.slots]
    after = await asyncio.to_thread(
        lambda: {key: _fingerprint(wordings, before[key], texts.get(key), local) for key in cards}
    )
    for key in cards:
        named = "; ".join(wordings.vetting.renderer.slots[slot].label for slot in sorted(slots & before[key].slots))
        await add_act(
            session,
            before[key].acts,
            actor,
            "edit",
            layer=before[key].layer,
            card=key,
            fingerprint=after[key],
            at=now,
            text=texts.get(key),
            comment=". ".join(filter(None, (changes.why, named and f"Local fact: {named}"))),
        )


def _fingerprint(wordings: Wordings, before: Wording, text: str | None, local: Mapping[str, str]) -> str:
    """That of a card's words with a new text, or with the text that it has for None, and these facts."""
    national = wordings.cards[before.card.key]
    if text is None and not before.fault:
        text = before.text
    slots = wordings.slots_of(wordings.fill(national, text, {})[0])
    return wordings.fill(national, text, {slot: local[slot] for slot in slots if slot in local})[1].fingerprint
