"""Heads: how many rows each chain has and which is the last, signed, dated, and kept where no database reaches."""

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from api.records.hash_chain import FIRST
from api.web.ledger_keys import LedgerKeys, signed_by
from api.web.settings import Settings

_PEOPLE_MARKED = "accounts-marked.txt"


class BrokenHead(ValueError):
    """This is no head, was altered, or was signed with a key that is not among the settings."""


class End(BaseModel):
    """Where a chain ends: how many rows are in their place, the number and the hash of the last.

    `known` are the numbers of rows that are not as they should be and that the operator knows of; none is shown for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int
    number: int
    last: str
    known: tuple[int, ...] = ()


class Head(BaseModel):
    """A head. `before` is the digest of the head before it; `why` stands in one that does not go on from that.

    Anybody can check `signature`: Ed25519, in hex, by `public_key`, over this JSON without the signature, its keys in
    order and no space between.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_at: datetime
    mode: str
    chains: Mapping[str, End]
    before: str = FIRST
    why: str = ""
    public_key: str
    signature: str = ""

    @classmethod
    def signed(
        cls, keys: LedgerKeys, made_at: datetime, mode: str, chains: Mapping[str, End], before: str, why: str = ""
    ) -> Self:
        """A head, signed with the newest key."""
        key = keys.public_keys[0]
        head = cls(made_at=made_at, mode=mode, chains=chains, before=before, why=why, public_key=key)
        return head.model_copy(update={"signature": keys.sign(head.body())})

    @classmethod
    def read(cls, text: str, keys: LedgerKeys) -> Self:
        """A head as somebody kept it. Raises BrokenHead."""
        try:
            head = cls.model_validate_json(text)
        except ValidationError as error:
            raise BrokenHead("this file is not a head of the ledger") from error
        if head.public_key not in keys.public_keys:
            raise BrokenHead("this head was signed with a key that is not among KNOW_LEDGER_KEYS")
        if not signed_by(head.public_key, head.signature, head.body()):
            raise BrokenHead("this head was altered after it was signed")
        return head

    def body(self) -> str:
        """What is signed."""
        said = self.model_dump(mode="json", exclude={"signature"})
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 of what is signed, as hex."""
        return hashlib.sha256(self.body().encode()).hexdigest()


class HeadFolder:
    """The folder of heads: one file each, written whole or not at all, never changed after."""

    def __init__(self, folder: Path, keys: LedgerKeys) -> None:
        self.folder, self.keys = folder, keys

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The folder that these settings name."""
        return cls(settings.heads_in, LedgerKeys.of(settings))

    def newest(self) -> Head | None:
        """The head made last; None where there was never one. Raises BrokenHead, and OSError."""
        files = sorted(self.folder.glob("head-*.json")) if self.folder.is_dir() else []
        return Head.read(files[-1].read_text("utf-8"), self.keys) if files else None

    @property
    def people_marked(self) -> bool:
        """True once the accounts of before marks were given theirs."""
        return (self.folder / _PEOPLE_MARKED).is_file()

    def say_people_marked(self, now: datetime) -> None:
        """Writes down that it was done: whatever the database says, it is not done by itself again. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.put(self.folder / _PEOPLE_MARKED, f"{now.astimezone(UTC).isoformat()}\n".encode())

    def keep(self, head: Head) -> Path:
        """Writes a head down, for anybody on this machine to read. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"head-{head.made_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}.json"
        self.put(file, (head.model_dump_json(indent=1) + "\n").encode())
        return file

    def put(self, file: Path, what: bytes) -> None:
        """Writes a file so that nobody ever sees half of it, even when the power fails."""
        half = file.with_suffix(f".{token_hex(4)}.half")
        try:
            with half.open("xb") as out:
                out.write(what)
                out.flush()
                os.fsync(out.fileno())
            half.chmod(0o644)
            half.replace(file)
        finally:
            half.unlink(missing_ok=True)
