"""The people of a layer: who is added, in which role and post, whose account is closed, and who may decide that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from unicodedata import normalize

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.records import sessions
from api.records.accounts import Account, Delegation, Invitation
from api.records.audit import note
from api.records.handovers.tables import LAYER_PREFIX, Presence, Provider, Watch
from api.records.marked_rows import TAKEN_AWAY, believed_of
from api.records.passkeys import forget_passkeys
from api.records.roles import Deciding, is_providers, roles_given_by
from content.force import Force
from content.review import Actor, NotAllowed
from content.signoff import NATIONAL

NAME_LONGEST = 120
POST_LONGEST = 160
_TAKEN = (
    "Somebody has an account with this e-mail address already. One person has one account: if they worked here before, "
    "open their account again from the list of people."
)
_SAME_NAME = "Somebody of this name is here already, and signatures name people. Add a middle name or an initial."
_SAME_FIRST_NAME = (
    "Somebody of this name answers here already, and a child could not tell you apart. Add an initial, like Sam B."
)
_PRACTICE = (
    "This is a practice version, so people are added to invented forces and to the national layer only: nothing that "
    "is tried out here may ever look like the act of a real force. Run with KNOW_MODE=live for real forces."
)


class Mistaken(Exception):
    """Something that was typed cannot be used. `faults` holds, by field, what is wrong and what to do."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


@dataclass(frozen=True)
class NewPerson:
    """Somebody to be added, as typed. Of a provider's people children see the name; their post may be left empty."""

    role: str
    name: str
    post: str
    email: str


def operator(name: str) -> Actor:
    """Whoever runs a command on the machine itself: they may do what a national admin may. No account has number 0."""
    return Actor(0, f"command line ({name})"[:NAME_LONGEST], "operator", "admin", NATIONAL)


async def people_of(session: AsyncSession, layer: str) -> Sequence[Account]:
    """Everyone who works or worked for a layer, by name, those whose accounts are closed last."""
    wanted = select(Account).where(Account.layer == layer)
    ordered = wanted.order_by(Account.closed_at.is_not(None), func.lower(Account.name))
    return believed_of(session, await session.scalars(ordered))


async def add(
    session: AsyncSession,
    by: Deciding,
    layer: str,
    new: NewPerson,
    *,
    forces: Mapping[str, Force],
    practice: bool,
    now: datetime,
) -> Account:
    """Adds a person to a layer, of a force or "provider:" and a provider's slug; they need an invitation to sign in.

    Raises NotAllowed when this person may not add them there, and Mistaken for what was typed.
    """
    if is_providers(layer):
        await _must_be_provider(session, layer, practice=practice)
    else:
        _must_take_people(layer, forces, practice=practice)
    _must_give(by, layer, new.role)
    seen = "children will see it; a first name is enough" if is_providers(layer) else "signatures will show it"
    account = Account(
        layer=layer,
        role=new.role,
        name=_line("name", new.name, NAME_LONGEST, f"their name as {seen}"),
        post=post_of(new.post or (new.role if is_providers(layer) else "")),
        email=address(new.email),
        made_at=now,
    )
    # SQLite knows the small letters of English only.
    names = await session.scalars(select(Account.name).where(Account.layer == layer))
    if account.name.casefold() in {name.casefold() for name in names}:
        raise Mistaken({"name": _SAME_FIRST_NAME if is_providers(layer) else _SAME_NAME})
    session.add(account)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Mistaken({"email": _TAKEN}) from error
    await _tell(session, by, account, "add person", f"{account.name}, {account.role}, {account.post}", now)
    return account


async def change(session: AsyncSession, by: Deciding, account: Account, role: str, post: str, now: datetime) -> None:
    """Gives a person another role or post. Raises NotAllowed, and Mistaken for what was typed."""
    _must_manage(by, account)
    _must_give(by, account.layer, role)
    account.post, named = post_of(post), role == "lead" and account.role != "lead"
    account.role = role
    await _watch_no_more(session, account, now)
    what = "name lead" if named else "change role or post"
    await _tell(session, by, account, what, f"{account.name}, {role}, {account.post}", now)


async def close(session: AsyncSession, by: Deciding, account: Account, now: datetime) -> None:
    """Closes an account: their sign-ins, passkeys, open invitations and delegations end at once. Raises NotAllowed.

    An advocate is not here any more and watches nobody; the next sweep puts their talks back in line.
    """
    _must_manage(by, account)
    account.closed_at = now
    await forget_passkeys(session, account.id)
    await sessions.end_all(session, account.id, now)
    links = update(Invitation).where(Invitation.account_id == account.id, Invitation.expires_at > now)
    await session.execute(links.values(expires_at=now, mark=TAKEN_AWAY))
    ended = update(Delegation).where(Delegation.deputy_id == account.id, Delegation.ended_at.is_(None))
    await session.execute(ended.values(ended_at=now, mark=TAKEN_AWAY))
    await session.execute(delete(Presence).where(Presence.account_id == account.id))
    await _watch_no_more(session, account, now)
    await _tell(session, by, account, "close account", account.name, now)


async def reopen(session: AsyncSession, by: Deciding, account: Account, now: datetime) -> None:
    """Opens a closed account again: the same person, so nothing they wrote becomes another's. Raises NotAllowed.

    What they signed in with is gone; they need an invitation.
    """
    if account.closed_at is None:
        raise NotAllowed([f"The account of {account.name} is open already."])
    _must_give(by, account.layer, account.role)
    account.closed_at = account.password_hash = account.totp_sealed = account.totp_step = None
    await _tell(session, by, account, "reopen account", account.name, now)


async def invite_again(session: AsyncSession, by: Deciding, account: Account, now: datetime) -> None:
    """Lets a person be invited again: a lost link, or a lost phone. Raises NotAllowed."""
    _must_manage(by, account)
    await _tell(session, by, account, "invite again", account.name, now)


def address(typed: str) -> str:
    """An e-mail address as we keep it: in small letters, so that one address is one account. Raises Mistaken."""
    try:
        return validate_email(typed.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Mistaken({"email": f"This is not an e-mail address that a letter can reach. {error}"}) from error


def post_of(typed: str) -> str:
    """A post as signatures show it. Raises Mistaken."""
    return _line("post", typed, POST_LONGEST, "their post as children and the public will read it")


def must_be_another(by: Deciding, account: Account, rule: str) -> None:
    """Raises NotAllowed, with the rule, for what nobody does to themselves."""
    if account.id == by.id:
        other = "supervisor" if is_providers(account.layer) else "lead"
        raise NotAllowed([f"{rule} Ask another {other}, or a national admin."])


async def _watch_no_more(session: AsyncSession, account: Account, now: datetime) -> None:
    """Else the child would be told for ever that somebody reads along who cannot."""
    watches = update(Watch).where(Watch.account_id == account.id, Watch.ended_at.is_(None))
    await session.execute(watches.values(ended_at=now))


def _must_manage(by: Deciding, account: Account) -> None:
    must_be_another(by, account, "Nobody changes or closes their own account.")
    if account.closed_at is not None:
        raise NotAllowed([f"The account of {account.name} is closed. Open it again first."])
    _must_give(by, account.layer, account.role)


def _must_give(by: Deciding, layer: str, role: str) -> None:
    given = roles_given_by(by, layer)
    if not given:
        who = "a supervisor of the organisation" if is_providers(layer) else "the lead of a force"
        raise NotAllowed([f"Only {who}, or a national admin, decides who works here. Ask one of them."])
    if role in given:
        return
    if role == "admin" and "lead" in given:
        raise Mistaken({"role": "Admins work for the national layer only."})
    if role in (("supervisor",) if is_providers(layer) else ("lead", "admin")):
        raise NotAllowed([f"Only a national admin decides who is {role}. Ask one of them."])
    raise Mistaken({"role": f"Choose one of these roles: {', '.join(given)}."})


def _must_take_people(layer: str, forces: Mapping[str, Force], *, practice: bool) -> None:
    if layer == NATIONAL:
        return
    force = forces.get(layer)
    if force is None or force.kind == "hand-over":
        raise NotAllowed([f'There is no force "{layer}" with words of its own.'])
    if practice and not force.practice:
        raise NotAllowed([_PRACTICE])


async def _must_be_provider(session: AsyncSession, layer: str, *, practice: bool) -> None:
    slug = layer.removeprefix(LAYER_PREFIX)
    known = select(Provider.id).where(Provider.slug == slug, Provider.practice == practice)
    if await session.scalar(known) is None:
        raise NotAllowed([f'There is no advocacy organisation "{slug}". Add it first: python -m api provider add'])


def _line(field: str, typed: str, longest: int, meant: str) -> str:
    # The same letters however a keyboard spells them, so that one name is not two.
    line = " ".join(normalize("NFC", typed).split())
    if not line or not line.isprintable() or len(line) > longest:
        raise Mistaken({field: f"Write {meant}, in {longest} letters at most."})
    return line


async def _tell(session: AsyncSession, by: Deciding, account: Account, what: str, about: str, now: datetime) -> None:
    await note(session, now, account.layer, by.name, what, about[:255], by.id or None)
