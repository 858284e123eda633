"""Source checks: what was found at each source of the cards when it was last fetched, and which cards are outdated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.web.column_types import Flag, Moment
from api.web.database import Base, inserting
from content.cited_section import RULES, Section
from content.cited_sources import Citation, CitedSource

Outcome = Literal["read", "moved", "gone", "forbidden", "not-text", "too-large", "unreadable", "refused", "away"]
"""How a fetch ended. moved: read, at an address that is its own now. forbidden: robots.txt asks us not to. refused: we
do not go there, as it may lead into a private network. away: no answer, or an error of theirs; tried again next time.
"""
OUTCOMES: Mapping[Outcome, str] = {
    "read": "read",
    "moved": "moved for good; write the new address in its cards",
    "gone": "gone; find where it is now, or another source",
    "forbidden": "not for programs; read it yourself",
    "not-text": "not text; read it yourself",
    "too-large": "too long to compare; read it yourself",
    "unreadable": "cannot be read by a program now; look at it yourself",
    "refused": "we do not go there; look at the address in its cards",
    "away": "did not answer; check again later",
}
"""What each outcome means for whoever looks after the cards."""
_LONGEST_DETAIL = 600


class SourceCheck(Base):
    """One place of one source. `detail` says more of the outcome: where it moved to, or what was wrong.

    `fingerprint` is that of the words as they were last read, at `read_at`, with the validators that a conditional
    request needs. `whole` is True where the place was not found in the text, so all of it is compared. Cards that were
    checked by a person on `outdated_until` or before rest on words that have changed since.
    """

    __tablename__ = "source_check"

    url: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[Outcome]
    detail: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime] = mapped_column(Moment)
    fingerprint: Mapped[str | None] = mapped_column(default=None)
    whole: Mapped[bool] = mapped_column(Flag, default=False)
    read_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    changed_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    outdated_until: Mapped[date | None] = mapped_column(default=None)
    etag: Mapped[str | None] = mapped_column(default=None)
    last_modified: Mapped[str | None] = mapped_column(default=None)


@dataclass(frozen=True)
class Validators:
    """What a site gave with its answer, to ask next time whether it has changed since."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Fetched:
    """A source that was read: the section at each place, or None where the site says that nothing has changed.

    `moved_to` is the address that is the source's own now, where the site says that it moved for good.
    """

    sections: Mapping[str, Section] | None
    moved_to: str | None = None
    validators: Validators = Validators()


@dataclass(frozen=True)
class NotFetched:
    """A source that could not be read: how it ended, and why in plain words."""

    outcome: Outcome
    detail: str


Checks = Mapping[tuple[str, str], SourceCheck]
"""What is known, by web address and place."""


async def source_checks(session: AsyncSession) -> Checks:
    """Everything that is known of the sources."""
    return {(row.url, row.place): row for row in await session.scalars(select(SourceCheck))}


async def keep_check(session: AsyncSession, source: CitedSource, found: Fetched | NotFetched, now: datetime) -> None:
    """Writes down what was found at a source, for every place that the cards cite."""
    for place in source.places:
        # Another check may be writing the same row.
        new = {"url": source.url, "place": place, "outcome": "read", "detail": "", "checked_at": now, "whole": False}
        await session.execute(inserting(session, SourceCheck).values(new).on_conflict_do_nothing())
        row = await session.get_one(SourceCheck, (source.url, place), with_for_update=True)
        row.checked_at = now
        if isinstance(found, NotFetched):
            row.outcome, row.detail = found.outcome, found.detail[:_LONGEST_DETAIL]
            continue
        row.outcome, row.detail = ("moved", found.moved_to[:_LONGEST_DETAIL]) if found.moved_to else ("read", "")
        row.read_at = now
        if found.sections is not None:
            _keep_section(row, source, found.sections[place], now)
            row.etag, row.last_modified = found.validators.etag, found.validators.last_modified


def _keep_section(row: SourceCheck, source: CitedSource, section: Section, now: datetime) -> None:
    if _comparable(row) and row.fingerprint != section.fingerprint:
        row.changed_at = now
        # A card may be read again today, after the change; one that was read today before it cannot be told from that.
        read = max(one.source.checked for one in source.citations if one.source.place == row.place)
        row.outdated_until = max(now.date() - timedelta(days=1), min(read, now.date()))
    row.fingerprint, row.whole = section.fingerprint, section.whole


def validators_of(checks: Checks, source: CitedSource) -> Validators:
    """What to ask a site with. Empty unless every place of the source was read by the rules of now."""
    rows = [checks.get((source.url, place)) for place in source.places]
    found = {Validators(row.etag, row.last_modified) for row in rows if row and _comparable(row)}
    return found.pop() if len(found) == 1 and all(row and _comparable(row) for row in rows) else Validators()


def _comparable(row: SourceCheck) -> bool:
    return bool(row.fingerprint and row.fingerprint.startswith(f"{RULES}-"))


def is_due(checks: Checks, source: CitedSource, before: datetime) -> bool:
    """True for a source with a place that was not looked at since `before`, or that did not answer then."""
    rows = [checks.get((source.url, place)) for place in source.places]
    return any(row is None or row.outcome == "away" or row.checked_at <= before for row in rows)


def outdated(checks: Checks, source: CitedSource) -> Sequence[Citation]:
    """The citations that were checked by a person before the words at their place changed."""
    return [one for one in source.citations if _is_outdated(checks.get((source.url, one.source.place)), one)]


def outdated_cards(checks: Checks, source: CitedSource) -> tuple[str, ...]:
    """The keys of the cards that rest on words of this source that have changed since they were read for them."""
    return tuple(sorted({citation.card for citation in outdated(checks, source)}))


def _is_outdated(row: SourceCheck | None, citation: Citation) -> bool:
    return bool(row and row.outdated_until and citation.source.checked <= row.outdated_until)
