"""Practice mode: invented people sign the national words and those of two invented forces, through the real code.

Two invented organisations answer when a child asks for a person.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accessibility.yaml_text import read_yaml
from api.records import ledger
from api.records.acts import ActRow
from api.records.force_availability import decided, name_provider
from api.records.handovers import providers
from api.records.handovers.opening_week import DAYS
from api.records.local_facts import LocalFact, facts_of
from api.records.people import operator
from api.records.signing import review_date
from content.card import Card
from content.force import load_forces
from content.rendering import Renderer
from content.signed_words import SignedWords
from content.signoff import NATIONAL, Signer, SignOff, sign
from content.translation import Translation

PRACTICE = Path(__file__).parents[2] / "content" / "practice.yml"
_PROVIDERS = "providers"


@dataclass(frozen=True)
class PracticeLayer:
    """An invented layer: who writes, reviews and signs, and the local facts (none for the national layer)."""

    layer: str
    writer: str
    reviewer: str
    signer: Signer
    local: Mapping[str, str]


@dataclass(frozen=True)
class PracticeProvider:
    """An invented organisation: the layers it answers for, when it is open every day, and who looks after safety."""

    slug: str
    name: str
    answers_for: tuple[str, ...]
    open: str
    lead: str


def practice_layers(path: Path = PRACTICE) -> list[PracticeLayer]:
    """The invented layers of practice.yml, the national one first."""
    raw: dict[str, dict[str, Any]] = read_yaml(path.read_text("utf-8"))
    return [
        PracticeLayer(
            name,
            entry["writer"],
            entry["reviewer"],
            Signer(entry["signer"], entry["post"]),
            {key: str(value) for key, value in (entry.get("local") or {}).items()},
        )
        for name, entry in raw.items()
        if name != _PROVIDERS
    ]


def practice_providers(path: Path = PRACTICE) -> list[PracticeProvider]:
    """The invented organisations of practice.yml."""
    raw: dict[str, dict[str, Any]] = read_yaml(path.read_text("utf-8"))[_PROVIDERS]
    return [
        PracticeProvider(slug, entry["name"], tuple(entry["answers_for"]), entry["open"], entry["lead"])
        for slug, entry in raw.items()
    ]


async def sign_practice(
    session: AsyncSession,
    cards: Mapping[str, Card],
    renderer: Renderer,
    today: date,
    translations: Mapping[str, Translation] = MappingProxyType({}),
) -> int:
    """Signs what is new or changed since last time, in practice; returns how many signatures were added.

    The national layer signs every card, and its translation where that is no draft and not behind its English; an
    invented force signs the cards in which its own facts stand. Cards that somebody has worked on at the desk are left
    to the desk.
    """
    newest = {_place(signed): signed for signed in await ledger.signoffs(session, practice=True)}
    worked_on = {(layer, card) for layer, card in await session.execute(select(ActRow.layer, ActRow.card))}

    def is_new(signed: SignOff) -> bool:
        known = newest.get(_place(signed))
        return known is None or known.words != signed.words or not known.live(today)

    wanted = _wanted(cards, renderer, today, translations)
    return await ledger.add_all(
        session, [one for one in wanted if (one.layer, one.card) not in worked_on and is_new(one)]
    )


async def tell_practice(session: AsyncSession, now: datetime) -> int:
    """Puts the invented forces' facts where the desk keeps facts, and signs the invented organisations up, each once.

    Returns how many were added.
    """
    added = await _sign_up(session, now)
    for layer in practice_layers():
        known = await facts_of(session, layer.layer)
        for slot, value in layer.local.items():
            if slot not in known:
                session.add(
                    LocalFact(layer=layer.layer, slot=slot, value=value, account_id=0, who=layer.writer, at=now)
                )
                added += 1
    return added


async def _sign_up(session: AsyncSession, now: datetime) -> int:
    """Adds the organisations that are not there yet. What somebody has decided meanwhile is left as it is."""
    found = practice_providers()
    new = [one for one in found if not await providers.provider_with(session, one.slug, practice=True)]
    by, forces = operator("practice"), load_forces() if new else {}
    for one in new:
        provider = await providers.add(session, by, one.slug, one.name, practice=True, now=now)
        settings = {"lead": one.lead, **dict.fromkeys(DAYS, one.open)}
        await providers.change(session, by, provider, settings, now)
        for layer in one.answers_for:
            if "provider" not in await decided(session, layer):
                await name_provider(session, by, layer, provider, forces=forces, practice=True, now=now)
    return len(new)


def _place(signed: SignOff) -> tuple[str, str, str]:
    return signed.layer, signed.card, signed.words.language


def _wanted(
    cards: Mapping[str, Card], renderer: Renderer, today: date, translations: Mapping[str, Translation]
) -> Iterator[SignOff]:
    for layer in practice_layers():
        for card in cards.values():
            if layer.layer == NATIONAL or renderer.uses_local(card):
                yield _signed(layer, card, renderer.words(card, layer.local), today)
            translation = translations.get(card.key) if layer.layer == NATIONAL else None
            if translation and not translation.draft and not translation.behind(card):
                yield _signed(layer, card, renderer.translated(card, translation, layer.local), today)


def _signed(layer: PracticeLayer, card: Card, words: SignedWords, today: date) -> SignOff:
    return sign(
        layer.layer,
        card.key,
        words,
        written_by=[layer.writer],
        reviewed_by=layer.reviewer,
        signer=layer.signer,
        signed_on=today,
        # Staggered, as at the desk, so that the practice words do not all end on one day.
        review_by=review_date(card, layer.layer, today),
        practice=True,
    )
