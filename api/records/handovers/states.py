"""The way of a handover: its states, and who may do what in each."""

from collections.abc import Mapping
from typing import Literal, get_args

Wants = Literal["here", "call-back"]
"""How the child wants to be answered: on this page now, or by a call later."""
State = Literal["waiting", "call-back", "talking", "calling", "closed"]
"""`waiting` and `call-back` are nobody's yet; in `talking` and `calling` one advocate has taken it."""
Writer = Literal["child", "advocate", "house"]
Ended = Literal["child", "advocate", "clock"]
"""Who closed a handover."""
Outcome = Literal["answered", "passed-on", "not-reached", "child-left", "no-answer"]
"""What became of it, as it is counted: `no-answer` is ours to be ashamed of, `not-reached` a call nobody took."""
Face = Literal["good", "middle", "bad"]
"""What the child thought of it, if they said."""
Who = Literal["child", "advocate", "supervisor", "clock"]
"""`advocate` is the one who has claimed it, save to claim; the clock is what happens when nobody does anything."""
Act = Literal[
    "say", "here", "call-back", "end", "rate", "claim", "let-go", "transfer", "attempt", "close", "watch", "purge"
]

OPEN: frozenset[State] = frozenset(get_args(State)) - {"closed"}
_UNCLAIMED: frozenset[State] = frozenset({"waiting", "call-back"})
_CLAIMED: frozenset[State] = frozenset({"talking", "calling"})
_FROM: Mapping[Act, frozenset[State]] = {
    "say": OPEN,
    "here": frozenset({"call-back", "calling"}),
    "call-back": frozenset({"waiting", "talking"}),
    "end": OPEN,
    "rate": frozenset({"closed"}),
    "claim": _UNCLAIMED,
    "let-go": _CLAIMED,
    "transfer": _CLAIMED,
    "attempt": frozenset({"calling"}),
    "close": OPEN,
    "watch": OPEN,
    "purge": frozenset({"closed"}),
}
_BY: Mapping[Act, frozenset[Who]] = {
    "say": frozenset({"child", "advocate"}),
    "here": frozenset({"child"}),
    "call-back": frozenset({"child"}),
    "end": frozenset({"child"}),
    "rate": frozenset({"child"}),
    "claim": frozenset({"advocate", "supervisor"}),
    "let-go": frozenset({"advocate", "supervisor", "clock"}),
    "transfer": frozenset({"advocate", "supervisor"}),
    "attempt": frozenset({"advocate"}),
    "close": frozenset({"advocate", "clock"}),
    "watch": frozenset({"supervisor"}),
    "purge": frozenset({"child", "clock"}),
}
# An advocate writes and closes only where they have claimed; a child writes from the first ask on.
_ONLY_CLAIMED: frozenset[tuple[Act, Who]] = frozenset({("say", "advocate"), ("close", "advocate")})
_TO: Mapping[tuple[Act, State], State] = {
    ("here", "call-back"): "waiting",
    ("here", "calling"): "talking",
    ("call-back", "waiting"): "call-back",
    ("call-back", "talking"): "calling",
    ("claim", "waiting"): "talking",
    ("claim", "call-back"): "calling",
    ("let-go", "talking"): "waiting",
    ("let-go", "calling"): "call-back",
}


class NotNow(Exception):
    """This cannot be done in the state that the handover is in."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class NotYours(Exception):
    """There is no such handover for whoever asks. Whether there is one for others is not theirs to know."""


class AlreadyClaimed(Exception):
    """Somebody else was quicker. `winner` is the name of the colleague who has it."""

    def __init__(self, winner: str) -> None:
        super().__init__(winner)
        self.winner = winner


def allowed(act: Act, who: Who, state: State) -> bool:
    """True when this may be done now."""
    if (act, who) in _ONLY_CLAIMED and state not in _CLAIMED:
        return False
    return who in _BY[act] and state in _FROM[act]


def must_be_allowed(act: Act, who: Who, state: State) -> None:
    """Raises NotNow when this may not be done now."""
    if not allowed(act, who, state):
        raise NotNow(state)


def after(act: Act, state: State) -> State:
    """The state that an act leads to."""
    return "closed" if act in ("end", "close") else _TO.get((act, state), state)


def bot_is_silent(state: State) -> bool:
    """True from the claim until it is closed, or let go: a person answers now, and nobody talks over them."""
    return state in _CLAIMED
