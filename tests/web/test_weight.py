"""Page budgets: the chat page with its styles and scripts is small enough for a slow line, in every way it is shown."""

import gzip
import re

import httpx
import pytest

from tests.chat.test_pages import token

PAGE = 60_000
"""Bytes of HTML, CSS and JavaScript together, compressed."""
SCRIPTS = 30_000
"""Bytes of JavaScript together, as written."""
LOADED = re.compile(r'<(?:link rel="(?:stylesheet|modulepreload)" href|script src)="([^"]+)"')
READINGS = ("", "standard", "simple", "easy", "easy.biggest.dyslexic.wide.dark", "shared", "easy.shared", "alongside")


async def weigh(client: httpx.AsyncClient, page: httpx.Response) -> tuple[int, int]:
    """Compressed bytes of a page with its styles and scripts, and the bytes of its scripts."""
    whole, scripts = len(gzip.compress(page.content)), 0
    for address in sorted(set(LOADED.findall(page.text))):
        part = await client.get(address)
        assert part.status_code == 200
        whole += len(gzip.compress(part.content))
        scripts += len(part.content) if ".js" in address else 0
    return whole, scripts


@pytest.mark.parametrize("reading", READINGS)
async def test_the_chat_page_is_light_however_it_is_read(client: httpx.AsyncClient, reading: str) -> None:
    query = {"reading": reading} if reading else {}
    first = await client.get("/northmoor", params=query, follow_redirects=True)
    pages = {"first": first}
    for name, card in {"answer": "fingerprints-dna", "choices": "menu/arrested"}.items():
        pressed = {"chat": token(first), "card": card}
        pages[name] = await client.post("/northmoor/say", params=query, data=pressed, follow_redirects=True)
    for name, page in pages.items():
        assert page.status_code == 200
        whole, scripts = await weigh(client, page)
        assert scripts > 0
        assert (name, whole) <= (name, PAGE)
        assert (name, scripts) <= (name, SCRIPTS)


async def test_a_shared_screen_is_weighed_with_what_it_alone_loads(client: httpx.AsyncClient) -> None:
    alone = await weigh(client, await client.get("/northmoor?reading=easy"))
    shared = await weigh(client, await client.get("/northmoor?reading=easy.shared", follow_redirects=True))
    assert shared[1] > alone[1]
