"""The widget at the desk: who decides where it stands and how it looks, what is pasted, keys, and the off switch."""

import asyncio
import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from api.desk.embed_view import attributes_of, pasted
from api.records.audit import log_of
from api.records.embeds import GREETINGS, MOST_KEYS, Embed, EmbedKey, Looks, decide, keys_of, new_key
from api.records.handovers.providers import add
from api.records.people import operator
from api.web.csrf import COOKIE, form_mark
from api.web.database import Database
from api.web.settings import Settings
from api.web.widget_builds import Build, newest
from content.interface import Interface, load_interface
from content.review import NotAllowed
from tests.conftest import LIVE_SECRET
from tests.desk_app import DeskApp, Person, desk_app
from tests.doors import doors
from tests.page_tools import run, tool

PAGE, THEIRS = "/desk/northmoor/embed", "/desk/southmere/embed"
SITE, OTHER = "https://www.northmoor.example", "https://jobs.northmoor.example"
WORDS = load_interface()
CHOSEN = {
    "sites": SITE,
    "colour": "#17324d",
    "position": "right",
    "greeting": GREETINGS[0],
    "language": "en",
    "exit_key": "none",
    "seen": "0",
}
ROOT = Path(__file__).parents[2]
HURTING = '"><script>alert(1)</script>'


@pytest.fixture
async def lead(desk: DeskApp) -> Person:
    return await desk.person("northmoor", "lead", "Lee Lead")


async def chosen(person: Person, path: str = PAGE, **changed: str) -> httpx.Response:
    """Sends the form of looks, with some fields changed."""
    return await person.post(path, **{**CHOSEN, **changed})


def seen_on(page: httpx.Response) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page.text)
    assert found
    return found[1]


def pasted_on(page: httpx.Response, name: str) -> str:
    """What stands in a box to copy from, as its reader gets it."""
    found = re.search(rf'<textarea id="{name}"[^>]*>([^<]*)</textarea>', page.text)
    assert found, name
    return unescape(found[1])


async def framed_by(desk: DeskApp, path: str = "/northmoor?within=northmoor") -> str:
    policy = (await desk.browser().get(path)).headers["content-security-policy"]
    return re.findall(r"frame-ancestors ([^;]*)", policy)[0]


async def rows(desk: DeskApp) -> list[Embed]:
    async with desk.database.begin() as session:
        return list(await session.scalars(select(Embed).order_by(Embed.id)))


class Tags(HTMLParser):
    """The tags of a text with their attributes, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


# Deciding


async def test_a_lead_decides_and_the_next_request_knows(desk: DeskApp, lead: Person) -> None:
    empty = await lead.get(PAGE)
    assert empty.status_code == 200
    assert "No site is listed, so nobody can show the chat in a frame" in empty.text
    assert await framed_by(desk) == "'none'"
    kept = await chosen(lead, sites=f"{SITE}\r\n {OTHER}/ ", colour="#0A5C63", exit_key="escape")
    assert kept.status_code == 303
    page = await lead.get(kept.headers["location"])
    assert "Kept." in page.text
    assert "Decided by Lee Lead on" in page.text
    assert f"{SITE}\n{OTHER}</textarea>" in page.text
    assert await framed_by(desk) == f"'self' {SITE} {OTHER}"
    assert (await chosen(lead, sites="", seen=seen_on(page))).status_code == 303
    assert await framed_by(desk) == "'none'"


async def test_only_the_lead_and_a_national_admin_decide_and_others_read(desk: DeskApp, lead: Person) -> None:
    assert (await chosen(lead)).status_code == 303
    for role in ("editor", "reviewer"):
        other = await desk.person("northmoor", role)
        page = await other.get(PAGE)
        assert page.status_code == 200
        assert SITE in page.text
        assert pasted_on(page, "tag")
        assert "<form" not in page.text.partition("<h1>")[2].partition("</main>")[0]
        assert (await chosen(other, sites=OTHER)).status_code == 409
        assert (await other.post(f"{PAGE}/keys")).status_code == 409
    assert [row.sites for row in await rows(desk)] == [SITE]
    admin = await desk.person("national", "admin", "Ann Admin")
    page = await admin.get(PAGE)
    assert (await chosen(admin, sites=OTHER, seen=seen_on(page))).status_code == 303
    assert await framed_by(desk) == f"'self' {OTHER}"


@pytest.mark.parametrize("doing", ["", "/keys", "/keys/1/end", "/preview"])
async def test_what_has_no_website_has_no_such_page(desk: DeskApp, doing: str) -> None:
    admin = await desk.person("national", "admin")
    async with desk.database.begin() as session:
        voices = await add(
            session, operator("tests"), "young-voices", "Voices (invented)", practice=True, now=desk.clock()
        )
    for layer in ("national", voices.layer, "police-scotland", "not-there"):
        path = f"/desk/{layer}/embed{doing}"
        answers = [await admin.get(path)] if doing in ("", "/preview") else []
        answers += [await admin.post(path, **CHOSEN)] if doing != "/preview" else []
        assert [answer.status_code for answer in answers] == [404] * len(answers), path
    assert await rows(desk) == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *(
            ("sites", wrong)
            for wrong in ("*", "https://*", "www.northmoor.example", "http://northmoor.example", HURTING)
        ),
        ("sites", f"https://{'a.' * 150}uk"),
        ("sites", "\n".join(f"https://a{number}.example" for number in range(31))),
        *(("colour", wrong) for wrong in ("", "red", "#fff", "#ffff00", "url(//evil.example)", HURTING)),
        *((field, wrong) for field in ("position", "greeting", "language", "exit_key") for wrong in ("", HURTING)),
        ("greeting", "door_heading"),
    ],
)
async def test_a_fault_stands_beside_its_field_and_what_was_typed_stays(
    desk: DeskApp, lead: Person, field: str, typed: str
) -> None:
    page = await chosen(lead, **{"sites": f"{SITE}\n{OTHER}", field: typed})
    assert page.status_code == 422
    assert f'id="fault-{field}"' in page.text
    assert "<script>alert" not in page.text
    form = unescape(page.text.partition('<form class="stack"')[2])
    assert (typed if field in ("sites", "colour") else f"{SITE}\n{OTHER}") in form
    assert await rows(desk) == []
    assert await framed_by(desk) == "'none'"


async def test_every_fault_is_told_at_once(lead: Person) -> None:
    page = await lead.post(PAGE, sites="x", colour="x")
    for field in ("sites", "colour", "position", "greeting", "language", "exit_key"):
        assert f'id="fault-{field}"' in page.text
        assert f'href="#{field}"' in page.text
        assert f'id="{field}"' in page.text


async def test_two_leads_and_the_second_sees_what_the_first_decided(desk: DeskApp, lead: Person) -> None:
    admin = await desk.person("national", "admin", "Ann Admin")
    opened = [seen_on(await person.get(PAGE)) for person in (lead, admin)]
    assert (await chosen(lead, seen=opened[0])).status_code == 303
    second = await chosen(admin, sites=OTHER, colour="#0a5c63", seen=opened[1])
    assert second.status_code == 409
    assert "Lee Lead decided something else after you opened this page" in second.text
    assert f"<code>{SITE}</code>" in second.text
    assert f"{OTHER}</textarea>" in second.text
    assert 'value="#0a5c63"' in second.text
    assert await framed_by(desk) == f"'self' {SITE}"
    assert (await chosen(admin, sites=OTHER, seen=seen_on(second))).status_code == 303
    assert [row.who for row in await rows(desk)] == ["Lee Lead", "Ann Admin"]


@pytest.mark.parametrize("seen", ["", "-1", "x", "9" * 400, "1.5", "\u0661"])
async def test_a_page_that_nobody_opened_overwrites_nothing(desk: DeskApp, lead: Person, seen: str) -> None:
    assert (await chosen(lead)).status_code == 303
    assert (await chosen(lead, sites=OTHER, seen=seen)).status_code == 409
    assert await framed_by(desk) == f"'self' {SITE}"


async def test_of_two_at_the_same_moment_one_decides(own_database: Database, desk: DeskApp) -> None:
    async def one(site: str) -> bool:
        try:
            async with own_database.begin() as session:
                await decide(session, operator(site), "kent", Looks(site), desk.clock(), practice=False, seen=0)
        except NotAllowed:
            return False
        return True

    done = await asyncio.gather(*(one(f"https://site{number}.example") for number in range(5)))
    assert sum(done) == 1
    async with own_database.begin() as session:
        assert len(list(await session.scalars(select(Embed)))) == 1
        assert [line.what for line in await log_of(session, "kent")] == ["decide widget"]


# What is pasted


async def test_the_page_shows_the_tag_as_it_is_decided(desk: DeskApp, lead: Person) -> None:
    page = await lead.get(PAGE)
    plain = '<script async src="http://127.0.0.1:8000/widget/v1/know.js" data-force="northmoor"></script>'
    assert pasted_on(page, "tag") == plain
    odd = {"colour": "#0a5c63", "position": "left", "greeting": GREETINGS[2], "language": "cy", "exit_key": "escape"}
    assert (await chosen(lead, **odd)).status_code == 303
    page = await lead.get(PAGE)
    [(name, tag)] = Tags(pasted_on(page, "tag")).found
    said = {
        "data-force": "northmoor",
        "data-colour": "#0a5c63",
        "data-position": "left",
        "data-greeting": "rights",
        "data-lang": "cy",
        "data-exit-key": "escape",
    }
    assert (name, tag) == ("script", {"async": None, "src": "http://127.0.0.1:8000/widget/v1/know.js", **said})
    [(_, pinned)] = Tags(pasted_on(page, "pinned")).found
    build = newest()
    assert pinned == {
        "async": None,
        "src": f"http://127.0.0.1:8000/widget/{build.version}/know.js",
        "integrity": build.integrity,
        "crossorigin": "anonymous",
        **said,
    }
    [(name, link)] = Tags(pasted_on(page, "link")).found
    assert (name, link["href"]) == ("a", "http://127.0.0.1:8000/northmoor")
    assert pasted_on(page, "policy") == "script-src http://127.0.0.1:8000;\nframe-src http://127.0.0.1:8000;"


@pytest.mark.parametrize("greeting", GREETINGS)
async def test_the_link_says_what_the_button_says(lead: Person, greeting: str) -> None:
    assert (await chosen(lead, greeting=greeting)).status_code == 303
    assert f">{WORDS[greeting]}</a>" in pasted_on(await lead.get(PAGE), "link")


def test_whatever_the_settings_say_a_pasted_tag_is_one_tag() -> None:
    settings = Settings.model_validate(
        {"public_url": 'https://know.example:8443/at"><x y="', "leave_to": 'https://away.example/?a="><i>&b'}
    )
    says = Interface(dict.fromkeys(GREETINGS, "<u>Ask</u>"))
    shown = pasted(settings, "kent", Looks(), Build("9.0.0", 'sha384-"><b>', b""), says)
    for text, name in ((shown.tag, "script"), (shown.pinned, "script"), (shown.link, "a")):
        assert [found for found, _ in Tags(text).found] == [name]
    assert Tags(shown.tag).found[0][1]["data-leave-to"] == settings.leave_to
    assert shown.policy == "script-src https://know.example:8443;\nframe-src https://know.example:8443;"
    assert attributes_of(Settings(), "kent", Looks()) == {"data-force": "kent"}
    assert attributes_of(Settings(), "kent", replace(Looks(), position="left"))["data-position"] == "left"


def test_the_guide_names_every_attribute_that_the_loader_reads_and_no_other() -> None:
    guide = (ROOT / "docs" / "embedding.md").read_text("utf-8")
    named = set(re.findall(r"^\| `data-([a-z-]+)` \|", guide, re.M))
    odd = Looks("", "#0a5c63", "left", GREETINGS[1], "cy", "escape")
    written = attributes_of(Settings.model_validate({"leave_to": "https://away.example"}), "kent", odd)
    assert {name.removeprefix("data-") for name in written} | {"card", "situation"} == named
    loader = newest().content.decode()
    read = set(re.findall(r"\bhas\.([a-zA-Z]+)", loader)) | {"card", "situation"}
    assert {re.sub("[A-Z]", lambda found: f"-{found[0].lower()}", name) for name in read} == named


async def test_the_colour_is_measured_for_whoever_chooses_it(lead: Person) -> None:
    assert (await chosen(lead, colour="#0a5c63")).status_code == 303
    page = (await lead.get(PAGE)).text
    assert "<code>#0a5c63</code>: 7.7 to 1 on a white page. Its words are white, 7.7 to 1." in page
    assert 'fill="#0a5c63"' in page
    assert "style=" not in page.partition("<main")[2]


async def test_where_children_read_no_draft_in_welsh_is_chosen(sqlite_url: str, tmp_path: Path) -> None:
    async with desk_app(sqlite_url, tmp_path, mode="live", secret=LIVE_SECRET) as live:
        lead = await live.person("kent", "lead")
        page = await lead.get("/desk/kent/embed")
        assert 'id="language-cy"' not in page.text
        assert "Our Welsh words are a draft" in page.text
        refused = await chosen(lead, "/desk/kent/embed", language="cy")
        assert refused.status_code == 422
        assert 'id="fault-language"' in refused.text
        assert (await chosen(lead, "/desk/kent/embed", sites="http://127.0.0.1:8001")).status_code == 422
        assert (await chosen(lead, "/desk/kent/embed")).status_code == 303


# Keys


async def test_keys_are_made_and_ended_and_said_to_be_no_secret(desk: DeskApp, lead: Person) -> None:
    assert "A key is a name, not a secret" in (await lead.get(PAGE)).text
    assert (await lead.post(f"{PAGE}/keys")).status_code == 303
    page = await lead.get(PAGE)
    [key] = re.findall(r'value="(know_[\w-]+)"', page.text)
    [number] = re.findall(r"embed/keys/(\d+)/end", page.text)
    assert doors(desk.app).pack_cache.keys == {key: "northmoor"}
    assert (await lead.post(f"{PAGE}/keys/{number}/end")).status_code == 303
    assert doors(desk.app).pack_cache.keys == {}
    page = await lead.get(PAGE)
    assert key not in page.text
    assert f"...{key[-4:]}" in page.text
    again = await lead.post(f"{PAGE}/keys/{number}/end")
    assert again.status_code == 409
    assert "has ended already" in again.text
    assert (await lead.post(f"{PAGE}/keys/{2**31}/end")).status_code in (404, 422)


async def test_there_are_never_more_keys_than_can_be_looked_after(own_database: Database, desk: DeskApp) -> None:
    async def one() -> bool:
        try:
            async with own_database.begin() as session:
                await new_key(session, operator("tests"), "kent", desk.clock())
        except NotAllowed:
            return False
        return True

    done = await asyncio.gather(*(one() for _ in range(MOST_KEYS + 4)))
    assert sum(done) == MOST_KEYS
    async with own_database.begin() as session:
        assert len(await keys_of(session, "kent")) == MOST_KEYS


async def test_charlie_sees_nothing_and_ends_no_key_of_ours(desk: DeskApp, lead: Person) -> None:
    assert (await chosen(lead)).status_code == 303
    assert (await lead.post(f"{PAGE}/keys")).status_code == 303
    before = dict(doors(desk.app).pack_cache.keys)
    async with desk.database.begin() as session:
        number = (await session.scalars(select(EmbedKey.id))).one()
    charlie = await desk.person("southmere", "lead", "Charlie")
    for path in (PAGE, f"{PAGE}/preview"):
        assert (await charlie.get(path)).status_code == 404
    for path in (PAGE, f"{PAGE}/keys", f"{PAGE}/keys/{number}/end"):
        assert (await charlie.post(path, **CHOSEN)).status_code == 404
    own = await charlie.post(f"{THEIRS}/keys/{number}/end")
    assert own.status_code == 409
    assert next(iter(before))[-4:] not in own.text
    assert doors(desk.app).pack_cache.keys == before
    assert SITE not in (await charlie.get(THEIRS)).text
    assert await framed_by(desk, "/southmere?within=southmere") == "'none'"


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/keys", f"{PAGE}/keys/1/end"])
async def test_no_other_site_sends_these_forms(desk: DeskApp, lead: Person, path: str) -> None:
    async with desk.browser(**{COOKIE: lead.token}) as browser:
        for mark in ("", form_mark("another")):
            assert (await browser.post(path, data={**CHOSEN, "mark": mark})).status_code == 403
    assert await rows(desk) == []
    assert doors(desk.app).pack_cache.keys == {}


async def test_everything_is_in_the_log_in_plain_words(desk: DeskApp, lead: Person) -> None:
    assert (await chosen(lead)).status_code == 303
    assert (await lead.post(f"{PAGE}/keys")).status_code == 303
    key = next(iter(doors(desk.app).pack_cache.keys))
    assert (await lead.post(f"{PAGE}/keys/1/end")).status_code == 303
    assert (await chosen(lead, sites="nonsense")).status_code == 422
    assert (await chosen(lead, sites=OTHER)).status_code == 409
    async with desk.database.begin() as session:
        lines = [(line.who, line.what, line.about) for line in await log_of(session, "northmoor")]
    end = f"...{key[-4:]}"
    assert lines == [
        ("Lee Lead", "end key", end),
        ("Lee Lead", "make key", end),
        ("Lee Lead", "decide widget", SITE),
    ]
    page = (await lead.get("/desk/northmoor/log")).text
    assert f"decided how the widget is on the force&#39;s own website: {SITE}" in page.replace("&#x27;", "&#39;")
    assert key not in page


# The preview


async def test_the_preview_alone_may_hold_a_frame_and_only_of_ours(desk: DeskApp, lead: Person) -> None:
    assert (await chosen(lead, position="left")).status_code == 303
    page = await lead.get(f"{PAGE}/preview")
    policy = page.headers["content-security-policy"]
    assert re.findall(r"frame-src ([^;]*)", policy) == ["'self'"]
    assert "frame-ancestors 'none'" in policy
    for path in (PAGE, "/desk/northmoor", "/northmoor", "/northmoor?within=northmoor"):
        assert "frame-src" not in (await lead.get(path)).headers["content-security-policy"]
    [tag] = [tag for name, tag in Tags(page.text).found if name == "script"]
    assert tag == {"async": None, "src": "/widget/v1/know.js", "data-force": "northmoor", "data-position": "left"}
    assert "This page is invented," in page.text


async def test_the_preview_holds_nothing_that_somebody_could_press_in_a_lead_s_name(lead: Person) -> None:
    assert (await chosen(lead)).status_code == 303
    page = (await lead.get(f"{PAGE}/preview")).text
    assert "<form" not in page
    assert form_mark(lead.token) not in page
    assert lead.token not in page


async def test_the_preview_says_so_where_no_site_is_listed(lead: Person) -> None:
    for sites in (None, ""):
        if sites is not None:
            assert (await chosen(lead, sites=sites)).status_code == 303
        page = (await lead.get(f"{PAGE}/preview")).text
        assert "No site is listed yet" in page
        assert "<script" not in page


# The off switch


@pytest.mark.parametrize("message", ["door_checking", "door_mending", "door_changing"])
async def test_a_shut_door_is_calm_in_the_frame_at_the_next_request(desk: DeskApp, lead: Person, message: str) -> None:
    assert (await chosen(lead)).status_code == 303
    framed = "/northmoor?within=northmoor"
    assert (await desk.browser().get(framed)).status_code == 200
    assert (await lead.post("/desk/northmoor/door/close", message=message)).status_code == 303
    page = await desk.browser().get(framed)
    assert page.status_code == 503
    assert await framed_by(desk) == f"'self' {SITE}"
    main = page.text.partition('<main id="main">')[2].partition("</main>")[0]
    for said in (WORDS[message], WORDS["closed_danger"], WORDS["closed_talk"], "tel:999", "tel:08001111"):
        assert said in main
    way = re.search(r'<form method="post" action="([^"]+)"><button[^>]* name="act" value="person"', main)
    assert way
    assert "within=northmoor" in way[1]
    person = await desk.browser().post(way[1], data={"act": "person"}, follow_redirects=True)
    assert person.status_code == 200
    assert "within=northmoor" in str(person.url)
    assert f"frame-ancestors 'self' {SITE}" in person.headers["content-security-policy"]
    assert 'action="/england-and-wales/person?' in person.text
    assert await framed_by(desk, "/england-and-wales/person?within=northmoor") == f"'self' {SITE}"
    assert "The door is closed," in (await lead.get(PAGE)).text
    assert "The door is closed:" in (await lead.get(f"{PAGE}/preview")).text
    assert (await lead.post("/desk/northmoor/door/open")).status_code == 303
    assert (await desk.browser().get(framed)).status_code == 200


async def test_the_page_leads_to_the_switch_and_every_page_leads_to_it(desk: DeskApp, lead: Person) -> None:
    assert 'href="/desk/northmoor/door"' in (await lead.get(PAGE)).text.partition("<h1>")[2]
    assert f'href="{PAGE}"' in (await lead.get("/desk/northmoor")).text
    admin = await desk.person("national", "admin")
    assert f'href="{PAGE}"' in (await admin.get("/desk/northmoor/people")).text
    assert "/embed" not in (await admin.get("/desk/national/people")).text


async def test_html_validate_finds_nothing(lead: Person) -> None:
    tool("html-validate")
    pages = {"empty": (await lead.get(PAGE)).text, "faults": (await lead.post(PAGE, sites="x")).text}
    assert (await chosen(lead)).status_code == 303
    for doing in ("/keys", "/keys", "/keys/1/end"):
        assert (await lead.post(f"{PAGE}{doing}")).status_code == 303
    pages |= {path: (await lead.get(path)).text for path in (PAGE, f"{PAGE}/preview")}
    pages["moved"] = (await chosen(lead)).text
    assert run("markup.mjs", stdin=json.dumps(pages)) == []
