"""The register's door: what its pages share."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from api.records.head_keeper import HeadKeeper
from api.records.ledger_history import History, LedgerHistory
from api.records.unanswered_counts import Tally
from api.records.wiring import Services
from api.register.board import ForceCoverage, standing, standings
from api.register.monthly_scores import MonthScore, months
from api.register.published_facts import PublishedFacts
from api.web.errors import Problem
from api.web.handed import from_door
from content.slots import GROUPS, Slot

AWAY = "We cannot read this now. Try again in a minute."
_GROUPS = tuple(GROUPS)


@dataclass(frozen=True)
class RegisterDoor(Services):
    """All that the register needs. `slots` are the local facts that forces are asked for."""

    history: History
    slots: Mapping[str, Slot]
    told: PublishedFacts
    tally: Tally
    heads: HeadKeeper

    async def rows(self) -> list[ForceCoverage]:
        """How every force stands, by name."""
        return list(standings(self.pack_cache, await self._told()))

    async def row(self, force: str) -> ForceCoverage:
        """How one force stands. Raises Problem 404 for one that is not on the register."""
        found = standing(self.pack_cache, force, await self._told())
        if found is None:
            raise Problem(404, "There is no such force here.")
        return found

    def not_told(self, row: ForceCoverage) -> tuple[Slot, ...]:
        """What a force has not told us, by what it is about; nothing while that cannot be known."""
        missing = (slot for key, slot in self.slots.items() if row.told is not None and key not in row.told)
        return tuple(sorted(missing, key=lambda slot: (_GROUPS.index(slot.about), slot.label)))

    async def months(self, row: ForceCoverage) -> list[MonthScore] | None:
        """How a force stood at the end of each month; None while that cannot be known.

        Today is as the board has it: where the record of a withdrawal was altered, the card stays hidden all the same.
        """
        past = await self.history.past()
        if past is None:
            return None
        today = self.pack_cache.today()
        before = months(past, row.force.slug, self.pack_cache.forces.keys(), today)[:-1]
        return [*before, MonthScore(today, row.counts["own"], len(row.lines))]

    async def _told(self) -> Mapping[str, frozenset[str]] | None:
        past = await self.history.past()
        # Looking through new words takes a moment; children are answered meanwhile.
        return await asyncio.to_thread(self._told_by, past) if past else None

    def _told_by(self, past: LedgerHistory) -> Mapping[str, frozenset[str]]:
        national, today = self.pack_cache.pack(None), self.pack_cache.today()
        return {
            force: self.told.of(force, self.pack_cache.pack(force), national, past, today)
            for force in past.said.keys() & self.pack_cache.forces.keys()
        }


OnRegister = Annotated[RegisterDoor, Depends(from_door(RegisterDoor))]
