"""The Chat: a child's place in the talk, with what was shown and what was understood. It never holds a typed word."""

import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from accessibility.rule_finding import LEVELS, Level
from content.card import Reader
from content.danger import Kind

ReplyKind = Literal["card", "choices", "not-sure", "alarm", "person", "act", "bot-away"]
NEW_SECONDS = 3
"""How long a chat is new. Nobody opens the page, reads it and types a question in less; a program does."""
LIVES_MINUTES = 30
"""How long what was told of a child, and the danger that was heard, is remembered."""

AnswersFor = Literal["suspect", "harmed", "both", "everyone"]
"""For whom a child has said that answers should be: who is suspected, who was hurt or saw it, both, or everyone."""
_READERS: dict[AnswersFor, tuple[Reader, ...]] = {
    "suspect": ("suspect",),
    "harmed": ("victim", "witness"),
    "both": ("suspect", "victim", "witness"),
    "everyone": (),
}
_REMEMBERED = 6
_LONGEST_PERSON = 600
_TURN_LEAST = 3
"""A turn has at least its kind, its card, its alarm and its buttons."""
_OTHERS = 8
"""So many parts can follow these."""


@dataclass(frozen=True)
class DialogueState:
    """What was heard so far, and nothing that no answer needs.

    `role` is the child's part as it was told, `danger` the kinds that rang the alarm, and `offered` those of hints for
    which help was offered quietly. These live until LIVES_MINUTES after the last was heard (`heard_at`, in whole
    minutes of Unix time). `answers_for` is what a child has pressed, and lives as long as the chat.
    """

    role: Reader | None = None
    danger: frozenset[Kind] = frozenset()
    offered: frozenset[Kind] = frozenset()
    answers_for: AnswersFor | None = None
    heard_at: int = field(default=0, compare=False)

    @property
    def readers(self) -> tuple[Reader, ...]:
        """For whom answers are, by what was pressed and told; empty while neither is known, and for everyone."""
        pressed = _READERS[self.answers_for] if self.answers_for else ()
        told = (self.role,) if self.role and self.answers_for != "everyone" else ()
        return tuple(dict.fromkeys((*pressed, *told)))

    def now(self) -> "DialogueState":
        """The same today: what is too old is forgotten."""
        if _minute() - self.heard_at <= LIVES_MINUTES:
            return self
        return DialogueState(answers_for=self.answers_for)

    def with_role(self, role: Reader | None) -> "DialogueState":
        """The state after a message that says that this is the child's part, or says nothing of it."""
        return replace(self, role=role, heard_at=_minute()) if role else self

    def with_danger(self, kind: Kind) -> "DialogueState":
        """The state after danger of this kind was heard."""
        return replace(self, danger=self.danger | {kind}, heard_at=_minute())

    def with_offer(self, kind: Kind) -> "DialogueState":
        """The state once help is offered for a hint of this kind."""
        return replace(self, offered=self.offered | {kind}, heard_at=_minute())

    def parts(self) -> list[Any]:
        """The state as it is sealed; `of` makes it again."""
        return [self.role, sorted(self.danger), sorted(self.offered), self.answers_for, self.heard_at]

    @classmethod
    def of(cls, parts: list[Any]) -> "DialogueState":
        """The state of its parts. Raises ValueError or TypeError for what is none."""
        role, danger, offered, answers_for, heard_at = parts
        for value, known in ((role, get_args(Reader)), (answers_for, get_args(AnswersFor))):
            if value is not None and value not in known:
                raise ValueError("not a state of a talk")
        return cls(role, frozenset(map(Kind, danger)), frozenset(map(Kind, offered)), answers_for, int(heard_at)).now()


@dataclass(frozen=True)
class Turn:
    """What was shown once: the kind of reply, its card, the alarm kind, and the keys of the buttons beside it.

    `menu` is the page of the menu that the buttons are, so that it can be laid out again at another level. `note` names
    a sentence of the interface that stands above the answer. `word` is the hard word whose meaning was asked. `feeling`
    is the card of a feeling that stands above the answer, `second` the card that answers a second question, and `check`
    the kind of danger of which something may be a hint; with `offers_help` the page offers help for it, quietly.
    `asked` names what the bubble answers that stands first, of ANSWERS in content/card.py.
    """

    kind: ReplyKind
    card: str
    alarm: Kind | None = None
    near: tuple[str, ...] = ()
    menu: str | None = None
    note: str | None = None
    word: str | None = None
    feeling: str | None = None
    second: str | None = None
    check: Kind | None = None
    asked: str | None = None
    offers_help: bool = False

    def parts(self) -> list[Any]:
        """The turn as it is sealed, without what it does not have at the end."""
        all_parts: list[Any] = [self.kind, self.card, self.alarm, self.near, self.menu, self.note, self.word]
        all_parts += [self.feeling, self.second, self.check, self.asked, int(self.offers_help)]
        return all_parts[: max(at for at, part in enumerate(all_parts) if part or at <= _TURN_LEAST) + 1]

    @classmethod
    def of(cls, parts: list[Any]) -> "Turn":
        """The turn of its parts. Raises ValueError or TypeError for what is none."""
        kind, card, alarm, near, *others = parts
        menu, note, word, feeling, second, check, asked, offers_help = others + [None] * (_OTHERS - len(others))
        named = (kind, card, *near, *(one or "" for one in (menu, note, word, feeling, second, asked)))
        if not all(isinstance(part, str) for part in named):
            raise ValueError("not a turn")
        rang, hint = (Kind(one) if one else None for one in (alarm, check))
        return cls(kind, card, rang, tuple(near), menu, note, word, feeling, second, hint, asked, bool(offers_help))


@dataclass(frozen=True)
class Chat:
    """Where a child is in the talk.

    `subject` is what it is about, `misses` counts answers not found in a row, and `rung` stays true once the alarm
    rang, so that help stays on the page. `person` is the sealed handle of the handover that this chat belongs to, at
    most 600 characters; ValueError for a longer one. `visit` names the visit that ends when the child leaves: two
    chats at the same place are the same, whatever visit they are of. `app` is the force in whose own app it began, and
    `began` when, in whole seconds of Unix time. `state` is what was understood of the talk beside that.
    """

    force: str | None
    level: Level
    situation: str | None = None
    subject: str | None = None
    shown: tuple[Turn, ...] = ()
    misses: int = 0
    rung: bool = False
    person: str | None = None
    visit: str = field(default="", compare=False)
    app: str | None = None
    began: int = field(default_factory=lambda: int(time.time()), compare=False)
    state: DialogueState = field(default_factory=DialogueState)

    def __post_init__(self) -> None:
        if len(self.person or "") > _LONGEST_PERSON:
            raise ValueError("not a handle of a handover: it is too long")

    def after(self, turn: Turn, *, subject: str | None, missed: bool = False) -> "Chat":
        """The chat once this turn is shown; the oldest turns drop off, so that the token stays short.

        `missed` counts it as an answer not found, which a "not-sure" always is.
        """
        return replace(
            self,
            subject=subject or self.subject,
            shown=(*self.shown, turn)[-_REMEMBERED:],
            misses=self.misses + 1 if missed or turn.kind == "not-sure" else 0,
            rung=self.rung or turn.alarm is not None,
            state=self.state.with_danger(turn.alarm) if turn.alarm else self.state,
        )

    @property
    def new(self) -> bool:
        """True while it is younger than anybody needs to type a question; never in an app that came with a key."""
        # A clock that was put back makes nobody new for longer.
        return self.app is None and 0 <= time.time() - self.began < NEW_SECONDS

    @property
    def last(self) -> Turn | None:
        """The turn on show, if any."""
        return self.shown[-1] if self.shown else None

    def parts(self, first: int = 0) -> list[Any]:
        """The chat as it is sealed, but for its visit and when it began, with the turns from the `first` on."""
        place = [self.force, self.level, self.situation, self.subject]
        shown = [turn.parts() for turn in self.shown[first:]]
        return [*place, shown, self.misses, self.rung, self.person, self.app, self.state.parts()]

    @classmethod
    def of(cls, parts: list[Any], *, visit: str, began: Any) -> "Chat":
        """The chat of its parts. Raises ValueError or TypeError for what is none."""
        force, level, situation, subject, shown, misses, rung, person, app, state = parts
        names = (force, situation, subject, person, app)
        if level not in LEVELS or not all(isinstance(part, str | None) for part in names):
            raise ValueError("not a chat")
        turns, known = tuple(map(Turn.of, shown)), DialogueState.of(state)
        return cls(
            force, level, situation, subject, turns, int(misses), bool(rung), person, visit, app, int(began), known
        )


def _minute() -> int:
    return int(time.time() // 60)
