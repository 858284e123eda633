"""The same question in two forces, side by side, with the words that differ marked."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from accessibility.finding import Level
from accessibility.markup import plain
from content.signoff import SignOff


@dataclass(frozen=True)
class Run:
    """Words that stand together in one bubble; `differs` where the other force's bubble does not have them."""

    text: str
    differs: bool


Pair = tuple[tuple[Run, ...], tuple[Run, ...]]


def side_by_side(one: SignOff, other: SignOff, level: Level) -> Iterator[Pair]:
    """Bubble by bubble, what each force says at a level. A bubble that only one of them has stands beside nothing."""
    texts = ([plain(bubble.text) for bubble in signed.words.levels[level].bubbles] for signed in (one, other))
    for left, right in zip_longest(*texts, fillvalue=""):
        yield _runs(left, right)


def _runs(left: str, right: str) -> Pair:
    ours, theirs = left.split(), right.split()
    found: Pair = ((), ())
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        differs = tag != "equal"
        found = (_with(found[0], ours[a:b], differs), _with(found[1], theirs[c:d], differs))
    return found


def _with(runs: tuple[Run, ...], words: list[str], differs: bool) -> tuple[Run, ...]:
    return (*runs, Run(" ".join(words), differs)) if words else runs
