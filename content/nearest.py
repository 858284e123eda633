"""The slower friend: finds cards by likeness to their example questions, for when the bot is away."""

from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process, utils

_LIKE_ENOUGH = 62.0
_LOOKED_AT = 40


class Nearest:
    """All example questions, to be compared with what a child typed."""

    def __init__(self, examples: Mapping[str, Sequence[str]]) -> None:
        self._lines = [(utils.default_process(line), key) for key, lines in examples.items() for line in lines]

    def find(self, text: str, limit: int = 3) -> list[str]:
        """Up to `limit` card keys, the most alike first; empty when nothing is alike enough."""
        hits = process.extract(
            text,
            [line for line, _ in self._lines],
            scorer=fuzz.token_set_ratio,
            processor=utils.default_process,
            score_cutoff=_LIKE_ENOUGH,
            limit=_LOOKED_AT,
        )
        best: dict[str, float] = {}
        for line, score, position in hits:
            # token_set_ratio gives 100 to any subset; the plain ratio sorts those out.
            value = score + fuzz.ratio(utils.default_process(text), line)
            key = self._lines[position][1]
            best[key] = max(best.get(key, 0.0), value)
        return sorted(best, key=lambda key: -best[key])[:limit]
