"""The ledger: every SignOff as a row that is added and never changed, each carrying the hash of the one before."""

import hashlib
import json
import logging
from collections.abc import Iterable
from datetime import date
from sys import intern

from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.records.chain_reader import ours
from api.records.hash_chain import Chained, append, append_all, last_in_place
from api.records.withdrawals import Withdrawal
from api.web.column_types import Flag
from api.web.database import Base
from content.signed_words import SignedWords
from content.signoff import Signer, SignOff

_log = logging.getLogger(__name__)


class LedgerRow(Chained, Base):
    """One signature."""

    __tablename__ = "sign_off"

    layer: Mapped[str]
    card: Mapped[str]
    words: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Text)
    reviewed_by: Mapped[str]
    signed_by: Mapped[str]
    signed_by_post: Mapped[str]
    signed_on: Mapped[date]
    review_by: Mapped[date]
    practice: Mapped[bool] = mapped_column(Flag)
    fingerprint: Mapped[str]

    def sealed(self) -> list[str]:
        """The words and every other column."""
        return [
            self.layer,
            self.card,
            self.words,
            self.written_by,
            self.reviewed_by,
            self.signed_by,
            self.signed_by_post,
            self.signed_on.isoformat(),
            self.review_by.isoformat(),
            "practice" if self.practice else "real",
            self.fingerprint,
        ]

    def whole(self) -> bool:
        """True when neither the words nor any other column was altered since signing."""
        words = hashlib.sha256(str(self.words).encode("utf-8", "surrogatepass")).hexdigest()
        return words == self.fingerprint and super().whole()

    def signoff(self) -> SignOff:
        """The SignOff that this row keeps."""
        return SignOff(
            layer=intern(self.layer),
            card=intern(self.card),
            words=SignedWords.from_json(self.words),
            written_by=tuple(map(intern, json.loads(self.written_by))),
            reviewed_by=intern(self.reviewed_by),
            signer=Signer(intern(self.signed_by), intern(self.signed_by_post)),
            signed_on=self.signed_on,
            review_by=self.review_by,
            practice=self.practice,
        )


async def add(session: AsyncSession, signed: SignOff) -> LedgerRow:
    """Adds a SignOff to the end of the ledger.

    Raises sqlalchemy.exc.IntegrityError when another row took the same place meanwhile; sign again.
    """
    return await append(session, _row(signed), await _shown_again(session))


async def add_all(session: AsyncSession, signed: Iterable[SignOff]) -> int:
    """Adds SignOffs in this order, as `add` adds each; how many. Quicker, where a whole release is signed."""
    rows = [_row(one) for one in signed]
    await append_all(session, rows, await _shown_again(session))
    return len(rows)


def _row(signed: SignOff) -> LedgerRow:
    return LedgerRow(
        layer=signed.layer,
        card=signed.card,
        words=signed.words.as_json(),
        written_by=json.dumps(list(signed.written_by), ensure_ascii=False),
        reviewed_by=signed.reviewed_by,
        signed_by=signed.signer.name,
        signed_by_post=signed.signer.post,
        signed_on=signed.signed_on,
        review_by=signed.review_by,
        practice=signed.practice,
        fingerprint=signed.words.fingerprint,
    )


async def _shown_again(session: AsyncSession) -> int:
    """The number beyond which a signature shows a card again, whatever is withdrawn now.

    The last signature has it, unless rows of the ledger were lost: what is signed then must not stay hidden for want of
    a high enough number.
    """
    last = await last_in_place(session, LedgerRow)
    later = list(await session.scalars(select(Withdrawal.id).where(Withdrawal.after_row > last.id)))
    return max([row.after_row async for _, row in ours(session, Withdrawal, later)], default=0)


async def signoffs(session: AsyncSession, *, practice: bool) -> list[SignOff]:
    """Every SignOff in the order signed: practice ones in practice mode, real ones otherwise.

    A row that was altered, or that nobody signed here, is left out and its number logged: it is never shown.
    """
    numbers = await session.scalars(select(LedgerRow.id).where(LedgerRow.practice == practice).order_by(LedgerRow.id))
    rows = [row async for _, row in ours(session, LedgerRow, list(numbers))]
    return [signed for row in rows if row.practice == practice and (signed := said(row))]


def said(row: LedgerRow) -> SignOff | None:
    """The SignOff of a row that was signed here; None, and logged, for one that this release cannot read."""
    try:
        return row.signoff()
    except (KeyError, TypeError, ValueError):
        _log.error("ledger row %d cannot be read by this release; it is not shown", row.id)
        return None
