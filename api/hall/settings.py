"""Settings: one frozen object, read from the environment once; the README lists every one."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from authlib.common.security import is_secure_transport
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_DEVELOPMENT_SECRET = "for practice only, never for real children"  # noqa: S105 - refused outside practice mode
_SHORTEST_SECRET = 32
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
    database_url: str = Field("sqlite+aiosqlite:///var/know.db", validation_alias="DATABASE_URL")
    host: str = "127.0.0.1"
    port: int = 8000
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
    oidc: Mapping[str, OwnSignIn] = {}

    @field_validator("public_url")
    @classmethod
    def _without_last_slash(cls, url: str) -> str:
        return url.rstrip("/")

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
    def keys(self) -> tuple[str, ...]:
        """What everything sealed is sealed with, newest first: the sealing keys, then KNOW_SECRET."""
        return (*self._sealing_keys, self.secret.get_secret_value())

    @property
    def _sealing_keys(self) -> list[str]:
        given = self.sealing_keys.get_secret_value().strip() if self.sealing_keys else ""
        return [key.strip() for key in given.split(",")] if given else []

    @model_validator(mode="after")
    def _keys_cannot_be_guessed(self) -> Self:
        if any(len(key) < _SHORTEST_SECRET for key in self._sealing_keys):
            raise ValueError("each key in KNOW_SEALING_KEYS needs at least 32 characters, with a comma between keys")
        return self

    @model_validator(mode="after")
    def _own_secret_when_live(self) -> Self:
        secret = self.secret.get_secret_value()
        if not self.practice and (secret == _DEVELOPMENT_SECRET or len(secret) < _SHORTEST_SECRET):
            raise ValueError("KNOW_SECRET must be your own, at least 32 characters, when KNOW_MODE is live")
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
