"""A child at the JSON API: starts a chat and says things, holding the token as a page would."""

import asyncio
from typing import Any

import httpx


class Child:
    """One child's chat."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.token = ""

    async def start(self, force: str | None = "northmoor", level: str = "simple") -> dict[str, Any]:
        """Opens a chat; gives the first reply."""
        answer = await self._client.post("/api/v1/chats", json={"force": force, "level": level})
        assert answer.status_code == 201, answer.text
        return self._keep(answer)

    async def say(self, text: str) -> dict[str, Any]:
        """Types something; gives the reply."""
        return await self._send(text=text)

    async def say_in_time(self, text: str) -> dict[str, Any]:
        """Types something, as late as the page asks for it; gives the reply, without an answer where it is too long."""
        while True:
            answer = await self._client.post("/api/v1/chats/say", json={"chat": self.token, "text": text})
            if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
                # Longer than is answered: the page says so, and keeps the words in the box.
                return {"kind": "not-sure", "card": None, "near": []}
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                assert answer.status_code == httpx.codes.OK, answer.text
                return self._keep(answer)
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))

    async def press(self, card: str) -> dict[str, Any]:
        """Presses a card's button."""
        return await self._send(card=card)

    async def act(self, act: str) -> dict[str, Any]:
        """Presses simpler, again, back or person."""
        return await self._send(act=act)

    async def page(self) -> str:
        """The page that shows the last reply, as a browser without script gets it."""
        return (await self._client.get("/northmoor", params={"chat": self.token})).text

    async def _send(self, **said: str) -> dict[str, Any]:
        answer = await self._client.post("/api/v1/chats/say", json={"chat": self.token, **said})
        assert answer.status_code == 200, answer.text
        return self._keep(answer)

    def _keep(self, answer: httpx.Response) -> dict[str, Any]:
        body: dict[str, Any] = answer.json()
        self.token = body["chat"]
        return dict(body["reply"])
