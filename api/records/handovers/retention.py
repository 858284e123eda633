"""The sweep: what happens when nobody does anything. Rings again, lets go, closes, and forgets on the date."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account
from api.records.decks import forget_over
from api.records.handovers.bulk_closing import forget_closings
from api.records.handovers.claims import let_go_of_absent
from api.records.handovers.data_keys import destroy_keys, destroy_orphans, give_concern_key, give_key
from api.records.handovers.end_handover import close_by_clock, forget
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.monthly_counts import count
from api.records.handovers.notify_provider import due_again, ring_again
from api.records.handovers.queries import hold
from api.records.handovers.queue_order import forget_origins
from api.records.handovers.states import NotNow, NotYours, Outcome
from api.records.handovers.tables import CallAttempt, Concern, DataKey, Handover, Presence
from api.records.handovers.wipe_keys import NOT_WIPED, wipe
from api.records.revoked_visits import forget_revoked
from api.records.sign_in_rate_limit import forget_over as forget_tries
from api.web.database import Database

ABSENT = timedelta(minutes=3)
"""How long after an advocate's browser was last heard of their talks go back in line."""
ABSENT_CALLING = timedelta(hours=1)
"""The same for a call-back, which is made by phone, away from the page."""
PAGE_GONE = timedelta(hours=24)
"""How long after a child's page was last open a talk, or a place in line, is closed."""
CALL_LATE = timedelta(days=3)
"""How long after the last safe time a call-back that never came about is closed."""
_CLOCKS_DIFFER = timedelta(minutes=1)
"""How far the clocks of two machines may be apart. What was seen later still was seen before one was put back."""


@dataclass(frozen=True)
class RetentionResult:
    """How many handovers were rung for again, let go, closed and forgotten, and how many concerns and decks went.

    `faults` are the kinds of error of those that could not be swept; they held up no other. `keyed` is how many, kept
    before handovers and concerns had keys of their own, were given one.
    """

    rung: int = 0
    let_go: int = 0
    closed: int = 0
    forgotten: int = 0
    concerns: int = 0
    faults: tuple[str, ...] = ()
    decks: int = 0
    keyed: int = 0


async def sweep(database: Database, handover_context: HandoverContext, now: datetime) -> RetentionResult:
    """One sweep, beside any number of others. Raises whatever the database raises when it is away."""
    async with database.begin() as session:
        await _after_the_clock_went_back(session, now)
        await forget_origins(session, now)
        await forget_closings(session, now)
    broom = _Broom(database, handover_context, now)
    left = await broom.each(_left_alone(now), let_go_of_absent)
    closed = await broom.each(_over(now), _close)
    forgotten = await broom.each(select(Handover).where(Handover.purge_at <= now), forget)
    waiting = select(Handover).where(Handover.claimed_by.is_(None), Handover.closed_at.is_(None))
    rung = await broom.each(waiting, ring_again, due_again)
    keyed = await _give_keys(broom)
    async with database.begin() as session:
        concerns = await _forget_concerns(session, now)
        await destroy_orphans(session)
        decks = await forget_over(session, now)
        await forget_revoked(session, now)
        await forget_tries(session, now)
    if not await wipe(database) and database.engine.dialect.name == "postgresql":
        broom.faults.append(NOT_WIPED)
    return RetentionResult(rung, left, closed, forgotten, concerns, tuple(broom.faults), decks, keyed)


async def give_keys(database: Database, handover_context: HandoverContext, now: datetime) -> int:
    """Gives a key of its own to every handover and concern that was kept before they had any; to how many."""
    return await _give_keys(_Broom(database, handover_context, now))


@dataclass
class _Broom:
    """Sweeps each handover in a transaction of its own, so that one that cannot be swept holds up no other."""

    database: Database
    handover_context: HandoverContext
    now: datetime
    faults: list[str] = field(default_factory=list)

    async def each(
        self,
        wanted: Select[Handover],
        work: Callable[[AsyncSession, HandoverContext, Handover, datetime], Awaitable[object]],
        due: Callable[[Handover, datetime], bool] = lambda _handover, _now: True,
    ) -> int:
        """Does the work on each that is wanted and due; on how many."""
        async with self.database.begin() as session:
            found = [one.id for one in await session.scalars(wanted.order_by(Handover.id)) if due(one, self.now)]
        done = 0
        for handover_id in found:
            try:
                done += await self._one(handover_id, wanted, work, due)
            except (NotNow, NotYours):
                # What another process has swept meanwhile, or the child has moved on, is left as it is.
                continue
            except (OSError, InterfaceError, OperationalError):
                raise
            except Exception as error:  # noqa: BLE001 - whatever is wrong with this one, the next is swept
                self.faults.append(type(error).__name__)
        return done

    async def _one(
        self,
        handover_id: int,
        wanted: Select[Handover],
        work: Callable[[AsyncSession, HandoverContext, Handover, datetime], Awaitable[object]],
        due: Callable[[Handover, datetime], bool],
    ) -> bool:
        async with self.database.begin() as session:
            handover = await session.get(Handover, handover_id)
            if handover is None:
                return False
            # Asked again while nobody else can change it: somebody may have come back since it was found.
            await hold(session, handover)
            still = await session.scalar(wanted.where(Handover.id == handover_id))
            if still is None or not due(handover, self.now):
                return False
            await work(session, self.handover_context, handover, self.now)
            return True


def _left_alone(now: datetime) -> Select[Handover]:
    """Handovers whose advocate's browser has been gone too long, or whose advocate is nobody here any more."""
    wanted = select(Handover).outerjoin(Presence, Presence.account_id == Handover.claimed_by)
    wanted = wanted.join(Account, Account.id == Handover.claimed_by)
    quiet = func.coalesce(Presence.seen_at, Handover.claimed_at)
    gone = or_(
        Account.closed_at.is_not(None),
        and_(Handover.wants == "here", quiet <= now - ABSENT),
        and_(Handover.wants == "call-back", quiet <= now - ABSENT_CALLING),
    )
    return wanted.where(Handover.claimed_by.is_not(None), Handover.closed_at.is_(None), gone)


def _over(now: datetime) -> Select[Handover]:
    """Open handovers to which neither side came back."""
    last_safe = func.coalesce(Handover.due_until, Handover.asked_at)
    return select(Handover).where(
        Handover.closed_at.is_(None),
        or_(
            and_(Handover.wants == "here", Handover.seen_at <= now - PAGE_GONE),
            and_(Handover.wants == "call-back", last_safe <= now - CALL_LATE),
        ),
    )


async def _close(session: AsyncSession, handover_context: HandoverContext, handover: Handover, now: datetime) -> None:
    await close_by_clock(session, handover_context, handover, await _outcome(session, handover), now)


async def _outcome(session: AsyncSession, handover: Handover) -> Outcome:
    """What became of one that the clock closes."""
    tries = set(await session.scalars(select(CallAttempt.outcome).where(CallAttempt.handover_id == handover.id)))
    if "reached" in tries:
        return "answered"
    if handover.wants == "here":
        return "child-left" if handover.claimed_by else "no-answer"
    return "not-reached" if tries else "no-answer"


async def _after_the_clock_went_back(session: AsyncSession, now: datetime) -> None:
    """What was seen or rung at a time yet to come counts as of now, so that nobody waits until that time comes."""
    latest = now + _CLOCKS_DIFFER
    columns: tuple[tuple[type[Presence | Handover], ColumnElement[bool], str], ...] = (
        (Presence, Presence.seen_at > latest, "seen_at"),
        (Handover, Handover.seen_at > latest, "seen_at"),
        (Handover, Handover.rung_at > latest, "rung_at"),
    )
    for table, ahead, column in columns:
        await session.execute(update(table).where(ahead).values({column: now}))


async def _give_keys(broom: _Broom) -> int:
    keyed = await broom.each(select(Handover).where(~Handover.keys.any()), _give_key)
    async with broom.database.begin() as session:
        return keyed + await _give_concern_keys(session, broom.handover_context)


async def _give_key(
    session: AsyncSession, handover_context: HandoverContext, handover: Handover, _now: datetime
) -> None:
    await give_key(session, handover_context.message_cipher, handover)


async def _give_concern_keys(session: AsyncSession, handover_context: HandoverContext) -> int:
    without = list(await session.scalars(select(Concern).where(~Concern.keys.any()).with_for_update(skip_locked=True)))
    for concern in without:
        await give_concern_key(session, handover_context.message_cipher, concern)
    return len(without)


async def _forget_concerns(session: AsyncSession, now: datetime) -> int:
    over = delete(Concern).where(Concern.keep_until <= now).returning(Concern.id, Concern.provider_id)
    gone = (await session.execute(over)).all()
    await destroy_keys(session, DataKey.concern_id.in_([concern_id for concern_id, _ in gone]))
    for _, provider_id in gone:
        await count(session, provider_id, "concern-forgotten", now)
    return len(gone)
