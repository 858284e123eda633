"""What tests of the console may ask for: providers that answer for forces, and advocates who are signed in."""

from collections.abc import Sequence

from api.records.force_availability import name_provider
from api.records.handovers import providers
from api.records.handovers.advocates import Advocate, advocate
from api.records.handovers.opening_week import DAYS
from api.records.handovers.tables import Provider, layer_of
from api.records.people import operator
from tests.desk_app import DeskApp, Person
from tests.doors import doors

OURS, THEIRS = "young-voices", "other-voices"
"""The slugs of two providers: ours, and the one that Charlie works for."""
ALWAYS = dict.fromkeys(DAYS, "00:00-24:00")
"""Hours in which somebody is always there, as a form of settings holds them."""


async def provider(
    desk: DeskApp, slug: str = OURS, answers_for: Sequence[str] = ("northmoor",), **decided: str
) -> Provider:
    """A new provider, open all the time unless `decided` says otherwise, which answers for these layers."""
    by, now = operator("tests"), desk.clock()
    practice, forces = doors(desk.app).console.settings.practice, doors(desk.app).pack_cache.forces
    name = f"{slug.replace('-', ' ').title()} (invented)"
    async with desk.database.begin() as session:
        found = await providers.add(session, by, slug, name, practice=practice, now=now)
        await providers.change(session, by, found, {**ALWAYS, **decided}, now)
        for layer in answers_for:
            await name_provider(session, by, layer, found, forces=forces, practice=practice, now=now)
    return found


async def person(desk: DeskApp, slug: str = OURS, role: str = "advocate", name: str = "") -> Person:
    """Somebody of a provider, signed in: "advocate" or "supervisor"."""
    return await desk.person(layer_of(slug), role, name)


async def advocate_in(desk: DeskApp, person: Person) -> Advocate:
    """Who somebody is to the code behind the pages."""
    async with desk.database.begin() as session:
        found = await advocate(session, person.account, practice=doors(desk.app).console.settings.practice)
    assert found
    return found
