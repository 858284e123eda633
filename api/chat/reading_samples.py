"""A sample of each level: the same signed words, as a child of this force would read them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from accessibility.markup import plain
from accessibility.rule_finding import LEVELS, Level
from api.chat.chat_door import ChatDoor
from content.signed_words import SignedBubble, SignedVersion

_CARD = "what-is-this"
_ABOUT = "information"
_SENTENCE = re.compile(r"[^.?!]+[.?!]+")


@dataclass(frozen=True)
class Sample:
    """How a level reads: its first idea with the picture, and one sentence that says the same thing at every level."""

    bubble: SignedBubble
    sentence: str


def samples(chat_door: ChatDoor, force: str | None) -> Mapping[Level, Sample]:
    """A sample of each level, from the words that every talk begins with; nothing while those are not live."""
    signed = chat_door.pack(force).card(_CARD, chat_door.pack_cache.today())
    return {level: _sample(signed.words.levels[level]) for level in LEVELS} if signed else {}


def _sample(version: SignedVersion) -> Sample:
    found = [one.strip() for bubble in version.bubbles for one in _SENTENCE.findall(plain(bubble.text))]
    about = next((one for one in found if _ABOUT in one), found[0] if found else version.question)
    return Sample(version.bubbles[0], about)
