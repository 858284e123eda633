"""DialogueState: what a talk is about, beside what was shown. It is sealed in the Chat and never holds a typed word."""

import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from content.card import Reader
from content.danger import Kind

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


def _minute() -> int:
    return int(time.time() // 60)
