"""Settings: one frozen object, read from the environment once; docs/running.md lists every one."""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from authlib.common.security import is_secure_transport
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from zxcvbn import zxcvbn

_DEVELOPMENT_SECRET = "for practice only, never for real children"  # noqa: S105 - refused outside practice mode
_SHORTEST_SECRET = 32
# 80 bits: more guesses than anybody can make. A secret of random letters has far more, "aaaa..." has 9.
_FEWEST_GUESSES_LOG10 = 24
# zxcvbn judges no more than this.
_LONGEST_JUDGED = 72
_MAKE_ONE = "Make one, for example: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
_EVERYBODY = ip_network("0.0.0.0/0")
_ADDRESS = r"[a-zA-Z0-9._+-]+@[a-zA-Z0-9.-]+"


class OwnSignIn(BaseModel):
    """A force's own sign-in by OpenID Connect: who issues its tokens, and how that force knows us."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    client_id: str
    client_secret: SecretStr

    @field_validator("issuer")
    @classmethod
    def _cannot_be_overheard(cls, issuer: str) -> str:
        if not is_secure_transport(issuer):
            raise ValueError("write each issuer in KNOW_OIDC as https://...")
        return issuer


class Settings(BaseSettings):
    """What the operator decides. Names in the environment carry the prefix KNOW_, save DATABASE_URL.

    Raises ValueError at start when a live installation lacks a secret of its own, or letters could not be sent safely.
    """

    # What was typed is not shown in an error: it may be a password.
    model_config = SettingsConfigDict(env_prefix="KNOW_", frozen=True, extra="ignore", hide_input_in_errors=True)

    mode: Literal["practice", "live"] = "practice"
    secret: SecretStr = SecretStr(_DEVELOPMENT_SECRET)
    sealing_keys: SecretStr | None = None
    ledger_keys: SecretStr | None = None
    heads_folder: Path | None = None
    timestamp_url: str | None = None
    database_url: str = Field("sqlite+aiosqlite:///var/know.db", validation_alias="DATABASE_URL")
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    bot_url: str = "http://127.0.0.1:5005"
    bot_token: SecretStr = SecretStr("")
    bot_seconds: float = Field(1.5, gt=0, le=5)
    leave_to: str = "https://www.bbc.co.uk/weather"
    chat_hours: int = Field(24, ge=1, le=72)
    shared_minutes: int = Field(5, ge=2, le=60)
    sound: Literal["ahead", "asked", "off"] = "ahead"
    sound_folder: Path | None = None
    public_url: str = "http://127.0.0.1:8000"
    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    contact: str | None = None
    oidc: Mapping[str, OwnSignIn] = {}

    @field_validator("public_url")
    @classmethod
    def _without_last_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("contact")
    @classmethod
    def _fits_in_a_header(cls, contact: str | None) -> str | None:
        if contact and not re.fullmatch(rf"{_ADDRESS}|https://[!-'*-~]+", contact):
            raise ValueError("write KNOW_CONTACT as an e-mail address, or as https://... where people find you")
        return contact or None

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _only_our_own_proxies(cls, written: object) -> object:
        if not isinstance(written, str):
            return written
        try:
            networks = tuple(ip_network(one.strip()) for one in written.split(",") if one.strip())
        except ValueError:
            networks = (_EVERYBODY,)
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("write KNOW_TRUSTED_PROXIES as networks of your own proxies, as 10.0.0.0/8, 127.0.0.1")
        return networks

    @property
    def practice(self) -> bool:
        """True while the sign-offs are by invented people: every page then says so."""
        return self.mode == "practice"

    @property
    def sqlite_file(self) -> Path | None:
        """The database file, when the database is one."""
        _, sign, path = self.database_url.partition("sqlite+aiosqlite:///")
        return Path(path) if sign else None

    @property
    def sounds_in(self) -> Path:
        """The folder of sounds that were made: as set, else beside the database's file."""
        return self.sound_folder or (self.sqlite_file or Path("var/know.db")).parent / "sound"

    @property
    def passkey_host(self) -> str | None:
        """The name that passkeys are made for, that of KNOW_PUBLIC_URL; None where browsers make none.

        They do for a name, and not for a number, reached by https or on this machine itself.
        """
        parts = urlsplit(self.public_url)
        host = parts.hostname or ""
        is_named = not host.replace(".", "").isdecimal() and ":" not in host
        return host if is_named and (parts.scheme == "https" or host == "localhost") else None

    @property
    def keys(self) -> tuple[str, ...]:
        """What everything sealed is sealed with, newest first: the sealing keys, then KNOW_SECRET."""
        return (*_listed(self.sealing_keys), self.secret.get_secret_value())

    @property
    def marking_keys(self) -> tuple[str, ...]:
        """What marks the rows of the ledger, newest first: KNOW_LEDGER_KEYS and nothing else where they are set.

        Whoever reads KNOW_SECRET alone could otherwise still mark rows of their own.
        """
        return tuple(_listed(self.ledger_keys)) or (self.secret.get_secret_value(),)

    @property
    def heads_in(self) -> Path:
        """The folder of the ledger's heads: as set, else beside the database's file, or one for each database."""
        if self.heads_folder or self.sqlite_file:
            return self.heads_folder or (self.sqlite_file or Path()).with_suffix(".heads")
        return Path("var/heads") / (urlsplit(self.database_url).path.strip("/") or "know")

    @model_validator(mode="after")
    def _keys_cannot_be_guessed(self) -> Self:
        for name, given in (("KNOW_SEALING_KEYS", self.sealing_keys), ("KNOW_LEDGER_KEYS", self.ledger_keys)):
            if any(len(key) < _SHORTEST_SECRET for key in _listed(given)):
                raise ValueError(f"each key in {name} needs at least 32 characters, with a comma between keys")
            if not self.practice and any(map(_can_be_guessed, _listed(given))):
                raise ValueError(f"a key in {name} can be guessed. {_MAKE_ONE}")
        return self

    @model_validator(mode="after")
    def _own_secret_when_live(self) -> Self:
        secret = self.secret.get_secret_value()
        if not self.practice and (secret == _DEVELOPMENT_SECRET or len(secret) < _SHORTEST_SECRET):
            raise ValueError("KNOW_SECRET must be your own, at least 32 characters, when KNOW_MODE is live")
        if not self.practice and _can_be_guessed(secret):
            raise ValueError(f"KNOW_SECRET can be guessed. {_MAKE_ONE}")
        return self

    @model_validator(mode="after")
    def _async_driver(self) -> Self:
        if self.database_url.startswith(("postgresql://", "postgres://")):
            raise ValueError("write DATABASE_URL as postgresql+asyncpg://..., so that waiting never stops the talk")
        return self

    @model_validator(mode="after")
    def _letters_can_be_sent_safely(self) -> Self:
        if urlsplit(self.public_url).scheme not in ("http", "https") or not urlsplit(self.public_url).hostname:
            raise ValueError("write KNOW_PUBLIC_URL as https://host, the address that people use")
        if not self.smtp_url:
            return self
        if not _names_a_mail_server(self.smtp_url.get_secret_value()):
            raise ValueError("write KNOW_SMTP_URL as smtp://user:password@host:587 or smtps://user:password@host:465")
        if not self.mail_from or not re.fullmatch(_ADDRESS, self.mail_from):
            raise ValueError("KNOW_MAIL_FROM must be the e-mail address that letters come from")
        if not self.practice and not self.public_url.startswith("https://"):
            raise ValueError("KNOW_PUBLIC_URL must begin with https:// when KNOW_MODE is live and letters are sent")
        return self


def _can_be_guessed(secret: str) -> bool:
    """True for a secret that is long but says little: one letter again and again, a row of keys, a known phrase.

    The one for practice, which anybody can read here, is no better with other capitals and signs around it.
    """
    if _letters_of(_DEVELOPMENT_SECRET) in _letters_of(secret):
        return True
    return float(zxcvbn(secret[:_LONGEST_JUDGED])["guesses_log10"]) < _FEWEST_GUESSES_LOG10


def _letters_of(secret: str) -> str:
    return "".join(filter(str.isalpha, secret.casefold()))


def _listed(given: SecretStr | None) -> list[str]:
    """The keys in a setting, in order."""
    keys = given.get_secret_value().strip() if given else ""
    return [key.strip() for key in keys.split(",")] if keys else []


def _names_a_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # A port that is no number raises. A / ? or # in a password ends the host; it is written %2F, %3F or %23.
        whole = parts.hostname and parts.port != 0 and not parts.path.strip("/") and not (parts.query or parts.fragment)
        return parts.scheme in ("smtp", "smtps") and bool(whole)
    except ValueError:
        return False


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
