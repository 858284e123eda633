"""Signing, withdrawing and recalling: what changes what a child may see, each in one transaction or not at all."""

import hashlib
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.records import ledger
from api.records.acts import BEATEN, ActRow, add_act
from api.records.audit import note
from api.records.hash_chain import append, last_in_place
from api.records.ledger import LedgerRow
from api.records.withdrawals import Withdrawal
from api.records.wording import Wording
from api.web.pg_listen import ring
from content.card import Card
from content.review import ActKind, Actor, NotAllowed, must_be_allowed
from content.signoff import NotSigned, Signer, SignOff, sign

RELEASE = "the national editors (card files)"
"""Who wrote the words of the release: they are files, and their history is the project's own."""
UNCHANGED = "nobody: unchanged since it was last signed"
_MONTH_DAYS = 30
_SPREAD = 4
"""One part in so many of a card's months, the last, is where its proposed review date falls."""


def latest_date(card: Card, today: date) -> date:
    """The last day that a signature of today may live at all: as many months as the card allows."""
    return today + timedelta(days=card.review_months * _MONTH_DAYS)


def review_date(card: Card, layer: str, today: date) -> date:
    """The review date that is proposed for a signature of today. Staggered: what is signed together ends apart.

    It falls in the last quarter of the card's own months, on the same day each time for the same card of a layer.
    """
    spread = card.review_months * _MONTH_DAYS // _SPREAD
    earlier = int(hashlib.sha256(f"{layer} {card.key}".encode()).hexdigest(), 16) % (spread + 1)
    return latest_date(card, today) - timedelta(days=earlier)


def chosen_date(card: Card, layer: str, today: date, typed: str) -> date:
    """The review date that the signer chose, written as 2027-05-31; the proposed one where nothing is written.

    Raises NotAllowed for what is no date, is not after today, or is later than the card allows.
    """
    if not typed.strip():
        return review_date(card, layer, today)
    latest = latest_date(card, today)
    try:
        chosen = date.fromisoformat(typed.strip())
    except ValueError:
        raise NotAllowed(["Write the review date as year, month and day, such as 2027-05-31."]) from None
    if not today < chosen <= latest:
        raise NotAllowed([f"Choose a review date after today, and no later than {latest.day} {latest:%B %Y}."])
    return chosen


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
    until: str = "",
) -> SignOff:
    """Signs exactly the words that the signer was shown (`shown` is their fingerprint), and adds them to the ledger.

    `until` is the review date as the signer wrote it; without one it is the proposed one.

    Raises NotAllowed with every reason in the way, and when the words are no longer those shown, even by an act that
    came after `wording` was read. The transaction must then end without being kept.
    """
    if wording.words.fingerprint != shown:
        raise NotAllowed([BEATEN])
    must_be_allowed("sign", actor, wording.layer, wording.progress, broken)
    review_by = chosen_date(wording.card, wording.layer, today, until)
    try:
        signed = sign(
            wording.layer,
            wording.card.key,
            wording.words,
            written_by=_writers(wording),
            reviewed_by=wording.acts[-1].who,
            signer=Signer(actor.name, actor.post),
            signed_on=today,
            review_by=review_by,
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
    last = await last_in_place(session, LedgerRow)
    row = Withdrawal(
        layer=layer,
        card=card,
        reason=reason.strip(),
        who=actor.name,
        post=actor.post,
        at=now,
        after_row=last.id,
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
