"""What the records refuse, in words: the one place where the console says why something was not done."""

from api.records.handovers.claims import EnoughOpen
from api.records.handovers.presence import NotHere
from api.records.handovers.states import AlreadyClaimed, NotNow, NotYours

REFUSED = (AlreadyClaimed, EnoughOpen, NotHere, NotNow, NotYours)
"""What may come of an act on a handover of one's own provider; NotYours is then one that a colleague has."""
NOT_HERE = 'You are not marked as here. Press "I am here" first.'
_NOT_YOURS = "It is not with you. Look at who has it now."
COLLEAGUE_GONE = "They are not here any more. Choose somebody else."
_OVER = "It is over: the child has left, or it was closed. Nothing more for you to do."
_CHANGED = "It has changed meanwhile. Look at where it stands now."


def why(error: Exception) -> str:
    """Why it was not done."""
    if isinstance(error, AlreadyClaimed):
        return f"{error.winner} has it. Nothing more for you to do."
    if isinstance(error, EnoughOpen):
        handover_context = "1 child" if error.most == 1 else f"{error.most} children"
        return f"You have {handover_context} already, and here nobody has more at once. Close one or pass one on first."
    if isinstance(error, NotHere):
        return NOT_HERE
    if isinstance(error, NotYours):
        return _NOT_YOURS
    return _OVER if isinstance(error, NotNow) and error.state == "closed" else _CHANGED
