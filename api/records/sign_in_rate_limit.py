"""Slows down guessing at a sign-in: by where it comes from and the e-mail together, never by one of them alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import AnsweredChallenge, FailedSignIn
from api.records.sessions import hash_of
from api.web.database import inserting
from api.web.rate_limit import TooFast

FREE = 5
"""How many tries in a row cost nobody a wait."""
LONGEST = timedelta(minutes=5)
"""The longest wait: 288 tries a day from one origin, of which a password that may be chosen takes a hundred million."""
KEPT = timedelta(days=1)
"""How long after the last try of an origin with an e-mail they are forgotten."""
MOST_CODES = 20
"""How many wrong codes a day, from everywhere, an account has before two codes in a row are asked for.

Of codes three are good at a time, of a million. Whoever has the password and many networks would soon hit one, but not
two that follow each other; the owner's app shows them within half a minute.
"""
_MOST_DOUBLED = 20


@dataclass(frozen=True)
class Guesser:
    """Who is slowed down: whoever types this e-mail at an origin, which goes by its keyed name of the day."""

    email: str
    origin: str


@dataclass(frozen=True)
class CountedSignIn:
    """One try that is counted: the row it is counted in, and whether it is one of a code."""

    row: int
    code: bool


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries: nothing, then a second, and twice as long each time, up to LONGEST."""
    if tries < FREE:
        return timedelta(0)
    return min(LONGEST, timedelta(seconds=2 ** min(tries - FREE, _MOST_DOUBLED)))


async def count_try(session: AsyncSession, who: Guesser, now: datetime, *, code: bool = False) -> CountedSignIn:
    """Counts a try before it is made, so that many at once cannot all be the first.

    Raises TooFast while this guesser has to wait; such a try is not counted. Counts the same for an e-mail that
    nobody has.
    """
    mine = (FailedSignIn.email_hash == email_hash(who.email), FailedSignIn.origin == who.origin)
    # Only read: a flood of tries that are refused makes nobody wait to write.
    _must_not_wait(await session.scalar(select(FailedSignIn.next_at).where(*mine)), now)
    over = FailedSignIn.forget_at <= now
    made = inserting(session, FailedSignIn).values(
        email_hash=email_hash(who.email), origin=who.origin, tries=0, wrong_codes=0, next_at=now, forget_at=now + KEPT
    )
    fresh = {name: case((over, 0), else_=getattr(FailedSignIn, name)) for name in ("tries", "wrong_codes")}
    # The row is this transaction's from here: of many at once, on every process, each sees those before it.
    held = made.on_conflict_do_update(index_elements=["email_hash", "origin"], set_={**fresh, "forget_at": now + KEPT})
    row = (await session.scalars(held.returning(FailedSignIn), execution_options={"populate_existing": True})).one()
    _must_not_wait(row.next_at, now)
    row.tries += 1
    row.wrong_codes += code
    row.next_at = now + wait_after(row.tries)
    await session.flush()
    return CountedSignIn(row.id, code)


async def take_back(session: AsyncSession, tried: CountedSignIn, now: datetime) -> None:
    """Takes back a try that did not fail, and the wait after it."""
    mine = update(FailedSignIn).where(FailedSignIn.id == tried.row)
    fewer = case((FailedSignIn.tries > 0, FailedSignIn.tries - 1), else_=0)
    await session.execute(mine.values(tries=fewer, next_at=now))


async def let_go(session: AsyncSession, tried: CountedSignIn, now: datetime) -> None:
    """Forgets the tries of a guesser who turned out to be the owner; nobody else's."""
    mine = update(FailedSignIn).where(FailedSignIn.id == tried.row)
    await session.execute(mine.values(tries=0, wrong_codes=FailedSignIn.wrong_codes - int(tried.code), next_at=now))


async def forget_tries(session: AsyncSession, email: str) -> None:
    """Forgets the tries for an e-mail from everywhere, once its owner has chosen what nobody has guessed at yet."""
    await session.execute(delete(FailedSignIn).where(FailedSignIn.email_hash == email_hash(email)))


async def tries_with(session: AsyncSession, email: str, now: datetime) -> int:
    """How many tries there were with an e-mail from everywhere of late."""
    return await session.scalar(select(func.sum(FailedSignIn.tries)).where(*_of_late(email, now))) or 0


async def asks_for_two(session: AsyncSession, email: str, now: datetime, *, besides: int = 0) -> bool:
    """True once so many wrong codes were given, by people who know the password, that two in a row are asked for.

    `besides` is how many of those that are counted are not judged yet, as one's own.
    """
    wrong = await session.scalar(select(func.sum(FailedSignIn.wrong_codes)).where(*_of_late(email, now)))
    return (wrong or 0) - besides >= MOST_CODES


async def forget_over(session: AsyncSession, now: datetime) -> None:
    """Deletes the tries and the answered challenges that are past their date."""
    await session.execute(delete(FailedSignIn).where(FailedSignIn.forget_at <= now))
    await session.execute(delete(AnsweredChallenge).where(AnsweredChallenge.forget_at <= now))


def email_hash(email: str) -> str:
    """What is kept of what somebody typed as their e-mail."""
    return hash_of(email.strip().lower())


def _of_late(email: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return FailedSignIn.email_hash == email_hash(email), FailedSignIn.forget_at > now


def _must_not_wait(next_at: datetime | None, now: datetime) -> None:
    # One that lies further ahead was set before the clock was put back.
    if next_at and now < next_at <= now + LONGEST:
        raise TooFast((next_at - now).total_seconds())
