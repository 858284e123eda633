"""Every name a force can be found by, in one plain spelling, and the forces that each name points to."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from content.force import Force

_POLICE = re.compile(r" (police service|police|constabulary)$")


WIDE = 2  # the rank of districts; areas and forces are stronger still
SMALL = 4  # the rank of small places


@dataclass(frozen=True)
class Claim:
    """One force's claim to a name: `because` is the proper name to show, `rank` 0 is strongest, SMALL weakest."""

    slug: str
    because: str
    rank: int


def plain(text: str) -> str:
    """Lower case, no accents or punctuation, `&` as and, Saint as st: one spelling for all ways of typing a name."""
    marks = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in marks if not unicodedata.combining(letter)).casefold()
    words = re.sub(r"['’`]", "", letters).replace("&", " and ")
    return re.sub(r"\bsaint\b", "st", re.sub(r"[^a-z0-9]+", " ", words).strip())


def claims(forces: Mapping[str, Force]) -> dict[str, tuple[Claim, ...]]:
    """Each plain name -> the forces it may mean, strongest first, each force once."""
    found: dict[str, dict[str, Claim]] = {}
    for force in forces.values():
        for said, because, rank in _names(force):
            mine = found.setdefault(plain(said), {})
            if force.slug not in mine or rank < mine[force.slug].rank:
                mine[force.slug] = Claim(force.slug, because, rank)
    return {name: tuple(sorted(by.values(), key=_order)) for name, by in found.items() if name}


def outcodes(forces: Mapping[str, Force]) -> dict[str, tuple[Claim, ...]]:
    """Each outward postcode -> the force with most of its postcodes, then those with a real share."""
    found: dict[str, list[Claim]] = {}
    for force in forces.values():
        for rank, codes in enumerate((force.postcodes, force.shared_postcodes)):
            for code in codes:
                found.setdefault(code.lower(), []).append(Claim(force.slug, code, rank))
    return {code: tuple(sorted(by, key=_order)) for code, by in found.items()}


def suggested(forces: Mapping[str, Force]) -> tuple[str, ...]:
    """The names to offer while somebody types, by the alphabet: areas, districts and towns, the Welsh names too.

    Not villages, of which there are twice as many: whoever lives in one may still type its name.
    """
    named = ((*force.areas, *force.districts, *force.towns, *force.welsh_names) for force in forces.values())
    return tuple(sorted({name for names in named for name in names}, key=plain))


def _order(claim: Claim) -> tuple[int, str]:
    return claim.rank, claim.slug


def _names(force: Force) -> Iterator[tuple[str, str, int]]:
    for said in {force.name, force.name_cy or force.name}:
        yield said, force.name, 0
        yield _POLICE.sub("", plain(said)), force.name, 0
    for rank, names in enumerate((force.areas, force.districts, force.towns, force.small_places), start=1):
        yield from ((name, name, rank) for name in names)
    for names_for in (force.nicknames, force.welsh_names):
        yield from ((said, place, SMALL - 1) for said, place in names_for.items())
