"""A card's way through the desk, as its people walk it: written, checked, reviewed, signed, seen, recalled."""

import re

import httpx
import pytest

from content.editing import Typed, typed
from tests.console_conversation import plain
from tests.desk_app import DeskApp, Person
from tests.doors import doors

LAYER, KEY = "northmoor", "bodycam"
CARD = f"/desk/{LAYER}/cards/{KEY}"


def fields(texts: Typed) -> dict[str, object]:
    """The editor's form, filled in."""
    sent: dict[str, object] = {}
    for level, text in texts.items():
        sent |= {f"question_{level}": text.question, f"label_{level}": text.label}
        for at, idea in enumerate(text.ideas):
            sent |= {
                f"text_{level}_{at}": idea.text,
                f"symbol_{level}_{at}": idea.symbol,
                f"says_{level}_{at}": list(idea.says),
                f"place_{level}_{at}": str(idea.place),
                f"answers_{level}_{at}": list(idea.answers),
            }
            sent |= {f"rest_{level}_{at}": "stays"} if idea.rest_stays else {}
    return sent


def changed(desk: DeskApp, old: str = "You can ask for", new: str = "You could ask for") -> dict[str, object]:
    """The bodycam card with a few words changed."""
    sent = fields(typed(doors(desk.app).desk.wordings.cards[KEY]))
    return {name: value.replace(old, new) if isinstance(value, str) else value for name, value in sent.items()}


def shown(page: httpx.Response) -> str:
    """The fingerprint of the words that a card's page shows."""
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page.text)
    assert found, "the page offers nothing to do"
    return found[1]


async def do(person: Person, doing: str, **others: str) -> httpx.Response:
    """One act from the card's page, on the words that it shows."""
    return await person.post(f"{CARD}/{doing}", shown=shown(await person.get(CARD)), **others)


async def child_reads(desk: DeskApp, level: str = "standard") -> str:
    """What a child in Northmoor is given for the card."""
    answer = await desk.browser().get(f"/api/v1/forces/{LAYER}/cards/{KEY}?level={level}")
    return answer.text


async def test_from_draft_to_a_child(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor", "Ed Practice")
    reviewer = await desk.person(LAYER, "reviewer", "Rey Practice")
    lead = await desk.person(LAYER, "lead", "Lee Practice")
    assert (await editor.post(f"{CARD}/edit", seen="0", **changed(desk))).status_code == 303
    assert "You could ask for" not in await child_reads(desk)
    assert (await do(editor, "submit")).status_code == 303
    page = await lead.get(CARD)
    assert "<mark>could</mark>" in page.text
    # Who finds their way by regions finds each under a name of its own.
    named = re.findall(r'<(?:section|div)[^>]* aria-label="([^"]+)"', page.text)
    assert len(named) > 3
    assert len(set(named)) == len(named)
    assert "Ed Practice" in page.text
    refused = await lead.post(f"{CARD}/sign", shown=shown(page))
    assert refused.status_code == 409
    assert "No reviewer has approved exactly these words." in refused.text
    assert (await do(reviewer, "approve")).status_code == 303
    assert "You could ask for" not in await child_reads(desk)
    assert (await do(lead, "sign")).status_code == 303
    assert "You could ask for" in await child_reads(desk)
    assert "Stage: <strong>signed</strong>" in (await editor.get(CARD)).text


async def test_nobody_approves_or_signs_what_they_changed(desk: DeskApp) -> None:
    lead, reviewer = await desk.person(LAYER, "lead"), await desk.person(LAYER, "reviewer")
    await lead.post(f"{CARD}/edit", seen="0", **changed(desk))
    await do(lead, "submit")
    await do(reviewer, "approve")
    page = await lead.get(CARD)
    assert f'action="{CARD}/sign"' not in page.text
    answer = await lead.post(f"{CARD}/sign", shown=await fingerprint(desk))
    assert answer.status_code == 409
    assert "You changed some of these words yourself." in answer.text


async def fingerprint(desk: DeskApp) -> str:
    """The fingerprint of the card's words now."""
    async with desk.database.begin() as session:
        found = await doors(desk.app).desk.wordings.of(session, LAYER, [KEY])
    return str(found[KEY].words.fingerprint)


async def test_an_edit_after_approval_voids_it_and_a_stale_page_signs_nothing(desk: DeskApp) -> None:
    editor, reviewer = await desk.person(LAYER, "editor"), await desk.person(LAYER, "reviewer")
    lead = await desk.person(LAYER, "lead")
    await editor.post(f"{CARD}/edit", seen="0", **changed(desk))
    await do(editor, "submit")
    await do(reviewer, "approve")
    old = await fingerprint(desk)
    again = changed(desk, new="You are allowed to ask for")
    assert (await editor.post(f"{CARD}/edit", seen="3", **again)).status_code == 303
    answer = await lead.post(f"{CARD}/sign", shown=old)
    assert answer.status_code == 409
    assert "Somebody else did something to these words just now" in answer.text
    assert "allowed to ask" not in await child_reads(desk)


async def test_what_was_typed_is_kept_when_somebody_else_was_quicker(desk: DeskApp) -> None:
    one, other = await desk.person(LAYER, "editor", "One Practice"), await desk.person(LAYER, "editor")
    await one.post(f"{CARD}/edit", seen="0", **changed(desk))
    mine = changed(desk, new="Anybody can ask for")
    answer = await other.post(f"{CARD}/edit", seen="0", **mine)
    assert answer.status_code == 409
    assert "Anybody can ask for" in answer.text
    assert "One Practice" in answer.text
    assert 'name="seen" value="1"' in answer.text
    assert (await other.post(f"{CARD}/edit", seen="1", **mine)).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("text_easy_0", "# A heading", "no line starts with #"),
        ("text_easy_0", "Ask {{ local.nothing }}", "no slot"),
        ("text_easy_0", "{{ 7 * 7 }} {% for x in y %}", "only local.&lt;name&gt; or help.&lt;name&gt; may stand"),
        ("text_easy_0", "{{ 9 ** 9 ** 9 }}", "only local.&lt;name&gt; or help.&lt;name&gt; may stand"),
    ],
)
async def test_words_that_cannot_be_kept_are_shown_again(desk: DeskApp, field: str, value: str, told: str) -> None:
    editor = await desk.person(LAYER, "editor")
    answer = await editor.post(f"{CARD}/edit", seen="0", **{**changed(desk), field: value})
    assert answer.status_code == 422
    assert told in answer.text
    assert "You could ask for" in answer.text


async def test_a_level_without_words_is_not_kept(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor")
    sent = {name: "" if name.startswith("text_easy") else value for name, value in changed(desk).items()}
    answer = await editor.post(f"{CARD}/edit", seen="0", **sent)
    assert answer.status_code == 422
    assert "the easy level has no words" in answer.text


async def test_a_version_that_drops_a_must_say_fact_cannot_be_sent_to_review(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor")
    sent = changed(desk)
    sent["says_easy_1"] = []
    assert (await editor.post(f"{CARD}/edit", seen="0", **sent)).status_code == 303
    page = (await editor.get(CARD)).text
    assert "4 of 5 must-say facts are said at every level." in page
    assert f'action="{CARD}/submit"' not in page
    answer = await editor.post(f"{CARD}/submit", shown=await fingerprint(desk))
    assert answer.status_code == 409
    assert "The reading rules stop these words" in answer.text


async def test_words_are_checked_before_they_are_saved(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor")
    sent = changed(desk, new="Notwithstanding the foregoing you may utilise")
    panel = await editor.browser.post(f"{CARD}/check", data={"mark": mark(editor), **sent}, headers={"X-Fragment": "1"})
    assert panel.status_code == 200
    assert "<html" not in panel.text
    assert "to mend before these words can be sent" in panel.text
    whole = await editor.post(f"{CARD}/check", **sent)
    assert "Notwithstanding the foregoing" in whole.text
    assert "Nobody has worked on this card" in (await editor.get(CARD)).text


def mark(person: Person) -> str:
    from api.web.csrf import form_mark

    return form_mark(person.token)


async def test_opening_and_saving_unchanged_makes_nobody_an_author(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor")
    sent = fields(typed(doors(desk.app).desk.wordings.cards[KEY]))
    assert (await editor.post(f"{CARD}/edit", seen="0", **sent)).status_code == 303
    assert "Nobody has worked on this card" in (await editor.get(CARD)).text


async def test_changes_asked_for_need_a_reason_and_reach_the_writer(desk: DeskApp) -> None:
    editor, reviewer = await desk.person(LAYER, "editor"), await desk.person(LAYER, "reviewer")
    await editor.post(f"{CARD}/edit", seen="0", **changed(desk))
    await do(editor, "submit")
    assert (await do(reviewer, "return")).status_code == 409
    assert (await do(reviewer, "return", comment="Say who to ask.")).status_code == 303
    page = (await editor.get(CARD)).text
    assert "changes asked for" in page
    assert "Say who to ask." in page


async def test_many_cards_are_signed_in_one_sitting_each_with_its_own_outcome(desk: DeskApp) -> None:
    reviewer, lead = await desk.person(LAYER, "reviewer"), await desk.person(LAYER, "lead")
    editor = await desk.person(LAYER, "editor")
    for key in ("bodycam", "see-my-record"):
        page = await editor.get(f"/desk/{LAYER}/cards/{key}")
        await editor.post(f"/desk/{LAYER}/cards/{key}/submit", shown=shown(page))
        await reviewer.post(f"/desk/{LAYER}/cards/{key}/approve", shown=shown(page))
    page = await lead.get(f"/desk/{LAYER}/sign")
    marks = dict(re.findall(r'name="shown_([a-z-]+)" value="([0-9a-f]{64})"', page.text))
    assert set(marks) == {"bodycam", "see-my-record"}
    answer = await lead.post(
        f"/desk/{LAYER}/sign",
        card=["bodycam", "see-my-record"],
        **{"shown_bodycam": marks["bodycam"], "shown_see-my-record": "0" * 64},
    )
    assert answer.status_code == 409
    assert "Signed.</strong>" in answer.text
    assert "Not signed.</strong>" in answer.text
    async with desk.database.begin() as session:
        found = await doors(desk.app).desk.wordings.of(session, LAYER, ["bodycam", "see-my-record"])
    assert found["bodycam"].progress.stage == "signed"
    assert found["see-my-record"].progress.stage == "approved"


async def test_withdrawn_at_once_with_a_reason(desk: DeskApp) -> None:
    lead = await desk.person(LAYER, "lead")
    assert "31" in await child_reads(desk)
    assert (await do(lead, "withdraw", comment=" ")).status_code == 409
    # A card is withdrawn whatever its page showed: what is wrong must go at once.
    assert (await lead.post(f"{CARD}/withdraw", comment="The days are wrong.")).status_code == 303
    answer = await desk.browser().get(f"/api/v1/forces/{LAYER}/cards/{KEY}?level=easy")
    assert answer.status_code == 404
    assert "The days are wrong." in (await lead.get(CARD)).text


@pytest.mark.parametrize("meanwhile", ["keep", "hide"])
async def test_a_source_is_recalled_in_every_force_in_one_act(desk: DeskApp, meanwhile: str) -> None:
    reviewer = await desk.person("national", "reviewer")
    url = doors(desk.app).desk.wordings.cards[KEY].sources["dpa-45"].url
    page = await reviewer.get("/desk/national/recall", params={"source": url})
    assert "Northmoor Police (invented)" in page.text
    assert "Southmere" in page.text
    refused = await reviewer.post("/desk/national/recall", source=url, reason="New section.")
    assert refused.status_code == 409
    assert "New section." in refused.text
    done = await reviewer.post("/desk/national/recall", source=url, reason="New section.", meanwhile=meanwhile)
    assert done.status_code == 303
    for layer in ("national", "northmoor", "southmere"):
        async with desk.database.begin() as session:
            found = await doors(desk.app).desk.wordings.of(session, layer, [KEY])
        assert found[KEY].progress.stage == "recalled"
        hidden = (
            doors(desk.app)
            .pack_cache.pack(None if layer == "national" else layer)
            .card(KEY, doors(desk.app).pack_cache.today())
        )
        assert (hidden is None) == (meanwhile == "hide")


async def test_a_force_recalls_only_its_own(desk: DeskApp) -> None:
    lead = await desk.person("northmoor", "lead")
    url = doors(desk.app).desk.wordings.cards[KEY].sources["dpa-45"].url
    page = await lead.get("/desk/northmoor/recall", params={"source": url})
    assert "Southmere" not in page.text
    await lead.post("/desk/northmoor/recall", source=url, reason="x", meanwhile="keep")
    async with desk.database.begin() as session:
        assert (await doors(desk.app).desk.wordings.of(session, "southmere", [KEY]))[KEY].progress.stage == "untouched"


async def test_advice_is_set_aside_with_a_reason_and_an_idle_reason_goes_by_itself(desk: DeskApp) -> None:
    """The card `custody-cell` keeps some words against advice."""
    editor, path = await desk.person(LAYER, "editor"), f"/desk/{LAYER}/cards/custody-cell"
    card = doors(desk.app).desk.wordings.cards["custody-cell"]
    assert card.reasons
    sent = fields(typed(card))
    reasons = {f"reason_{rule}": "" for rule in card.reasons}
    panel = await editor.post(f"{path}/check", **sent, **reasons)
    assert "to mend before these words can be sent to review" in panel.text
    for rule in card.reasons:
        assert f'name="reason_{rule}"' in panel.text
    kept = {f"reason_{rule}": f"{why} Kept here too." for rule, why in card.reasons.items()}
    assert (
        await editor.post(f"{path}/edit", seen="0", **sent, **kept, reason_999="Nobody needs this.")
    ).status_code == 303
    page = await editor.get(path)
    assert f'action="{path}/submit"' in page.text
    async with desk.database.begin() as session:
        now = (await doors(desk.app).desk.wordings.of(session, LAYER, ["custody-cell"]))["custody-cell"].card
    assert set(now.reasons) == set(card.reasons)
    assert all("Kept here too." in why for why in now.reasons.values())


async def test_a_comment_that_is_too_long_is_shown_again(desk: DeskApp) -> None:
    editor, reviewer = await desk.person(LAYER, "editor"), await desk.person(LAYER, "reviewer")
    await editor.post(f"{CARD}/edit", seen="0", **changed(desk))
    await do(editor, "submit")
    answer = await do(reviewer, "return", comment="Say who to ask. " * 200)
    assert answer.status_code == 409
    assert "at most 2000 are kept" in answer.text
    assert answer.text.count("Say who to ask.") == 200


async def test_a_reviewer_is_told_of_a_picture_that_changed_and_no_word(desk: DeskApp) -> None:
    editor = await desk.person(LAYER, "editor", "Ed Practice")
    reviewer = await desk.person(LAYER, "reviewer", "Rey Practice")
    sent = fields(typed(doors(desk.app).desk.wordings.cards[KEY]))
    assert (await editor.post(f"{CARD}/edit", seen="0", **sent | {"symbol_easy_0": "phone"})).status_code == 303
    assert (await do(editor, "submit")).status_code == 303
    for page in (await reviewer.get(CARD), await reviewer.get(f"/desk/{LAYER}/sign")):
        assert "Easy words: the pictures. Gone: 1. Body-worn video . New: 1. Phone ." in plain(page.text)
