"""The post: one letter to one person, in plain text, through the mail server that the settings name."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as LINES
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from api.web.settings import Settings

Sealing = Literal["from-the-start", "before-anything-is-said", "none"]
"""How the line to a mail server is encrypted: TLS, STARTTLS or the letter stays, or not (on this machine only)."""

LONGEST_SECONDS = 30.0
"""How long one letter may take, from reaching for the server until the server has it."""
_QUIT_SECONDS = 2.0
_ENCODED_WORD = "=?"
_OWN_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS = {"smtp": 587, "smtps": 465}
_PRACTICE = "This letter comes from a practice version. The forces and signatures in it may be invented."


class NotPosted(Exception):
    """The mail server does not have this letter. The message says why, in words for the desk, without secrets."""


@dataclass(frozen=True)
class MailServer:
    """Where letters go out, and from whom. `trust` is how the server proves its name."""

    host: str
    port: int
    sealing: Sealing
    sender: str
    trust: ssl.SSLContext
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    practice: bool = False
    seconds: float = LONGEST_SECONDS

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The mail server of these settings; None where they name none."""
        if not settings.smtp_url or not settings.mail_from:
            return None
        url = urlsplit(settings.smtp_url.get_secret_value())
        host = url.hostname or ""
        plain: Sealing = "none" if host in _OWN_MACHINE else "before-anything-is-said"
        return cls(
            host,
            url.port or _PORTS[url.scheme],
            "from-the-start" if url.scheme == "smtps" else plain,
            settings.mail_from,
            ssl.create_default_context(),
            unquote(url.username) if url.username else None,
            unquote(url.password) if url.password else None,
            settings.practice,
        )

    @property
    def own_domain(self) -> str:
        """The domain that letters come from."""
        return self.sender.partition("@")[2]

    def written(self, email: str, subject: str, body: str, name: str, at: datetime) -> EmailMessage:
        """A letter as it goes out. `name` is the letter's own: sent twice, it carries the same Message-ID.

        Raises NotPosted when the address or the subject cannot stand in a header: nobody adds a header of their own.
        """
        letter = EmailMessage(policy=LINES)
        text = f"{body.rstrip()}\n\n{_PRACTICE}\n" if self.practice else body
        try:
            # An encoded word may hold a new line that is not to be seen in it. We write none ourselves.
            if not subject.isprintable() or _ENCODED_WORD in subject + email:
                raise ValueError(subject)
            if not email.isprintable() or len(email.split()) != 1:
                raise ValueError(email)
            letter["From"] = Address("In the Know", addr_spec=self.sender)
            letter["To"] = Address(addr_spec=email)
            letter["Subject"] = subject
            # Of 7 bits, so that every server can pass it on as it is.
            letter.set_content(text, charset="utf-8", cte="quoted-printable")
        except (ValueError, IndexError, MessageError):
            raise NotPosted("No letter can be written to this address, or with this subject.") from None
        letter["Date"] = at
        letter["Message-ID"] = f"<letter.{name}@{self.own_domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        return letter

    async def send(self, email: str, subject: str, body: str, name: str, at: datetime) -> None:
        """Sends one letter. Returns once the server has taken it over; raises NotPosted otherwise."""
        letter = self.written(email, subject, body, name, at)
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.sealing == "from-the-start",
            start_tls=self.sealing == "before-anything-is-said",
            tls_context=self.trust,
            username=self.user,
            password=self.password,
            local_hostname=self.own_domain,
            timeout=self.seconds,
        )
        try:
            async with asyncio.timeout(self.seconds):
                await client.connect()
                await client.send_message(letter, sender=self.sender, recipients=[email])
            # The server has it: how the talk ends must not have the letter sent again.
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit(timeout=_QUIT_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever it is, the letter is not sent and somebody must be told
            # Its text may hold what the server was told, a password among it, so only its kind is kept.
            raise NotPosted(_in_words(error)) from None
        finally:
            client.close()


def _in_words(error: Exception) -> str:
    """Why a letter was not sent, for people who run no mail server."""
    code = f" (code {error.code})" if isinstance(error, aiosmtplib.SMTPResponseException) else ""
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            return f"The mail server did not accept our name and password{code}."
        case aiosmtplib.SMTPRecipientsRefused(recipients=[first, *_]):
            return f"The mail server refused this address (code {first.code})."
        case aiosmtplib.SMTPSenderRefused():
            return f"The mail server does not let us send from our address{code}."
        case _ if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
            return "The mail server could not prove that it is the one we know."
        case TimeoutError():
            return "The mail server did not answer in time."
        case aiosmtplib.SMTPServerDisconnected():
            return "The mail server broke off before it had the letter."
        case aiosmtplib.SMTPResponseException():
            return f"The mail server refused the letter{code}."
        case OSError():
            return "The mail server could not be reached."
        case aiosmtplib.SMTPException():
            return "The mail server does not offer what we need: an encrypted line, signing in or this kind of address."
        case _:
            return f"Something went wrong here while sending ({type(error).__name__})."
