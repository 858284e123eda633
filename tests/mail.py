"""What tests of letters may ask for: a mail server that catches them, and some that misbehave."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.bot_process import free_port
from api.web.mail import MailServer

HOST = "127.0.0.1"
SENDER = "desk@know.example"
SERVER = MailServer(HOST, 1, "none", SENDER, ssl.create_default_context(), seconds=5)


@dataclass
class Catcher:
    """Keeps what it is sent, and says what it is told to. `refusals` are answers to a step: {"RCPT": "550 no"}."""

    caught: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    port: int = 0

    @property
    def server(self) -> MailServer:
        """This catcher as letters are sent to it, without encryption."""
        return replace(SERVER, port=self.port)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd asks for this name
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        if "RCPT" not in self.refusals:
            envelope.rcpt_tos.append(address)
        return self.refusals.get("RCPT", "250 OK")

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" not in self.refusals:
            self.envelopes.append(envelope)
            self.caught.append(BytesParser(EmailMessage, policy=default).parsebytes(envelope.content or b""))
        return self.refusals.get("DATA", "250 OK")


@contextmanager
def catching(catcher: Catcher | None = None, **options: Any) -> Iterator[Catcher]:
    """A mail server on loopback that catches letters."""
    catcher = catcher or Catcher()
    catcher.port = catcher.port or free_port()
    controller = Controller(catcher, hostname=HOST, port=catcher.port, **options)
    controller.start()
    try:
        yield catcher
    finally:
        controller.stop()


class OnlyThisPassword:
    """Lets in whoever knows it."""

    def __init__(self, user: str, password: str) -> None:
        self.known = (user.encode(), password.encode())

    def __call__(self, _server: object, _session: object, _envelope: object, _how: object, typed: Any) -> AuthResult:
        return AuthResult(success=(typed.login, typed.password) == self.known, handled=False)


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def misbehaving(script: Script) -> AsyncIterator[MailServer]:
    """A mail server that does what the script says with each connection."""

    async def each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(each, HOST, 0)
    async with listening:
        yield replace(SERVER, port=listening.sockets[0].getsockname()[1], seconds=0.5)


async def hangs(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Takes the connection and says nothing."""
    await reader.read()


async def drops_midway(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Asks for the letter and hangs up."""
    await _talk(reader, writer, until=b"DATA")


async def drops_at_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the letter over and hangs up instead of saying goodbye."""
    await _talk(reader, writer, until=b"DATA")
    await reader.readuntil(b"\r\n.\r\n")
    writer.write(b"250 taken\r\n")
    await writer.drain()
    await reader.readline()


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, until: bytes) -> None:
    writer.write(b"220 here\r\n")
    while line := await reader.readline():
        if line.startswith(until):
            writer.write(b"354 go on\r\n")
            await writer.drain()
            return
        writer.write(b"250 yes\r\n")


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for loopback that was made here: the server's side of it, and that of who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post.know.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(secret + public)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(folder / "server.pem")
    return serving, ssl.create_default_context(cadata=public.decode())
