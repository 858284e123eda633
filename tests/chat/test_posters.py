"""Posters: one page for a wall, with a code that opens a chat, vetted lines and help; found from the register."""

import re

import httpx
import pytest
import segno

from api.chat.sheets.poster_routes import PLACES
from tests.chat.test_sheets import WORDS, said


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("force", ["northmoor", "kent", "england-and-wales"])
async def test_a_poster_says_where_to_look_and_who_helps(client: httpx.AsyncClient, place: str, force: str) -> None:
    page = await client.get(f"/{force}/poster?place={place}&ink=black")
    found = re.search(r'<article class="sheet poster".*?</article>', page.text, re.DOTALL)
    assert found
    shown = said(found[0])
    for line in ("1", "2", "3"):
        assert WORDS[f"poster_{place}_{line}"] in shown
    for name in ("poster_title", "practice", "closed_danger", "closed_talk", "sheet_code"):
        assert WORDS[name] in shown
    assert f"{force}" in shown
    assert ("has not checked them yet" in shown) == (force == "kent")
    drawn = segno.make(f"http://127.0.0.1:8000/{force}", micro=False, error="m").svg_inline(border=4, dark="#000")
    assert re.findall(r'd="(M[^"]+)"', drawn)[-1] in page.text


async def test_posters_are_chosen_on_a_page_that_the_register_leads_to(client: httpx.AsyncClient) -> None:
    register = (await client.get("/register/northmoor")).text
    assert 'href="/northmoor/posters"' in register
    assert "/posters" not in (await client.get("/register/police-scotland")).text
    page = (await client.get("/northmoor/posters")).text
    links = re.findall(r'href="(/northmoor/poster\?place=(\w+))"', page)
    assert [place for _, place in links] == list(PLACES)
    assert (await client.get("/northmoor/poster?place=prison")).status_code == 404
    assert (await client.get("/northmoor/poster.pdf?place=prison")).status_code == 404
