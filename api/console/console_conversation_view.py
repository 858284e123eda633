"""A talk as its page shows it: each line and where it is, what the child sent along, and who else reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from accessibility.rule_finding import LEVELS, Level
from api.console.call_view import reach_of
from api.console.console_door import ConsoleDoor, ours
from api.console.conversation_sidebar import THE_CHILD, Now, around
from api.console.danger_view import Danger, danger_of
from api.console.plain_labels import OUTCOMES, due_words, length, when
from api.console.queue_view import force_name, safe_time
from api.records.handovers.advocates import Advocate
from api.records.handovers.claims import may_read, watching
from api.records.handovers.conversation import lines_since
from api.records.handovers.message_cipher import OpenedMessage, Sent, opened
from api.records.handovers.message_reading import ExplainedMessage
from api.records.handovers.opening_hours import uk
from api.records.handovers.status import names_of
from api.records.handovers.tables import Handover
from content.pack import Pack
from content.passport import PassportSentence, passport

NOT_YET = "Not on their page yet."
STILL_YOURS = "You can still change it."
ON_PAGE = "On their page."
_HAPPENED: Mapping[str, str] = MappingProxyType(
    {
        "claimed": "{who} took this talk. The child was told the name.",
        "let-go": "It went back in line. The child was told that we look for somebody else.",
        "transferred": "It was passed to {who}. The child was told.",
        "watched": "{who} watches. The child was told.",
        "unwatched": "{who} stopped watching. The child was told.",
        "wants-call": "The child asked for a call.",
        "wants-here": "The child waits on their page.",
        "tried-to-call": "{who} tried to call.",
        "closed-by-child": "The child ended the talk.",
        "closed-by-advocate": "The talk was closed. The child was told.",
        "closed-by-clock": "The talk ended by itself.",
    }
)
Stand = Literal["mine", "watched"]
"""Why an advocate may read a talk: it is theirs, or they watch it and the child was told."""


class WithAnotherAdvocate(Exception):
    """Somebody of the provider asks, who may know of this handover and read none of its words. `who` has it, if any."""

    def __init__(self, handover: Handover, who: str) -> None:
        super().__init__(who)
        self.ref, self.state, self.who = handover.ref, handover.state, who


@dataclass(frozen=True)
class ConversationLine:
    """One line: who it is `by`, what `happened` where it is of the house, and where one of an advocate's is."""

    shown: ExplainedMessage
    by: str
    at: str
    happened: str = ""
    delivery: str = ""
    changeable: bool = False

    @property
    def line(self) -> OpenedMessage:
        """The message itself."""
        return self.shown.line


@dataclass(frozen=True)
class ConversationPage:
    """A talk and everything that its page says of it. `cards` are those the child ticked, by key, with their names.

    `passport` are the sentences on how to talk with them that they sent along. `reach` is how to reach the worker who
    asked with them, "" where there is none or nothing was given.

    `asked` and `waited` say when the child asked and how long until somebody came. `on_register` is True for a force
    that the public register shows; `outcome` and `words_until` are of a closed talk.
    """

    handover: Handover
    stand: Stand
    sent: Sent
    name: str
    level: Level
    force: str
    on_register: bool
    cards: Mapping[str, str]
    passport: Sequence[PassportSentence]
    reach: str
    asked: str
    waited: str
    due: str
    outcome: str
    words_until: date | None
    turns: Sequence[ConversationLine]
    now: Now
    danger: Danger | None

    @property
    def writes(self) -> bool:
        """True while this advocate may write in it."""
        return self.stand == "mine" and self.handover.closed_at is None


async def readable(session: AsyncSession, advocate: Advocate, ref: str) -> tuple[Handover, Stand]:
    """A handover whose words this advocate may read, and why. Raises Elsewhere, and Problem 404 for other providers."""
    handover = await ours(session, advocate, ref)
    watches = advocate.supervisor and await watching(session, handover, advocate.id)
    if not may_read(advocate, handover, watches=watches):
        names = await names_of(session, (handover.claimed_by,))
        raise WithAnotherAdvocate(handover, names.get(handover.claimed_by or 0, ""))
    return handover, "mine" if handover.claimed_by == advocate.id else "watched"


async def talk_of(session: AsyncSession, console: ConsoleDoor, advocate: Advocate, ref: str) -> ConversationPage:
    """The talk, for whoever may read it. Raises as `readable` does."""
    handover, stand = await readable(session, advocate, ref)
    sent, now = console.handover_context.message_cipher.sent(handover), console.now()
    level, pack = level_of(handover), pack_of(console, handover)
    named = {key: pack.card(key, console.pack_cache.today()) for key in sent.cards}
    return ConversationPage(
        handover=handover,
        stand=stand,
        sent=sent,
        name=sent.name or THE_CHILD,
        level=level,
        force=force_name(console, handover),
        on_register=_on_register(console, handover),
        cards={key: card.words.levels[level].question if card else key for key, card in named.items()},
        passport=passport().picked(sent.passport),
        reach=reach_of(sent.worker),
        asked=when(handover.asked_at, now),
        waited=length((handover.claimed_at or now) - handover.asked_at),
        due=due_words(safe_time(handover), now) if handover.wants == "call-back" else "",
        outcome=OUTCOMES.get(handover.outcome, "") if handover.outcome else "",
        words_until=uk(handover.purge_at).date() if handover.purge_at else None,
        turns=await turns_since(session, console, advocate, handover, 0),
        now=await around(session, console, advocate, handover),
        danger=await danger_of(session, console, advocate, handover),
    )


async def turns_since(
    session: AsyncSession, console: ConsoleDoor, advocate: Advocate, handover: Handover, after: int
) -> Sequence[ConversationLine]:
    """The lines that came or changed after a change, in the order of the talk."""
    lines = opened(console.handover_context.message_cipher, await lines_since(session, handover, after))
    names = await names_of(session, (line.account_id for line in lines))
    pack, level, today = pack_of(console, handover), level_of(handover), console.pack_cache.today()
    child = console.handover_context.message_cipher.sent(handover).name or THE_CHILD
    writes = handover.claimed_by == advocate.id and handover.closed_at is None
    return [
        _turn(
            ExplainedMessage.of(line, level, pack, console.renderer, today),
            advocate,
            names,
            child,
            when(line.at, console.now()),
            writes=writes,
        )
        for line in lines
    ]


def level_of(handover: Handover) -> Level:
    """How the child likes to read."""
    return handover.level if handover.level in LEVELS else LEVELS[1]


def pack_of(console: ConsoleDoor, handover: Handover) -> Pack:
    """The signed words of the child's force."""
    return console.pack_cache.pack(handover.force if handover.force in console.pack_cache.forces else None)


def _on_register(console: ConsoleDoor, handover: Handover) -> bool:
    force = console.pack_cache.forces.get(handover.force)
    return force is not None and force.kind != "hand-over"


def _turn(
    shown: ExplainedMessage, advocate: Advocate, names: Mapping[int, str], child: str, at: str, *, writes: bool
) -> ConversationLine:
    line = shown.line
    if line.writer == "house":
        return ConversationLine(shown, "", at, _HAPPENED.get(line.kind, line.kind).format(who=line.said.who))
    if line.writer == "child":
        return ConversationLine(shown, child, at)
    mine = line.account_id == advocate.id
    # A card is sent as it is signed: there is nothing in it to change.
    changeable = mine and writes and not line.fetched and line.said.card is None
    delivery = ON_PAGE if line.fetched else f"{NOT_YET} {STILL_YOURS}" if changeable else NOT_YET
    return ConversationLine(shown, "You" if mine else names.get(line.account_id or 0, ""), at, "", delivery, changeable)
