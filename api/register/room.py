"""The register's room: what its pages share."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from api.hall.errors import Problem
from api.records.history import History, Past
from api.records.shelf import Shelf
from api.records.unanswered import Tally
from api.register.board import Standing, standing, standings
from api.register.months import Month, months
from api.register.told import Told
from content.slots import GROUPS, Slot

AWAY = "We cannot read this now. Try again in a minute."
_GROUPS = tuple(GROUPS)


@dataclass(frozen=True)
class Register:
    """All that the register needs. `slots` are the local facts that forces are asked for."""

    shelf: Shelf
    history: History
    slots: Mapping[str, Slot]
    told: Told
    tally: Tally

    async def rows(self) -> list[Standing]:
        """How every force stands, by name."""
        return list(standings(self.shelf, await self._told()))

    async def row(self, force: str) -> Standing:
        """How one force stands. Raises Problem 404 for one that is not on the register."""
        found = standing(self.shelf, force, await self._told())
        if found is None:
            raise Problem(404, "There is no such force here.")
        return found

    def not_told(self, row: Standing) -> tuple[Slot, ...]:
        """What a force has not told us, by what it is about; nothing while that cannot be known."""
        missing = (slot for key, slot in self.slots.items() if row.told is not None and key not in row.told)
        return tuple(sorted(missing, key=lambda slot: (_GROUPS.index(slot.about), slot.label)))

    async def months(self, row: Standing) -> list[Month] | None:
        """How a force stood at the end of each month; None while that cannot be known.

        Today is as the board has it: where the record of a withdrawal was altered, the card stays hidden all the same.
        """
        past = await self.history.past()
        if past is None:
            return None
        today = self.shelf.today()
        before = months(past, row.force.slug, self.shelf.forces.keys(), today)[:-1]
        return [*before, Month(today, row.counts["own"], len(row.lines))]

    async def _told(self) -> Mapping[str, frozenset[str]] | None:
        past = await self.history.past()
        # Looking through new words takes a moment; children are answered meanwhile.
        return await asyncio.to_thread(self._told_by, past) if past else None

    def _told_by(self, past: Past) -> Mapping[str, frozenset[str]]:
        national, today = self.shelf.pack(None), self.shelf.today()
        return {
            force: self.told.of(force, self.shelf.pack(force), national, past, today)
            for force in past.said.keys() & self.shelf.forces.keys()
        }


async def register(request: Request) -> Register:
    """The register of this app."""
    return cast(Register, request.app.state.register)


OnRegister = Annotated[Register, Depends(register)]
