"""Takes a message apart where one thing ends and the next begins, so that two questions can have two answers."""

import re

MOST = 3
"""So many parts are looked at, the last ones: who tells a story asks at its end."""
_ASKS = (
    r"can|cn|could|do|does|dus|did|will|wil|would|wud|is|are|am|was|were|should|shud|have|has|what|whats|wat|wats|wot|"
    r"wots|who|whos|when|wen|where|why|how|if"
)
_END = re.compile(r"(?<=[.?!])\s+|\s*\n+\s*")
_NEXT = re.compile(rf"[\s,]+(?:and|n|an|also|plus|but|or)\s+(?=(?:also\s+|then\s+)?(?:{_ASKS})\b)", re.IGNORECASE)
_QUESTION = re.compile(rf"^(?:(?:and|an|but|so|also|ok|then|plus|or)\s+)*(?:{_ASKS})\b|\?\s*$", re.IGNORECASE)
# Fewer words than this say nothing alone, so they stay with what stands before.
_FEWEST = 2


def parts(text: str) -> list[str]:
    """The message in parts, at most MOST, the last ones; the whole message where it is one."""
    found: list[str] = []
    for sentence in _END.split(text.strip()):
        for part in _NEXT.split(sentence):
            if found and len(part.split()) < _FEWEST:
                found[-1] = f"{found[-1]} {part}"
            elif part.strip():
                found.append(part.strip())
    return found[-MOST:]


def asks(part: str) -> bool:
    """True where a part is a question as children write them, with or without a sign."""
    return _QUESTION.search(part) is not None
