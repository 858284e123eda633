"""The widget of a force: which sites may show it and how it looks, and the keys that the force's own apps send."""

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Text, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from accessibility.contrast import contrast
from api.records.audit import note
from api.records.force_availability import may_decide
from api.records.people import Mistaken
from api.web.column_types import Moment
from api.web.database import Base
from api.web.pg_listen import ring
from content.review import Actor, NotAllowed

POSITIONS = ("right", "left")
EXIT_KEYS = ("none", "escape")
LANGUAGES = ("en", "cy")
GREETINGS = ("widget_greeting_ask", "widget_greeting_police", "widget_greeting_rights")
"""What the button may say: names of interface strings, so that only vetted words are shown."""
MOST_SITES, MOST_KEYS = 30, 10
EDGE = 3.0
"""The least contrast of a button with the page around it: WCAG 2.2, 1.4.11. Its words are black or white."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_HOST = 253
_OWN_MACHINE = ("localhost", "127.0.0.1")
_NOT_YOURS = "Only the lead of the force, or a national admin, decides this. Ask one of them."


class Embed(Base):
    """How a force embeds the widget, decided once; the newest of a force counts.

    `sites` are the origins, with spaces between, on which it may stand: none means nobody. `exit_key` "escape" says
    that Escape leaves the force's own site, so it never closes the chat. `colour` is "#rrggbb".
    """

    __tablename__ = "embed"

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    sites: Mapped[str] = mapped_column(Text)
    colour: Mapped[str]
    position: Mapped[str]
    greeting: Mapped[str]
    language: Mapped[str]
    exit_key: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)

    @property
    def listed(self) -> tuple[str, ...]:
        """The sites, each as its origin."""
        return tuple(self.sites.split())


class EmbedKey(Base):
    """A key that a force's own apps send. It says whose app it is and is no secret; once ended it is refused."""

    __tablename__ = "embed_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str]
    key: Mapped[str]
    who: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True)
class Looks:
    """How the widget of a force is to be, as typed. `sites` has one a line."""

    sites: str = ""
    colour: str = "#17324d"
    position: str = POSITIONS[0]
    greeting: str = GREETINGS[0]
    language: str = LANGUAGES[0]
    exit_key: str = EXIT_KEYS[0]


async def embeds(session: AsyncSession) -> dict[str, Embed]:
    """What counts now for every force that decided anything, by layer."""
    newest = select(func.max(Embed.id)).group_by(Embed.layer)
    return {row.layer: row for row in await session.scalars(select(Embed).where(Embed.id.in_(newest)))}


async def live_keys(session: AsyncSession) -> dict[str, str]:
    """Every key that is good now, and whose it is."""
    rows = await session.scalars(select(EmbedKey).where(EmbedKey.ended_at.is_(None)))
    return {row.key: row.layer for row in rows}


async def keys_of(session: AsyncSession, layer: str) -> list[EmbedKey]:
    """Every key that a force has had, newest first."""
    return list(await session.scalars(select(EmbedKey).where(EmbedKey.layer == layer).order_by(EmbedKey.id.desc())))


async def embed_of(session: AsyncSession, layer: str) -> Embed | None:
    """What counts now for one force; None while it has decided nothing."""
    return await session.scalar(select(Embed).where(Embed.layer == layer).order_by(Embed.id.desc()).limit(1))


async def decide(
    session: AsyncSession,
    by: Actor,
    layer: str,
    looks: Looks,
    now: datetime,
    *,
    practice: bool,
    seen: int | None = None,
    languages: Collection[str] = LANGUAGES,
) -> None:
    """Decides how the widget of a force is, in one of the `languages` that may be shown.

    `seen` is the id of what counted when whoever decides looked, 0 for nothing; None for a command, which looks at
    nothing. Raises NotAllowed, also when somebody else has decided since, and Mistaken with every fault of what was
    typed.
    """
    _must_decide(by, layer)
    sites, wrong = sites_of(looks.sites, practice=practice)
    faults = ({"sites": wrong} if wrong else {}) | _faults(looks, languages)
    if faults:
        raise Mistaken(faults)
    await note(session, now, layer, by.name, "decide widget", ", ".join(sites) or "no site", by.id or None)
    # After its line of the log nobody else writes at the desk until this ends: what is read now stays true.
    counts = await embed_of(session, layer)
    if seen is not None and counts and counts.id != seen:
        raise NotAllowed([f"{counts.who} decided something else after you opened this page. Look at it, then decide."])
    session.add(
        Embed(
            layer=layer,
            sites=" ".join(sites),
            colour=looks.colour.lower(),
            position=looks.position,
            greeting=looks.greeting,
            language=looks.language,
            exit_key=looks.exit_key,
            who=by.name,
            at=now,
        )
    )
    await ring(session)


async def new_key(session: AsyncSession, by: Actor, layer: str, now: datetime) -> EmbedKey:
    """A new key for a force's own apps. Older ones stay good until they are ended. Raises NotAllowed."""
    _must_decide(by, layer)
    row = EmbedKey(layer=layer, key=f"know_{secrets.token_urlsafe(18)}", who=by.name, made_at=now)
    await note(session, now, layer, by.name, "make key", _end_of(row.key), by.id or None)
    live = [one for one in await keys_of(session, layer) if one.ended_at is None]
    if len(live) >= MOST_KEYS:
        raise NotAllowed([f"There are {MOST_KEYS} live keys already. End one that nobody uses any more."])
    session.add(row)
    await ring(session)
    return row


async def end_key(session: AsyncSession, by: Actor, layer: str, number: int, now: datetime) -> None:
    """Ends a key of a force at once. Raises NotAllowed, also for one that has ended or is another force's."""
    _must_decide(by, layer)
    ended = await session.execute(
        update(EmbedKey)
        .where(EmbedKey.id == number, EmbedKey.layer == layer, EmbedKey.ended_at.is_(None))
        .values(ended_at=now, ended_by=by.name)
        .returning(EmbedKey.key)
    )
    key = ended.scalar_one_or_none()
    if key is None:
        raise NotAllowed(["That key has ended already."])
    await note(session, now, layer, by.name, "end key", _end_of(key), by.id or None)
    await ring(session)


def sites_of(typed: str, *, practice: bool) -> tuple[list[str], str]:
    """The origins that were typed, one a line, each once; and what is wrong with the first that is none, or "".

    `practice` also lets this machine itself be named, over plain http, to try the widget on.
    """
    found = dict[str, None]()
    for line in typed.split():
        origin = _origin(line, practice=practice)
        if origin is None:
            return [], f'"{line[:80]}" is no site. Write it as https://www.example.police.uk, without a page or a *.'
        found[origin] = None
    if len(found) > MOST_SITES:
        return [], f"At most {MOST_SITES} sites can be listed."
    return list(found), ""


def _origin(line: str, *, practice: bool) -> str | None:
    try:
        parts, host = urlsplit(line), (urlsplit(line).hostname or "").encode("idna").decode()
        port = parts.port
    except ValueError:
        return None
    secure = parts.scheme == "https" or (practice and parts.scheme == "http" and host in _OWN_MACHINE)
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
    if not (secure and bare and _HOST.fullmatch(host)) or len(host) > _LONGEST_HOST or port == 0:
        return None
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def _faults(looks: Looks, languages: Collection[str]) -> dict[str, str]:
    choices: Mapping[str, Collection[str]] = {
        "position": POSITIONS,
        "greeting": GREETINGS,
        "language": languages,
        "exit_key": EXIT_KEYS,
    }
    faults = {name: "Choose one of these." for name, known in choices.items() if getattr(looks, name) not in known}
    wrong = _wrong_colour(looks.colour.lower())
    return {**faults, "colour": wrong} if wrong else faults


def _wrong_colour(colour: str) -> str:
    """Why the button cannot have this colour; "" when everybody can see it."""
    if not _COLOUR.fullmatch(colour):
        return "Write the colour as # and six letters or digits, like #17324d."
    edge = contrast(colour, "#ffffff")
    if edge < EDGE:
        return f"On a white page this colour has a contrast of {edge:.1f}; it needs {EDGE:.0f}. Choose a darker one."
    return ""


def _end_of(key: str) -> str:
    """Enough of a key to know it by in the log."""
    return f"...{key[-4:]}"


def _must_decide(by: Actor, layer: str) -> None:
    if not may_decide(by, layer):
        raise NotAllowed([_NOT_YOURS])
