"""Providers: the advocacy organisations, what each has decided for itself, and which one answers for a force."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.audit import note
from api.records.force_availability import ForceSetting
from api.records.handovers.opening_hours import Hours
from api.records.handovers.opening_week import DAYS, BrokenHours
from api.records.handovers.tables import LAYER_PREFIX, Provider
from api.records.people import Mistaken, address
from api.records.roles import Deciding, is_admin
from content.review import NotAllowed
from content.signoff import NATIONAL

LONGEST_KEEP_DAYS = 90
"""The most days that the words of a closed handover are kept. Our own ceiling; to be confirmed by a lawyer."""
KEEP_DAYS = 7
LONGEST_KEEP_CONCERN_DAYS = 365 * 25
"""The most days that a record of concern is kept. Our own ceiling; to be confirmed by a lawyer."""
KEEP_CONCERN_DAYS = 365 * 6
"""How many days a record of concern is kept unless a provider decides otherwise; to be confirmed by a lawyer."""
MOST_OPEN = 3
BREAK_MINUTES = 90
NUMBERS: Mapping[str, tuple[int, int]] = {
    "keep_days": (1, LONGEST_KEEP_DAYS),
    "keep_concern_days": (1, LONGEST_KEEP_CONCERN_DAYS),
    "most_open": (1, 10),
    "break_minutes": (15, 480),
}
"""The settings that are numbers, with the least and the most."""
SETTINGS = ("name", *DAYS, "closed_days", *NUMBERS, "lead", "rota")
"""Everything that a provider decides for itself, save its own system (hooks.py)."""
NAME_LONGEST = 120
LEAD_LONGEST = 1_000
MOST_RUNG = 20
INVENTED = "(invented)"
_SLUG_LONGEST = 30
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_WHO_MAY = "Only a supervisor of this organisation, or a national admin, decides this. Ask one of them."


async def provider_of(session: AsyncSession, force: str | None, *, practice: bool) -> Provider | None:
    """Who answers for a force, or for children who do not say where they live (None). None while nobody does.

    Practice and live never mix: a provider of the other mode is nobody. So is a name that was written down before there
    were providers.
    """
    newest = (
        select(ForceSetting.value)
        .where(ForceSetting.layer == (force or NATIONAL), ForceSetting.name == "provider")
        .order_by(ForceSetting.id.desc())
        .limit(1)
    )
    slug = await session.scalar(newest)
    return await provider_with(session, slug, practice=practice) if slug else None


async def provider_with(session: AsyncSession, slug: str, *, practice: bool) -> Provider | None:
    """The provider of a slug, or of the layer "provider:" and its slug; None where this mode has none of that name."""
    wanted = select(Provider).where(Provider.slug == slug.removeprefix(LAYER_PREFIX), Provider.practice == practice)
    return await session.scalar(wanted)


async def providers(session: AsyncSession, *, practice: bool) -> Sequence[Provider]:
    """Every provider of this mode, by name."""
    wanted = select(Provider).where(Provider.practice == practice)
    return list(await session.scalars(wanted.order_by(func.lower(Provider.name), Provider.id)))


async def layers_of(session: AsyncSession, provider: Provider) -> list[str]:
    """Every force, and "national", that a provider answers for now, in order."""
    newest = select(func.max(ForceSetting.id)).where(ForceSetting.name == "provider").group_by(ForceSetting.layer)
    mine = select(ForceSetting.layer).where(ForceSetting.id.in_(newest), ForceSetting.value == provider.slug)
    return list(await session.scalars(mine.order_by(ForceSetting.layer)))


async def add(session: AsyncSession, by: Deciding, slug: str, name: str, *, practice: bool, now: datetime) -> Provider:
    """Adds a provider, without hours yet: nobody is there until they are set. Raises NotAllowed and Mistaken."""
    if not is_admin(by):
        raise NotAllowed(["Only a national admin adds an advocacy organisation."])
    if not _SLUG.fullmatch(slug) or len(slug) > _SLUG_LONGEST:
        what = f"small letters, digits and single dashes, {_SLUG_LONGEST} at most, like young-voices"
        raise Mistaken({"slug": f"Write the short name in {what}."})
    hours, closed_days = Hours().kept
    provider = Provider(
        slug=slug,
        name=_name(name, practice=practice),
        hours=hours,
        closed_days=closed_days,
        rota="[]",
        keep_days=KEEP_DAYS,
        keep_concern_days=KEEP_CONCERN_DAYS,
        most_open=MOST_OPEN,
        break_minutes=BREAK_MINUTES,
        lead="",
        practice=practice,
        made_at=now,
    )
    session.add(provider)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Mistaken({"slug": f'"{slug}" is taken. Choose another short name.'}) from error
    await tell(session, by, provider, "add provider", provider.name, now)
    return provider


async def change(
    session: AsyncSession, by: Deciding, provider: Provider, typed: Mapping[str, str], now: datetime
) -> list[str]:
    """Changes the settings that are named in `typed`, each as a form shows it (see `typed_of`); gives what differs now.

    All of them or none. Raises NotAllowed, and Mistaken with every fault by field.
    """
    must_decide(by, provider)
    before, faults, found = typed_of(provider), dict[str, str](), dict[str, str | int]()
    for field in [name for name in SETTINGS if name in typed and name in _READ]:
        try:
            found[field] = _READ[field](typed[field], provider)
        except Mistaken as mistaken:
            faults |= mistaken.faults
    try:
        found["hours"], found["closed_days"] = _hours({**before, **typed})
    except BrokenHours as broken:
        faults |= broken.faults
    if faults:
        raise Mistaken(faults)
    for field, value in found.items():
        setattr(provider, field, value)
    after = typed_of(provider)
    changed = [name for name in SETTINGS if after[name] != before[name]]
    if changed:
        told = (f"{name} {after[name]}" if name in NUMBERS else name for name in changed)
        await tell(session, by, provider, "change provider", ", ".join(told), now)
    return changed


def typed_of(provider: Provider) -> dict[str, str]:
    """Every setting as a form shows it: times after commas, closed days and e-mail addresses one on a line."""
    hours = provider.opening_hours
    return {
        "name": provider.name,
        **{day: hours.text(day) for day in DAYS},
        "closed_days": "\n".join(json.loads(provider.closed_days)),
        **{name: str(getattr(provider, name)) for name in NUMBERS},
        "lead": provider.lead,
        "rota": "\n".join(rota_of(provider)),
    }


def rota_of(provider: Provider) -> list[str]:
    """The e-mail addresses that are rung when a child waits."""
    return [str(email) for email in json.loads(provider.rota)]


def may_decide(by: Deciding, provider: Provider) -> bool:
    """True for those who decide a provider's settings: its supervisors, and the national admins."""
    return is_admin(by) or (by.role == "supervisor" and by.layer == provider.layer)


def must_decide(by: Deciding, provider: Provider) -> None:
    """Raises NotAllowed for whoever does not decide a provider's settings."""
    if not may_decide(by, provider):
        raise NotAllowed([_WHO_MAY])


async def tell(session: AsyncSession, by: Deciding, provider: Provider, what: str, about: str, now: datetime) -> None:
    """Writes a line into the log of a provider."""
    await note(session, now, provider.layer, by.name, what, about[:255], by.id or None)


def _name(typed: str, *, practice: bool) -> str:
    line = " ".join(typed.split())
    if not line or not line.isprintable() or len(line) > NAME_LONGEST:
        raise Mistaken({"name": f"Write the name of the organisation, in {NAME_LONGEST} letters at most."})
    if practice and INVENTED not in line:
        why = "This is a practice version, and nothing in it may be taken for a real organisation."
        raise Mistaken({"name": f"{why} Write {INVENTED} after the name."})
    return line


def _number(field: str) -> Callable[[str, Provider], int]:
    least, most = NUMBERS[field]

    def read(typed: str, _provider: Provider) -> int:
        if not re.fullmatch(r"[0-9]{1,5}", typed.strip()) or not least <= int(typed) <= most:
            raise Mistaken({field: f"Write a number from {least} to {most}."})
        return int(typed)

    return read


def _lead(typed: str, _provider: Provider) -> str:
    lines = "\n".join(line.rstrip() for line in typed.strip().splitlines())
    if len(lines) > LEAD_LONGEST or not all(line.isprintable() for line in lines.split("\n")):
        raise Mistaken({"lead": f"Write who is rung about a child's safety in {LEAD_LONGEST} letters at most."})
    return lines


def _rota(typed: str, _provider: Provider) -> str:
    emails = list[str]()
    for one in re.split(r"[\s,;]+", typed.strip()) if typed.strip() else ():
        try:
            emails.append(address(one))
        except Mistaken as mistaken:
            raise Mistaken({"rota": f"{one[:NAME_LONGEST]}: {mistaken}"}) from mistaken
    if len(emails) > MOST_RUNG:
        raise Mistaken({"rota": f"Name at most {MOST_RUNG} e-mail addresses."})
    return json.dumps(list(dict.fromkeys(emails)))


def _hours(typed: Mapping[str, str]) -> tuple[str, str]:
    return Hours.typed({day: typed[day] for day in DAYS}, typed["closed_days"]).kept


_READ: Mapping[str, Callable[[str, Provider], str | int]] = {
    "name": lambda typed, provider: _name(typed, practice=provider.practice),
    "lead": _lead,
    "rota": _rota,
    **{name: _number(name) for name in NUMBERS},
}
