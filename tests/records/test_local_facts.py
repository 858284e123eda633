"""Local facts at the desk: checked as they are typed, kept together or not at all, and their setter is an author."""

import asyncio
import re
from dataclasses import replace
from html import unescape

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from api.records.acts import ActRow, acts_of
from api.records.audit import log_of
from api.records.layer_changes import Changes, FactsMoved, NewFact, change
from api.records.local_facts import LocalFact, facts_of, history, newest
from api.records.wording import Wordings
from api.web.clock import utc_now
from api.web.database import Database
from content.local_fact import BrokenFact, checked
from content.rendering import html
from content.review import Actor, NotAllowed, stands_in_the_way
from content.signoff import NATIONAL
from content.slots import GROUPS, SlotKind, load_slots
from tests.conftest import release_for, settings_for
from tests.desk_app import DeskApp, Person
from tests.doors import doors

SLOTS = load_slots()
FACTS = "/desk/northmoor/facts"
BODYCAM = "/desk/northmoor/cards/bodycam"


def check(kind: SlotKind, typed: str) -> str:
    return checked(replace(SLOTS["systems"], kind=kind), typed)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("email", " Data@Northmoor.EXAMPLE ", "Data@northmoor.example"),
        ("phone", "+44 1622 690690", "01622 690690"),
        ("phone", "(01622) 690-690", "01622 690690"),
        ("phone", "03001231212", "0300 123 1212"),
        ("page", "HTTPS://WWW.Northmoor.example/A_b?a=1#top", "https://www.northmoor.example/A_b?a=1#top"),
        ("days", "031", "31"),
        ("days", "36500", "36500"),
        ("text", "  the  Northmoor team & Co. (24/7) ", "the Northmoor team & Co. (24/7)"),
        ("text", "Ring 01622 690690, or e-mail a@x.example.", "Ring 01622 690690, or e-mail a@x.example."),
        ("text", "Heddlu Dŵr", "Heddlu Dŵr"),
        ("text", "2 < 3 <b>& more</b>", "2 < 3 <b>& more</b>"),
        ("text", "x" * 300, "x" * 300),
        ("text", "   ", ""),
        ("days", "", ""),
    ],
)
def test_what_is_right_is_kept_in_one_form(kind: SlotKind, typed: str, kept: str) -> None:
    assert check(kind, typed) == kept
    # Saving again what was kept changes nothing.
    assert check(kind, kept) == kept


WRONG: dict[SlotKind, list[str]] = {
    "email": ["data", "a b@x.uk", "a@localhost", "a@x.uk, b@x.uk", "a@x..uk", "<a@x.uk>", "a{b@x.uk"],
    "phone": [
        *("01622 69069", "0909 879 0000", "+1 212 555 2368", "01622 690690 ask for Sam", "0800 POLICE", "n/a", "07"),
    ],
    "page": [
        *(
            "http://northmoor.example",
            "www.northmoor.example",
            "https://northmoor",
            "https://10.0.0.1/",
            "https://[::1",
        ),
        *(
            "https://me:pass@northmoor.example",
            "https://me@northmoor.example",
            "https://northmoor.example\\@evil.example",
        ),
        *("https://northmoor.example/a page", "https://northmoor.example:8443/", "https://x.uk/_a_", "https://.uk"),
        *("javascript:alert(1)", "https://", "https://x.uk/\u202egnp", "https://xn--a.uk/<script>"),
        "https://northmoor.example/" + "a" * 290,
    ],
    "days": ["0", "36501", "31 days", "-1", "3.5", "\u00b2", "\u0663", "1e3", "about 30"],
    "text": [
        *("x" * 301, "two\nlines", "two\u2028lines", "a\tb", "zero\u200bwidth", "right\u202eto left", "\x00"),
        *(
            "{{ local.systems }}",
            "{% x %}",
            "a } b",
            "**bold**",
            "*slanted*",
            "_slanted_",
            "1. list",
            "- list",
            "* list",
        ),
        *("e-mail a@b", "http://northmoor.example", "ring 01622 69069", "ring 0300 123", "01622 690690 01622 690691"),
    ],
}


@pytest.mark.parametrize(("kind", "typed"), [(kind, typed) for kind, wrong in WRONG.items() for typed in wrong])
def test_what_is_wrong_is_refused_with_a_sentence(kind: SlotKind, typed: str) -> None:
    with pytest.raises(BrokenFact) as told:
        check(kind, typed)
    assert re.match(r".*[A-Z0-9].*\.$", str(told.value))


@given(st.text(max_size=310) | st.text("aB1*_-+.[](){}<>&;`~#\\ \n0@:/", max_size=30))
def test_a_kept_text_is_read_letter_by_letter_by_a_child(typed: str) -> None:
    try:
        kept = check("text", typed)
    except BrokenFact:
        return
    said = f"You can ask: {kept}".strip()
    assert unescape(re.sub(r"<[^>]*>", "", html(said))) == said
    assert check("text", kept) == kept
    assert not re.search(r"[{}\r\n]", kept)


@pytest.fixture
async def desk(desk: DeskApp) -> DeskApp:
    await desk.tells("northmoor", bodycam_days="31", dpo_email="information@northmoor.example")
    return desk


def boxes(page: httpx.Response) -> dict[str, str]:
    """The form as a browser would send it back, untouched."""
    found = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(seen\.[a-z_]+)" value="([^"]*)"', page.text)
    }
    for name, value in re.findall(r'<input id="[^"]+" name="(value\.[a-z_]+)" value="([^"]*)"', page.text):
        found[name] = unescape(value)
    for name, value in re.findall(r'<textarea id="[^"]+" name="(value\.[a-z_]+)"[^>]*>\n([^<]*)</textarea>', page.text):
        found[name] = unescape(value)
    return found


async def save(person: Person, page: httpx.Response | None = None, **typed: str) -> httpx.Response:
    page = page or await person.get(FACTS)
    return await person.post(FACTS, **boxes(page) | {f"value.{slot}": value for slot, value in typed.items()})


async def facts(desk: DeskApp, layer: str = "northmoor") -> dict[str, str]:
    async with desk.database.begin() as session:
        return newest(await facts_of(session, layer))


async def count(desk: DeskApp, kind: type) -> int:
    async with desk.database.begin() as session:
        return await session.scalar(select(func.count()).select_from(kind)) or 0


async def test_every_slot_is_asked_for_with_help_and_what_stands_there(desk: DeskApp) -> None:
    page = await (await desk.person("northmoor", "editor")).get(FACTS)
    assert page.status_code == 200
    sent = boxes(page)
    for slot in SLOTS.values():
        assert f"value.{slot.id}" in sent
        assert unescape(page.text).count(slot.help) == 1
        assert f'<label for="fact-{slot.id}">' in page.text
    assert all(f'<h2 id="{group}">' in page.text for group in GROUPS)
    assert sent["value.bodycam_days"] == "31"
    assert "Last changed by Dee Practice" in page.text
    assert "This force is invented" in page.text


async def test_a_preview_is_the_easy_bubble_as_a_child_reads_it(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    page = unescape((await editor.get(FACTS)).text)
    assert "Your police force keeps film for 31 days if it is not evidence." in page
    assert SLOTS["gang_tool"].missing in page
    await save(editor, bodycam_days="", gang_tool="the Northmoor Street List (invented)")
    page = unescape((await editor.get(FACTS)).text)
    assert SLOTS["bodycam_days"].missing in page
    assert "The list near you: the Northmoor Street List (invented)" in page


async def test_a_fact_that_stands_in_a_letter_alone_is_previewed_there_and_nowhere_else(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    page = unescape((await editor.get(FACTS)).text)
    about = page.partition('id="fact-dpo_email"')[2].partition("How a child reads it")[2].partition("</details>")[0]
    assert "/desk/northmoor/cards/bodycam" in about
    assert "The data protection team reads email at this address: information@northmoor.example" in about
    assert "many police forces delete it" not in about
    letter = unescape((await editor.get("/desk/northmoor/cards/bodycam")).text)
    assert "Please keep the body-worn video of me. Please do not delete it." in letter
    assert "Lines to write on: My name, The date of the video" in letter


async def test_only_what_was_changed_is_written_with_an_edit_on_every_card_it_stands_in(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor", "Ed Practice")
    before = await count(desk, LocalFact)
    answer = await save(editor, victim_unit=" the Northmoor  victim team (invented) ")
    assert answer.status_code == 303
    assert await count(desk, LocalFact) == before + 1
    assert (await facts(desk))["victim_unit"] == "the Northmoor victim team (invented)"
    assert "Saved: 1 fact." in (await editor.get(answer.headers["location"])).text
    async with desk.database.begin() as session:
        acts = await acts_of(session, "northmoor")
        log = await log_of(session, "northmoor")
        words = await doors(desk.app).desk.wordings.of(session, "northmoor")
    all_cards = doors(desk.app).desk.wordings.cards
    cards = {key for key, card in all_cards.items() if "local.victim_unit" in str(card.levels)}
    assert len(cards) > 2
    assert set(acts) == cards
    for key, (act,) in acts.items():
        assert (act.kind, act.account_id, act.text) == ("edit", editor.account.id, None)
        assert act.fingerprint == words[key].words.fingerprint
        assert SLOTS["victim_unit"].label in act.comment
    assert [(line.who, line.what, line.about) for line in log] == [("Ed Practice", "set local fact", "victim_unit")]


async def test_saving_what_stands_there_changes_nothing(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    before = await count(desk, LocalFact), await count(desk, ActRow)
    answer = await save(editor)
    assert answer.status_code == 303
    assert "Nothing was different" in (await editor.get(answer.headers["location"])).text
    assert (await count(desk, LocalFact), await count(desk, ActRow)) == before


async def test_a_fact_is_taken_back_and_its_history_stays(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor", "Ed Practice")
    assert (await save(editor, bodycam_days="")).status_code == 303
    assert "bodycam_days" not in await facts(desk)
    async with desk.database.begin() as session:
        said = history(await facts_of(session, "northmoor"), "bodycam_days")
        assert (await log_of(session, "northmoor"))[0].what == "take back local fact"
    assert [(fact.who, fact.value) for fact in said] == [("Ed Practice", ""), ("Dee Practice", "31")]
    page = (await editor.get(FACTS)).text
    assert "Ed Practice: taken back" in page
    assert "Dee Practice: <q>31</q>" in page


async def test_one_wrong_value_keeps_everything_typed_and_saves_nothing(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    before = await count(desk, LocalFact), await count(desk, ActRow)
    answer = await save(editor, bodycam_days="a <month>", dpo_email="new@northmoor.example", gang_tool="a list")
    assert answer.status_code == 422
    assert (await count(desk, LocalFact), await count(desk, ActRow)) == before
    sent = boxes(answer)
    assert sent["value.bodycam_days"] == "a <month>"
    assert sent["value.dpo_email"] == "new@northmoor.example"
    assert sent["value.gang_tool"] == "a list"
    field = re.search(r'<input id="fact-bodycam_days"[^>]*>', answer.text)
    assert field
    assert 'aria-describedby="fact-bodycam_days-help fact-bodycam_days-wrong"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    told = re.search(r'id="fact-bodycam_days-wrong">(.*?)</p>', answer.text, re.S)
    assert told
    assert "Write a whole number of days" in told[1]
    assert 'id="fact-dpo_email-wrong"' not in answer.text
    # Mended, the same form is saved as it stands.
    assert (await save(editor, answer, bodycam_days="30")).status_code == 303
    kept = await facts(desk)
    assert (kept["bodycam_days"], kept["dpo_email"], kept["gang_tool"]) == ("30", "new@northmoor.example", "a list")


async def test_what_another_wrote_meanwhile_is_told_and_both_stay_visible(desk: DeskApp) -> None:
    ann, bob = (
        await desk.person("northmoor", "editor", "Ann Practice"),
        await desk.person("northmoor", "reviewer", "Bob"),
    )
    opened = await bob.get(FACTS)
    assert (await save(ann, bodycam_days="28", gang_tool="a list")).status_code == 303
    answer = await save(bob, opened, bodycam_days="90", systems="Northmoor Notes (invented)")
    assert answer.status_code == 409
    assert (await facts(desk))["bodycam_days"] == "28"
    assert "systems" not in await facts(desk)
    told = re.search(r'id="fact-bodycam_days-moved">(.*?)</p>', answer.text, re.S)
    assert told
    assert "Ann Practice" in told[1]
    assert "<q>28</q>" in told[1]
    sent = boxes(answer)
    assert (sent["value.bodycam_days"], sent["value.systems"]) == ("90", "Northmoor Notes (invented)")
    # What Bob left alone shows what Ann wrote, and saving again replaces only what he typed himself.
    assert sent["value.gang_tool"] == "a list"
    assert (await save(bob, answer)).status_code == 303
    kept = await facts(desk)
    assert (kept["bodycam_days"], kept["gang_tool"]) == ("90", "a list")


async def test_what_was_not_touched_never_overwrites_anothers(desk: DeskApp) -> None:
    ann, bob = await desk.person("northmoor", "editor"), await desk.person("northmoor", "editor")
    opened = await bob.get(FACTS)
    await save(ann, bodycam_days="28")
    assert (await save(bob, opened, gang_tool="a list")).status_code == 303
    assert (await facts(desk))["bodycam_days"] == "28"


async def test_a_later_change_while_the_form_is_mended_is_still_told(desk: DeskApp) -> None:
    ann, bob = await desk.person("northmoor", "editor", "Ann Practice"), await desk.person("northmoor", "editor")
    wrong = await save(bob, bodycam_days="90", dpo_email="no address")
    assert wrong.status_code == 422
    await save(ann, bodycam_days="28")
    answer = await save(bob, wrong, dpo_email="good@northmoor.example")
    assert answer.status_code == 409
    assert "<strong>Ann Practice changed this</strong>" in answer.text
    assert (await facts(desk))["bodycam_days"] == "28"


async def test_charlie_and_the_national_layer_find_nothing_here(desk: DeskApp) -> None:
    for role in ("editor", "reviewer", "lead"):
        charlie = await desk.person("southmere", role)
        assert (await charlie.get(FACTS)).status_code == 404
        assert (await charlie.post(FACTS, **{"value.bodycam_days": "1", "seen.bodycam_days": "0"})).status_code == 404
    editor = await desk.person(NATIONAL, "editor")
    assert (await editor.get("/desk/national/facts")).status_code == 404
    assert (await editor.post("/desk/national/facts", **{"value.bodycam_days": "1"})).status_code == 404
    assert (await editor.get(FACTS)).status_code == 404
    assert (await facts(desk))["bodycam_days"] == "31"


async def test_a_form_without_the_mark_is_refused(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    answer = await editor.browser.post(FACTS, data={"value.bodycam_days": "1", "seen.bodycam_days": "0"})
    assert answer.status_code == 403
    assert (await facts(desk))["bodycam_days"] == "31"


def shown(page: httpx.Response) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page.text)
    assert found
    return found[1]


async def do(person: Person, doing: str) -> httpx.Response:
    return await person.post(f"{BODYCAM}/{doing}", shown=shown(await person.get(BODYCAM)))


async def test_setting_a_fact_ends_an_approval_and_makes_its_setter_an_author(desk: DeskApp) -> None:
    editor, reviewer = await desk.person("northmoor", "editor"), await desk.person("northmoor", "reviewer")
    lead = await desk.person("northmoor", "lead", "Lee Practice")
    assert (await do(editor, "submit")).status_code == 303
    assert (await do(reviewer, "approve")).status_code == 303
    assert (await save(lead, bodycam_days="45")).status_code == 303
    async with desk.database.begin() as session:
        wording = (await doors(desk.app).desk.wordings.of(session, "northmoor", ["bodycam"]))["bodycam"]
    assert wording.progress.stage == "draft"
    assert lead.account.id in wording.progress.authors
    assert (await do(editor, "submit")).status_code == 303
    assert (await do(reviewer, "approve")).status_code == 303
    async with desk.database.begin() as session:
        wording = (await doors(desk.app).desk.wordings.of(session, "northmoor", ["bodycam"]))["bodycam"]
    actor = Actor(lead.account.id, "Lee Practice", "the lead", "lead", "northmoor")
    assert stands_in_the_way("sign", actor, "northmoor", wording.progress) == (
        "You changed some of these words yourself.",
    )
    refused = await lead.post(f"{BODYCAM}/sign", shown=wording.words.fingerprint)
    assert refused.status_code == 409
    other = await desk.person("northmoor", "lead")
    assert (await do(other, "sign")).status_code == 303


async def test_a_reviewer_who_set_a_fact_may_not_approve(desk: DeskApp) -> None:
    editor, reviewer = await desk.person("northmoor", "editor"), await desk.person("northmoor", "reviewer")
    assert (await save(reviewer, bodycam_days="45")).status_code == 303
    assert (await do(editor, "submit")).status_code == 303
    page = await reviewer.get(BODYCAM)
    answer = await reviewer.post(f"{BODYCAM}/approve", shown=re.search(r"[0-9a-f]{64}", page.text)[0])  # type: ignore[index]
    assert answer.status_code == 409
    assert "You changed some of these words yourself." in answer.text


async def test_a_child_reads_a_fact_only_once_it_is_signed(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    await save(editor, bodycam_days="77")
    answer = await desk.browser().get("/api/v1/forces/northmoor/cards/bodycam?level=easy")
    assert "77 days" not in answer.text


async def test_two_who_save_the_same_slot_at_once_never_overwrite_each_other(database_url: str) -> None:
    database, release = Database(settings_for(database_url)), release_for(practice=True)
    wordings = Wordings(release.cards, release.vetting)
    layer = "surrey"

    async def one(number: int) -> str:
        actor = Actor(number, f"Person {number}", "editor (invented)", "editor", layer)
        try:
            async with database.begin() as session:
                await change(
                    session, actor, wordings, layer, Changes((NewFact("bodycam_days", str(number), seen),)), utc_now()
                )
        except (FactsMoved, NotAllowed) as error:
            return type(error).__name__
        return "kept"

    async with database.begin() as session:
        said = (await facts_of(session, layer)).get("bodycam_days", [])
    seen = said[-1].id if said else 0
    outcomes = await asyncio.gather(*(one(number) for number in range(1, 6)))
    async with database.begin() as session:
        after = (await facts_of(session, layer))["bodycam_days"]
        acts = (await acts_of(session, layer, "bodycam"))["bodycam"]
    await database.close()
    assert sorted(outcomes) == ["FactsMoved"] * 4 + ["kept"]
    assert len(after) == len(said) + 1
    assert [act.account_id for act in acts[-1:]] == [after[-1].account_id]
