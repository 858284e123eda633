"""Providers: which organisation answers for whom, what it decides for itself, and its own system."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from api.records.accounts import Account
from api.records.audit import log_of
from api.records.force_availability import ForceSetting, name_provider
from api.records.handovers import providers
from api.records.handovers.advocates import Advocate, advocate
from api.records.handovers.providers import (
    LONGEST_KEEP_CONCERN_DAYS,
    LONGEST_KEEP_DAYS,
    layers_of,
    provider_of,
    rota_of,
    typed_of,
)
from api.records.handovers.tables import Provider
from api.records.handovers.webhooks import PURPOSE, set_hook
from api.records.people import Mistaken, NewPerson, add, operator
from api.records.practice import practice_layers, practice_providers, tell_practice
from api.records.roles import Deciding
from api.web.ciphers import BrokenCipherText, Cipher
from api.web.database import Database
from content.review import Actor, NotAllowed
from tests.conftest import release_for

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
OPERATOR = operator("tests")
LEAD = Actor(901, "Lee Lead", "the lead (invented)", "lead", "northmoor")
NATIONAL_EDITOR = Actor(902, "Nat Editor", "an editor (invented)", "editor", "national")
SEAL = Cipher("x" * 32, PURPOSE)


async def made(
    database: Database, slug: str = "young-voices", *, practice: bool = True, name: str = "Young Voices (invented)"
) -> Provider:
    async with database.begin() as session:
        return await providers.add(session, OPERATOR, slug, name, practice=practice, now=NOW)


async def changed(database: Database, by: Deciding, slug: str, typed: Mapping[str, str]) -> list[str]:
    async with database.begin() as session:
        found = await session.scalar(select(Provider).where(Provider.slug == slug))
        assert found
        return await providers.change(session, by, found, typed, NOW)


async def stored(database: Database, slug: str = "young-voices") -> Provider:
    async with database.begin() as session:
        found = await session.scalar(select(Provider).where(Provider.slug == slug))
    assert found
    return found


async def named(database: Database, layer: str, provider: Provider | None, *, practice: bool = True) -> None:
    async with database.begin() as session:
        forces = release_for(practice=practice).forces
        await name_provider(session, OPERATOR, layer, provider, forces=forces, practice=practice, now=NOW)


async def answers(database: Database, force: str | None, *, practice: bool = True) -> str | None:
    async with database.begin() as session:
        found = await provider_of(session, force, practice=practice)
    return found.slug if found else None


async def of_provider(database: Database, role: str, slug: str = "young-voices") -> Advocate:
    """Somebody who works for a provider."""
    account = Account(
        layer=f"provider:{slug}", role=role, name=f"{role} of {slug}", post=role, email=f"{role}@{slug}.example"
    )
    account.made_at = NOW
    async with database.begin() as session:
        session.add(account)
        await session.flush()
        found = await advocate(session, account, practice=True)
    assert found
    return found


async def lines(database: Database, layer: str) -> list[tuple[str, str, str]]:
    async with database.begin() as session:
        return [(line.who, line.what, line.about) for line in reversed(await log_of(session, layer))]


@pytest.fixture
async def voices(own_database: Database) -> Provider:
    return await made(own_database)


async def test_a_new_provider_keeps_little_and_nobody_is_there_yet(
    own_database: Database,
    voices: Provider,
) -> None:
    assert (voices.keep_days, voices.most_open, voices.break_minutes) == (7, 3, 90)
    assert voices.keep_concern_days == 365 * 6
    assert voices.opening_hours.opens_next(NOW) is None
    assert rota_of(voices) == []
    assert await lines(own_database, "provider:young-voices") == [
        (OPERATOR.name, "add provider", "Young Voices (invented)")
    ]


async def test_a_short_name_stands_in_addresses(own_database: Database) -> None:
    for slug in ("", "Young", "young voices", "-young", "young--voices", "x" * 31, "jóvenes", "a/b"):
        with pytest.raises(Mistaken) as told:
            await made(own_database, slug)
        assert set(told.value.faults) == {"slug"}, slug


async def test_a_short_name_is_taken_once(own_database: Database, voices: Provider) -> None:
    with pytest.raises(Mistaken, match="taken"):
        await made(own_database, voices.slug, name="Others (invented)")


async def test_a_name_can_be_read_and_is_marked_in_practice(own_database: Database) -> None:
    for name in ("", "   ", "x" * 121 + " (invented)", "Young\x00Voices (invented)", "Young Voices"):
        with pytest.raises(Mistaken) as told:
            await made(own_database, name=name)
        assert set(told.value.faults) == {"name"}, name


async def test_only_a_national_admin_adds_one(own_database: Database) -> None:
    for by in (LEAD, NATIONAL_EDITOR):
        with pytest.raises(NotAllowed):
            async with own_database.begin() as session:
                await providers.add(session, by, "mine", "Mine (invented)", practice=True, now=NOW)


async def test_a_force_has_the_provider_that_was_named_last_and_only_that_force(
    own_database: Database,
    voices: Provider,
) -> None:
    others = await made(own_database, "others", name="Others (invented)")
    assert await answers(own_database, "northmoor") is None
    await named(own_database, "northmoor", voices)
    await named(own_database, "national", voices)
    await named(own_database, "northmoor", others)
    assert await answers(own_database, "northmoor") == "others"
    assert await answers(own_database, None) == voices.slug
    assert await answers(own_database, "southmere") is None
    async with own_database.begin() as session:
        assert await layers_of(session, others) == ["northmoor"]
        assert await layers_of(session, voices) == ["national"]
    await named(own_database, "northmoor", None)
    assert await answers(own_database, "northmoor") is None


async def test_practice_and_live_never_mix(own_database: Database, voices: Provider) -> None:
    await named(own_database, "northmoor", voices)
    assert await answers(own_database, "northmoor", practice=False) is None
    real = await made(own_database, "real", practice=False, name="A real one")
    await named(own_database, "kent", real, practice=False)
    assert await answers(own_database, "kent", practice=False) == "real"
    assert await answers(own_database, "kent") is None
    async with own_database.begin() as session:
        assert [one.slug for one in await providers.providers(session, practice=True)] == [voices.slug]


async def test_a_slug_that_nobody_has_answers_for_nobody(own_database: Database) -> None:
    async with own_database.begin() as session:
        session.add(ForceSetting(layer="northmoor", name="provider", value="gone", who="W", at=NOW))
    assert await answers(own_database, "northmoor") is None


async def test_in_practice_it_answers_for_invented_forces_and_the_national_layer_only(
    own_database: Database,
    voices: Provider,
) -> None:
    for layer in ("kent", "police-scotland", "narnia", voices.layer):
        with pytest.raises(NotAllowed):
            await named(own_database, layer, voices)
        assert await answers(own_database, layer) is None


async def test_a_force_does_not_choose_who_stands_up_to_it(own_database: Database, voices: Provider) -> None:
    forces = release_for(practice=True).forces
    for by in (LEAD, NATIONAL_EDITOR):
        with pytest.raises(NotAllowed):
            async with own_database.begin() as session:
                await name_provider(session, by, by.layer, voices, forces=forces, practice=True, now=NOW)


async def test_a_supervisor_decides_for_their_own_provider(own_database: Database, voices: Provider) -> None:
    supervisor = await of_provider(own_database, "supervisor")
    typed = {
        "name": "Young  Voices North (invented)",
        "mon": "09:00-17:00, 18:00-20:00",
        "closed_days": "2026-12-25\n2026-12-26",
        "keep_days": "14",
        "most_open": "4",
        "lead": "Pat (invented)\nroom 4",
        "rota": "Duty@young-voices.example\nduty@young-voices.example, lead@young-voices.example",
    }
    told = await changed(own_database, supervisor, voices.slug, typed)
    assert set(told) == set(typed)
    kept = await stored(own_database)
    assert kept.name == "Young Voices North (invented)"
    assert kept.opening_hours.text("mon") == "09:00-17:00, 18:00-20:00"
    assert json.loads(kept.closed_days) == ["2026-12-25", "2026-12-26"]
    assert (kept.keep_days, kept.most_open, kept.lead) == (14, 4, "Pat (invented)\nroom 4")
    assert rota_of(kept) == ["duty@young-voices.example", "lead@young-voices.example"]
    who, what, about = (await lines(own_database, voices.layer))[-1]
    assert (who, what) == (supervisor.name, "change provider")
    assert "keep_days 14" in about
    assert "Pat" not in about
    assert "duty@" not in about
    assert await changed(own_database, supervisor, voices.slug, typed_of(kept)) == []
    assert len(await lines(own_database, voices.layer)) == 2


WRONG = [
    ("name", ""),
    ("name", "Without the mark"),
    ("mon", "nine to five"),
    ("tue", "21:00-23:00, 22:00-02:00"),
    ("closed_days", "Christmas"),
    *(("keep_days", typed) for typed in ("0", str(LONGEST_KEEP_DAYS + 1), "", "7.5", "-1", "seven", "٧")),
    ("keep_concern_days", str(LONGEST_KEEP_CONCERN_DAYS + 1)),
    ("most_open", "0"),
    ("most_open", "11"),
    ("break_minutes", "14"),
    ("lead", "x" * 1_001),
    ("lead", "a\x00b"),
    ("rota", "not an address"),
    ("rota", "\n".join(f"one{number}@voices.example" for number in range(21))),
]


async def test_what_cannot_be_used_is_told_by_its_field_and_changes_nothing(
    own_database: Database,
    voices: Provider,
) -> None:
    for field, typed in WRONG:
        with pytest.raises(Mistaken) as told:
            await changed(own_database, OPERATOR, voices.slug, {"break_minutes": "60", field: typed})
        assert set(told.value.faults) == {field}, typed
    assert typed_of(await stored(own_database)) == typed_of(voices)
    assert len(await lines(own_database, voices.layer)) == 1


async def test_every_fault_is_told_at_once(own_database: Database, voices: Provider) -> None:
    with pytest.raises(Mistaken) as told:
        await changed(own_database, OPERATOR, voices.slug, {"name": "", "mon": "x", "rota": "x", "keep_days": "0"})
    assert set(told.value.faults) == {"name", "mon", "rota", "keep_days"}


async def test_the_most_that_is_kept_is_a_ceiling_that_can_be_reached(
    own_database: Database,
    voices: Provider,
) -> None:
    assert await changed(own_database, OPERATOR, voices.slug, {"keep_days": "90"}) == ["keep_days"]
    assert LONGEST_KEEP_DAYS == 90


async def test_nobody_else_decides(own_database: Database, voices: Provider) -> None:
    await made(own_database, "others", name="Others (invented)")
    charlie = await of_provider(own_database, "supervisor", "others")
    advocate_here = await of_provider(own_database, "advocate")
    for by in (charlie, advocate_here, LEAD, NATIONAL_EDITOR):
        with pytest.raises(NotAllowed):
            await changed(own_database, by, voices.slug, {"keep_days": "90"})
        with pytest.raises(NotAllowed):
            async with own_database.begin() as session:
                await set_hook(session, by, await session.get_one(Provider, voices.id), "", SEAL, NOW)
    assert (await stored(own_database)).keep_days == 7


async def hooked(database: Database, slug: str, url: str) -> str | None:
    async with database.begin() as session:
        found = await session.scalar(select(Provider).where(Provider.slug == slug))
        assert found
        return await set_hook(session, OPERATOR, found, url, SEAL, NOW)


async def test_the_secret_of_a_hook_is_given_once_and_kept_sealed(
    own_database: Database,
    voices: Provider,
) -> None:
    first = await hooked(own_database, voices.slug, " https://rota.example.org/waits?place=1 ")
    kept = await stored(own_database)
    assert first
    assert kept.hook_url == "https://rota.example.org/waits?place=1"
    assert first not in str(kept.hook_secret)
    assert SEAL.open(kept.hook_secret or "") == first
    with pytest.raises(BrokenCipherText):
        Cipher("x" * 32, "code app").open(kept.hook_secret or "")
    second = await hooked(own_database, voices.slug, "https://rota.example.org/waits?place=1")
    assert second not in (None, first)
    assert (await lines(own_database, voices.layer))[-1] == (OPERATOR.name, "set hook", "rota.example.org")
    assert await hooked(own_database, voices.slug, "") is None
    kept = await stored(own_database)
    assert kept.hook_url is kept.hook_secret is None


THIS_MACHINE = ["http://127.0.0.1:9000/waits", "http://localhost:9000/", "http://[::1]:9000/"]
INSIDE = [
    "http://rota.example.org/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://10.0.0.1/",
    "https://2130706433/",
    "https://127.0.0.0x1/",
    "https://[::1]/",
    "https://intranet/",
    "https://rota.internal/",
    "https://printer.local./",
    "https://user:pass@rota.example.org/",
    "https://rota.example.org/#part",
    "https://rota.example.org:0/",
    "https://rota.example.org:port/",
    "https://",
    "rota.example.org",
    "ftp://rota.example.org/",
    "javascript:alert(1)",
    "https://rota.example.org/a b",
    "https://rota.example.org/\nX",
    "https://rota.example.org/" + "x" * 500,
    "https://röta.example.org/",
]


async def test_only_a_public_place_that_cannot_be_overheard_is_told(own_database: Database) -> None:
    await made(own_database, "real", practice=False, name="A real one")
    for url in (*INSIDE, *THIS_MACHINE):
        with pytest.raises(Mistaken) as told:
            await hooked(own_database, "real", url)
        assert set(told.value.faults) == {"hook_url"}, url
    assert (await stored(own_database, "real")).hook_url is None


async def test_in_practice_this_machine_may_be_told_too(own_database: Database, voices: Provider) -> None:
    for url in THIS_MACHINE:
        assert await hooked(own_database, voices.slug, url)
    for url in ("http://10.0.0.1/", "http://rota.example.org/", "https://10.0.0.1/", "https://intranet/"):
        with pytest.raises(Mistaken):
            await hooked(own_database, voices.slug, url)


async def test_people_of_a_provider_are_added_by_admins_and_advocates_by_supervisors(
    own_database: Database,
    voices: Provider,
) -> None:
    await made(own_database, "others", name="Others (invented)")
    supervisor, charlie = (
        await of_provider(own_database, "supervisor"),
        await of_provider(own_database, "supervisor", "others"),
    )
    colleague = await of_provider(own_database, "advocate")

    async def adds(by: Deciding, role: str, name: str) -> Account:
        new = NewPerson(role, name, "", f"{name.lower()}@voices.example")
        async with own_database.begin() as session:
            forces = release_for(practice=True).forces
            return await add(session, by, voices.layer, new, forces=forces, practice=True, now=NOW)

    for role, name in (("advocate", "Ann"), ("supervisor", "Sue")):
        added = await adds(OPERATOR, role, name)
        assert (added.layer, added.role, added.name, added.post) == (voices.layer, role, name, role)
    assert (await adds(supervisor, "advocate", "Bea")).role == "advocate"
    for by, role in ((supervisor, "supervisor"), (charlie, "advocate"), (colleague, "advocate"), (LEAD, "advocate")):
        with pytest.raises(NotAllowed):
            await adds(by, role, "Zed")
    for role in ("editor", "lead", "admin", ""):
        with pytest.raises(Mistaken):
            await adds(OPERATOR, role, "Zed")
    with pytest.raises(Mistaken, match="tell you apart"):
        await adds(supervisor, "advocate", "ANN")
    with pytest.raises(Mistaken, match="first name"):
        await adds(supervisor, "advocate", " ")


async def test_nobody_is_added_to_a_provider_of_the_other_mode(own_database: Database) -> None:
    real = await made(own_database, "real", practice=False, name="A real one")
    new, forces = NewPerson("advocate", "Ann", "", "ann@real.example"), release_for(practice=True).forces
    with pytest.raises(NotAllowed):
        async with own_database.begin() as session:
            await add(session, OPERATOR, real.layer, new, forces=forces, practice=True, now=NOW)


async def test_no_force_takes_advocates(own_database: Database) -> None:
    new, forces = NewPerson("advocate", "Ann", "the advocate", "ann@force.example"), release_for(practice=True).forces
    with pytest.raises(Mistaken, match="editor, reviewer, lead"):
        async with own_database.begin() as session:
            await add(session, OPERATOR, "northmoor", new, forces=forces, practice=True, now=NOW)


async def test_practice_signs_up_two_invented_organisations_once(own_database: Database) -> None:
    async with own_database.begin() as session:
        assert await tell_practice(session, NOW) > 2
    for force, slug in ((None, "practice-advocates"), ("northmoor", "practice-advocates")):
        assert await answers(own_database, force) == slug
    assert await answers(own_database, "southmere") == "southmere-voices"
    found = await stored(own_database, "practice-advocates")
    for day in range(7):
        noon = NOW.replace(day=1 + day)
        assert found.opening_hours.open_at(noon)
        assert not found.opening_hours.open_at(noon.replace(hour=3))
    await changed(own_database, OPERATOR, found.slug, {"mon": "", "keep_days": "30"})
    await named(own_database, "southmere", None)
    async with own_database.begin() as session:
        assert await tell_practice(session, NOW) == 0
    again = await stored(own_database, "practice-advocates")
    assert (again.keep_days, again.opening_hours.text("mon")) == (30, "")
    assert await answers(own_database, "southmere") is None


def test_what_is_invented_says_so() -> None:
    found = practice_providers()
    assert len(found) == 2
    for one in found:
        assert "(invented)" in one.name
        assert "(invented)" in one.lead
        assert not any(sign.isdigit() for sign in one.lead)
    layers = {layer.layer for layer in practice_layers()}
    assert {layer for one in found for layer in one.answers_for} == layers
