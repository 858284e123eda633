"""The three chains that can be walked, and how to speak of a row that was altered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.records.audit import AuditRow
from api.records.chain import Chained
from api.records.ledger import LedgerRow
from api.records.withdrawals import Withdrawal


@dataclass(frozen=True)
class Chain:
    """A chain by name. `says` tells what a row says now, `meanwhile` what an altered row means for children."""

    name: str
    rows: type[Chained]
    made: str
    says: Callable[[Any], str]
    meanwhile: str


CHAINS = (
    Chain(
        "Ledger",
        LedgerRow,
        "signed",
        lambda row: f"{row.card} of {row.layer}, signed on {row.signed_on}",
        "No child is shown an altered row.",
    ),
    Chain(
        "Withdrawals",
        Withdrawal,
        "written",
        lambda row: f"{row.card} of {row.layer}, withdrawn on {row.at:%Y-%m-%d}",
        "Until then every card that was last withdrawn or recalled at the desk stays hidden.",
    ),
    Chain(
        "Audit log",
        AuditRow,
        "written",
        lambda row: f"{row.who} on {row.at:%Y-%m-%d}: {row.what} {row.about}",
        "Children see nothing of this log.",
    ),
)
"""Every chain, in the order in which `ledger verify` walks them."""
