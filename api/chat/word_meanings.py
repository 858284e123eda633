"""What a hard word means, from the signed words of a Pack and from nowhere else."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from accessibility.rule_finding import LEVELS, Level
from content.pack import Pack
from content.signed_words import SignedWord


def signed_word(key: str, level: Level, pack: Pack, today: date) -> SignedWord | None:
    """A word as it is signed at a level; at the easiest other one where no live card has it there; None for neither."""
    order = dict.fromkeys((level, *reversed(LEVELS)))
    return next((found for one in order if (found := _signed_words(one, pack, today).get(key))), None)


# A Pack never changes and the day only at midnight.
@lru_cache(maxsize=200)
def _signed_words(level: Level, pack: Pack, today: date) -> Mapping[str, SignedWord]:
    """Every word that a live card explains, by id; as the newest signature has it. The glossary is English."""
    cards = sorted(pack.live(today).items(), key=lambda item: (item[1].signed_on, item[0]))
    return {word.id: word for _, signed in cards for word in signed.words.levels[level].words}
