"""What the desk's log says was last decided of each card: signed, withdrawn or recalled. Only lines that are whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.audit import AuditRow
from api.records.chain_reader import ours
from api.records.hash_chain import FIRST, still_ends

DECISIONS = ("sign", "withdraw", "recall")
"""The acts of the desk that show a card to children or hide it, as the log and the table of acts name them."""


@dataclass(frozen=True)
class Decision:
    """What was done last to a card, and when."""

    what: str
    at: datetime


@dataclass(frozen=True)
class Decisions:
    """The last decision on each card of each layer, up to the line `read_to` of the log."""

    read_to: int = 0
    row_hash: str = FIRST
    last: Mapping[tuple[str, str], Decision] = field(default_factory=dict)

    async def read_on(self, session: AsyncSession) -> "Decisions":
        """The same with everything that was decided since; this very object when nothing was."""
        known = self if await still_ends(session, AuditRow, self.read_to, self.row_hash) else Decisions()
        wanted = select(AuditRow.id).where(AuditRow.id > known.read_to, AuditRow.what.in_(DECISIONS))
        read_to, row_hash, last = known.read_to, known.row_hash, dict(known.last)
        async for number, line in ours(session, AuditRow, list(await session.scalars(wanted))):
            read_to, row_hash = number, line.row_hash
            last[line.layer, line.about] = Decision(line.what, line.at)
        return known if read_to == known.read_to else Decisions(read_to, row_hash, last)
