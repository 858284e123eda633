"""Asks the bot which card a message is about: one POST to Rasa, and BotAway whenever that fails or takes too long."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
from anyio import fail_after

from api.chat.bot_queue import BotQueue
from api.chat.dialogue.understand import BotAway, BotState, Understood

AT_ONCE = 4
"""How many messages are with the bot at once. It reads one at a time; more would only wait there instead of here."""
_JSON = {"Content-Type": "application/json"}
_FAULTS = (TimeoutError, httpx.HTTPError, httpx.InvalidURL)


class RasaBrain:
    """Rasa over HTTP. `seconds` is the longest a child waits for it.

    It talks to a bare transport: nothing that the environment names, such as a proxy, comes between, and no
    redirect is followed, so a child's words go to this address and nowhere else.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, url: str, token: str, seconds: float) -> None:
        self._transport, self._seconds = transport, seconds
        query = {"token": token} if token else {}
        self._parse_url = httpx.URL(url.rstrip("/") + "/model/parse", params=query)
        self._status_url = httpx.URL(url.rstrip("/") + "/status", params=query)
        self._was_awake = False
        # Never more than there are connections: who gives up waiting for one may leave it taken for good.
        self._turns = BotQueue(AT_ONCE)

    async def parse(self, text: str, seconds: float | None = None, *, new: bool = False) -> Understood:
        """What Rasa makes of a message. Raises BotAway when it is slow, missing, refuses, or answers nonsense."""
        # Escaped, so that no message can be one that UTF-8 cannot hold.
        body = json.dumps({"text": text}, separators=(",", ":")).encode("ascii")
        request = httpx.Request("POST", self._parse_url, content=body, headers=_JSON)
        try:
            understood = _understood(json.loads(await self._ask(request, seconds or self._seconds, new=new)))
        except (*_FAULTS, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            # The error may quote the message, so it is not chained to what is logged.
            raise BotAway(type(error).__name__) from None
        self._was_awake = True
        return understood

    async def _ask(self, request: httpx.Request, seconds: float, *, new: bool = False) -> bytes:
        # asyncio's own timeout breaks into what httpx shields, and a connection that is being closed stays taken.
        with fail_after(seconds):
            async with self._turns.turn(new=new):
                answer = await self._transport.handle_async_request(request)
                body = await answer.aread()
                await answer.aclose()
        if answer.status_code != httpx.codes.OK:
            raise ValueError("refused")
        return body

    async def state(self) -> BotState:
        """ok when Rasa has its model; waking before it first answered; away after."""
        try:
            await self._ask(httpx.Request("GET", self._status_url), self._seconds)
        except (*_FAULTS, ValueError):
            return "away" if self._was_awake else "waking"
        self._was_awake = True
        return "ok"

    async def close(self) -> None:
        """Lets go of every connection."""
        await self._transport.aclose()


def _understood(raw: Mapping[str, Any]) -> Understood:
    ranking = tuple((guess["name"], float(guess["confidence"])) for guess in raw["intent_ranking"])
    entities = {str(entity["entity"]): str(entity["value"]) for entity in raw["entities"]}
    if not ranking or not all(isinstance(name, str) and 0 <= confidence <= 1 for name, confidence in ranking):
        raise ValueError("not a ranking")
    return Understood(ranking, entities)
