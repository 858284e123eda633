"""Makes the alarm's phrases ready while nobody waits for them, so that no child's first message does."""

import asyncio
from dataclasses import dataclass

from content.danger import Alarm

# About a millisecond of work each: a twentieth of one core for the first minute or so.
_BETWEEN_SECONDS = 0.02


@dataclass(frozen=True)
class PhrasesAhead:
    """Goes through the phrases once, from the app's start. A message that comes earlier makes what it needs itself."""

    alarm: Alarm

    async def walk(self) -> None:
        """Makes one phrase ready at a time, and lets others have their turn."""
        for phrase in self.alarm.phrases():
            if not phrase.ready:
                phrase.make_ready()
                await asyncio.sleep(_BETWEEN_SECONDS)
