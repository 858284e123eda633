"""Marking the rows that let people in: those of before marks once, all when keys change; and finding altered ones."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account, Delegation, DeskSession, Invitation, Passkey, RecoveryCode
from api.records.chain_marking import Marks, Numbers, Told
from api.records.chain_reader import readable
from api.records.heads import HeadFolder
from api.records.marked_rows import TAKEN_AWAY, Marked, is_ours, mark_of
from api.web.clock import Clock
from api.web.database import Database, keys_of

PEOPLE: Mapping[str, type[Marked]] = {
    "Accounts": Account,
    "Passkeys": Passkey,
    "Recovery codes": RecoveryCode,
    "Invitations": Invitation,
    "Deputies": Delegation,
    "Sign-ins": DeskSession,
}
"""By what people call its rows, every table that lets somebody in or says what they may do."""
_AT_ONCE = 200


@dataclass
class RowMarks(Marks):
    """What marking a table would do; `old` has what stood in each row that is to be marked."""

    old: dict[int, str | None] = field(default_factory=dict)


@dataclass
class Looked:
    """How many rows of a table are as they were written, and the numbers of those that open nothing for being not."""

    whole: int = 0
    altered: list[int] = field(default_factory=list)


async def look_at_people(session: AsyncSession) -> dict[str, Looked]:
    """What is altered, by what people call the rows. Those that have ended are not looked at: they open nothing."""
    keys, found = keys_of(session), dict[str, Looked]()
    for name, table in PEOPLE.items():
        looked = found[name] = Looked()
        async for number, row in _going_on(session, table):
            if row is not None and is_ours(keys, row):
                looked.whole += 1
            else:
                looked.altered.append(number)
    return found


async def look_through_people(
    session: AsyncSession, folder: HeadFolder, believe: Told, leave: Told
) -> dict[str, RowMarks]:
    """What marking would do to each table. Nothing is changed yet.

    Rows of before marks carry nothing by which they could be judged: the first time every one is believed.
    """
    first_time = not folder.people_marked and not await _any_is_ours(session)
    keys, found = keys_of(session), dict[str, RowMarks]()
    for name, table in PEOPLE.items():
        marks, key = RowMarks(), table.__tablename__
        async for number, row in _going_on(session, table):
            ours = row is not None and is_ours(keys, row)
            believed = (
                ours or number in believe.get(key, Numbers()) or (row is not None and row.mark is None and first_time)
            )
            if number in leave.get(key, Numbers()):
                continue
            if row is None or not believed:
                marks.refused.append(number)
            elif not ours or keys.is_old(row.mark):
                marks.new[number], marks.old[number], marks.older = mark_of(keys, row), row.mark, marks.older + ours
        found[name] = marks
    return found


async def keep_people(session: AsyncSession, found: Mapping[str, RowMarks]) -> None:
    """Writes the marks down, but for rows that somebody has changed, and so marked, meanwhile."""
    for name, marks in found.items():
        table = PEOPLE[name]
        same = table.mark.is_not_distinct_from(bindparam("old"))
        one = update(table).where(table.id == bindparam("number"), same).values(mark=bindparam("new"))
        rows = [{"number": number, "old": marks.old[number], "new": mark} for number, mark in marks.new.items()]
        for start in range(0, len(rows), _AT_ONCE):
            await (await session.connection()).execute(one, rows[start : start + _AT_ONCE])


async def bring_people_up_to_date(database: Database, folder: HeadFolder, now: Clock) -> Mapping[str, RowMarks]:
    """Marks the rows of before once; gives what was done. Nothing where it was done before.

    That it was done is written beside the heads, outside the database: whoever can write there alone cannot make it
    happen again.
    """
    if folder.people_marked:
        return {}
    async with database.begin() as session:
        found = await look_through_people(session, folder, {}, {})
        await keep_people(session, found)
    folder.say_people_marked(now())
    return found


async def _any_is_ours(session: AsyncSession) -> bool:
    """True when a row of any of the tables carries a right mark: this is then not the first time."""
    keys = keys_of(session)
    for table in PEOPLE.values():
        async for _, row in _going_on(session, table):
            if row is not None and is_ours(keys, row):
                return True
    return False


async def _going_on(session: AsyncSession, table: type[Marked]) -> AsyncIterator[tuple[int, Marked | None]]:
    """Every row that has not ended, by number; None for one that cannot be read."""
    wanted = select(table.id).where(table.mark.is_distinct_from(TAKEN_AWAY)).order_by(table.id)
    async for number, row in readable(session, table, list(await session.scalars(wanted))):
        yield number, row
