"""Somebody with the disk and the operator's keys: reads a database's files byte by byte, and opens whatever opens."""

import base64
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import text

from api.records.handovers.message_cipher import DATA_KEY
from api.web.database import Database
from api.web.settings import Settings

PURPOSES = ("handover", "concern", DATA_KEY)
_TOKEN = re.compile(rb"gAAAAA[A-Za-z0-9_-]{90,}={0,2}")
_HEX_KEY = re.compile(rb"(?=([0-9a-f]{64}))")
_KEY_BYTES = 32
_AROUND, _BLOCK = 57, 16
"""Bytes of a Fernet token: around its blocks, and in each."""
_ASCII = bytes(range(128))
_TABLES = ("data_key", "handover", "message", "concern")


class Place(Protocol):
    """Where a database is, and the operator's keys."""

    settings: Settings
    database: Database


async def opened_from_files(place: Place, *, vacuum: bool = True) -> str:
    """Every text that opens of all that lies in the files, with the operator's keys and any key found beside it.

    With `vacuum` PostgreSQL has cleared up first, which overwrites some of what was deleted.
    """
    everything, tables = await _files(place, ("VACUUM", "ANALYZE", "CHECKPOINT") if vacuum else ("CHECKPOINT",))
    tokens = {part for match in _TOKEN.finditer(everything) for part in _prefixes(match.group())}
    sealed = [(part, base64.urlsafe_b64decode(part)) for part in sorted(tokens)]
    alone = [_derived(secret, purpose) for secret in place.settings.keys for purpose in PURPOSES]
    opened = set(_all_that_open(sealed, alone))
    found = {bytes.fromhex(one) for one in opened if re.fullmatch("[0-9a-f]{64}", one)} | set(_windows(tables))
    halves = [_derived(key, f"{one}, with another key") for key in place.settings.keys for one in PURPOSES]
    both = (hmac.digest(half, key, "sha256") for key in found for half in halves)
    return "\n".join(opened | set(_all_that_open(sealed, both)))


async def _files(place: Place, steps: Sequence[str]) -> tuple[bytes, bytes]:
    """Every byte of the database's files, and those of the tables that hold what was said. Not PostgreSQL's pg_wal."""
    file = place.settings.sqlite_file
    if file:
        everything = b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
        return everything, everything
    return await _of_postgres(place.database, steps)


async def _of_postgres(database: Database, steps: Sequence[str]) -> tuple[bytes, bytes]:
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for step in steps:
            await connection.execute(text(step))
        oid = "(SELECT oid FROM pg_database WHERE datname = current_database())"
        read = "SELECT name, pg_read_binary_file('base/' || oid || '/' || name) AS bytes"
        found = await connection.execute(
            text(f"{read} FROM (SELECT {oid} AS oid) o, pg_ls_dir('base/' || oid) AS name")
        )
        files = {row.name: bytes(row.bytes) for row in found}
        ours = (
            "SELECT pg_relation_filenode(c.oid)::text FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid"
            " WHERE coalesce(i.indrelid, c.oid) IN"
            " (SELECT unnest(ARRAY[t.oid, t.reltoastrelid]) FROM pg_class t WHERE t.relname = ANY(:tables))"
        )
        numbers = set(await connection.scalars(text(ours), {"tables": list(_TABLES)}))
    tables = b"".join(files[name] for name in sorted(files) if re.split("[_.]", name)[0] in numbers)
    assert tables
    return b"".join(files[name] for name in sorted(files)), tables


def _prefixes(token: bytes) -> Iterator[bytes]:
    """A token has no end that can be seen: what stands behind it in the file may look like more of it."""
    blocks = 1
    while (length := 4 * -(-(_AROUND + _BLOCK * blocks) // 3)) <= len(token):
        yield token[:length]
        blocks += 1


def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(secret.encode())


def _all_that_open(sealed: list[tuple[bytes, bytes]], keys: Iterable[bytes]) -> Iterator[str]:
    """What Fernet opens; its check is made here first, because there are many keys to try."""
    for key in keys:
        for token, raw in sealed:
            if hmac.digest(key[:16], raw[:-32], "sha256") == raw[-32:]:
                yield Fernet(base64.urlsafe_b64encode(key)).decrypt(token).decode()


def _windows(raw: bytes) -> Iterator[bytes]:
    """Every window of the files that could be a key of 32 random bytes, as it is or as hex digits."""
    yield from (bytes.fromhex(match.group(1).decode()) for match in _HEX_KEY.finditer(raw))
    for start in range(len(raw) - _KEY_BYTES):
        window = raw[start : start + _KEY_BYTES]
        # Of 32 random bytes half have the first bit set, and nearly all differ: fewer than these are one in 100,000.
        if not window.isascii() and len(window.translate(None, _ASCII)) > 4 and len(set(window)) > 22:
            yield window
