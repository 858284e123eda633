"""A timestamp of each head, from a server on this machine that OpenSSL answers for; a failure stops nothing."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from api.records.heads import End, Head, HeadFolder
from api.records.timestamps import Timestamps
from api.web.clock import utc_now
from api.web.ledger_keys import LedgerKeys
from tests.conftest import settings_for, started
from tests.own_database import sqlite_copy

CONFIG = """
[ tsa ]
default_tsa = one
[ one ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""
MAKE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -days 2 -subj /CN=invented "
    "-addext extendedKeyUsage=critical,timeStamping"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an authority that signs timestamps."""
    folder = tmp_path_factory.mktemp("tsa")
    subprocess.run(MAKE.split(), cwd=folder, check=True, capture_output=True)
    (folder / "serial").write_text("01")
    (folder / "tsa.conf").write_text(CONFIG.format(folder=folder))
    return folder


def ran(words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words.split(), cwd=folder, capture_output=True, text=True, check=False)


def query_of_something_else(folder: Path) -> bytes:
    (folder / "other").write_text("other")
    assert ran("openssl ts -query -data other -sha512 -out other.tsq", folder).returncode == 0
    return (folder / "other.tsq").read_bytes()


@asynccontextmanager
async def serving(authority: Path, folder: Path, *, of_what: bytes | None = None) -> AsyncIterator[str]:
    """The address of a server that answers for it. With `of_what` it always stamps that query instead."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split()[0])
        (folder / "query.tsq").write_bytes(of_what or await reader.readexactly(length))
        how = f"openssl ts -reply -config {authority}/tsa.conf -section one -queryfile query.tsq -out reply.tsr"
        process = await asyncio.create_subprocess_exec(*how.split(), cwd=folder, stderr=subprocess.DEVNULL)
        await process.wait()
        body = (folder / "reply.tsr").read_bytes()
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest.fixture
def folder(tmp_path: Path) -> HeadFolder:
    return HeadFolder(tmp_path / "heads", LedgerKeys(("a key",)))


def a_head(folder: HeadFolder) -> tuple[Head, Path]:
    end = End(count=3, number=3, last="f" * 64)
    head = Head.signed(folder.keys, utc_now(), "practice", {"ledger": end}, "0" * 64)
    return head, folder.keep(head)


async def test_a_head_is_stamped_and_openssl_says_that_it_is_right(
    authority: Path, tmp_path: Path, folder: HeadFolder
) -> None:
    head, file = a_head(folder)
    async with serving(authority, tmp_path) as url:
        await Timestamps(url, folder).stamp(head, file)
    (tmp_path / "said").write_text(head.body())
    check = f"openssl ts -verify -data said -in {file.with_suffix('.tsr')} -CAfile {authority}/tsa.pem"
    told = ran(check, tmp_path)
    assert "Verification: OK" in told.stdout, told.stderr
    (tmp_path / "said").write_text(head.body() + " ")
    told = ran(check, tmp_path)
    assert told.returncode != 0


async def test_a_timestamp_of_something_else_is_not_kept(authority: Path, tmp_path: Path, folder: HeadFolder) -> None:
    head, file = a_head(folder)
    async with serving(authority, tmp_path, of_what=query_of_something_else(tmp_path)) as url:
        await Timestamps(url, folder).stamp(head, file)
    assert not file.with_suffix(".tsr").exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "nonsense", "http://[::"])
async def test_a_server_that_is_away_stops_nothing(
    folder: HeadFolder, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    head, file = a_head(folder)
    await Timestamps(url, folder).stamp(head, file)
    assert "this head has no timestamp" in caplog.text
    assert folder.newest() == head


async def test_a_service_stamps_each_head_that_it_makes(authority: Path, sqlite_url: str, tmp_path: Path) -> None:
    async with serving(authority, tmp_path) as url:
        chosen = settings_for(sqlite_copy(sqlite_url, tmp_path), timestamp_url=url)
        async with started(chosen):
            for _ in range(1_000):
                if list(chosen.heads_in.glob("*.tsr")):
                    return
                await asyncio.sleep(0.02)
    raise AssertionError("no timestamp in 20 s")
