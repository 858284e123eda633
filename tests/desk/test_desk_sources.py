"""The desk's page of sources: oldest first, what the last check found, a way to the recall, and for whom it is."""

import html
import re

import pytest

from api.records.source_checks import NotFetched, keep_check
from tests.desk_app import DeskApp
from tests.doors import doors
from tests.staff_pages import changed_source, says

AT = "/desk/{}/sources"


@pytest.mark.parametrize(
    ("layer", "role", "status"),
    [
        ("northmoor", "lead", 200),
        ("national", "lead", 200),
        ("national", "admin", 200),
        ("northmoor", "editor", 404),
        ("northmoor", "reviewer", 404),
    ],
)
async def test_it_is_for_leads_and_admins(desk: DeskApp, layer: str, role: str, status: int) -> None:
    person = await desk.person(layer, role)
    assert (await person.get(AT.format(layer))).status_code == status
    for other in ("southmere", "nowhere", "provider:young-voices"):
        assert (await person.get(AT.format(other))).status_code == 404
    at_home = (await person.get(f"/desk/{layer}")).text
    assert (f'href="{AT.format(layer)}"' in at_home) is (status == 200)


async def test_every_source_is_there_with_the_oldest_first(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead")
    page = (await lead.get(AT.format("northmoor"))).text
    assert "No source was checked by a program yet." in page
    days = [int(found) for found in re.findall(r"(-?\d+) days? ago", page)]
    cards = doors(desk.app).desk.wordings.cards.values()
    assert len(days) == len({source.url for card in cards for source in card.sources.values()})
    assert days == sorted(days, reverse=True)
    assert "free copy of video" in html.unescape(page)


@pytest.mark.parametrize("layer", ["northmoor", "national"])
async def test_what_has_changed_leads_to_its_recall_in_one_press(desk: DeskApp, layer: str) -> None:
    source = changed_source(doors(desk.app).desk.wordings.cards.values())
    for words in ("One.", "Two."):
        async with desk.database.begin() as session:
            await keep_check(session, source, says(words), desk.clock())
    lead = await desk.person(layer, "lead")
    page = (await lead.get(AT.format(layer))).text
    panel = page.partition("Changed since they were read")[2].partition("<form")[0]
    bodycam = doors(desk.app).desk.wordings.cards["bodycam"].question
    assert bodycam in html.unescape(panel)
    (link,) = re.findall(r'href="(/desk/[^"]+/recall\?source=[^"]+)"', panel)
    recall = await lead.get(html.unescape(link))
    assert recall.status_code == 200
    assert source.url in recall.text


async def test_nothing_that_a_site_says_is_taken_for_html(desk: DeskApp) -> None:
    source = changed_source(doors(desk.app).desk.wordings.cards.values())
    async with desk.database.begin() as session:
        await keep_check(session, source, NotFetched("not-text", "<script>alert(1)</script>"), desk.clock())
    lead = await desk.person("northmoor", "lead")
    page = (await lead.get(AT.format("northmoor"), params={"find": "<b>"})).text
    assert "<b>" not in page
    page = (await lead.get(AT.format("northmoor"), params={"find": source.url.upper()})).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "1 source with “" in page


async def test_the_page_changes_nothing(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead")
    assert (await lead.post(AT.format("northmoor"))).status_code == 405
    assert 'method="post" action="/desk/northmoor/sources' not in (await lead.get(AT.format("northmoor"))).text
