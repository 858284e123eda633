"""A bot for tests: the only fake on the way of a message. It says what it was told to, or is away."""

from api.chat.dialogue.understand import BotAway, BotState, Understood
from content.card_file import CARDS

_MANY = 40


class FakeBrain:
    """Answers each text with the ranking told for it; anything else is out of scope."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Back to the start: awake, and told nothing."""
        self.told: dict[str, list[tuple[str, float]]] = {}
        self.entities: dict[str, str] = {}
        self.away = False
        self.leaves_after: int | None = None
        self.asked: list[str] = []
        self.new: list[bool] = []

    def tell(self, text: str, *ranking: tuple[str, float]) -> None:
        """From now on this text means these intents, best first."""
        self.told[text] = list(ranking)

    def waver(self, text: str, *keys: str) -> None:
        """From now on this text may mean any of these cards, or less likely any of many more: none is likely enough."""
        others = [
            path.stem for path in sorted(CARDS.glob("*.md")) if path.stem not in keys and "alarm" not in path.stem
        ]
        self.tell(text, *((key, 0.06) for key in keys), *((key, 0.02) for key in others[:_MANY]))

    async def parse(self, text: str, seconds: float | None = None, *, new: bool = False) -> Understood:
        """What it was told to say."""
        assert seconds is None or seconds > 0
        self.asked.append(text)
        self.new.append(new)
        if self.away or (self.leaves_after is not None and len(self.asked) > self.leaves_after):
            raise BotAway("away")
        # After the question of an open card a message means what it means alone.
        known = next((told for told in self.told if text == told or text.endswith(f" {told}")), "")
        return Understood(tuple(self.told.get(known, [("out-of-scope", 0.9)])), self.entities)

    async def state(self) -> BotState:
        """Awake, unless it is away."""
        return "away" if self.away else "ok"

    async def close(self) -> None:
        """Nothing to let go of."""
