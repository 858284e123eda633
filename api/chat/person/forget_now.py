"""Forgetting now: every word of a talk goes because its child says so, and they are told what went and what stays."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from api.chat.person.forget_receipt import Receipt
from api.chat.person.handover_outage import at_work
from api.chat.person.person_door import PersonDoor
from api.records.handovers.end_handover import forget
from api.records.handovers.queries import provider_of_handover
from api.records.handovers.status import said_before
from api.records.handovers.wipe_keys import wipe
from api.web.database import AWAY, Database

_LONGEST_SECONDS = 3
_TRIES = 5


async def forget_now(person_door: PersonDoor, here: str) -> Receipt:
    """Deletes the talk of this page, also while it is open.

    Raises StaleHandoverToken, Away when nothing was deleted, and NotYours when somebody else was quicker.
    """
    async with at_work(person_door) as session:
        handover, _ = await person_door.found(session, here)
        sent, words = (
            person_door.handover_context.message_cipher.sent(handover),
            await said_before(session, handover, handover.changes),
        )
        provider = await provider_of_handover(session, handover)
        kept = await forget(session, person_door.handover_context, handover, person_door.now())
        name, number, passport = bool(sent.name), sent.call is not None, bool(sent.passport)
        worker = sent.worker is not None
        receipt = Receipt(words, name, number, kept.concern, provider.name, passport, worker)
    return replace(receipt, wiped=await _wiped(person_door.database))


async def _wiped(database: Database) -> bool:
    """True when nothing is left that could open a word of it; else the next sweep sees to that."""
    with suppress(*AWAY):
        async with asyncio.timeout(_LONGEST_SECONDS):
            return await wipe(database, _TRIES)
    return False
