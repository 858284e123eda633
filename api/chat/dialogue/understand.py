"""Listens to one message within its talk: what the bot says of it from several sides, and what it says of the child."""

import asyncio
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from api.chat.dialogue.choose import MessageSigns, Ranker, Talked
from content.card import Reader
from content.follow_up import FollowUps, bare
from content.message_questions import asks, parts

_CORRECTS = re.compile(
    r"^(?:no+|nah|nope|naw|not)\b|\bi (?:meant|mean|ment|was asking|am asking|asked)\b"
    r"|\bnot (?:that|the|my|him|her|me|them|it)\b|\b(?:thats|that is) not (?:what|it)\b|\bwrong (?:one|1)\b"
)
# A part that is answered by itself must be this likely to mean its card.
_SURE_OF_A_PART = 0.2
_MOST_ANSWERS = 2
# What a person is asked about first, where nothing is open yet.
_FIRST_ASKED = "who-told"

Ranking = Sequence[tuple[str, float]]
BotState = Literal["ok", "waking", "away"]


class BotAway(Exception):
    """The bot did not answer in time, or not in a form we know."""


@dataclass(frozen=True)
class Understood:
    """What the bot made of a message: intent names with confidence, best first, and the entity words it saw."""

    ranking: tuple[tuple[str, float], ...]
    entities: Mapping[str, str]

    @property
    def intent(self) -> str:
        """The best guess: a card key or a conversation act."""
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        """How sure the bot is of it, 0 to 1."""
        return self.ranking[0][1]

    def share(self, names: Container[str]) -> float:
        """How sure the bot is that it is one of these, 0 to 1."""
        return sum(share for name, share in self.ranking if name in names)


class Brain(Protocol):
    """Anything that can name the card a message asks for."""

    async def parse(self, text: str, seconds: float | None = None, *, new: bool = False) -> Understood:
        """What the message asks. Raises BotAway. One of a `new` chat waits until those of the others had their turn."""

    async def state(self) -> BotState:
        """Whether it can be asked now."""

    async def close(self) -> None:
        """Lets go of every connection."""


@dataclass(frozen=True)
class Understanding:
    """What was made of a message: what the bot says of it alone and after the open question (None where none is), and
    what could answer it.

    `ranking` has the likeliest first; `evident` are those of which the bot says enough to answer with them. `answers`
    are the cards that answer its questions, in their order, where it asks two.
    """

    alone: Understood
    after_open: Understood | None
    ranking: Ranking
    evident: Container[str]
    answers: tuple[str, ...] = ()

    def without(self, key: str) -> "Understanding":
        """The same where this is no answer; the shares of the others add up to what they did with it."""
        others = [(one, share) for one, share in self.ranking if one != key]
        total, left = sum(share for _, share in self.ranking), sum(share for _, share in others)
        return replace(self, ranking=[(one, share * total / left) for one, share in others]) if left else self


@dataclass(frozen=True)
class MessagePart:
    """One part of a message, and what the bot says of it alone and after the open question."""

    text: str
    alone: Understood
    after_open: Understood


@dataclass(frozen=True)
class Said:
    """What the bot says of a message alone, after the open question, and of each of its parts where it has several."""

    alone: Understood
    after_open: Understood
    parts: tuple[MessagePart, ...]


@dataclass(frozen=True)
class Listener:
    """All that understanding needs. The bot is asked about the message alone, and again after the open question."""

    brain: Brain
    follow_ups: FollowUps
    ranker: Ranker

    async def listen(
        self, text: str, talked: Talked, open_question: str, readers: Sequence[Reader], *, new: bool = False
    ) -> Understanding:
        """What a message means after `open_question`, the heading of the open card ("" where none is). Raises BotAway.

        `readers` are those for whom answers are, by all that was told.
        """
        heard, said = await self.hear(text, talked, open_question, readers, new=new)
        ranking = self.ranker.rank(heard, talked)
        evident = self.ranker.evident(heard)
        after = said.after_open if open_question else None
        return Understanding(said.alone, after, ranking, evident, self._answers(said, heard, talked))

    async def hear(
        self, text: str, talked: Talked, open_question: str, readers: Sequence[Reader], *, new: bool = False
    ) -> tuple[MessageSigns, Said]:
        """The message as ranking sees it, and what the bot says of it and of its parts. Raises BotAway."""
        each = parts(text) if len(parts(text)) > 1 else []
        asked = [text, *each]
        after_question = [f"{open_question} {one}" for one in asked] if open_question else []
        said = await asyncio.gather(*(self.brain.parse(one, new=new) for one in (*asked, *after_question)))
        alone, *others = said[: len(asked)]
        after, *others_after = said[len(asked) :] or said
        heard = MessageSigns(
            alone=_shares(alone),
            after_open=_shares(after),
            parts=[_shares(part) for part in others],
            words=len(text.split()),
            readers=readers,
            subjects=_named(alone, "subject"),
            leads_to=self._leads_to(alone, talked),
            corrects=bool(open_question) and _CORRECTS.search(bare(text)) is not None,
            tells=not any(map(asks, each or [text])),
        )
        return heard, Said(alone, after, tuple(map(MessagePart, each, others, others_after)))

    def _leads_to(self, alone: Understood, talked: Talked) -> frozenset[str]:
        opened = self.ranker.questions.get(talked.open or "")
        asked = opened.asks if opened else _FIRST_ASKED
        cards = (self.follow_ups.card_for(person, asked) for person in _named(alone, "person"))
        return frozenset(card for card in cards if card)

    def _answers(self, said: Said, heard: MessageSigns, talked: Talked) -> tuple[str, ...]:
        """The cards that answer two questions of one message; a later one is also understood after the one before."""
        asked = [part for part in said.parts if asks(part.text)]
        if len(asked) < _MOST_ANSWERS:
            return ()
        found: list[str] = []
        for part in asked:
            before = Talked(found[-1], talked.shown) if found else talked
            mine, after = _shares(part.alone), _shares(part.after_open)
            alone = replace(heard, alone=mine, after_open=after, parts=(), words=len(part.text.split()))
            card, share = self._likeliest_card(self.ranker.rank(alone, before))
            if card and share >= _SURE_OF_A_PART and card not in found:
                found.append(card)
        return tuple(found[:_MOST_ANSWERS]) if len(found) >= _MOST_ANSWERS else ()

    def _likeliest_card(self, ranking: Ranking) -> tuple[str, float]:
        card, share = ranking[0]
        return (card, share) if card in self.ranker.questions else ("", 0.0)


def _shares(said: Understood) -> Mapping[str, float]:
    return dict(said.ranking)


def _named(said: Understood, entity: str) -> frozenset[str]:
    named = said.entities.get(entity)
    return frozenset((named,)) if named else frozenset()
