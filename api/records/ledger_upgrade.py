"""The ledger after an upgrade: rows of before marks get theirs once, and the first head says that it was done."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.all_chains import CHAINS, Chain
from api.records.chain_marking import Marks, keep, look_through
from api.records.head_comparison import head_of, walk_all
from api.records.heads import BrokenHead, HeadFolder
from api.web.clock import Clock
from api.web.database import Database


async def bring_up_to_date(
    database: Database, folder: HeadFolder, now: Clock, *, practice: bool
) -> Mapping[Chain, Marks]:
    """Marks what is whole and makes the first head; gives what was done. Nothing where there is a head already.

    The head is outside the database: whoever can write there alone cannot make this happen again. In practice an empty
    ledger, or one with a key of its own, begins its heads anew.
    """
    try:
        head = folder.newest()
    except BrokenHead:
        if not practice:
            raise
        head = None
    async with database.begin() as session:
        if head and not (practice and await _empty(session)):
            return {}
        done = await look_through(session, None, {}, {})
        for chain, marks in done.items():
            await keep(session, chain, marks)
        walked = await walk_all(session, None, deep=True)
        mode = "practice" if practice else "live"
        folder.keep(head_of(database.keys, now(), mode, None, walked))
    return done


async def _empty(session: AsyncSession) -> bool:
    return not any([await session.scalar(select(chain.rows.id).limit(1)) for chain in CHAINS])
