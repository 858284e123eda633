"""Asks that are alike: of one origin and close in time. They are shown as one, counted, with the first of them open."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.records.handovers.queue_order import MOST_AHEAD, line
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Handover

CLOSE = timedelta(minutes=10)
"""How long after another one of its origin an ask still counts as close to it."""
SMALLEST = 3
"""How many asks make a group; fewer stand in the line as they are."""


def alike(waiting: Sequence[Handover]) -> list[list[Handover]]:
    """A line that is in turn, as groups, each where its first stands and in turn itself. Most are groups of one."""
    groups = defaultdict[tuple[str, int], list[Handover]](list)
    names = _names(waiting)
    for one in waiting:
        groups[names[one.id]].append(one)
    found = list[list[Handover]]()
    for one in waiting:
        group = groups[names[one.id]]
        if len(group) < SMALLEST:
            found.append([one])
        elif one is group[0]:
            found.append(group)
    return found


def crowded(calls: Sequence[Handover]) -> tuple[list[Handover], list[Handover]]:
    """Call-backs in the order they come in: those to list, and those that come after the first few of their origin.

    The first few are those in danger, then those who asked first. One that somebody has is always listed.
    """
    seen, first = Counter[str](), set[int]()
    for one in sorted(calls, key=lambda one: (not one.danger, one.asked_at, one.id)):
        seen[one.origin or one.ref] += 1
        if one.claimed_by is not None or seen[one.origin or one.ref] <= MOST_AHEAD:
            first.add(one.id)
    return [one for one in calls if one.id in first], [one for one in calls if one.id not in first]


async def group_of(session: AsyncSession, handover: Handover) -> list[Handover]:
    """The group that a handover of the line stands in, in turn. Raises NotYours for one that waits in no line."""
    for group in alike(await line(session, handover.provider_id)):
        if any(one.id == handover.id for one in group):
            return group
    raise NotYours


def _names(waiting: Sequence[Handover]) -> dict[int, tuple[str, int]]:
    """The origin of each, and which of its bursts it belongs to. One that is alone of its origin is named by itself."""
    names, last = dict[int, tuple[str, int]](), dict[str, tuple[Handover, int]]()
    for one in sorted(waiting, key=lambda one: (one.asked_at, one.id)):
        origin = one.origin or one.ref
        before, burst = last.get(origin, (one, 0))
        burst += one.asked_at - before.asked_at > CLOSE
        names[one.id], last[origin] = (origin, burst), (one, burst)
    return names
