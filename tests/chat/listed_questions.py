"""The page of all questions as a test reads it: what it lists under each heading, and what each question opens."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import httpx

from api.chat.journey_view import key_of


class Listed(HTMLParser):
    """What the page lists, by the id of the heading or the situation that it stands under, and its headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: dict[str, list[str]] = {}
        self.headings: list[tuple[int, str]] = []
        self.ids = Counter[str]()
        self._part, self._heading = "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.ids.update([has["id"]] if has.get("id") else [])
        if has.get("id", "").startswith(("situation-", "letter-", "found")):
            self._part = has["id"]
        if re.fullmatch("h[1-6]", tag):
            self._heading = True
            self.headings.append((int(tag[1]), ""))
        if has.get("class") == "question":
            self.parts.setdefault(self._part, []).append(opens(has))

    def handle_endtag(self, tag: str) -> None:
        self._heading &= not re.fullmatch("h[1-6]", tag)

    def handle_data(self, data: str) -> None:
        if self._heading:
            self.headings[-1] = (self.headings[-1][0], self.headings[-1][1] + data)

    def under(self, start: str) -> dict[str, list[str]]:
        """The keys of each part whose id begins so."""
        return {part: keys for part, keys in self.parts.items() if part.startswith(start)}

    @property
    def all(self) -> list[str]:
        """Every key of the letters."""
        return [key for keys in self.under("letter-").values() for key in keys]


def opens(has: dict[str, str]) -> str:
    """The key of what a link or a button opens."""
    if "href" not in has:
        return has["value"]
    there = urlsplit(has["href"])
    name = there.path.partition("/journey/")[2]
    return key_of(name) if name else parse_qs(there.query)["card"][0]


async def listed(client: httpx.AsyncClient, force: str = "northmoor", **query: str) -> Listed:
    page = await client.get(f"/{force}/questions", params=query)
    assert page.status_code == 200
    return Listed(page.text)
