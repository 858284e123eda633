"""What every act on a handover needs beside the database."""

from dataclasses import dataclass, field

from api.records.handovers.message_cipher import MessageCipher
from api.records.handovers.pubsub import PubSub


@dataclass(frozen=True)
class LookIntervals:
    """How often an open page looks by itself, in case a signal was lost, and `again` while the database is away."""

    seconds: float = 15.0
    again: float = 1.0


@dataclass(frozen=True)
class HandoverContext:
    """The cipher words are kept with, the channels that tell of news, and the public `address` that letters lead to."""

    message_cipher: MessageCipher
    pubsub: PubSub
    address: str
    look_intervals: LookIntervals = field(default_factory=LookIntervals)
