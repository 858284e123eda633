"""Decks on two devices: which cards, and which of them is on show. No words, no device, and nobody who turned."""

import secrets
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Text, and_, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.records.handovers.pubsub import PubSub
from api.web.ciphers import Hashes
from api.web.column_types import Moment
from api.web.database import Base, inserting

LIVES = timedelta(hours=2)
"""How long a deck lasts that nobody ends, and its code with it."""
MOST_CARDS = 30
MOST_LIVE = 5_000
"""How many decks there may be at once: so few of all codes that a slip of the finger opens nobody else's."""
CODE_DIGITS = 6
_TRIES = 20
_REF_BYTES = 12
# How far the clocks of two machines may be apart.
_CLOCKS_DIFFER = timedelta(minutes=1)

Turn = Literal["next", "back", "again"]
"""How a deck is turned: to the next card, the card before, or the first one."""


class DeckOver(Exception):
    """This deck was ended, its time is over, or there never was one: nobody can tell which."""


class TooManyDecks(Exception):
    """There are as many decks as may be at once. On one screen a deck works all the same."""


class Deck(Base):
    """A deck that devices share. `ref` names it in their sealed handles, and `code` is the hash of what is typed.

    `cards` are keys with commas between, without a level: each device has its own. `at` counts them from 1, and is one
    more than there are once all were seen. `changes` counts the turns, so that two presses at once turn it once.
    """

    __tablename__ = "deck"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str]
    code: Mapped[str]
    force: Mapped[str | None]
    cards: Mapped[str] = mapped_column(Text)
    at: Mapped[int]
    changes: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its cards, in order."""
        return tuple(self.cards.split(","))


def bell(ref: str) -> str:
    """The channel of one deck."""
    return f"deck {ref}"


async def begin(
    session: AsyncSession,
    hashes: Hashes,
    force: str | None,
    keys: tuple[str, ...],
    at: int,
    now: datetime,
    most_live: int = MOST_LIVE,
) -> tuple[Deck, str]:
    """A new deck that shows the card `at`, and the code that opens it, which is kept nowhere. Raises TooManyDecks."""
    if (await session.scalar(select(func.count()).select_from(Deck)) or 0) >= most_live:
        raise TooManyDecks
    for _ in range(_TRIES):
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        if await session.scalar(select(exists().where(Deck.code.in_(hashes.all_of(code))))):
            continue
        new = inserting(session, Deck).values(
            ref=secrets.token_urlsafe(_REF_BYTES),
            code=hashes.of(code),
            force=force,
            cards=",".join(keys),
            at=at,
            changes=0,
            made_at=now,
            ends_at=now + LIVES,
        )
        deck = await session.scalar(new.on_conflict_do_nothing(index_elements=["code"]).returning(Deck))
        if deck:
            return deck, code
    raise TooManyDecks


async def by_code(session: AsyncSession, hashes: Hashes, code: str, now: datetime) -> Deck:
    """The deck that a code opens. Raises DeckOver."""
    return await _only(session, Deck.code.in_(hashes.all_of(code)), now)


async def by_ref(session: AsyncSession, ref: str, now: datetime) -> Deck:
    """The deck that a handle names. Raises DeckOver."""
    return await _only(session, Deck.ref == ref, now)


async def turn(session: AsyncSession, pubsub: PubSub, ref: str, seen: int, to: Turn, now: datetime) -> Deck:
    """Turns a deck, if it is still as it was at the change `seen`; the deck as it is then. Raises DeckOver.

    Of two who press at once the later one changes nothing, and sees what the other one turned to.
    """
    deck = await by_ref(session, ref, now)
    at = {"next": deck.at + 1, "back": deck.at - 1, "again": 1}[to]
    if deck.changes != seen or not 1 <= at <= len(deck.keys) + 1:
        return deck
    same = and_(Deck.ref == ref, Deck.changes == seen)
    turned = await session.execute(
        update(Deck).where(same).values(at=at, changes=seen + 1).execution_options(synchronize_session=False)
    )
    if turned.rowcount:  # type: ignore[attr-defined]
        await pubsub.tell(session, bell(ref))
    await session.refresh(deck)
    return deck


async def end(session: AsyncSession, pubsub: PubSub, ref: str) -> None:
    """Ends a deck for every device: nothing of it is left. Nothing happens to one that has ended."""
    await session.execute(delete(Deck).where(Deck.ref == ref))
    await pubsub.tell(session, bell(ref))


async def forget_over(session: AsyncSession, now: datetime) -> int:
    """Deletes the decks whose time is over; how many there were."""
    gone = await session.scalars(delete(Deck).where(~_live(now)).returning(Deck.id))
    return len(gone.all())


def _live(now: datetime) -> ColumnElement[bool]:
    # One from a time yet to come was made before the clock was put back, and would live too long.
    return and_(Deck.ends_at > now, Deck.made_at <= now + _CLOCKS_DIFFER)


async def _only(session: AsyncSession, wanted: ColumnElement[bool], now: datetime) -> Deck:
    deck = await session.scalar(select(Deck).where(wanted, _live(now)))
    if deck is None:
        raise DeckOver
    return deck
