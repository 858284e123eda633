"""Every page through html-validate, and those a child meets first through pa11y: neither may find anything."""

import json

import httpx
import pytest

from tests.page_tools import run, tool

PAGES_OF_A_CHILD = (
    "/",
    "/where",
    "/northmoor",
    "/northmoor?mode=shared",
    "/northmoor?mode=alongside&card=fingerprints-dna",
    "/alongside",
    "/alongside/guide",
    "/looks",
    "/safety",
    "/credits",
    "/pictures",
    "/passport",
    "/northmoor/journey",
    "/northmoor/questions",
    "/northmoor/journey/arrested",
    "/northmoor/ask/fingerprints-dna",
    "/northmoor/ask/fingerprints-dna?big=1",
    "/northmoor/sheet?cards=fingerprints-dna,my-phone,not-there",
    "/northmoor/sheet",
    "/northmoor/keep",
    "/northmoor/letter",
    "/northmoor/letter/write",
    "/northmoor/clock",
    "/northmoor/posters",
    "/northmoor/poster?place=custody",
    "/northmoor/person",
    "/northmoor/person/back",
    "/not-there",
)
LEVELS = ("standard", "simple", "easy")
ASKED = ("fingerprints-dna", "my-phone", "in-danger", "talk-to-a-person", "menu/arrested", "not-there")


async def test_html_validate_finds_nothing_on_any_page_at_any_level(client: httpx.AsyncClient) -> None:
    tool("html-validate")
    pages: dict[str, str] = {}
    for level in LEVELS:
        for path in PAGES_OF_A_CHILD:
            page = await client.get(path, params={"reading": level}, follow_redirects=True)
            pages[f"{path} {level}"] = page.text
        for card in ASKED:
            said = {"card": card}
            page = await client.post(f"/northmoor/say?reading={level}", data=said, follow_redirects=True)
            pages[f"{card} {level}"] = page.text
        for text in ("", "marmalade"):
            search = {"chat": "", "text": text}
            page = await client.post(f"/northmoor/questions?reading={level}", data=search, follow_redirects=True)
            pages[f"search {text} {level}"] = page.text
    rang = await client.post("/northmoor/say", data={"text": "my dad is hitting me right now"}, follow_redirects=True)
    assert 'data-alarm="' in rang.text
    pages["alarm"] = rang.text
    for path in ("/register", "/register/northmoor", "/desk/sign-in"):
        pages[path] = (await client.get(path)).text
    found = run("markup.mjs", stdin=json.dumps(pages))
    assert found == []


@pytest.mark.browser
def test_pa11y_finds_nothing_on_the_pages_of_a_child(address: str) -> None:
    tool("pa11y")
    assert run("pa11y.mjs", *(f"{address}{path}" for path in PAGES_OF_A_CHILD)) == []
