"""Forgetting now: every word of a talk goes because its child says so, and they are told what went and what stays."""

from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from api.chat.person.away import at_work
from api.chat.person.receipt import Receipt
from api.chat.person.room import Way
from api.records.handovers.ending import forget
from api.records.handovers.finding import provider_of_handover
from api.records.handovers.standing import said_before


async def forget_now(way: Way, here: str) -> Receipt:
    """Deletes the talk of this page, also while it is open.

    Raises StaleHandle, Away when nothing was deleted, and NotYours when somebody else was quicker.
    """
    async with at_work(way) as session:
        handover, _ = await way.found(session, here)
        sent, words = way.talks.safe.sent(handover), await said_before(session, handover, handover.changes)
        provider = await provider_of_handover(session, handover)
        kept = await forget(session, way.talks, handover, way.now())
        name, number, passport = bool(sent.name), sent.call is not None, bool(sent.passport)
        worker = sent.worker is not None
        receipt = Receipt(words, name, number, kept.concern, provider.name, passport, worker)
    # Where somebody reads at this moment, the next sweep does it.
    with suppress(SQLAlchemyError, OSError):
        await way.database.empty_log()
    return receipt
