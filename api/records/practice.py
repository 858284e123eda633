"""Practice mode: invented people sign the national words and those of two invented forces, through the real code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accessibility.yaml_text import read_yaml
from api.records import ledger
from api.records.acts import ActRow
from api.records.facts import LocalFact, facts_of
from content.card import Card
from content.rendering import Renderer
from content.signed_words import SignedWords
from content.signoff import NATIONAL, Signer, SignOff, sign
from content.translation import Translation

PRACTICE = Path(__file__).parents[2] / "content" / "practice.yml"
_MONTH = timedelta(days=30)


@dataclass(frozen=True)
class PracticeLayer:
    """An invented layer: who writes, reviews and signs, and the local facts (none for the national layer)."""

    layer: str
    writer: str
    reviewer: str
    signer: Signer
    local: Mapping[str, str]


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
    added = 0
    for signed in _wanted(cards, renderer, today, translations):
        if (signed.layer, signed.card) in worked_on:
            continue
        known = newest.get(_place(signed))
        if known is None or known.words != signed.words or not known.live(today):
            await ledger.add(session, signed)
            added += 1
    return added


async def tell_practice(session: AsyncSession, now: datetime) -> int:
    """Puts the invented forces' facts where the desk keeps facts, each once; returns how many were added."""
    added = 0
    for layer in practice_layers():
        known = await facts_of(session, layer.layer)
        for slot, value in layer.local.items():
            if slot not in known:
                session.add(
                    LocalFact(layer=layer.layer, slot=slot, value=value, account_id=0, who=layer.writer, at=now)
                )
                added += 1
    return added


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
        review_by=today + card.review_months * _MONTH,
        practice=True,
    )
