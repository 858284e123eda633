"""The message cipher: closes what a child and an advocate write before it is kept, and opens it for them alone."""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from api.records.handovers.tables import Concern, DataKey, Handover, Message
from api.web.ciphers import BrokenCipherText, Cipher, Hashes
from api.web.settings import Settings

DATA_KEY = "key of one handover"
"""What the keys of handovers and records are sealed for."""
_KEY_BYTES = 32


@dataclass(frozen=True)
class CallBack:
    """How it is safe to call: the number as E.164, whose it is, and what to do when somebody else answers."""

    number: str
    whose: str
    voicemail: bool
    say: str
    code_word: str


@dataclass(frozen=True)
class Worker:
    """A worker who asks with the child, who agreed to that: what to call them, and one way to reach them at their work.

    `reach` is a number as E.164, perhaps with ";ext=" and an extension, or an e-mail address. Both may be "", as nobody
    has to give them.
    """

    name: str = ""
    reach: str = ""

    @property
    def phone(self) -> str:
        """The number; "" where there is an e-mail address or nothing."""
        return "" if "@" in self.reach else self.reach


@dataclass(frozen=True)
class Sent:
    """What a child sent along, every part seen by them before. `cards` are keys of cards they ticked.

    `passport` are ids of sentences on how to talk with them. `worker` is None for a child who asked alone.
    """

    name: str = ""
    question: str = ""
    cards: tuple[str, ...] = ()
    call: CallBack | None = None
    passport: tuple[str, ...] = ()
    worker: Worker | None = None


@dataclass(frozen=True)
class MessageBody:
    """The inside of a message: text, and the id of a picture or the key of a card sent with it.

    `who` is the name that a line of the house speaks of. `lost` is True when it cannot be opened any more.
    """

    text: str = ""
    symbol: str | None = None
    card: str | None = None
    who: str = ""
    lost: bool = False


@dataclass(frozen=True)
class MessageCipher:
    """Closes and opens, each handover and each record of concern with the keys of its own beside the operator's.

    `keys` is what those are kept closed with. `hashes` turns the three words and page secrets into what may be looked
    up. What was kept before there were keys of their own opens with the operator's alone.
    """

    talk: Cipher
    concern: Cipher
    keys: Cipher
    hashes: Hashes

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The cipher that these settings make."""
        talk, concern, keys = (Cipher.of(settings, purpose) for purpose in ("handover", "concern", DATA_KEY))
        return cls(talk, concern, keys, Hashes.of_settings(settings, "handover"))

    def new_key(self) -> DataKey:
        """A key for one that has none yet."""
        return DataKey(sealed=self.keys.close(secrets.token_hex(_KEY_BYTES)))

    def opening(self, keys: Iterable[DataKey]) -> list[DataKey]:
        """Those of these keys that the operator's keys open."""
        return [key for key in keys if _opened(self.keys, key)]

    def close_sent(self, sent: Sent, keys: Sequence[DataKey]) -> str:
        """What a child sent along, sealed."""
        return self._with(self.talk, keys).close(json.dumps(asdict(sent)))

    def sent(self, handover: Handover) -> Sent:
        """What a child sent along. An empty Sent when its key is gone, so that they can still be answered."""
        try:
            raw: dict[str, Any] = json.loads(self._with(self.talk, handover.keys).open(handover.sealed))
        except BrokenCipherText:
            return Sent()
        call = CallBack(**raw["call"]) if raw["call"] else None
        # What was sealed before there were passports, or workers who ask along, has none.
        worker = Worker(**raw["worker"]) if raw.get("worker") else None
        return Sent(raw["name"], raw["question"], tuple(raw["cards"]), call, tuple(raw.get("passport", ())), worker)

    def close_said(self, said: MessageBody, keys: Sequence[DataKey]) -> str:
        """A message, sealed."""
        return self._with(self.talk, keys).close(
            json.dumps({name: value for name, value in asdict(said).items() if value})
        )

    def said(self, message: Message, cipher: Cipher | None = None) -> MessageBody:
        """What a message says; nothing, and `lost`, when its key is gone. `seal` is that of its talk, when at hand."""
        if not message.sealed:
            return MessageBody()
        try:
            return MessageBody(**json.loads((cipher or self.seal_of(message)).open(message.sealed)))
        except BrokenCipherText:
            return MessageBody(lost=True)

    def seal_of(self, message: Message) -> Cipher:
        """What every message of its talk is sealed with."""
        return self._with(self.talk, message.keys)

    def close_concern(self, text: str, keys: Sequence[DataKey]) -> str:
        """What a record of concern says, sealed."""
        return self._with(self.concern, keys).close(text)

    def concerned(self, concern: Concern) -> str:
        """What a record of concern says. Raises BrokenCipherText."""
        return self._with(self.concern, concern.keys).open(concern.sealed)

    def _with(self, cipher: Cipher, keys: Sequence[DataKey]) -> Cipher:
        return with_data_keys(cipher, self.keys, keys)


def with_data_keys(cipher: Cipher, wrapping: Cipher, keys: Iterable[DataKey]) -> Cipher:
    """The operator's seal for a purpose, together with the keys of one handover or record that `wrapping` opens."""
    return cipher.with_keys([opened for key in keys if (opened := _opened(wrapping, key))])


def _opened(wrapping: Cipher, key: DataKey) -> bytes | None:
    try:
        return bytes.fromhex(wrapping.open(key.sealed))
    except (BrokenCipherText, ValueError):
        return None


@dataclass(frozen=True)
class OpenedMessage:
    """One message, opened: what a page shows of it."""

    number: int
    change: int
    writer: str
    kind: str
    said: MessageBody
    at: datetime
    account_id: int | None = None
    edited: bool = False
    fetched: bool = False
    client_id: str = ""

    @classmethod
    def of(cls, message_cipher: MessageCipher, message: Message, cipher: Cipher | None = None) -> Self:
        """A row, opened; with the seal of its talk, when that is at hand."""
        return cls(
            message.number,
            message.change,
            message.writer,
            message.kind,
            message_cipher.said(message, cipher),
            message.at,
            message.account_id,
            message.edited_at is not None,
            message.fetched_at is not None,
            message.client_id or "",
        )


def opened(message_cipher: MessageCipher, messages: Sequence[Message]) -> list[OpenedMessage]:
    """Rows, opened, in the order of the talk."""
    one_of_each = {message.handover_id: message for message in messages}
    seals = {handover_id: message_cipher.seal_of(message) for handover_id, message in one_of_each.items()}
    in_order = sorted(messages, key=lambda message: message.number)
    return [OpenedMessage.of(message_cipher, message, seals[message.handover_id]) for message in in_order]
