"""What every act on a handover needs beside the database."""

from dataclasses import dataclass

from api.records.handovers.message_cipher import MessageCipher
from api.records.handovers.pubsub import PubSub


@dataclass(frozen=True)
class HandoverContext:
    """The cipher words are kept with, the channels that tell of news, and the public `address` that letters lead to."""

    message_cipher: MessageCipher
    pubsub: PubSub
    address: str
