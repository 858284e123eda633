"""Settings: one frozen object, read from the environment once; the README lists every one."""

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_DEVELOPMENT_SECRET = "for practice only, never for real children"  # noqa: S105 - refused outside practice mode
_SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """What the operator decides. Names in the environment carry the prefix KNOW_, save DATABASE_URL.

    Raises ValueError at start when a live installation lacks a secret of its own.
    """

    model_config = SettingsConfigDict(env_prefix="KNOW_", frozen=True, extra="ignore")

    mode: Literal["practice", "live"] = "practice"
    secret: SecretStr = SecretStr(_DEVELOPMENT_SECRET)
    database_url: str = Field("sqlite+aiosqlite:///var/know.db", validation_alias="DATABASE_URL")
    host: str = "127.0.0.1"
    port: int = 8000
    bot_url: str = "http://127.0.0.1:5005"
    bot_token: SecretStr = SecretStr("")
    bot_seconds: float = Field(1.5, gt=0, le=5)
    leave_to: str = "https://www.bbc.co.uk/weather"
    chat_hours: int = Field(24, ge=1, le=72)

    @property
    def practice(self) -> bool:
        """True while the sign-offs are by invented people: every page then says so."""
        return self.mode == "practice"

    @property
    def sqlite_file(self) -> Path | None:
        """The database file, when the database is one."""
        _, sign, path = self.database_url.partition("sqlite+aiosqlite:///")
        return Path(path) if sign else None

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


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
