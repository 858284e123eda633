"""A journey: what happens to information in one situation, step after step, in signed words, with a force's facts."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import chain, groupby
from typing import get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from accessibility.rule_finding import LEVELS, Level
from api.chat.journey_path import draw
from api.chat.journey_view import NAMES, key_of
from api.desk.wording_form import read_form
from content.card import BrokenCard, Bubble, Card, Situation, Step
from content.card_file import refuse_strangers
from content.card_text import card_text
from content.editing import typed, with_spare, written
from content.journey_rules import opened
from content.own_wording import read_wording
from content.rendering import Renderer
from content.signed_words import SignedWords
from tests.conftest import release_for
from tests.desk_app import DeskApp
from tests.doors import doors
from tests.json_child import Child

CARDS = dict(release_for(practice=True).cards)
JOURNEYS = {name: CARDS[key_of(name)] for name in NAMES}
HURT = JOURNEYS["hurt"]
SLOTS = release_for(practice=True).vetting.renderer.slots
STEPS = get_args(Step)
every_journey = pytest.mark.parametrize("name", NAMES)


class Steps(HTMLParser):
    """The steps of a page as a screen reader gets them: the text of each item of the ordered list, and its buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.opens: list[str] = []
        self.current: list[bool] = []
        self._hidden = self._in_list = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._in_list += tag == "ol"
        if self._in_list and tag == "li":
            self.texts.append("")
            self.current.append(found.get("aria-current") == "step")
        if self._in_list and tag == "button":
            self.opens.append(found.get("value") or "")
        if tag == "div" and (self._hidden or found.get("aria-hidden") == "true"):
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        self._in_list -= tag == "ol"
        self._hidden -= tag == "div" and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if self._in_list and self.texts and not self._hidden:
            self.texts[-1] += f" {data}"

    def said(self) -> list[str]:
        """Each step's text with single spaces."""
        return [" ".join(text.split()) for text in self.texts]


def bare(text: str) -> str:
    """Text without the marks of bold and of everyday words, and without spaces, which stand otherwise around markup."""
    return "".join(re.sub(r"\[([^\]]+)\]\{everyday\}", r"\1", text.replace("**", "")).split())


async def opened_page(client: httpx.AsyncClient, path: str, **query: str) -> httpx.Response:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer


def token(page: httpx.Response) -> str:
    found = re.search(r'name="chat" value="([^"]+)"', page.text)
    assert found
    return found[1]


@every_journey
@pytest.mark.parametrize("level", LEVELS)
async def test_the_steps_are_an_ordered_list_of_the_signed_words(
    client: httpx.AsyncClient, name: str, level: Level, renderer: Renderer
) -> None:
    said = Steps((await opened_page(client, f"/kent/journey/{name}", level=level)).text)
    signed = renderer.words(JOURNEYS[name], {}).levels[level].bubbles
    steps = list(dict.fromkeys(bubble.step for bubble in signed))
    assert len(said.texts) == len(steps)
    assert said.opens == list(dict.fromkeys(bubble.opens for bubble in signed))
    for bubble in signed:
        assert bare(bubble.text) in bare(said.texts[steps.index(bubble.step)])


async def test_the_journeys_are_those_of_the_eight_situations_and_lie_one_press_away(client: httpx.AsyncClient) -> None:
    page = await opened_page(client, "/northmoor/journey")
    linked = re.findall(r'href="/northmoor/journey/([a-z]+)\?', page.text)
    assert linked == [*["hurt", "saw", "stopped", "arrested", "missing", "worry", "picture", "exploited"]]
    about = {situation for card in JOURNEYS.values() for situation in card.situations}
    assert about == set(get_args(Situation)) - {"school", "helping", "record", "rights"}
    for address in re.findall(r'href="(/northmoor/journey/[^"]+)"', page.text):
        assert (await client.get(unescape(address))).status_code == 200


@pytest.mark.parametrize(
    ("force", "told"),
    [
        ("northmoor", "Your police force keeps body-worn video for 31 days"),
        ("southmere", "Your police force keeps body-worn video for 28 days"),
        ("kent", SLOTS["bodycam_days"].missing),
        ("england-and-wales", SLOTS["bodycam_days"].missing),
    ],
)
@pytest.mark.parametrize("level", LEVELS)
async def test_a_forces_own_facts_change_the_words(
    client: httpx.AsyncClient, force: str, told: str, level: Level
) -> None:
    page = await opened_page(client, f"/{force}/journey/stopped", level=level)
    found = re.findall(r'class="journey-own.*?">(.*?)</div>\s*</div>', page.text, re.S)
    own = [" ".join(part.split()) for part in found]
    [theirs] = [part for part in own if unescape(told) in unescape(part)]
    assert "<b>Your police</b>" in theirs
    # What holds everywhere is not said to be theirs.
    assert any("<b>Your police</b>" not in part for part in own)


@every_journey
async def test_each_step_opens_its_card_in_the_talk(client: httpx.AsyncClient, name: str) -> None:
    page = await opened_page(client, f"/northmoor/journey/{name}", level="easy")
    for key in Steps(page.text).opens:
        answer = await client.post("/northmoor/say", data={"chat": token(page), "card": key}, follow_redirects=True)
        assert CARDS[key].version("easy").question in unescape(answer.text)


async def test_here_is_marked_once_and_only_on_a_step_of_the_journey(client: httpx.AsyncClient) -> None:
    page = await opened_page(client, "/northmoor/journey/stopped", here="bodycam")
    said = Steps(page.text)
    assert [opens for opens, here in zip(said.opens, said.current, strict=True) if here] == ["bodycam"]
    assert page.text.count("You are here") == 1
    for nowhere in ("", "dna", "bail", "<b>"):
        assert "You are here" not in (await opened_page(client, "/northmoor/journey/stopped", here=nowhere)).text


async def test_who_reads_without_pictures_gets_the_path_without_them(client: httpx.AsyncClient) -> None:
    page = await opened_page(client, "/northmoor/journey/hurt", reading="no-pictures")
    assert "<image" not in page.text
    assert page.text.count('class="journey-ring"') == len(Steps(page.text).texts) == 7


@pytest.mark.parametrize(
    ("here", "heading"),
    [
        ("must-give-statement", "What you say"),
        ("see-my-record", "It is written down"),
        ("tell-school", "Who is told"),
        ("fingerprints-dna", "How long it is kept"),
    ],
)
async def test_an_answer_that_no_step_opens_is_at_the_step_where_it_is_asked(
    client: httpx.AsyncClient, here: str, heading: str
) -> None:
    page = await opened_page(client, "/northmoor/journey/arrested", here=here)
    (step,) = re.findall(r'<li [^>]*aria-current="step">.*?</li>', page.text, re.S)
    assert heading in step
    assert "You are here" in step
    # It stays marked at another level, and for whoever chooses another journey and comes back.
    assert f'name="here" value="{here}"' in page.text
    assert f"here={here}" in (await opened_page(client, "/northmoor/journey", here=here)).text
    assert "here=" not in (await opened_page(client, "/northmoor/journey", here="nowhere")).text


async def test_where_a_child_can_ask_the_step_says_so(client: httpx.AsyncClient) -> None:
    said = Steps((await opened_page(client, "/northmoor/journey/hurt", level="easy")).text).said()
    assert said[-1].startswith("7 When it is deleted You can ask ")
    assert said[2].startswith("3 Who looks Police staff")


async def test_the_level_is_the_talks_until_another_is_pressed_and_then_the_talk_has_it(
    client: httpx.AsyncClient,
) -> None:
    child = Child(client)
    await child.start("northmoor", "easy")
    easy = await opened_page(client, "/northmoor/journey/saw", chat=child.token)
    assert 'value="easy" aria-pressed="true"' in easy.text
    more = await opened_page(client, "/northmoor/journey/saw", chat=token(easy), level="standard")
    assert 'value="standard" aria-pressed="true"' in more.text
    talk = await opened_page(client, "/northmoor", chat=token(more))
    assert 'value="standard" aria-pressed="true"' in talk.text
    chosen = await opened_page(client, "/northmoor/journey/saw", reading="easy.dark")
    assert 'value="easy" aria-pressed="true"' in chosen.text
    assert "reading=easy.dark" in chosen.text


@pytest.mark.parametrize("path", ["/northmoor/journey/nothing", "/narnia/journey", "/narnia/journey/hurt"])
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("bad", ["x", "", "%00", "'\"><script>alert(1)</script>", "z" * 5_000, "é\u202e"])
async def test_a_bad_address_is_answered_with_a_page_as_good_as_any(client: httpx.AsyncClient, bad: str) -> None:
    for path in ("/northmoor/journey", "/northmoor/journey/hurt"):
        page = await opened_page(client, path, level=bad, here=bad)
        assert "<script>alert" not in page.text
        assert "You are here" not in page.text


@pytest.mark.parametrize("path", ["/northmoor/journey", "/northmoor/journey/hurt"])
async def test_a_talk_that_is_over_opens_no_journey(client: httpx.AsyncClient, path: str) -> None:
    child = Child(client)
    await child.start("northmoor")
    page = await opened_page(client, path, chat=child.token)
    await client.post("/leave", data={"chat": token(page)})
    for over in (child.token, token(page), "x", "%00", "'><b>"):
        answer = await client.get(path, params={"chat": over})
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/northmoor")


async def test_another_forces_talk_is_not_taken_over(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start("southmere", "easy")
    page = await opened_page(client, "/northmoor/journey/stopped", chat=child.token)
    assert "31 days" in page.text
    assert 'action="/northmoor/say"' in page.text


@pytest.mark.parametrize("path", ["/police-scotland/journey", "/police-scotland/journey/hurt"])
async def test_outside_england_and_wales_the_talk_says_who_knows(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/police-scotland")
    page = await client.get("/police-scotland")
    assert "/journey" not in page.text


async def test_the_talk_leads_to_the_journey_of_its_situation(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start("northmoor")
    assert "/journey" not in await child.page()
    await child.press("menu/arrested")
    assert 'href="/northmoor/journey/arrested?' in await child.page()
    await child.press("custody-record")
    link = re.search(r'href="(/northmoor/journey/arrested\?[^"]+)"', await child.page())
    assert link
    assert Steps((await client.get(unescape(link[1]))).text).current.count(True) == 1


async def test_a_card_of_one_situation_leads_to_its_journey_and_of_several_to_all(client: httpx.AsyncClient) -> None:
    for key, leads in (("missing-picture", "/northmoor/journey/missing?"), ("how-long-kept", "/northmoor/journey?")):
        child = Child(client)
        await child.start("northmoor")
        await child.press(key)
        assert f'href="{leads}' in await child.page()


async def test_beside_an_alarm_there_is_no_journey(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start("northmoor")
    await child.press("menu/harmed")
    await child.say("my dad is hitting me right now")
    assert "/journey" not in await child.page()


async def test_a_journey_is_no_question_that_a_button_or_a_list_leads_to(
    client: httpx.AsyncClient, training: dict[str, str]
) -> None:
    child = Child(client)
    await child.start("northmoor")
    asked = {"chat": child.token, "card": "journey-hurt"}
    assert (await client.post("/api/v1/chats/say", json=asked)).status_code == 404
    page = await client.post("/northmoor/say", data=asked, follow_redirects=True)
    assert HURT.version("simple").question not in page.text
    listed = (await client.get("/api/v1/forces/northmoor/cards")).json()
    board = (await client.get("/register")).text
    assert not [card for card in listed if card["key"].startswith("journey-")]
    assert "journey-" not in board
    assert not [name for name, text in training.items() if HURT.version("simple").question in text]


class Form(HTMLParser):
    """The fields of the wording editor as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._name = ""
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "input" and found.get("name") and ("checked" in found or found.get("type") != "checkbox"):
            self.fields.append((found["name"], found.get("value", "")))
        if tag == "textarea":
            self._name = found["name"]
            self.fields.append((self._name, ""))
        if tag == "select":
            self._select = found["name"]
        if tag == "option" and "selected" in found:
            self.fields.append((self._select, found["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._name = ""

    def handle_data(self, data: str) -> None:
        if self._name:
            self.fields[-1] = (self._name, self.fields[-1][1] + data)


async def test_an_editor_changes_words_and_the_steps_stay(desk: DeskApp) -> None:
    path = "/desk/northmoor/cards/journey-hurt"
    editor = await desk.person("northmoor", "editor")
    sent = Form((await editor.get(f"{path}/edit")).text).fields
    changed = [(name, value.replace("names and what you said", "names and things you said")) for name, value in sent]
    assert changed != sent
    known = doors(desk.app).desk.wordings.cards["journey-hurt"]
    texts = read_form(FormData(changed))
    own = read_wording(known, written(known, known, texts, known.reasons))
    written_down = [bubble for bubble in own.version("easy").bubbles if "names and things you said" in bubble.text]
    assert [bubble.step for bubble in written_down] == ["written"]
    fields: dict[str, object] = {}
    for name, value in changed:
        fields[name] = [*fields[name], value] if isinstance(fields.get(name), list) else value
        if name.startswith("says_"):
            fields[name] = [one for other, one in changed if other == name]
    fields.pop("mark", None)
    assert (await editor.post(f"{path}/edit", **fields)).status_code == 303
    for level in LEVELS:
        assert opened(own.version(level)) == opened(known.version(level))


async def test_while_a_journey_is_checked_the_page_says_so_and_who_can_help(desk: DeskApp) -> None:
    path = "/desk/northmoor/cards/journey-hurt"
    lead = await desk.person("northmoor", "lead")
    assert (await lead.post(f"{path}/withdraw", comment="The law changed.")).status_code == 303
    page = await desk.browser().get("/northmoor/journey/hurt")
    assert "checking" in page.text
    assert 'href="tel:999"' in page.text
    assert 'href="tel:08001111"' in page.text
    assert JOURNEYS["hurt"].version("simple").bubbles[0].text not in page.text


@every_journey
def test_an_editors_form_keeps_every_step_and_offers_no_idea_beyond_them(name: str) -> None:
    card = JOURNEYS[name]
    again = read_wording(card, written(card, card, typed(card), card.reasons))
    for level in LEVELS:
        assert [replace(one, line=0) for one in again.version(level).bubbles] == [
            replace(one, line=0) for one in card.version(level).bubbles
        ]
        assert len(with_spare(typed(card)[level])) == len(card.version(level).bubbles)


@pytest.mark.parametrize("old", ["opens=off-the-record", "step=kept"])
def test_a_forces_own_wording_keeps_the_steps_and_what_they_open(old: str) -> None:
    other = {"opens=off-the-record": "opens=bail", "step=kept": "step=deleted"}[old]
    with pytest.raises(BrokenCard, match="the steps"):
        read_wording(HURT, card_text(HURT).replace(old, other))


def with_bubbles(card: Card, bubbles: Iterator[Bubble] | tuple[Bubble, ...], *levels: Level) -> Card:
    found = tuple(bubbles)
    changed = {level: replace(card.version(level), bubbles=found) for level in levels or LEVELS}
    return replace(card, levels={**card.levels, **changed})


def problems(card: Card) -> str:
    vetting = release_for(practice=True).vetting
    return " ".join(report.finding.problem for report in vetting.vet(card) if report.blocks)


EASY = HURT.version("easy").bubbles
TOLD, WRITTEN, LOOKED, *AFTER = (tuple(bubbles) for _, bubbles in groupby(EASY, lambda bubble: bubble.step))
LATER = tuple(chain.from_iterable(AFTER))


@pytest.mark.parametrize(
    ("bubbles", "told"),
    [
        ((replace(EASY[0], step=None), *EASY[1:]), "without a step"),
        ((replace(EASY[0], opens=None), *EASY[1:]), "without a step or a card"),
        ((*WRITTEN, *TOLD, *LOOKED, *LATER), "out of order"),
        ((*EASY, replace(EASY[0])), "twice"),
        ((*TOLD, *WRITTEN, LOOKED[0], LOOKED[0], LOOKED[0], *LATER), "3 bubbles"),
        ((*TOLD, *WRITTEN, *LOOKED, *AFTER[0]), "4 steps"),
        ((*(replace(one, opens=WRITTEN[0].opens) for one in TOLD), *WRITTEN, *LOOKED, *LATER), "the same card"),
    ],
)
def test_a_broken_journey_may_not_be_signed(bubbles: tuple[Bubble, ...], told: str) -> None:
    assert problems(HURT) == ""
    assert told in problems(with_bubbles(HURT, bubbles))


def test_levels_with_other_steps_may_not_be_signed() -> None:
    assert "other steps" in problems(with_bubbles(HURT, EASY[: -len(AFTER[-1])], "easy"))


def test_only_a_journey_has_steps_and_they_open_answers_alone() -> None:
    bodycam = CARDS["bodycam"]
    stepped = (replace(one, step="kept", opens="bail") for one in bodycam.version("easy").bubbles)
    assert "no journey" in problems(with_bubbles(bodycam, stepped, "easy"))
    for key in ("nowhere", "thanks", "journey-saw"):
        lost = with_bubbles(HURT, (replace(one, opens=key) for one in EASY))
        with pytest.raises(BrokenCard, match="opens"):
            refuse_strangers({**CARDS, HURT.key: lost})


def test_what_was_signed_of_a_journey_is_read_back_with_its_steps(renderer: Renderer) -> None:
    words = renderer.words(HURT, {})
    again = SignedWords.from_json(words.as_json())
    assert [(one.step, one.opens) for one in again.levels["easy"].bubbles] == [(one.step, one.opens) for one in EASY]


@given(st.integers(1, 7).flatmap(lambda of: st.tuples(st.integers(1, of), st.just(of))), st.sampled_from([None, "see"]))
def test_the_pieces_of_the_path_join_and_hold_no_words_and_no_colours(place: tuple[int, int], seen: str | None) -> None:
    number, of = place
    drawing = draw(number, of, seen)
    for piece, begins, ends in ((drawing.stop, number > 1, number < of), (drawing.way, number < of, number < of)):
        for line in re.findall(r' d="([^"]*)"', piece):
            # Every piece comes in at the middle of its top and goes out at the middle of its foot.
            assert line.startswith("M48 0C") == begins
            assert bool(re.search(r"48 10[04]$", line)) == ends
    assert bool(drawing.way) == (number < of)
    whole = drawing.stop + drawing.way
    assert not re.search(r"<text|<style|fill=|stroke=|style=", whole)
    assert ("<image" in whole) == (seen is not None)
    assert re.findall(r'href="([^"]+)"', whole) == (["/pictures/see.svg"] if seen else [])
