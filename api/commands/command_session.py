"""One piece of work from the command line: a transaction, who did it, and errors that say what to do next."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.records.accounts import Account
from api.records.credentials import account_with
from api.records.people import Mistaken, address, operator
from api.web.database import Database
from api.web.settings import settings
from content.review import Actor, NotAllowed

Done = TypeVar("Done")


def work(act: Callable[[AsyncSession], Awaitable[Done]]) -> Done:
    """Does something in one transaction. Ends the command with one clear line when it may not or cannot be done."""

    async def in_one(database: Database) -> Done:
        async with database.begin() as session:
            return await act(session)

    return work_over(in_one)


def work_over(act: Callable[[Database], Awaitable[Done]]) -> Done:
    """The same for what begins its own transactions."""
    try:
        return asyncio.run(with_database(act))
    except (NotAllowed, Mistaken) as error:
        typer.echo(f"Not done: {error}", err=True)
    except (SQLAlchemyError, OSError) as error:
        typer.echo(
            f"Not done: the database cannot be used ({type(error).__name__}). Is DATABASE_URL right? "
            "A new database needs: python -m api prepare",
            err=True,
        )
    raise typer.Exit(1)


def me() -> Actor:
    """Whoever runs this command, as the audit log names them."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        # In a container a user may have a number and no name.
        name = f"user {os.getuid()}"
    return operator(name)


async def account_of(session: AsyncSession, email: str) -> Account:
    """The account of an e-mail address. Raises Mistaken for one that nobody has."""
    found = await account_with(session, address(email))
    if found is None:
        here = "See who is here: python -m api people list. Was an account altered? python -m api ledger verify"
        raise Mistaken({"email": f"Nobody has the e-mail address {email}. {here}"})
    return found


async def with_database(act: Callable[[Database], Awaitable[Done]]) -> Done:
    """Does something with the database of the settings. Raises what the database raises, also where there is none."""
    database = Database(settings())
    try:
        # SQLite would make an empty file where there is none.
        database.must_exist()
        return await act(database)
    finally:
        await database.close()
