"""Migrations: brings the tables up to date, as `python -m api.web.migrate`, so that serving never loads the tool."""

from pathlib import Path

import sqlalchemy as sa
import typer
from alembic import command, op
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from api.web.database import owner_only
from api.web.settings import Settings, settings

MIGRATIONS = Path(__file__).parents[1] / "records" / "migrations"


def migrate(settings: Settings) -> None:
    """Brings the tables up to date with this release."""
    if settings.sqlite_file:
        settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        owner_only(settings.sqlite_file)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = settings.database_url
    command.upgrade(config, "head")


class StillKept(CommandError):
    """A step back would throw away what is kept for good. The message names the table."""


def must_be_empty(*tables: str) -> None:
    """For a migration's step back: raises StillKept when one of these tables holds a row, before anything is dropped.

    What children were shown, what was done at the desk and what advocates wrote down cannot be had again.
    """
    for table in tables:
        if op.get_bind().scalar(sa.select(sa.exists(sa.select(sa.text("1")).select_from(sa.table(table))))):
            raise StillKept(
                f'the table "{table}" holds rows that are kept for good: put back a copy from before instead'
            )


def main() -> None:
    """Migrates the database of this environment; what cannot be done ends in one clear line and with 1."""
    try:
        migrate(settings())
    except ValueError as error:
        _end(" ".join(str(error).split()))
    except CommandError as error:
        _end(f"the tables cannot be brought up to date: {error}. Is this database of a newer release?")
    except (SQLAlchemyError, OSError) as error:
        _end(f"the database cannot be used ({type(error).__name__}). Is DATABASE_URL right?")


def _end(why: str) -> None:
    typer.echo(f"Cannot start: {why}", err=True)
    raise SystemExit(1) from None


if __name__ == "__main__":
    main()
