"""The way of a card's words from a draft to a signature: what was done, by whom, and what still stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from content.signoff import NATIONAL

ActKind = Literal["edit", "submit", "approve", "return", "sign", "withdraw", "recall"]
Stage = Literal["untouched", "draft", "in-review", "returned", "approved", "signed", "withdrawn", "recalled"]
Role = Literal["editor", "reviewer", "lead", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""What a person at the desk is. The lead is a force's designated senior officer for children; an admin is national."""

_AFTER: Mapping[ActKind, Stage] = {
    "edit": "draft",
    "submit": "in-review",
    "approve": "approved",
    "return": "returned",
    "sign": "signed",
    "withdraw": "withdrawn",
    "recall": "recalled",
}
_FROM: Mapping[ActKind, frozenset[Stage]] = {
    "edit": frozenset(get_args(Stage)),
    "submit": frozenset({"untouched", "draft", "returned", "signed", "withdrawn", "recalled"}),
    "approve": frozenset({"in-review"}),
    "return": frozenset({"in-review", "approved"}),
    "sign": frozenset({"approved"}),
    "withdraw": frozenset(get_args(Stage)) - {"withdrawn"},
    "recall": frozenset(get_args(Stage)) - {"withdrawn"},
}
_WRITERS: frozenset[Role] = frozenset({"editor", "reviewer", "lead"})
_BY: Mapping[ActKind, frozenset[Role]] = {
    "edit": _WRITERS,
    "submit": _WRITERS,
    "approve": frozenset({"reviewer"}),
    "return": frozenset({"reviewer", "lead"}),
    "sign": frozenset({"lead"}),
    "withdraw": frozenset({"lead"}),
    "recall": frozenset({"reviewer", "lead"}),
}
_LEADS_ONLY: frozenset[ActKind] = frozenset({"sign", "withdraw"})
# These stand for what was read: words that have changed since are another text.
_STANDS_FOR_WORDS: frozenset[Stage] = frozenset({"in-review", "approved", "signed"})
_NOT_NOW: Mapping[ActKind, str] = {
    "edit": "These words cannot be changed now.",
    "submit": "These words are with the reviewer already, or approved.",
    "approve": "Nobody has sent these words to review, or they have changed since.",
    "return": "These words are not in review.",
    "sign": "No reviewer has approved exactly these words.",
    "withdraw": "These words are withdrawn already.",
    "recall": "These words are withdrawn already.",
}
_ALREADY: Mapping[tuple[ActKind, Stage], str] = {
    ("approve", "approved"): "These words are approved already.",
    ("approve", "signed"): "These words are signed already.",
    ("sign", "signed"): "These words are signed already.",
}
_NOT_YOURS: Mapping[ActKind, str] = {
    "edit": "Only an editor, a reviewer or the lead changes words.",
    "submit": "Only an editor, a reviewer or the lead sends words to review.",
    "approve": "Only a reviewer approves.",
    "return": "Only a reviewer or the lead asks for changes.",
    "sign": "Only the lead signs, or a deputy while the delegation is in date.",
    "withdraw": "Only the lead withdraws, or a deputy while the delegation is in date.",
    "recall": "Only a reviewer or the lead recalls.",
}
_NAMESAKE = (
    "Somebody else with your name wrote or approved these words, and a signature could not tell you apart. "
    "Ask for something to be added to your name at the desk."
)


class NotAllowed(Exception):
    """This act may not be done now by this person. `reasons` are sentences for the desk, every one that holds."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class Actor:
    """Somebody at the desk, today. `layer` is the force, or the national layer, that they work for.

    `deputy` is True while a delegation that makes them the lead's deputy is in date.
    """

    id: int
    name: str
    post: str
    role: Role
    layer: str
    deputy: bool = False

    def works_on(self, layer: str) -> bool:
        """True for their own layer and no other: a force's words are that force's, and its people's."""
        return self.layer == layer


@dataclass(frozen=True)
class Act:
    """One thing done to one card's words. `fingerprint` is that of the words as they were then."""

    kind: ActKind
    person: int
    fingerprint: str
    comment: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a card's words have come, from everything done to them in order and the words as they are now.

    `setters` are the people whose local facts stand in the words and were never part of a signature. `names` are those
    of everyone here.
    """

    acts: tuple[Act, ...]
    fingerprint: str
    setters: frozenset[int] = frozenset()
    names: Mapping[int, str] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        """Where the words are. Words in review, approved or signed that have changed since are a draft again."""
        if not self.acts:
            return "untouched"
        last = self.acts[-1]
        after = _AFTER[last.kind]
        return "draft" if after in _STANDS_FOR_WORDS and last.fingerprint != self.fingerprint else after

    @property
    def since_signed(self) -> tuple[Act, ...]:
        """What was done since the last signature."""
        signed = max((at for at, act in enumerate(self.acts) if act.kind == "sign"), default=-1)
        return self.acts[signed + 1 :]

    @property
    def authors(self) -> frozenset[int]:
        """Everyone who changed any of the words since the last signature."""
        return frozenset(act.person for act in self.since_signed if act.kind == "edit") | self.setters

    @property
    def approver(self) -> int | None:
        """Who approved exactly these words; None while nobody has."""
        return self.acts[-1].person if self.stage == "approved" else None

    def namesake(self, actor: Actor) -> bool:
        """True when somebody else of the actor's name wrote or approved these words: a signature is of names alone."""
        approved = frozenset() if self.approver is None else frozenset({self.approver})
        others = (self.authors | approved) - {actor.id}
        return any(_bare(self.names.get(other, "")) == _bare(actor.name) for other in others)


def stands_in_the_way(act: ActKind, actor: Actor, layer: str, progress: Progress, broken: int = 0) -> tuple[str, ...]:
    """Every reason why this person may not do this now; none when they may.

    `broken` is how many findings of the reading rules block these words.
    """
    acts_as_lead = actor.deputy and act in _LEADS_ONLY
    reasons = [
        (not (covers(actor, layer) if act == "recall" else actor.works_on(layer)), "You do not work for this force."),
        (actor.role not in _BY[act] and not acts_as_lead, _NOT_YOURS[act]),
        (progress.stage not in _FROM[act], _ALREADY.get((act, progress.stage), _NOT_NOW[act])),
        (act in ("approve", "sign") and actor.id in progress.authors, "You changed some of these words yourself."),
        (act == "sign" and actor.id == progress.approver, "You approved these words, so somebody else signs them."),
        (act in ("approve", "sign") and progress.namesake(actor), _NAMESAKE),
        (
            act in ("submit", "approve", "sign") and broken > 0,
            f"The reading rules stop these words in {broken} {'place' if broken == 1 else 'places'}.",
        ),
    ]
    return tuple(reason for holds, reason in reasons if holds)


def must_be_allowed(act: ActKind, actor: Actor, layer: str, progress: Progress, broken: int = 0) -> None:
    """Raises NotAllowed with every reason when this person may not do this now."""
    reasons = stands_in_the_way(act, actor, layer, progress, broken)
    if reasons:
        raise NotAllowed(reasons)


def covers(actor: Actor, layer: str) -> bool:
    """True when a recall by this person reaches a layer: their own, or every one for the national layer's people."""
    return actor.layer in (layer, NATIONAL)


def _bare(name: str) -> str:
    return " ".join(name.casefold().split())
