"""How a reader likes to read: kept from page to page in the address alone, whatever anybody types there."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessibility.preferences import CHOICES, Reading
from api.web.page_state import NAME, with_query

readings = st.builds(
    Reading, **{name: st.sampled_from([choice or None for choice in found]) for name, found in CHOICES.items()}
)


@given(readings)
def test_a_code_gives_the_same_choices_again(reading: Reading) -> None:
    assert Reading.of(reading.code) == reading


@given(st.text(max_size=300))
def test_whatever_stands_in_an_address_is_a_reading_of_ours(code: str) -> None:
    again = Reading.of(code).code
    assert Reading.of(again) == Reading.of(code)
    assert set(again.split(".")) <= {"", *(word for choices in CHOICES.values() for word in choices)}


def test_no_word_belongs_to_two_choices() -> None:
    words = [word for choices in CHOICES.values() for word in choices[1:]]
    assert len(words) == len(set(words))


def test_who_chose_nothing_has_nothing_in_the_address() -> None:
    assert Reading().code == ""
    assert with_query("/safety", {NAME: Reading().code}) == "/safety"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/", "/?reading=dark"),
        ("/northmoor?chat=x#latest", "/northmoor?chat=x&reading=dark#latest"),
        ("/?reading=white", "/?reading=white"),
    ],
)
def test_an_address_carries_the_choices_on(before: str, after: str) -> None:
    assert with_query(before, {NAME: "dark"}) == after


@pytest.mark.parametrize("address", ["https://x.test/", "//x.test/", "#main", "tel:999"])
def test_other_hosts_carry_nothing(address: str) -> None:
    assert with_query(address, {NAME: "dark"}) == address


async def test_pictures_and_styles_carry_nothing(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor", params={"reading": "dark"})
    loaded = re.findall(r' (?:href|src)="(/(?:static|pictures|fonts)/[^"]*)"', page.text)
    assert len(loaded) > 5
    assert [address for address in loaded if "?" in address] == []


async def every_link_of(page: httpx.Response) -> list[str]:
    return [unescape(found) for found in re.findall(r' (?:href|action|formaction)="(/[^"]*)"', page.text)]


@pytest.mark.parametrize("path", ["/", "/northmoor", "/safety", "/credits", "/northmoor/person/back"])
async def test_every_link_and_form_of_a_page_carries_them_on(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, params={"reading": "easy.dark.bigger"})
    assert 'data-paper="dark"' in page.text
    assert 'data-size="bigger"' in page.text
    links = [link for link in await every_link_of(page) if not link.startswith(("/static/", "/pictures/"))]
    assert links
    # The button for pictures is what changes a choice.
    for link in [link for link in links if "no-pictures" not in link]:
        assert parse_qs(urlsplit(link).query)["reading"] == ["easy.bigger.dark"], link


async def test_a_form_without_script_leads_to_a_page_that_still_looks_so(client: httpx.AsyncClient) -> None:
    page = await client.post("/northmoor/say?reading=easy.dark", data={"card": "my-phone"}, follow_redirects=True)
    assert 'data-paper="dark"' in page.text
    assert 'data-level="easy"' in page.text


async def test_nothing_is_stored_on_the_device(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor", params={"reading": "dark"})
    assert "set-cookie" not in page.headers
