"""What every act on a handover needs beside the database."""

from dataclasses import dataclass

from api.records.handovers.bells import Bells
from api.records.handovers.safe import Safe


@dataclass(frozen=True)
class Talks:
    """The safe that words are kept in, the bells that tell of news, and the public `address` that letters lead to."""

    safe: Safe
    bells: Bells
    address: str
