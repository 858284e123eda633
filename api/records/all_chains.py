"""The three chains that can be walked, and how to speak of a row that was altered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.records.audit import AuditRow
from api.records.hash_chain import Chained
from api.records.ledger import LedgerRow
from api.records.withdrawals import Withdrawal


@dataclass(frozen=True)
class Chain:
    """A chain by name; by its `key` heads name it. `says` tells what a row says now.

    `meanwhile` is what children see while a row of it is not as it was added, and `cut` while rows are missing.
    """

    key: str
    name: str
    rows: type[Chained]
    made: str
    says: Callable[[Any], str]
    meanwhile: str
    cut: str


CHAINS = (
    Chain(
        "ledger",
        "Ledger",
        LedgerRow,
        "signed",
        lambda row: f"{row.card} of {row.layer}, signed on {row.signed_on}",
        "Children are not shown this row. They are shown the last words before it that were signed here, or, where "
        "there are none, that the answer is being checked and who can help.",
        "Children are shown the words that were signed before the missing ones, also where those had taken their "
        "place, or, where there are none, that the answer is being checked and who can help.",
    ),
    Chain(
        "withdrawals",
        "Withdrawals",
        Withdrawal,
        "written",
        lambda row: f"{row.card} of {row.layer}, withdrawn on {row.at:%Y-%m-%d}",
        "Until then every card that was last withdrawn or recalled at the desk stays hidden.",
        "A card whose withdrawal is missing stays hidden while the audit log tells of it. Where that line is missing "
        "too, children are shown the card again.",
    ),
    Chain(
        "audit",
        "Audit log",
        AuditRow,
        "written",
        lambda row: f"{row.who} on {row.at:%Y-%m-%d}: {row.what} {row.about}",
        "Children see nothing of this log.",
        "Children see nothing of this log. A withdrawal that is missing as well is not known of any more.",
    ),
)
"""Every chain, in the order in which `ledger verify` walks them."""
