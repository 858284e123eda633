"""Signing, withdrawing and recalling: what changes what a child may see, each in one transaction or not at all."""

import hashlib
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.hall.live import ring
from api.records import ledger
from api.records.acts import BEATEN, ActRow, add_act
from api.records.audit import note
from api.records.chain import append
from api.records.ledger import LedgerRow
from api.records.withdrawals import Withdrawal
from api.records.wording import Wording
from content.card import Card
from content.review import ActKind, Actor, NotAllowed, must_be_allowed
from content.signoff import NotSigned, Signer, SignOff, sign

RELEASE = "the national editors (card files)"
"""Who wrote the words of the release: they are files, and their history is the project's own."""
UNCHANGED = "nobody: unchanged since it was last signed"
_MONTH_DAYS = 30
_SPREAD_DAYS = 28


def review_date(card: Card, layer: str, today: date) -> date:
    """The last day a signature of today may live. Staggered, so that what is signed together does not end together.

    Never later than the card's own months allow: up to four weeks earlier, the same for the same card each time.
    """
    latest = today + timedelta(days=card.review_months * _MONTH_DAYS)
    spread = min(_SPREAD_DAYS, card.review_months * _MONTH_DAYS // 4)
    earlier = int(hashlib.sha256(f"{layer} {card.key}".encode()).hexdigest(), 16) % (spread + 1)
    return latest - timedelta(days=earlier)


async def sign_words(
    session: AsyncSession,
    actor: Actor,
    wording: Wording,
    shown: str,
    *,
    broken: int,
    now: datetime,
    today: date,
    practice: bool,
) -> SignOff:
    """Signs exactly the words that the signer was shown (`shown` is their fingerprint), and adds them to the ledger.

    Raises NotAllowed with every reason in the way, and when the words are no longer those shown, even by an act that
    came after `wording` was read. The transaction must then end without being kept.
    """
    if wording.words.fingerprint != shown:
        raise NotAllowed([BEATEN])
    must_be_allowed("sign", actor, wording.layer, wording.progress, broken)
    try:
        signed = sign(
            wording.layer,
            wording.card.key,
            wording.words,
            written_by=_writers(wording),
            reviewed_by=wording.acts[-1].who,
            signer=Signer(actor.name, actor.post),
            signed_on=today,
            review_by=review_date(wording.card, wording.layer, today),
            practice=practice,
        )
    except NotSigned as error:
        raise NotAllowed([str(error)]) from error
    await ledger.add(session, signed)
    await do(session, actor, wording, "sign", now)
    return signed


async def withdraw(
    session: AsyncSession, actor: Actor, wording: Wording, reason: str, *, now: datetime, practice: bool
) -> Withdrawal:
    """Takes a card off a layer at once. Raises NotAllowed when this person may not, or gives no reason."""
    must_be_allowed("withdraw", actor, wording.layer, wording.progress)
    if not reason.strip():
        raise NotAllowed(["Say why, in words that anybody can read: the reason is shown on the public register."])
    row = await _hide(session, actor, wording.layer, wording.card.key, reason, now=now, practice=practice)
    await do(session, actor, wording, "withdraw", now, reason.strip())
    return row


async def recall(
    session: AsyncSession, actor: Actor, wording: Wording, reason: str, *, hide: bool, now: datetime, practice: bool
) -> None:
    """Sends a card back to review in a layer, because a source of it changed. Shown until signed again, or hidden.

    Raises NotAllowed when this person may not, or gives no reason.
    """
    must_be_allowed("recall", actor, wording.layer, wording.progress)
    if not reason.strip():
        raise NotAllowed(["Say what changed in the law or the guidance, for those who read these words again."])
    if hide:
        await _hide(session, actor, wording.layer, wording.card.key, reason, now=now, practice=practice)
    await do(session, actor, wording, "recall", now, reason.strip())


async def _hide(
    session: AsyncSession, actor: Actor, layer: str, card: str, reason: str, *, now: datetime, practice: bool
) -> Withdrawal:
    last = await session.scalar(select(func.max(LedgerRow.id)))
    row = Withdrawal(
        layer=layer,
        card=card,
        reason=reason.strip(),
        who=actor.name,
        post=actor.post,
        at=now,
        after_row=last or 0,
        practice=practice,
    )
    return await append(session, row)


async def do(
    session: AsyncSession, actor: Actor, wording: Wording, kind: ActKind, now: datetime, comment: str = ""
) -> ActRow:
    """Writes down one act on exactly these words, and a line of the log, in one transaction.

    Whoever calls has asked whether it is allowed. Raises NotAllowed when another act came between.
    """
    await note(session, now, wording.layer, actor.name, kind, wording.card.key, actor.id)
    await ring(session)
    return await add_act(
        session,
        wording.acts,
        actor,
        kind,
        layer=wording.layer,
        card=wording.card.key,
        fingerprint=wording.words.fingerprint,
        at=now,
        comment=comment,
    )


def _writers(wording: Wording) -> list[str]:
    """Who wrote these words: those who changed them since the last signature, and the release where it stands."""
    written = {wording.names[person] for person in wording.progress.authors}
    if wording.text is None:
        written.add(RELEASE)
    return sorted(written) or [UNCHANGED]
