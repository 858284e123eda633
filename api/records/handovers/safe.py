"""The safe: what a child and an advocate write is closed with it before it is kept, and opened for them alone."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from api.hall.sealing import BrokenSeal, Hashes, Seal
from api.hall.settings import Settings
from api.records.handovers.tables import Handover, Message


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
class Said:
    """The inside of a message: text, and the id of a picture or the key of a card sent with it.

    `who` is the name that a line of the house speaks of. `lost` is True when it cannot be opened any more.
    """

    text: str = ""
    symbol: str | None = None
    card: str | None = None
    who: str = ""
    lost: bool = False


@dataclass(frozen=True)
class Safe:
    """Closes and opens. `hashes` turns the three words and page secrets into what may be looked up."""

    talk: Seal
    concern: Seal
    hashes: Hashes

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The safe that these settings make."""
        return cls(
            Seal.of(settings, "handover"), Seal.of(settings, "concern"), Hashes.of_settings(settings, "handover")
        )

    def close_sent(self, sent: Sent) -> str:
        """What a child sent along, sealed."""
        return self.talk.close(json.dumps(asdict(sent)))

    def sent(self, handover: Handover) -> Sent:
        """What a child sent along. An empty Sent when its key is gone, so that they can still be answered."""
        try:
            raw: dict[str, Any] = json.loads(self.talk.open(handover.sealed))
        except BrokenSeal:
            return Sent()
        call = CallBack(**raw["call"]) if raw["call"] else None
        # What was sealed before there were passports, or workers who ask along, has none.
        worker = Worker(**raw["worker"]) if raw.get("worker") else None
        return Sent(raw["name"], raw["question"], tuple(raw["cards"]), call, tuple(raw.get("passport", ())), worker)

    def close_said(self, said: Said) -> str:
        """A message, sealed."""
        return self.talk.close(json.dumps({name: value for name, value in asdict(said).items() if value}))

    def said(self, message: Message) -> Said:
        """What a message says; nothing, and `lost`, when its key is gone."""
        if not message.sealed:
            return Said()
        try:
            return Said(**json.loads(self.talk.open(message.sealed)))
        except BrokenSeal:
            return Said(lost=True)


@dataclass(frozen=True)
class Line:
    """One message, opened: what a page shows of it."""

    number: int
    change: int
    writer: str
    kind: str
    said: Said
    at: datetime
    account_id: int | None = None
    edited: bool = False
    fetched: bool = False
    client_id: str = ""

    @classmethod
    def of(cls, safe: Safe, message: Message) -> Self:
        """A row, opened."""
        return cls(
            message.number,
            message.change,
            message.writer,
            message.kind,
            safe.said(message),
            message.at,
            message.account_id,
            message.edited_at is not None,
            message.fetched_at is not None,
            message.client_id or "",
        )


def opened(safe: Safe, messages: Sequence[Message]) -> list[Line]:
    """Rows, opened, in the order of the talk."""
    return [Line.of(safe, message) for message in sorted(messages, key=lambda message: message.number)]
