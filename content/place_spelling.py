"""Finds the place names nearest to one that a child has misspelt."""

from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from content.place_names import SMALL, WIDE, Claim
from content.place_words import ORDINARY

SHORTEST = 5  # letters; in shorter words one wrong letter is too often another word
LONG = 8  # letters from which two may be wrong
SURE_FROM = 8  # letters from which one wrong letter in an area, district or force can still be sure
ANY_SURE_FROM = 11  # letters from which it can be sure for a town too: short village names are too alike
RIVAL = 0.8  # how like another force's name, from 0 to 1, takes the sureness away


class Spellings:
    """Every plain place name, ready to be compared with a misspelt one."""

    def __init__(self, named: Mapping[str, tuple[Claim, ...]]) -> None:
        self._named = named
        self._names = tuple(name for name in named if len(name) >= SHORTEST)

    def near(self, typed: str) -> tuple[tuple[Claim, ...], bool]:
        """The claims to the names nearest to `typed`, and whether they are near and lone enough to be sure of.

        Near is one letter added, left out, changed or swapped; two in a name of eight letters or more.
        """
        if len(typed) < SHORTEST:
            return (), False
        within = process.extract(typed, self._names, scorer=OSA.distance, score_cutoff=2, limit=None)
        close = [(int(wrong), name) for name, wrong, _ in within if _close(typed, name, int(wrong))]
        least = min(close, default=(0, ""))[0]
        nearest = [name for wrong, name in close if wrong == least]
        found = tuple(sorted((c for name in nearest for c in self._named[name]), key=lambda claim: claim.rank))
        return found, least == 1 and self._clear(typed, nearest, [name for name, _, _ in within])

    def _clear(self, typed: str, nearest: list[str], within: list[str]) -> bool:
        """Whether one force alone is meant, by a name too long or large to be a village we have not heard of."""
        meant = [claim for name in nearest for claim in self._named[name]]
        rivals = [name for name in within if OSA.normalized_similarity(typed, name) >= RIVAL]
        forces = {claim.slug for name in (*nearest, *rivals) for claim in self._named[name]}
        large = all(claim.rank <= WIDE for claim in meant) and len(typed) >= SURE_FROM
        plainly = all(name[0] == typed[0] and name not in ORDINARY for name in nearest)
        long = all(claim.rank < SMALL for claim in meant) and len(typed) >= ANY_SURE_FROM
        return len(forces) == 1 and plainly and (large or long)


def _close(typed: str, name: str, wrong: int) -> bool:
    """The first letter is rarely wrong: a different one passes only in a longer word, as its one mistake."""
    if name[0] == typed[0]:
        return wrong <= (2 if len(typed) >= LONG else 1)
    return wrong <= 1 and len(typed) > SHORTEST + 1
