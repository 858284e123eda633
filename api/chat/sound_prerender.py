"""Makes the sounds of live words ahead, one at a time behind everything else, and removes those of other words."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import date
from random import shuffle

from accessibility.rule_finding import LEVELS, Level
from api.chat.sounds import Sounds
from api.records.pack_cache import PackCache
from content.language import LANGUAGES
from content.pack import Pack
from content.signed_words import SignedWords

ROUND_SECONDS = 3.0
"""How long it rests between two looks at the pack cache; the first is after the first answers."""
_log = logging.getLogger(__name__)


class SoundsAhead:
    """Goes round until the app ends, and works when the packs have changed. Any number of processes may each have one.

    With `ahead` False it only tidies up, and a sound is made when it is first pressed.
    """

    def __init__(self, pack_cache: PackCache, sounds: Sounds, *, ahead: bool) -> None:
        self._pack_cache, self._sounds, self._ahead = pack_cache, sounds, ahead
        self._done: tuple[Pack, date] | None = None

    async def walk(self) -> None:
        """Looks for the voice once, then round after round, until it is cancelled."""
        await asyncio.sleep(ROUND_SECONDS)
        await self._sounds.look()
        while True:
            try:
                await self.round()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next round must come
                _log.warning("sounds are not made ahead until this has passed: %s", type(error).__name__)
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Makes what is missing of the words that are live now. Leaves off when the pack cache changes."""
        seen = self._seen()
        if seen == self._done:
            return
        needed: dict[str, tuple[SignedWords, Level]] = {}
        for words in self._live(seen[1]):
            needed |= {name: (words, level) for level in LEVELS if (name := self._sounds.needs(words, level))}
            # Answers go first.
            await asyncio.sleep(0)
        # An empty shelf is one that was not read yet.
        if needed:
            await asyncio.to_thread(self._sounds.keep_only, needed)
        wanted = list(needed.values()) if self._ahead else []
        # Each process in an order of its own, so that two seldom make the same.
        shuffle(wanted)
        for words, level in wanted:
            if self._seen() != seen:
                return
            await self._sounds.of(words, level, nice=True)
        self._done = seen

    def _seen(self) -> tuple[Pack, date]:
        # The pack cache makes new Packs whenever anything changes.
        return self._pack_cache.pack(None), self._pack_cache.today()

    def _live(self, today: date) -> Iterator[SignedWords]:
        for force in (None, *self._pack_cache.forces):
            for language in LANGUAGES:
                for signed in self._pack_cache.pack(force, language).live(today).values():
                    yield signed.words
