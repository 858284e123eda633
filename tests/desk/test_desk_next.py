"""The desk's pages say where one is, what comes next, and what came of what was just done."""

import re

import pytest

from tests.desk.test_desk_cards import CARD, LAYER, changed, do
from tests.desk_app import DeskApp

HOME = f"/desk/{LAYER}"


@pytest.mark.parametrize(
    ("layer", "role"),
    [(LAYER, "editor"), (LAYER, "reviewer"), (LAYER, "lead"), ("national", "reviewer"), ("national", "admin")],
)
async def test_whatever_the_desk_links_to_opens_and_says_where_one_is(desk: DeskApp, layer: str, role: str) -> None:
    person = await desk.person(layer, role)
    home = (await person.get(f"/desk/{layer}")).text
    menu = home.partition('aria-label="Desk"')[2].partition("</nav>")[0]
    places = re.findall(r'href="([^"]+)"', menu)
    assert len(places) >= 4
    titles = []
    for place in places:
        page = await person.get(place)
        assert page.status_code == 200, place
        assert f'<a href="{place}" aria-current="page">' in page.text
        titles += re.findall(r"<title[^>]*>([^<]+)</title>", page.text)
    assert len(set(titles)) == len(places)


async def test_the_first_page_says_what_waits_for_whom(desk: DeskApp) -> None:
    editor, reviewer, lead = [await desk.person(LAYER, role) for role in ("editor", "reviewer", "lead")]
    assert "Nothing now." in (await lead.get(HOME)).text
    saved = await editor.post(f"{CARD}/edit", seen="0", **changed(desk))
    assert "The draft is saved." in (await editor.get(saved.headers["location"])).text
    assert "1 in draft, not sent to review" in (await editor.get(HOME)).text
    sent = await do(editor, "submit")
    assert "Sent to review." in (await editor.get(sent.headers["location"])).text
    assert "1 to read and approve" in (await reviewer.get(HOME)).text
    assert "to read and approve" not in (await lead.get(HOME)).text
    await do(reviewer, "approve")
    assert "1 to read and sign" in (await lead.get(HOME)).text
    assert "to read and sign" not in (await reviewer.get(HOME)).text


async def test_a_page_says_nothing_of_what_was_not_done(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor")
    assert "Children see these words now." not in (await editor.get(f"{CARD}?done=sign")).text


async def test_signing_with_nothing_ticked_says_so(desk: DeskApp) -> None:
    lead = await desk.person(LAYER, "lead")
    answer = await lead.post(f"{HOME}/sign")
    assert answer.status_code == 422
    assert "Tick the cards that you have read and sign." in answer.text


async def test_withdrawn_words_are_not_said_to_be_shown_and_the_reason_stands_on_the_card(desk: DeskApp) -> None:
    lead, editor = await desk.person(LAYER, "lead"), await desk.person(LAYER, "editor")
    assert "Children see words signed by" in (await editor.get(CARD)).text
    assert (await do(lead, "withdraw", comment="The number was wrong.")).status_code == 303
    page = (await editor.get(CARD)).text
    assert "Children see words signed by" not in page
    assert "The number was wrong." in page.partition("What you can do")[0]


async def test_a_reason_that_is_missing_opens_its_field_again(desk: DeskApp) -> None:
    page = await do(await desk.person(LAYER, "lead"), "withdraw", comment=" ")
    assert page.status_code == 409
    field = re.search(r'<details open>.*?<textarea id="comment-withdraw"([^>]*)>', page.text, re.S)
    assert field
    assert 'aria-describedby="told-off"' in field[1]


async def test_a_fact_that_is_left_out_is_named_in_words(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor")
    await editor.post(f"{CARD}/edit", seen="0", **{**changed(desk), "says_easy_1": []})
    page = (await editor.get(CARD)).text
    assert "Not said at: Easy words." in page
    assert "says=" not in page


async def test_words_that_cannot_be_kept_say_so_at_the_top(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor")
    sent = {**changed(desk), "text_easy_0": "{{ local.nothing }}"}
    page = await editor.post(f"{CARD}/edit", seen="0", **sent)
    assert page.status_code == 422
    assert "Not saved yet." in page.text.partition("<form")[2].partition("<fieldset")[0]


async def test_what_came_of_a_fact_is_told_where_it_was_saved(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor")
    answer = await editor.post(
        f"{HOME}/facts", group="picture", **{"value.bodycam_days": "45", "seen.bodycam_days": "0"}
    )
    assert answer.headers["location"].endswith("#picture")
    page = (await editor.get(answer.headers["location"].partition("#")[0])).text
    assert "Saved:" in page.partition('id="picture"')[2].partition("<label")[0]


async def test_a_source_is_found_by_its_name_and_an_editor_is_offered_no_recall(desk: DeskApp) -> None:
    editor, lead = await desk.person(LAYER, "editor"), await desk.person(LAYER, "lead")
    page = (await lead.get(f"{HOME}/recall?find=data+PROTECTION+act")).text
    found = re.findall(r'<th scope="row"><a href="([^"]+)">([^<]+)</a>', page)
    assert found
    assert all("Data Protection Act" in title for _, title in found)
    offer = "Send all of them back to review"
    assert offer in (await lead.get(found[0][0].replace("&amp;", "&"))).text
    assert offer not in (await editor.get(found[0][0].replace("&amp;", "&"))).text
