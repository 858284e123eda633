"""The ledger: every SignOff as a row that is added and never changed, each carrying the hash of the one before."""

import hashlib
import json
import logging
from datetime import date
from sys import intern

from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.hall.database import Base
from api.records.chain import Chained, append
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
    practice: Mapped[bool]
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
        words = hashlib.sha256(self.words.encode()).hexdigest()
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

    Raises sqlalchemy.exc.IntegrityError when another signature took the same place; sign again.
    """
    row = LedgerRow(
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
    return await append(session, row)


async def signoffs(session: AsyncSession, *, practice: bool) -> list[SignOff]:
    """Every SignOff in the order signed: practice ones in practice mode, real ones otherwise.

    A row whose hash does not match is left out and its number logged: an altered text is never shown.
    """
    rows = await session.scalars(select(LedgerRow).where(LedgerRow.practice == practice).order_by(LedgerRow.id))
    return [signed for row in rows if (signed := shown(row))]


def shown(row: LedgerRow) -> SignOff | None:
    """The SignOff of a row that may be shown; None, and logged, for one that was altered or cannot be read."""
    if not row.whole():
        _log.error("ledger row %d was altered after signing; it is not shown", row.id)
        return None
    try:
        return row.signoff()
    except (KeyError, TypeError, ValueError):
        _log.error("ledger row %d cannot be read by this release; it is not shown", row.id)
        return None
