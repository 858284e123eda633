"""Migrations: brings the tables up to date, as `python -m api.hall.migrating`, so that serving never loads the tool."""

from pathlib import Path

import typer
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from api.hall.settings import Settings, settings

MIGRATIONS = Path(__file__).parents[1] / "records" / "migrations"


def migrate(settings: Settings) -> None:
    """Brings the tables up to date with this release."""
    if settings.sqlite_file:
        settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = settings.database_url
    command.upgrade(config, "head")


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
