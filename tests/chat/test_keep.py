"""Keep what matters: a letter with nothing to type in, a clock that forgets, and a calendar file that says nothing."""

import json
import logging
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from api.chat.keep.calendar_file import calendar_file
from api.chat.keep.kept_until import KEPT, Span, ends
from api.chat.keep.picked_day import NoDay, picked_day
from content.card import LEVELS, Card
from content.interface import load_interface
from content.rendering import Renderer
from content.slots import load_slots
from tests.conftest import settings_for, started
from tests.desk_app import desk_app
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.json_child import Child
from tests.page_tools import run, tool
from tests.records.test_withdrawals import hide

WORDS = load_interface()
TODAY = date(2026, 12, 1)
SUBJECTS = (
    *("see-my-record", "bodycam", "cctv-anpr", "delete-my-record", "early-deletion-acro", "complain-police"),
    *("case-gone-quiet", "told-what-happens", "my-phone", "get-things-back", "how-long-kept"),
)


class _Controls(HTMLParser):
    """What can be typed in or picked on a page, and where its forms lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: list[dict[str, str | None]] = []
        self.forms: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "textarea", "select") and dict(attrs).get("type") != "hidden":
            self.fields.append(dict(attrs))
        if tag == "form":
            self.forms.append(dict(attrs))


def papers(html: str) -> dict[str, str]:
    """The letters of a page by name, without marks."""
    found = re.findall(r'<details class="my-letter".*?<summary[^>]*>(.*?)</summary>(.*?)</details>', html, re.S)
    return {name: unescape(re.sub(r"<[^>]+>", " ", body)) for name, body in found}


def kept(sqlite_url: str) -> bytes:
    """All that the database holds."""
    return Path(sqlite_url.partition("///")[2]).read_bytes()


async def until(
    client: httpx.AsyncClient, thing: str, day: str, force: str = "northmoor", **query: str
) -> httpx.Response:
    return await client.post(f"/{force}/clock", data={"thing": thing, "day": day}, params=query)


@pytest.fixture(scope="module")
async def on_first_december(sqlite_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The app on 1 December 2026."""
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)
    async with started(settings_for(sqlite_url), FakeBrain(), now=lambda: noon) as client:
        yield client


class TestTheWayThere:
    async def test_answers_about_these_lead_there_by_one_link_and_no_other_does(
        self, client: httpx.AsyncClient, cards: dict[str, Card]
    ) -> None:
        child = Child(client)
        await child.start()
        for key in (*SUBJECTS, "fingerprints-dna", "alarm-danger-now", "talk-to-a-person"):
            await child.press(key)
            links = re.findall(r'<a [^>]*href="/northmoor/keep\?', await child.page())
            assert len(links) == (key in SUBJECTS), key
        assert {key for key, card in cards.items() if card.letter} <= set(SUBJECTS)
        assert {thing.card for thing in KEPT.values()} <= set(SUBJECTS)

    async def test_the_pages_of_what_is_kept_lead_there_too(self, client: httpx.AsyncClient) -> None:
        for path in ("/passport", "/northmoor/sheet?cards=bodycam"):
            assert re.search(r'href="/[a-z-]+/keep(?:\?[^"]*)?"', (await client.get(path)).text)

    async def test_the_talk_goes_along_and_comes_back(self, client: httpx.AsyncClient) -> None:
        child = Child(client)
        await child.start()
        await child.press("bodycam")
        path = "/northmoor/keep"
        for step in ("/northmoor/letter", "/northmoor/letter/write", "/northmoor"):
            page = (await client.get(path, params={"chat": child.token})).text
            found = re.search(rf'href="{step}\?chat=([^"&#]+)', page)
            assert found, step
            path = step

    async def test_a_bad_talk_or_no_talk_is_no_error(self, client: httpx.AsyncClient) -> None:
        for path in ("keep", "letter", "letter/write", "clock"):
            for chat in ("", "x", "<script>alert(1)</script>", "a.b.c" * 900):
                page = await client.get(f"/northmoor/{path}", params={"chat": chat})
                assert page.status_code == 200
                assert "<script>alert" not in page.text
            assert (await client.get(f"/no-such-force/{path}")).status_code == 404
            away = await client.get(f"/police-scotland/{path}")
            assert (away.status_code, away.headers["location"]) == (303, "/police-scotland")

    async def test_after_an_alarm_help_stays(self, client: httpx.AsyncClient) -> None:
        child = Child(client)
        await child.start()
        await child.say("my dad is hitting me right now")
        for path in ("keep", "letter", "letter/write", "clock"):
            page = (await client.get(f"/northmoor/{path}", params={"chat": child.token})).text
            assert '<p class="pinned"><a href="tel:999">' in page


class TestBeforeALetter:
    async def test_a_screen_of_its_own_asks_what_is_safe_and_leads_to_a_person_first(
        self, client: httpx.AsyncClient
    ) -> None:
        page = (await client.get("/northmoor/letter")).text
        for name in ("letter_where", "letter_made", "letter_accused", "letter_accused_why"):
            assert WORDS[name] in page
        assert "complain or ask to delete" in page
        assert 'href="tel:999"' in page
        assert page.index('name="act" value="person"') < page.index("/northmoor/letter/write")
        assert papers(page) == {}
        assert "/letter/write" not in (await client.get("/northmoor/keep")).text


class TestLetters:
    @pytest.mark.parametrize("force", ["northmoor", "kent", "england-and-wales"])
    async def test_every_signed_sentence_is_there_and_nothing_else_can_be_put_in(
        self, client: httpx.AsyncClient, cards: dict[str, Card], force: str
    ) -> None:
        page = (await client.get(f"/{force}/letter/write")).text
        shown = papers(page)
        for card in cards.values():
            if card.letter:
                assert all(text in shown[card.letter.name] for text in (*card.letter.says, *card.letter.lines))
        assert len(shown) == 6
        controls = _Controls(page)
        assert controls.fields == []
        assert {form["action"].split("?")[0] for form in controls.forms if form["action"]} == {
            *("/leave", "/looks", f"/{force}/say"),
        }

    async def test_a_force_that_told_has_its_office_and_one_that_did_not_says_so(
        self, client: httpx.AsyncClient, cards: dict[str, Card]
    ) -> None:
        letter = cards["see-my-record"].letter
        assert letter
        told = papers((await client.get("/northmoor/letter/write")).text)[letter.name]
        assert "information@northmoor.example" in told
        assert "Northmoor Police" in told
        for force in ("kent", "england-and-wales"):
            untold = papers((await client.get(f"/{force}/letter/write")).text)[letter.name]
            assert load_slots()["dpo_email"].missing in untold
            assert "northmoor" not in untold.lower()
        assert "The police force:" in untold
        owner = cards["cctv-anpr"].letter
        assert owner
        assert "Northmoor" not in papers((await client.get("/northmoor/letter/write")).text)[owner.name]

    async def test_the_letter_of_the_answer_is_open_and_its_name_is_in_no_address(
        self, client: httpx.AsyncClient, cards: dict[str, Card]
    ) -> None:
        child = Child(client)
        await child.start()
        await child.press("complain-police")
        page = (await client.get("/northmoor/letter/write", params={"chat": child.token})).text
        letter = cards["complain-police"].letter
        assert letter
        assert re.findall(r"<details[^>]* open>\s*<summary[^>]*>(.*?)</summary>", page) == [letter.name]
        assert not re.search(r'(?:href|action)="[^"]*complain', page)
        assert " open>" not in (await client.get("/northmoor/letter/write")).text

    async def test_a_card_that_is_checked_takes_its_letter_along(
        self, sqlite_url: str, tmp_path: Path, cards: dict[str, Card]
    ) -> None:
        async with desk_app(sqlite_url, tmp_path) as desk, desk.browser() as browser:
            letter = cards["delete-my-record"].letter
            assert letter
            hide(doors(desk.app).pack_cache, "northmoor", "delete-my-record")
            shown = papers((await browser.get("/northmoor/letter/write")).text)
            assert letter.name not in shown
            assert len(shown) == 5


class TestClock:
    @pytest.mark.parametrize(
        ("thing", "day", "said"),
        [
            ("video", "2026-11-11", "The police might delete the video after about 12 December 2026."),
            ("video", "2026-10-20", "The police might have deleted the video after about 20 November 2026."),
            ("phone", "2026-11-24", "The police might keep your phone until about 22 December 2026."),
            ("phone", "2026-10-01", "The police usually keep a phone until about 29 October 2026."),
            ("record", "2024-02-29", "The police might keep your record until about 28 February 2030, or longer."),
            ("record", "1976-12-01", "The police usually check a record after about 1 December 1982."),
            ("asked", "2026-12-01", "The police must usually answer you by about 1 January 2027."),
            ("asked", "2026-08-31", "The police should usually answer you by about 30 September 2026."),
        ],
    )
    async def test_the_day_is_said_from_signed_figures(
        self, on_first_december: httpx.AsyncClient, thing: str, day: str, said: str
    ) -> None:
        for level in LEVELS:
            page = await until(on_first_december, thing, day, reading=level)
            assert page.status_code == 200
            assert said in page.text, level
        long_ago = WORDS["clock_long_ago"] in page.text
        assert long_ago == day.startswith("1976")

    async def test_a_big_request_has_more_time(self, on_first_december: httpx.AsyncClient) -> None:
        page = await until(on_first_december, "asked", "2026-11-30")
        assert "by about 30 December 2026." in page.text
        assert "they can take until about 28 February 2027." in page.text

    @pytest.mark.parametrize("force", ["kent", "england-and-wales"])
    async def test_where_a_force_has_not_told_no_day_is_said(
        self, on_first_december: httpx.AsyncClient, force: str
    ) -> None:
        for thing, slot in (("video", "bodycam_days"), ("phone", "phone_time")):
            page = await until(on_first_december, thing, "2026-11-11", force)
            assert WORDS["clock_no_day"] in page.text
            assert load_slots()[slot].missing in page.text
            assert "appointment.ics" not in page.text
        asked = await until(on_first_december, "asked", "2026-11-30", force)
        assert "by about 30 December 2026." in asked.text

    async def test_two_forces_give_two_days(self, on_first_december: httpx.AsyncClient) -> None:
        days = [
            (await until(on_first_december, "video", "2026-11-30", force)).text for force in ("northmoor", "southmere")
        ]
        assert "31 December 2026" in days[0]
        assert "28 December 2026" in days[1]
        assert "28 December 2026" not in days[0]

    async def test_other_things_have_no_set_time(self, on_first_december: httpx.AsyncClient) -> None:
        page = await until(on_first_december, "things", "2026-11-11")
        assert WORDS["clock_no_day"] in page.text
        assert "There is no set time" in page.text

    @pytest.mark.parametrize(
        ("day", "fault"),
        [
            ("", "clock_fault_none"),
            ("   ", "clock_fault_none"),
            ("last tuesday", "clock_fault_unclear"),
            ("<script>alert(1)</script>", "clock_fault_unclear"),
            ("9" * 5000, "clock_fault_unclear"),
            ("2026-02-30", "clock_fault_no_such"),
            ("2025-02-29", "clock_fault_no_such"),
            ("2026-13-01", "clock_fault_no_such"),
            ("0000-01-01", "clock_fault_no_such"),
            ("0026-11-05", "clock_fault_year"),
            ("2026-12-02", "clock_fault_ahead"),
            ("9999-12-31", "clock_fault_ahead"),
        ],
    )
    async def test_a_day_that_is_none_is_answered_kindly_and_what_was_picked_stays(
        self, on_first_december: httpx.AsyncClient, day: str, fault: str
    ) -> None:
        page = await until(on_first_december, "phone", day)
        assert page.status_code == 422
        assert WORDS[fault] in page.text
        assert re.search(r'value="phone"[^>]* checked', page.text)
        assert "<script>alert" not in page.text

    async def test_no_thing_or_another_one_is_asked_again(self, on_first_december: httpx.AsyncClient) -> None:
        for thing in ("", "dna", "../x"):
            page = await until(on_first_december, thing, "2026-11-11")
            assert (page.status_code, WORDS["clock_fault_thing"] in page.text) == (422, True)
            assert 'value="2026-11-11"' in page.text

    async def test_today_is_the_day_that_it_is_here_in_the_hour_after_midnight_in_summer(self, sqlite_url: str) -> None:
        night = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
        async with started(settings_for(sqlite_url), FakeBrain(), now=lambda: night) as client:
            assert (await until(client, "video", "2026-07-01")).status_code == 200
            assert (await until(client, "video", "2026-07-02")).status_code == 422

    async def test_the_day_is_in_no_address_no_log_and_no_file(
        self, on_first_december: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, sqlite_url: str
    ) -> None:
        caplog.set_level(logging.DEBUG)
        page = await until(on_first_december, "video", "2025-03-17")
        assert page.status_code == 200
        assert "location" not in page.headers
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"
        addresses = re.findall(r'(?:href|action|src)="([^"]*)"', page.text)
        assert not any("2025" in one or "video" in one for one in addresses)
        assert not any("2025-03-17" in record.getMessage() for record in caplog.records)
        assert b"2025-03-17" not in kept(sqlite_url)

    async def test_the_form_sends_by_post_alone(self, client: httpx.AsyncClient) -> None:
        form = next(
            one for one in _Controls((await client.get("/northmoor/clock")).text).forms if "clock" in str(one["action"])
        )
        assert form["method"] == "post"
        page = (await client.get("/northmoor/clock", params={"thing": "video", "day": "2026-11-11"})).text
        assert "2026-11-11" not in re.sub(r'name="to" value="[^"]*"', "", page)

    async def test_while_the_answer_is_checked_no_day_is_said(self, sqlite_url: str, tmp_path: Path) -> None:
        async with desk_app(sqlite_url, tmp_path) as desk, desk.browser() as browser:
            hide(doors(desk.app).pack_cache, "northmoor", "bodycam")
            page = await until(browser, "video", "2026-11-01")
            assert page.status_code == 200
            assert WORDS["clock_no_day"] in page.text
            assert "31 days" not in page.text


async def test_html_validate_finds_nothing_in_what_the_clock_says(on_first_december: httpx.AsyncClient) -> None:
    tool("html-validate")
    asked = {
        "wrong": ("", ""),
        "soon": ("asked", "2026-11-30"),
        "over": ("video", "2020-11-30"),
        "none": ("things", "2026-11-30"),
    }
    pages = {name: (await until(on_first_december, *one)).text for name, one in asked.items()}
    assert run("markup.mjs", stdin=json.dumps(pages)) == []


class TestFigures:
    @pytest.mark.parametrize(
        ("span", "day", "end"),
        [
            (Span(1, "month"), date(2027, 1, 31), date(2027, 2, 28)),
            (Span(1, "month"), date(2028, 1, 31), date(2028, 2, 29)),
            (Span(3, "month"), date(2026, 11, 30), date(2027, 2, 28)),
            (Span(1, "year"), date(2028, 2, 29), date(2029, 2, 28)),
            (Span(4, "year"), date(2028, 2, 29), date(2032, 2, 29)),
            (Span(6, "week"), date(2026, 3, 1), date(2026, 4, 12)),
            (Span(31, "day"), date(2026, 10, 1), date(2026, 11, 1)),
            (Span(99_999, "year"), date(2026, 10, 1), None),
            (Span(99_999, "week"), date(9999, 1, 1), None),
        ],
    )
    def test_a_month_ends_on_a_day_that_there_is(self, span: Span, day: date, end: date | None) -> None:
        assert span.after(day) == end

    @pytest.mark.parametrize(
        ("told", "end"),
        [
            ("about 28 days", date(2026, 12, 29)),
            ("6 weeks", date(2027, 1, 12)),
            ("3 months, usually", date(2027, 3, 1)),
            ("between 3 days and 6 weeks", None),
            ("as long as it is evidence", None),
            ("2.5 weeks", None),
            ("", None),
        ],
    )
    def test_what_a_force_tells_in_words_counts_where_it_is_one_figure(
        self, renderer: Renderer, cards: dict[str, Card], told: str, end: date | None
    ) -> None:
        words = renderer.words(cards["my-phone"], {"phone_time": told})
        for level in LEVELS:
            found = ends(KEPT["phone"], words.levels[level], TODAY)
            assert found == ((end,) if end else ())

    @pytest.mark.parametrize(
        ("typed", "day"),
        [
            ("2026-11-05", date(2026, 11, 5)),
            ("5/11/2026", date(2026, 11, 5)),
            (" 05.11.2026 ", date(2026, 11, 5)),
            ("5 November 2026", date(2026, 11, 5)),
            ("5th of nov 2026", date(2026, 11, 5)),
            ("29 feb 2024", date(2024, 2, 29)),
        ],
    )
    def test_a_day_is_read_as_people_write_it_here(self, typed: str, day: date) -> None:
        assert picked_day(typed, TODAY) == day

    @pytest.mark.parametrize("typed", ["11/2026", "5 blob 2026", "31/11/2026", "2026-11-05T10:00", "٥/11/2026x"])
    def test_what_is_no_day_is_refused(self, typed: str) -> None:
        with pytest.raises(NoDay):
            picked_day(typed, TODAY)


class TestCalendar:
    async def test_the_file_says_nothing_but_a_day(self, on_first_december: httpx.AsyncClient) -> None:
        page = await until(on_first_december, "video", "2026-11-11")
        warned, button = (page.text.index(WORDS[name]) for name in ("clock_calendar_shared", "clock_calendar_save"))
        assert warned < button
        found = re.search(
            r'action="(/northmoor/clock/appointment.ics[^"]*)".*?name="day" value="([^"]+)"', page.text, re.S
        )
        assert found
        file = await on_first_december.post(unescape(found[1]), data={"day": found[2]})
        assert file.headers["content-type"].startswith("text/calendar")
        assert file.headers["content-disposition"] == 'attachment; filename="appointment.ics"'
        lines = file.content.split(b"\r\n")
        assert lines[-1] == b""
        assert all(len(line) <= 75 and b"\n" not in line for line in lines)
        names = [line.partition(b":")[0].partition(b";")[0].decode() for line in lines[:-1]]
        assert names == [
            *("BEGIN", "VERSION", "PRODID", "BEGIN", "UID", "DTSTAMP", "DTSTART", "SUMMARY", "CLASS", "TRANSP"),
            *("END", "END"),
        ]
        assert b"DTSTART;VALUE=DATE:20261212" in lines
        assert b"SUMMARY:Appointment" in lines
        assert b"DTSTAMP:20261201T000000Z" in lines
        assert not re.search(rb"police|know|video|http|alarm|northmoor|@", file.content, re.I)

    def test_two_files_cannot_be_told_to_be_of_one_person(self) -> None:
        one, other = (calendar_file(date(2026, 12, 12), TODAY) for _ in "ab")
        assert one != other
        assert re.sub(rb"UID:.*", b"", one) == re.sub(rb"UID:.*", b"", other)

    async def test_none_is_offered_for_a_day_that_is_over(self, on_first_december: httpx.AsyncClient) -> None:
        assert "appointment.ics" not in (await until(on_first_december, "video", "2026-01-11")).text

    @pytest.mark.parametrize("day", ["", "x", "2026-02-30", "2026-12-12\r\nATTENDEE:x", "9" * 4000])
    async def test_what_is_no_day_makes_no_file(self, client: httpx.AsyncClient, day: str) -> None:
        answer = await client.post("/northmoor/clock/appointment.ics", data={"day": day})
        assert answer.status_code == 422
        assert answer.headers["content-type"].startswith("text/html")
        assert "ATTENDEE" not in answer.text

    async def test_a_reload_of_the_file_leads_to_the_question(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/northmoor/clock/appointment.ics")
        assert (answer.status_code, answer.headers["location"]) == (303, "/northmoor/clock")
