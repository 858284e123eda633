"""What tests of decks may ask for: a device with a browser without script, its page, and the ways off it."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.person_app import Field, forms_of

CARDS = ("bodycam", "bail", "stop-search-record")
_CODE = re.compile(r'aria-hidden="true">(\d{3}) (\d{3})</span><span class="unseen">([\d, ]+)</span>')
_AT = re.compile(r'id="deck-at">([^<]+)<')
_SEEN = re.compile(r'name="seen" value="(\d+)"')


def link(page: httpx.Response, words: str) -> str:
    """The address of the link that says this."""
    found = re.search(rf'<a [^>]*href="([^"]+)"[^>]*>{re.escape(words)}<', page.text)
    assert found, f"no link {words!r} on {page.text}"
    return unescape(found[1])


class Device:
    """One device at a deck. `page` is what is on show."""

    def __init__(self, browser: httpx.AsyncClient, force: str = "northmoor") -> None:
        self.browser, self.force = browser, force
        self.page: httpx.Response | None = None

    async def open(self, address: str, **query: str) -> httpx.Response:
        """Opens an address, and follows where it leads."""
        url = httpx.URL(address).copy_merge_params(query)
        return self.keep(await self.browser.get(url, follow_redirects=True))

    async def post(self, address: str, **data: str) -> httpx.Response:
        """Posts to an address, and follows where that leads."""
        return self.keep(await self.browser.post(address, data=data, follow_redirects=True))

    async def start(self, *cards: str, at: int = 1) -> str:
        """Begins a deck on two devices; its code."""
        asked = {"cards": ",".join(cards or CARDS), "at": str(at)}
        answer = await self.post(f"/{self.force}/deck/together", **asked)
        assert answer.status_code == 200, answer.text
        return self.code

    async def join(self, code: str) -> httpx.Response:
        """Types a code."""
        return await self.post("/join", code=code)

    async def turn(self, to: str = "next", **others: str) -> httpx.Response:
        """Presses a button that turns the card."""
        return await self.post(self.action("/deck/turn"), **{**self.held("/deck/turn"), "turn": to, **others})

    async def look(self) -> str:
        """Opens this page again; where the deck is."""
        await self.open(self.address)
        return self.at

    async def end(self) -> httpx.Response:
        """Ends the deck."""
        return await self.post(self.action("/deck/end"), **self.held("/deck/end"))

    def keep(self, page: httpx.Response) -> httpx.Response:
        """From now on this is the page on show."""
        self.page = page
        return page

    def action(self, path: str) -> str:
        """Where the form of the page on show leads whose address has this in it."""
        return self._form(path).action

    def held(self, path: str) -> dict[str, str]:
        """What the same form holds."""
        return dict(self._form(path).values)

    def _form(self, path: str) -> Field:
        assert self.page is not None
        return next(form for form in forms_of(self.page) if path in form.action)

    @property
    def html(self) -> str:
        """The page on show."""
        assert self.page is not None
        return self.page.text

    @property
    def address(self) -> str:
        """Where the page on show is."""
        assert self.page is not None
        return str(self.page.url)

    @property
    def query(self) -> dict[str, str]:
        """What its address says."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.address).query).items()}

    @property
    def here(self) -> str:
        """The handle of this device."""
        return self.query["here"]

    @property
    def at(self) -> str:
        """Where the deck is, as the page says it."""
        found = _AT.search(self.html)
        assert found, self.html
        return found[1]

    @property
    def seen(self) -> str:
        """The change that this page shows."""
        found = _SEEN.search(self.html)
        assert found, self.html
        return found[1]

    @property
    def code(self) -> str:
        """The code that this page shows: the same for eyes and ears."""
        found = _CODE.search(self.html)
        assert found, self.html
        assert ", ".join(found[1] + found[2]) == found[3]
        return found[1] + found[2]
