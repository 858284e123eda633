"""Reminders: which signatures end soon or have ended, and the letters that tell a layer's people so, once each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account
from api.records.audit import note
from api.records.chain_reader import links_after, ours
from api.records.deputies import delegations_of
from api.records.ledger import LedgerRow, said
from api.records.letters import Reminder, post
from api.records.marked_rows import believed_of
from api.records.people import people_of
from api.records.withdrawals import Withdrawal
from api.web.database import Database
from content.card import is_help, stays
from content.signoff import NATIONAL

DAYS = (0, 7, 30)
"""How many days before its review date people are told of a card."""
AGAIN_DAYS = 30
"""How many days lie between the letters about words that are past their date and still shown, as help is."""
_BY = "In the Know"
_TRANSLATED = '{"language":'
_BODY = """Hello,

these answers for children come to their review date, or have passed it: {name}.

{lines}

Once its date has passed, children no longer see an answer. They are told that the page is being checked, and how to
reach a person. What says where help is stays, because no help is worse than old help: it is marked "still shown", and
you are told of it every month. Read each answer again, change what is out of date, and have it reviewed and signed:

{address}

A computer sent this letter to the people who look after these words.
"""
_CALLED = {NATIONAL: "England and Wales (national words)"}


@dataclass(frozen=True)
class Ending:
    """A card whose signature ends in `left` days (0: today is the last day), told as so many `days` before.

    `stays` is true for one that children still see past its date.
    """

    card: str
    question: str
    review_by: date
    left: int
    days: int
    stays: bool = False

    def line(self) -> str:
        """The card as one line of a letter."""
        until = f"{self.review_by.day} {self.review_by:%B %Y}"
        if self.left > 0:
            when = f"until {until}, {self.left} {'day' if self.left == 1 else 'days'} from now"
        else:
            ended = f"ended on {until}, and is STILL SHOWN" if self.stays else f"ended on {until}"
            when = f"today, {until}, is the last day" if self.left == 0 else ended
        return f'- "{self.question}" ({self.card}): {when}'


@dataclass(frozen=True)
class Reminders:
    """Reminds the people of every layer. `names` are what people call the layers; `address` is where the desk is."""

    database: Database
    names: Mapping[str, str]
    address: str
    practice: bool

    async def write(self, now: datetime) -> int:
        """Writes the letters that are due, one transaction a layer; returns how many cards people are told of.

        Whatever the database raises is raised; what was written before that stays written.
        """
        async with self.database.begin() as session:
            layers = await _ending(session, now.date(), practice=self.practice)
        return sum([await self._tell(layer, endings, now) for layer, endings in layers.items()])

    async def _tell(self, layer: str, endings: Sequence[Ending], now: datetime) -> int:
        try:
            async with self.database.begin() as session:
                people = await _people(session, layer, now.date())
                if not people:
                    # Nobody is told, so nobody was: somebody who comes later still is.
                    return 0
                rows = [Reminder(layer=layer, card=e.card, review_by=e.review_by, days=e.days) for e in endings]
                session.add_all(rows)
                await session.flush()
                name = self.names.get(layer) or _CALLED.get(layer, layer)
                subject, body = _letter(name, f"{self.address}/desk/{layer}", endings)
                for person in people:
                    await post(session, layer=layer, email=person.email, subject=subject, body=body, now=now)
                about = f"{len(endings)} cards, {len(people)} people"
                await note(session, now, layer, _BY, "remind", about)
        except IntegrityError:
            # Another process tells the same people at this moment.
            return 0
        return len(endings)


async def _ending(session: AsyncSession, today: date, *, practice: bool) -> dict[str, list[Ending]]:
    """By layer, every card that people must be told of now and were not, the first to end first."""
    told = await _told(session)
    due: dict[int, tuple[int, int]] = {}
    signed, off = await links_after(session, LedgerRow), await links_after(session, Withdrawal)
    for number, layer, card, review_by in await session.execute(
        _signed_until(today, practice, signed.wrong, off.wrong)
    ):
        left = (review_by - today).days
        days = _days(card, left)
        # Whoever was told seven days before is not told of thirty when the clock goes back.
        if days < told.get((layer, card, review_by), days + 1):
            due[number] = left, days
    found: dict[str, list[Ending]] = {}
    # Always in one order: two processes that tell the same then wait for each other in a line, not in a ring.
    rows = [row async for _, row in ours(session, LedgerRow, due)]
    for row in sorted(rows, key=lambda row: (row.review_by, row.id)):
        if known := said(row):
            question = known.words.levels["standard"].question
            stays_shown = stays(row.card, known.words.kind)
            ending = Ending(row.card, question, row.review_by, *due[row.id], stays=stays_shown)
            found.setdefault(row.layer, []).append(ending)
    return found


def _days(card: str, left: int) -> int:
    """As which of the letters about a card one of today counts: so many days before its date, or after, below 0.

    Only of help are people told after its date, again and again: nothing that a child can see tells them.
    """
    again = AGAIN_DAYS * (-left // AGAIN_DAYS) if is_help(card) and left < 0 else 0
    return -again if again else next(days for days in DAYS if left <= days)


def _signed_until(
    today: date, practice: bool, unsigned: Collection[int], not_off: Collection[int]
) -> Select[int, str, str, date]:
    """The newest English signature of each card of each layer, unless it is withdrawn or ends much later.

    `unsigned` and `not_off` are rows of the ledger and of the withdrawals that are not ours.
    """
    newest = (
        select(func.max(LedgerRow.id).label("id"))
        # Words in another language begin so (SignedWords.as_json); they end with their English at the latest.
        .where(LedgerRow.id.not_in(unsigned))
        .where(LedgerRow.practice == practice, func.substr(LedgerRow.words, 1, len(_TRANSLATED)) != _TRANSLATED)
        .group_by(LedgerRow.layer, LedgerRow.card)
        .subquery()
    )
    gone = exists().where(
        Withdrawal.layer == LedgerRow.layer,
        Withdrawal.card == LedgerRow.card,
        Withdrawal.practice == practice,
        Withdrawal.after_row >= LedgerRow.id,
        Withdrawal.id.not_in(not_off),
    )
    return (
        select(LedgerRow.id, LedgerRow.layer, LedgerRow.card, LedgerRow.review_by)
        .join(newest, newest.c.id == LedgerRow.id)
        .where(LedgerRow.review_by <= today + timedelta(days=max(DAYS)), ~gone)
    )


async def _told(session: AsyncSession) -> dict[tuple[str, str, date], int]:
    """By layer, card and review date, the fewest days before it that people were told."""
    place = (Reminder.layer, Reminder.card, Reminder.review_by)
    rows = await session.execute(select(*place, func.min(Reminder.days)).group_by(*place))
    return {(layer, card, review_by): days for layer, card, review_by, days in rows}


async def _people(session: AsyncSession, layer: str, today: date) -> Sequence[Account]:
    """Who is told: the editors and the lead; a deputy where no lead's account is open; national admins if nobody is."""
    own = [person for person in await people_of(session, layer) if person.closed_at is None]
    told = [person for person in own if person.role in ("editor", "lead")]
    if not any(person.role == "lead" for person in told):
        instead = {named.deputy_id for named in await delegations_of(session, layer, today) if named.starts <= today}
        told += [person for person in own if person.id in instead and person not in told]
    admins = (Account.layer == NATIONAL, Account.role == "admin", Account.closed_at.is_(None))
    return told or believed_of(session, await session.scalars(select(Account).where(*admins)))


def _letter(name: str, address: str, endings: Sequence[Ending]) -> tuple[str, str]:
    """The subject and the body."""
    many = len(endings) != 1
    subject = f"{name}: {len(endings)} {'answers' if many else 'answer'} to read and sign again"
    lines = "\n".join(ending.line() for ending in endings)
    return subject, _BODY.format(name=name, address=address, lines=lines)
