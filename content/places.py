"""Finds a force from what a child types: a town, district, nickname or postcode. Keeps nothing that is typed.

Town names come from GeoNames (https://www.geonames.org), CC BY 4.0, by way of the force files.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice

from content.force import Force
from content.place_names import SMALL, WIDE, Claim, claims, outcodes, plain, suggested
from content.place_spelling import Spellings
from content.place_words import AFTER, BEFORE, COMING, JOINING, MYSELF, ORDINARY, POINTING, STAYING, TEXT_SPEAK

CREDIT = (
    "Town names: GeoNames (geonames.org), CC BY 4.0. Districts: Office for National Statistics, Open Government "
    "Licence v3.0. Postcodes: ONS Postcode Directory; contains OS data © Crown copyright and database right; "
    "contains Royal Mail data © Royal Mail copyright and database right; contains National Statistics data © Crown "
    "copyright and database right."
)
LONGEST = 1000  # characters read; the rest of a longer text is not looked at
MOST = 8  # choices offered at once
_NAME_WORDS = 7  # words in the longest name
_HOMES = 3  # "i live in ..." in one text; past that it is not worth the time to compare spellings

# After plain(). The second half leaves out letters that Royal Mail never uses there, and "m8 1st".
_POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?) ?\d(?!st\b|nd\b|rd\b|th\b)[abd-hjlnp-uw-z]{2}\b")
_OUTCODE = re.compile(r"([a-z]{1,2} ?\d[a-z\d]?|npt)(?: \d[a-z]?)?")

Claims = tuple[Claim, ...]
Named = tuple[int, str, Claims]  # where it starts, counted in words; the plain name; who claims it


@dataclass(frozen=True)
class Match:
    """A force that the text may mean. `because` is the proper name that matched, never the child's own spelling.

    `sure` is true only for a lone match that needs no question back.
    """

    slug: str
    name: str
    because: str
    sure: bool


class Places:
    """Every place name and outward postcode, ready to be looked up.

    Town names come from GeoNames (CC BY 4.0), districts and postcodes from the ONS, all by way of the force files.
    """

    def __init__(self, forces: Mapping[str, Force]) -> None:
        self._forces = forces
        self._codes = outcodes(forces)
        self._named = claims(forces)
        self._spellings = Spellings(self._named)
        self.suggested = suggested(forces)

    @classmethod
    def load(cls, forces: Mapping[str, Force]) -> "Places":
        """Places for these forces, as given by `load_forces`."""
        return cls(forces)

    def find(self, text: str) -> list[Match]:
        """The forces that `text` may mean: one sure match, several unsure ones to ask about, or none.

        Reads the first 1,000 characters, never raises, and keeps nothing.
        """
        words = plain(text[:LONGEST]).split()
        looks = (self._postcode, self._whole, self._several, self._inside, self._misspelt)
        return next((found for look in looks if (found := look(words))), [])

    def _matches(self, found: Iterable[Claim], sure: bool) -> list[Match]:
        """One match for each force, in the order given; sure only when there is one force."""
        first: dict[str, Claim] = {}
        for claim in found:
            first.setdefault(claim.slug, claim)
        alone = sure and len(first) == 1
        return [Match(c.slug, self._forces[c.slug].name, c.because, alone) for c in list(first.values())[:MOST]]

    def _postcode(self, words: list[str]) -> list[Match]:
        """A whole postcode anywhere, or an outward one that is all the child typed."""
        codes = _POSTCODE.findall(" ".join(words))
        if not codes and (outward := _OUTCODE.fullmatch(" ".join(_core(words)))):
            codes = [outward[1].replace(" ", "")]
        return self._matches(chain.from_iterable(self._codes.get(code, ()) for code in codes), sure=True)

    def _whole(self, words: list[str]) -> list[Match]:
        """A name with nothing round it but words such as `i live in` and `please`."""
        for start, end in _cores(words):
            name = " ".join(words[start:end])
            if name in self._named:
                clear = name not in ORDINARY or start == 0 or words[start - 1] in POINTING
                return self._matches(self._named[name], sure=clear and _large(self._named[name]))
        return []

    def _several(self, words: list[str]) -> list[Match]:
        """Names and nothing else, as in `newport, wales` or `bawtry near doncaster`: the force they share."""
        core = _core(words)
        named = list(self._scan(core))
        left = len(core) - sum(len(name.split()) for _, name, _ in named)
        if len(named) < 2 or left != sum(word in JOINING for word in _between(core, named)):
            return []
        shared = set.intersection(*({claim.slug for claim in claimed} for _, _, claimed in named))
        everyone = list(chain.from_iterable(claimed for _, _, claimed in named))
        # "wootton bridge" is a village of its own, not Wootton and Bridge: one of the names must be wider than a town.
        wide = any(c.slug in shared and c.rank <= WIDE for c in everyone)
        return self._matches((c for c in everyone if c.slug in shared or not shared), sure=wide)

    def _inside(self, words: list[str]) -> list[Match]:
        """Names in the middle of a sentence: sure only where the child says it is home, and names no other force."""
        named = [found for found in self._scan(words) if _meant(words, found)]
        sure = any(_home(words, at) and name not in ORDINARY and _large(claimed) for at, name, claimed in named)
        return self._matches(chain.from_iterable(claimed for _, _, claimed in named), sure)

    def _misspelt(self, words: list[str]) -> list[Match]:
        """A name with a letter or two wrong: never sure in the middle of a sentence."""
        core = _core(words)
        found, sure = self._spellings.near(" ".join(core)) if len(core) <= _NAME_WORDS else ((), False)
        if found:
            return self._matches(found, sure)
        homes = (i for i in range(1, len(words)) if _home(words, i))
        for start in islice(homes, _HOMES):
            tries = (self._spellings.near(" ".join(words[start : start + size]))[0] for size in (3, 2, 1))
            if guess := next(filter(None, tries), ()):
                return self._matches(guess, sure=False)
        return []

    def _scan(self, words: list[str]) -> Iterator[Named]:
        """The names in these words from left to right, the longest at each place."""
        start = 0
        while start < len(words):
            step = 1
            for size in range(min(_NAME_WORDS, len(words) - start), 0, -1):
                name = " ".join(words[start : start + size])
                if claimed := self._named.get(name) or self._codes.get(name):
                    yield start, name, claimed
                    step = size
                    break
            start += step


def _large(claimed: Claims) -> bool:
    """Whether the place is too large for a bigger one of the same name to be missing from the force files."""
    return all(claim.rank < SMALL for claim in claimed)


def _cores(words: list[str]) -> Iterator[tuple[int, int]]:
    """Where the place may start and end, longest first, leaving out words that only lead up to it or trail off."""
    first = next((i for i, word in enumerate(words) if word not in BEFORE), len(words))
    last = next((i for i in range(len(words), 0, -1) if words[i - 1] not in AFTER), 0)
    for size in range(min(_NAME_WORDS, len(words)), 0, -1):
        for start in range(max(0, last - size), min(first, len(words) - size) + 1):
            yield start, start + size


def _core(words: list[str]) -> list[str]:
    """The words with all leading and trailing extras left out."""
    first = next((i for i, word in enumerate(words) if word not in BEFORE), len(words))
    last = next((i for i in range(len(words), 0, -1) if words[i - 1] not in AFTER), 0)
    return words[first:last]


def _between(words: list[str], named: list[Named]) -> list[str]:
    """The words that belong to no name."""
    taken = {i for start, name, _ in named for i in range(start, start + len(name.split()))}
    return [word for i, word in enumerate(words) if i not in taken]


def _meant(words: list[str], found: Named) -> bool:
    """Whether a name inside a sentence is likely a place: short and everyday words need `in`, `from` ... first."""
    start, name, _ = found
    pointed = start > 0 and words[start - 1] in POINTING | STAYING
    if any(letter.isdigit() for letter in name):
        return name not in TEXT_SPEAK and (pointed or (start > 0 and words[start - 1] == "is"))
    return pointed or (len(name) > 3 and name not in ORDINARY)


def _home(words: list[str], start: int) -> bool:
    """Whether the words just before say that this is where the child lives: `i live in`, `im from`."""
    who, verb, before = ["", "", "", *words][start : start + 3]
    myself = {*MYSELF, ""}  # "" is the start of the text
    if before == "from":
        return verb in myself or (verb in COMING and who in myself)
    if before in STAYING:
        return verb in myself
    return before in POINTING and verb in STAYING and who in myself
