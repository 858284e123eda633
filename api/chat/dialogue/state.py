"""DialogueState: what a talk is about, beside what was shown. It is sealed in the Chat and never holds a typed word."""

import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from content.card import Reader
from content.danger import Kind
from content.role_and_outcome import CaseOutcome, RoleAndOutcome

LIVES_MINUTES = 30
"""How long what was guessed of a child, and the danger and feeling that were heard, is remembered."""

AnswersFor = Literal["suspect", "harmed", "both"]
"""For whom a child has said that answers should be: somebody the police spoke to, who was hurt or saw it, or both."""
_READERS: dict[AnswersFor, tuple[Reader, ...]] = {
    "suspect": ("suspect",),
    "harmed": ("victim", "witness"),
    "both": ("suspect", "victim", "witness"),
}


@dataclass(frozen=True)
class DialogueState:
    """What was heard so far. `role` and `outcome` are the child's part and how far their case has gone, as told.

    `danger` are the kinds that rang the alarm, `offered` those of hints for which help was offered quietly, and
    `feeling` the card of the last feeling. These live LIVES_MINUTES from `heard_at`, in whole minutes of Unix time.
    `answers_for` is what a child has pressed, and lives as long as the chat.
    """

    role: Reader | None = None
    outcome: CaseOutcome | None = None
    danger: frozenset[Kind] = frozenset()
    offered: frozenset[Kind] = frozenset()
    feeling: str | None = None
    answers_for: AnswersFor | None = None
    heard_at: int = field(default=0, compare=False)

    @property
    def readers(self) -> tuple[Reader, ...]:
        """For whom answers are, by what was pressed, else by what was told; empty while neither is known."""
        if self.answers_for:
            return _READERS[self.answers_for]
        return (self.role,) if self.role else ()

    def now(self) -> "DialogueState":
        """The same today: what is too old is forgotten."""
        if _minute() - self.heard_at <= LIVES_MINUTES:
            return self
        return DialogueState(answers_for=self.answers_for)

    def with_role(self, told: RoleAndOutcome) -> "DialogueState":
        """The state after a message that says this."""
        if not told.role and not told.outcome:
            return self
        return replace(self, role=told.role or self.role, outcome=told.outcome or self.outcome, heard_at=_minute())

    def with_danger(self, kind: Kind) -> "DialogueState":
        """The state after danger of this kind was heard."""
        return replace(self, danger=self.danger | {kind}, heard_at=_minute())

    def with_offer(self, kind: Kind) -> "DialogueState":
        """The state once help is offered for a hint of this kind."""
        return replace(self, offered=self.offered | {kind}, heard_at=_minute())

    def with_feeling(self, card: str) -> "DialogueState":
        """The state after this feeling was told."""
        return replace(self, feeling=card, heard_at=_minute())

    def parts(self) -> list[Any]:
        """The state as it is sealed; `of` makes it again."""
        kinds = [sorted(kinds) for kinds in (self.danger, self.offered)]
        return [self.role, self.outcome, *kinds, self.feeling, self.answers_for, self.heard_at]

    @classmethod
    def of(cls, parts: list[Any]) -> "DialogueState":
        """The state of its parts. Raises ValueError or TypeError for what is none."""
        role, outcome, danger, offered, feeling, answers_for, heard_at = parts
        named = ((role, Reader), (outcome, CaseOutcome), (answers_for, AnswersFor))
        if any(value is not None and value not in get_args(kind) for value, kind in named):
            raise ValueError("not a state of a talk")
        if feeling is not None and not isinstance(feeling, str):
            raise ValueError("not a state of a talk")
        kinds = (frozenset(map(Kind, danger)), frozenset(map(Kind, offered)))
        return cls(role, outcome, *kinds, feeling, answers_for, int(heard_at)).now()


def _minute() -> int:
    return int(time.time() // 60)
