"""A bot for tests: the only fake on the way of a message. It says what it was told to, or is away."""

from api.chat.rasa_client import BotAway, BotState, Understood


class FakeBrain:
    """Answers each text with the ranking told for it; anything else is out of scope."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Back to the start: awake, and told nothing."""
        self.told: dict[str, list[tuple[str, float]]] = {}
        self.entities: dict[str, str] = {}
        self.away = False
        self.asked: list[str] = []
        self.new: list[bool] = []

    def tell(self, text: str, *ranking: tuple[str, float]) -> None:
        """From now on this text means these intents, best first."""
        self.told[text] = list(ranking)

    async def parse(self, text: str, seconds: float | None = None, *, new: bool = False) -> Understood:
        """What it was told to say."""
        assert seconds is None or seconds > 0
        self.asked.append(text)
        self.new.append(new)
        if self.away:
            raise BotAway("away")
        ranking = self.told.get(text, [("out-of-scope", 0.9)])
        return Understood(tuple(ranking), self.entities)

    async def state(self) -> BotState:
        """Awake, unless it is away."""
        return "away" if self.away else "ok"

    async def close(self) -> None:
        """Nothing to let go of."""
