"""Comparing the chains with a head: rows that were cut off, taken out, put in another order or worked out again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.records.all_chains import CHAINS, Chain
from api.records.chain_verification import VerifiedChain, walk
from api.records.hash_chain import FIRST, Chained
from api.records.heads import End, Head
from api.web.ledger_keys import LedgerKeys

AllWalked = Mapping[Chain, VerifiedChain[Chained]]
_NONE = End(count=0, number=0, last="")


async def walk_all(session: AsyncSession, head: Head | None, *, deep: bool) -> AllWalked:
    """Every chain, walked so that it can be compared with a head."""
    return {chain: await walk(session, chain.rows, deep=deep, at=end_of(head, chain).count) for chain in CHAINS}


def end_of(head: Head | None, chain: Chain) -> End:
    """Where a chain ended when the head was made; nowhere before there was one."""
    return head.chains.get(chain.key, _NONE) if head else _NONE


def differs(head: Head | None, chain: Chain, walked: VerifiedChain[Chained]) -> str:
    """What is wrong with a chain that does not go on from where the head ends, as a sentence; "" when it does."""
    end = end_of(head, chain)
    if walked.count < end.count:
        left = f"only the first {walked.count} or fewer of them are here" if walked.count else "none of them is here"
        return f"The head counts {end.count} rows; {left}. Rows were taken out."
    if end.count and walked.passed != end.last:
        return (
            f"The row that was number {end.count} in the line when the head was made is not so now. "
            "Rows were taken out, put in another order, or written anew."
        )
    return ""


def altered(head: Head | None, walked: AllWalked) -> bool:
    """True when a row is not as it was added, apart from those that the operator knows of, or a chain was cut."""
    return any(
        found.beyond(end_of(head, chain).known) or differs(head, chain, found) for chain, found in walked.items()
    )


def may_go_on(head: Head | None, walked: AllWalked) -> bool:
    """True when a next head hides nothing: no row that the last one counts is missing.

    Rows that are not ours stand in the way of none but the first head: they stay where everybody who walks finds them.
    """
    if head is None:
        return not any(fault.what == "not ours" for found in walked.values() for fault in found.faults)
    return not any(differs(head, chain, found) for chain, found in walked.items())


def head_of(keys: LedgerKeys, now: datetime, mode: str, before: Head | None, walked: AllWalked, why: str = "") -> Head:
    """A head of the chains as they are now. With a reason, what is wrong in them now is known from then on."""
    ends = {
        chain.key: End(
            count=found.count,
            number=found.last.id,
            last=found.last.row_hash,
            known=tuple(fault.number for fault in found.faults) if why else end_of(before, chain).known,
        )
        for chain, found in walked.items()
    }
    return Head.signed(keys, now, mode, ends, before.digest if before else FIRST, why)
