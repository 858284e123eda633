"""The ledger, from the command line: walk it, mark it, and begin its heads anew."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from api.commands.command_session import me, with_database
from api.records.all_chains import CHAINS, Chain
from api.records.audit import note
from api.records.chain_marking import Marks, Numbers, Told, keep, look_through
from api.records.chain_verification import Fault, VerifiedChain
from api.records.hash_chain import Chained
from api.records.head_comparison import AllWalked, altered, differs, end_of, head_of, may_go_on, walk_all
from api.records.heads import BrokenHead, Head, HeadFolder
from api.records.marking_people import PEOPLE, Looked, keep_people, look_at_people, look_through_people
from api.web.clock import utc_now
from api.web.database import Database
from api.web.settings import settings
from content.signoff import NATIONAL

commands = typer.Typer(no_args_is_help=True, help="The ledger of signatures.")
out = Console(highlight=False, soft_wrap=True)
Done = TypeVar("Done")
_SAID: Mapping[str, str] = {
    "altered": "was altered after it was {made}",
    "not ours": "carries no mark of this installation",
    "loose": "does not follow the row that stands before it: one is missing there",
}
_MEND = (
    "Put the database back from a copy made before it was altered. Where that cannot be, take out what carries no "
    "mark, sign again what is missing, and then: python -m api ledger anew --why '...'"
)
_MEND_PEOPLE = (
    "Delete what nobody here put in. An account that was altered: put the database back from a copy made before, or, "
    "where what stands in it now is right, for example: python -m api ledger mark --believe account:17"
)
Rows = Annotated[
    list[str] | None,
    typer.Option(help="A row, or from one to another: ledger:17, audit:9-12, account:3. May be repeated."),
]


@commands.command()
def verify(
    head: Annotated[Path | None, typer.Option(help="Compare with a head that somebody else kept.")] = None,
) -> None:
    """Walk all three chains, compare them with the last head, and look at every row that lets people in.

    Ends with 1 when anything is not as it was added.
    """
    folder = _folder()
    try:
        known = Head.read(head.read_text("utf-8"), folder.keys) if head else folder.newest()
    except (BrokenHead, OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the head cannot be used: {error}") from error
    walked, people = _with_database(lambda database: _walk(database, known))
    _tell_of(known)
    for chain, found in walked.items():
        _tell(known, chain, found)
    for name, looked in people.items():
        _tell_of_people(name, looked)
    if altered(known, walked):
        out.print(_MEND)
    if any(looked.altered for looked in people.values()):
        out.print(_MEND_PEOPLE)
    if altered(known, walked) or any(looked.altered for looked in people.values()):
        raise typer.Exit(1)


def _tell_of_people(name: str, looked: Looked) -> None:
    if not looked.altered:
        out.print(f"{name}: {looked.whole} rows, every one as it was written")
    for number in looked.altered:
        out.print(f"{name}: row {number} was altered, or put in by nobody here. It opens nothing.")


def _tell_of(head: Head | None) -> None:
    if head is None:
        out.print("There is no head to compare with: rows cut off at the end cannot be found. Serving makes the first.")
    else:
        out.print(f"Compared with the head of {head.made_at:%Y-%m-%d %H:%M} UTC, signed with {head.public_key}")


def _tell(head: Head | None, chain: Chain, walked: VerifiedChain[Chained]) -> None:
    faults = walked.beyond(end_of(head, chain).known)
    wrong = differs(head, chain, walked)
    if len(faults) < len(walked.faults):
        out.print(f"{chain.name}: {len(walked.faults) - len(faults)} rows are not as they should be, which is known")
    if not faults and not wrong:
        out.print(f"{chain.name}: {walked.count} rows, every one as it was {chain.made}")
    for fault in faults[:1]:
        out.print(f"{chain.name}: {fault.before} rows are as they were {chain.made}, then row {fault.number} is not")
    for fault in faults:
        out.print(f"Row {fault.number} {_SAID[fault.what].format(made=chain.made)}.{_says(chain, fault)}", markup=False)
    if any(fault.what != "loose" for fault in faults):
        out.print(chain.meanwhile)
    if wrong:
        out.print(f"{chain.name}: {wrong}")
    if wrong or any(fault.what == "loose" for fault in faults):
        out.print(chain.cut)


def _says(chain: Chain, fault: Fault[Chained]) -> str:
    return f"\nRow {fault.number} says: {chain.says(fault.row)}." if fault.row is not None else ""


@commands.command()
def mark(believe: Rows = None, leave: Rows = None) -> None:
    """Mark rows that carry no mark of the newest key: those of before the upgrade once, and all when keys change.

    Rows of before the upgrade are walked by their hashes first; where one is altered or does not follow, or one that
    lets people in is not ours, nothing is done until you say for each such row whether it is to be believed (--believe)
    or left as it is (--leave). May be run again at any time.
    """
    folder = _folder()
    try:
        known = folder.newest()
    except (BrokenHead, OSError) as error:
        raise ValueError(f"the last head cannot be used: {error}") from error
    told = _rows(believe), _rows(leave)
    done = _with_database(lambda database: _mark(database, folder, known, *told))
    tell_marks(done)
    if any(marks.refused for marks in done.values()):
        out.print(
            "Nothing was done. Decide on each of these rows with --believe or --leave; python -m api ledger verify"
        )
        out.print("says what stands in them.")
        raise typer.Exit(1)


def tell_marks(done: Mapping[str, Marks]) -> None:
    """Says, by name, what was marked, and which rows are not believed."""
    for name, marks in done.items():
        if marks.new:
            older = f", {marks.older} of them had one of an older key" if marks.older else ""
            out.print(f"{name}: {len(marks.new)} rows were given a mark{older}")
        for number in marks.refused:
            out.print(f"{name}: row {number} is not believed: it was altered, or put in by nobody here")


async def _mark(
    database: Database, folder: HeadFolder, head: Head | None, believe: Told, leave: Told
) -> Mapping[str, Marks]:
    async with database.begin() as session:
        chains = await look_through(session, head, believe, leave)
        people = await look_through_people(session, folder, believe, leave)
        done = {chain.name: marks for chain, marks in chains.items()} | people
        if any(marks.refused for marks in done.values()):
            return {name: Marks(refused=marks.refused) for name, marks in done.items()}
        for chain, marks in chains.items():
            await keep(session, chain, marks)
        await keep_people(session, people)
        count = sum(len(marks.new) for marks in done.values())
        if count:
            await note(session, utc_now(), NATIONAL, me().name, "mark rows", f"{count} rows of ledger and people")
    folder.say_people_marked(utc_now())
    # The next head says that it was done, and is signed with the newest key.
    if count:
        async with database.begin() as session:
            walked = await walk_all(session, head, deep=True)
        if head is None or may_go_on(head, walked):
            folder.keep(head_of(database.keys, utc_now(), settings().mode, head, walked))
    return done


@commands.command()
def anew(why: Annotated[str, typer.Option(help="Why, in words that anybody can read: it stands in the head.")]) -> None:
    """Make a head of what is there now, though rows that the last one counts are missing, or rows are not as they were.

    For after a copy of the database was put back, or where what was lost cannot be had again. What is wrong now is
    known from then on, and is still shown to nobody.
    """
    if not why.strip():
        raise ValueError("say why: it stands in the head, for everybody to read")
    folder = _folder()
    try:
        last = folder.newest()
    except BrokenHead as error:
        out.print(f"The last head cannot be used: {error}.", markup=False)
        last = None
    file = _with_database(lambda database: _anew(database, folder, last, why.strip()))
    out.print(f"A new head: {file}", markup=False)
    out.print("Start each process again, so that none holds words from before.")


async def _anew(database: Database, folder: HeadFolder, last: Head | None, why: str) -> Path:
    async with database.begin() as session:
        await note(session, utc_now(), NATIONAL, me().name, "begin heads anew", why[:255])
    async with database.begin() as session:
        walked = await walk_all(session, None, deep=True)
    return folder.keep(head_of(database.keys, utc_now(), settings().mode, last, walked, why))


def _folder() -> HeadFolder:
    return HeadFolder.of(settings())


def _rows(named: list[str] | None) -> Told:
    """Rows as an operator names them. Raises ValueError for a name that is none."""
    keys = [chain.key for chain in CHAINS] + [str(table.__tablename__) for table in PEOPLE.values()]
    found = dict.fromkeys(keys, Numbers())
    for name in named or []:
        named_so = re.fullmatch(r"([a-z_]+):(\d+)(?:-(\d+))?", name)
        if not named_so or named_so[1] not in found:
            raise ValueError(f"{name} names no row; write {':17, '.join(keys)}:17 or audit:9-12")
        first, last = int(named_so[2]), int(named_so[3] or named_so[2])
        found[named_so[1]] = Numbers((*found[named_so[1]].ranges, range(first, last + 1)))
    return found


async def _walk(database: Database, head: Head | None) -> tuple[AllWalked, Mapping[str, Looked]]:
    async with database.begin() as session:
        return await walk_all(session, head, deep=True), await look_at_people(session)


def _with_database(act: Callable[[Database], Awaitable[Done]]) -> Done:
    """Does something with the database of the settings. Raises ValueError when it cannot be read."""
    try:
        return asyncio.run(with_database(act))
    except (SQLAlchemyError, OSError) as error:
        raise ValueError(f"the ledger cannot be read ({type(error).__name__}); is DATABASE_URL right?") from error
