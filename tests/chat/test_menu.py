"""Walking the menu: by buttons on the page and in JSON, back again, at every level, and after misses."""

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from content.card import Card
from content.pack import Pack
from content.situations import load_menu, most_choices
from tests.chat.test_pages import say, token
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.json_child import Child

GROUPS = ["menu/hurt", "menu/trouble", "menu/other"]


@pytest.fixture
async def child(client: httpx.AsyncClient) -> Child:
    child = Child(client)
    await child.start()
    return child


def keys(reply: dict) -> list[str]:  # type: ignore[type-arg]
    return [near["key"] for near in reply["near"]]


def buttons(page: httpx.Response) -> list[str]:
    # Help that is offered quietly stands apart, and is no answer to choose.
    return re.findall(r'<button class="choice[^>]* name="card" value="([^"]+)"', page.text)


@pytest.mark.parametrize("level", ["standard", "simple", "easy"])
async def test_the_first_screen_offers_the_menu(client: httpx.AsyncClient, level: str) -> None:
    most = most_choices(level)  # type: ignore[arg-type]
    reply = await Child(client).start(level=level)
    assert (reply["kind"], reply["card"]["key"]) == ("act", "what-is-this")
    page = await client.get(f"/northmoor?level={level}")
    for shown in (keys(reply), buttons(page)):
        assert shown[:3] == GROUPS
        assert len(shown) <= most
    assert "What is your question about?" in page.text


@pytest.mark.parametrize("level", ["standard", "simple", "easy"])
async def test_from_a_group_to_a_card_in_json(client: httpx.AsyncClient, level: str) -> None:
    child, menu, most = Child(client), load_menu(), most_choices(level)  # type: ignore[arg-type]
    await child.start(level=level)
    groups = await child.press("menu")
    assert (groups["kind"], groups["card"]["key"], keys(groups)) == ("choices", "pick-one", GROUPS)
    assert groups["near"][1]["question"] == "Police or school"
    assert keys(await child.press("menu/trouble")) == ["menu/arrested", "menu/stopped", "menu/school"]
    first = await child.press("menu/arrested")
    assert keys(first) == [*menu.entries["menu/arrested"].opens[: most - 1], "menu/arrested/2"]
    assert first["near"][-1]["question"] == "More"
    second = await child.press("menu/arrested/2")
    assert keys(second)[0] == menu.entries["menu/arrested"].opens[most - 1]
    assert (await child.press(keys(second)[0]))["kind"] == "card"


@pytest.mark.parametrize("level", ["simple", "easy"])
async def test_from_a_group_to_a_card_on_the_page_without_script(client: httpx.AsyncClient, level: str) -> None:
    page = await client.get(f"/northmoor?level={level}")
    for key in ("menu/hurt", "menu/harmed", "menu/harmed/2"):
        assert key in buttons(page)
        page = await say(client, page, card=key)
        assert "Which one do you want to know about?" in page.text
        assert len(buttons(page)) <= most_choices(level)  # type: ignore[arg-type]
    assert "<h4>Someone hurt me</h4>" in page.text
    page = await say(client, page, card=buttons(page)[0])
    assert 'data-kind="card"' in page.text


@pytest.mark.parametrize("level", ["standard", "simple", "easy"])
async def test_pressing_buttons_alone_reaches_every_card(
    client: httpx.AsyncClient, cards: dict[str, Card], level: str
) -> None:
    """From the first screen, through every page of the menu; nothing is typed and no address is guessed."""
    most, child = most_choices(level), Child(client)  # type: ignore[arg-type]
    waiting, pressed = keys(await child.start(level=level)), set[str]()
    while waiting:
        key = waiting.pop()
        if key in pressed:
            continue
        pressed.add(key)
        reply = await child.press(key)
        assert (reply["kind"], reply["card"]["key"]) == (("choices", "pick-one") if "menu" in key else ("card", key))
        assert 0 < len(keys(reply)) <= most
        waiting += keys(reply) if key.startswith("menu") else []
    assert {key for key, card in cards.items() if card.kind == "card"} <= pressed


@pytest.mark.parametrize("level", ["standard", "easy"])
async def test_a_card_about_any_situation_opens_on_the_page_without_script(
    client: httpx.AsyncClient, level: str
) -> None:
    page = await client.get(f"/northmoor?level={level}")
    for key in ("menu/other", "menu/record", "see-my-record"):
        assert key in buttons(page)
        page = await say(client, page, card=key)
    assert 'data-kind="card"' in page.text


async def test_choosing_a_situation_is_remembered(client: httpx.AsyncClient, child: Child) -> None:
    tokens = doors(client._transport.app).chat.tokens  # type: ignore[attr-defined]
    await child.press("menu/hurt")
    assert tokens.read(child.token).situation is None
    await child.press("menu/images")
    assert tokens.read(child.token).situation == "images"
    await child.press("menu/hurt")
    assert tokens.read(child.token).situation == "images"


@pytest.mark.parametrize("key", ["menu/zebra", "menu/arrested/99", "menu/arrested/0", "menu/", "menu/2"])
async def test_an_unknown_page_is_not_known(client: httpx.AsyncClient, child: Child, key: str) -> None:
    reply = await child.press(key)
    assert (reply["kind"], reply["card"]["key"]) == ("not-sure", "not-sure")
    page = await say(client, await client.get("/northmoor"), card=key)
    assert 'data-kind="not-sure"' in page.text


async def test_back_works_through_the_menu(client: httpx.AsyncClient, child: Child) -> None:
    ways = ["menu/trouble", "menu/arrested", "menu/arrested/2"]
    seen = [keys(await child.press(key)) for key in ways]
    await child.press("custody-cell")
    for expected in reversed(seen):
        reply = await child.act("back")
        assert (reply["kind"], reply["card"]["key"], keys(reply)) == ("choices", "pick-one", expected)
    assert (await child.act("back"))["card"]["key"] == "what-is-this"


async def test_back_works_further_than_the_chat_remembers(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start(level="easy")
    for key in ["menu/trouble", "menu/arrested", *(f"menu/arrested/{number}" for number in range(2, 10))]:
        await child.press(key)
    for _ in range(10):
        reply = await child.act("back")
    assert keys(reply) == ["menu/hurt", "menu/trouble", "menu/other"]
    assert (await child.act("back"))["card"]["key"] == "what-is-this"
    page = await client.get("/northmoor?level=easy")
    for key in ["menu/trouble", "menu/arrested", *(f"menu/arrested/{number}" for number in range(2, 10))]:
        page = await say(client, page, card=key)
    for _ in range(7):
        assert 'value="back"' in page.text
        page = await say(client, page, act="back")


async def test_another_level_lays_the_page_out_again(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor?level=easy")
    for key in ("menu/trouble", "menu/arrested", "menu/arrested/2"):
        page = await say(client, page, card=key)
    first = buttons(page)[0]
    more = await say(client, page, level="standard")
    assert first in buttons(more)
    assert len(buttons(more)) == 5
    assert buttons(more)[-1].startswith("menu/arrested/")


async def test_simpler_keeps_the_menu_and_at_the_easiest_level_leads_on(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start(level="standard")
    await child.press("menu/arrested")
    for most in (4, 3):
        reply = await child.act("simpler")
        assert (reply["kind"], len(keys(reply)), keys(reply)[-1]) == ("choices", most, "menu/arrested/2")
    assert (await child.act("simpler"))["card"]["key"] == "easiest-words"
    back = await child.act("back")
    assert (back["kind"], keys(back)[-1]) == ("choices", "menu/arrested/2")


async def test_yes_picks_no_page_of_the_menu(child: Child, brain: FakeBrain) -> None:
    brain.tell("yes", ("yes", 0.9))
    assert keys(await child.say("yes")) == GROUPS
    await child.press("menu/arrested")
    assert keys(await child.say("yes")) == GROUPS


@pytest.mark.parametrize(("level", "most"), [("standard", 5), ("easy", 3)])
async def test_a_chat_started_in_a_situation_begins_with_its_cards(
    client: httpx.AsyncClient, level: str, most: int
) -> None:
    body = {"force": "northmoor", "level": level, "situation": "stopped"}
    reply = (await client.post("/api/v1/chats", json=body)).json()["reply"]
    assert (reply["kind"], reply["card"]["key"]) == ("act", "what-is-this")
    assert keys(reply) == [*load_menu().entries["menu/stopped"].opens[: most - 1], "menu/stopped/2"]


async def test_only_live_cards_are_offered(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    pack_cache = doors(client._transport.app).pack_cache  # type: ignore[attr-defined]
    pack, today = pack_cache.pack("northmoor"), pack_cache.today()
    old = {"missing": replace(pack.signed()["missing"], review_by=today - timedelta(days=1))}
    packs, place = pack_cache._packs._packs, ("northmoor", "en")
    monkeypatch.setitem(packs, place, Pack({**pack.signed(), **old}, {}))
    child = Child(client)
    await child.start()
    assert "missing" not in keys(await child.press("menu/missing"))
    gone = {key: signed for key, signed in pack.signed().items() if "images" not in signed.words.situations}
    monkeypatch.setitem(packs, place, Pack(gone, {}))
    assert "menu/images" not in keys(await child.press("menu/hurt"))
    assert (await child.press("menu/images"))["kind"] == "not-sure"


async def test_elsewhere_there_is_no_menu(client: httpx.AsyncClient) -> None:
    child = Child(client)
    first = await child.start("police-scotland")
    assert not any(key.startswith("menu") for key in keys(first))
    assert (await child.press("menu"))["kind"] == "not-sure"


async def test_two_misses_show_buttons_and_three_a_person_and_typing_goes_on(child: Child, brain: FakeBrain) -> None:
    brain.tell("who do you tell", ("who-gets-told", 0.9))
    one, two, three = [await child.say("asdf") for _ in range(3)]
    assert [reply["kind"] for reply in (one, two, three)] == ["not-sure", "not-sure", "person"]
    assert not any(key.startswith("menu") for key in keys(one))
    assert keys(two) == GROUPS
    assert (await child.say("who do you tell"))["card"]["key"] == "who-gets-told"


async def test_a_button_after_two_misses_starts_the_count_again(child: Child) -> None:
    for _ in range(2):
        await child.say("asdf")
    await child.press("menu/hurt")
    assert (await child.say("asdf"))["kind"] == "not-sure"


async def test_a_follow_up_that_finds_nothing_is_a_miss(child: Child) -> None:
    await child.press("crime-number")
    replies = [await child.say("do i have to?") for _ in range(3)]
    assert [reply["kind"] for reply in replies] == ["choices", "not-sure", "person"]
    assert keys(replies[1]) == GROUPS


@pytest.mark.parametrize("level", ["standard", "simple", "easy"])
async def test_a_person_is_among_the_buttons_when_something_near_is_offered(
    client: httpx.AsyncClient, brain: FakeBrain, level: str
) -> None:
    brain.tell("odd", ("out-of-scope", 0.98), ("bodycam", 0.008), ("my-phone", 0.007), ("bail", 0.005))
    child = Child(client)
    await child.start(level=level)
    shown = keys(await child.say("odd"))
    assert shown[-1] == "talk-to-a-person"
    assert len(shown) <= most_choices(level)  # type: ignore[arg-type]


async def test_the_bot_away_with_nothing_near_offers_the_menu(child: Child, brain: FakeBrain) -> None:
    brain.away = True
    reply = await child.say("zzzz qqqq")
    assert (reply["kind"], keys(reply)) == ("bot-away", GROUPS)


@pytest.mark.parametrize("level", ["standard", "easy"])
async def test_no_answer_has_more_buttons_than_its_reader_can_choose_among(
    client: httpx.AsyncClient, cards: dict[str, Card], level: str
) -> None:
    most = most_choices(level)  # type: ignore[arg-type]
    child = Child(client)
    await child.start(level=level)
    many = [key for key, card in cards.items() if card.kind in ("card", "house") and len(card.near) > 3]
    for key in [*many[:20], "what-is-this", "not-sure", "bot-away", "talk-to-a-person"]:
        reply = await child.press(key)
        assert len(reply["near"]) <= most
        assert len(reply["card"]["near"]) <= most
        assert len(buttons(await client.get(f"/northmoor?chat={child.token}"))) <= most


async def test_a_menu_key_is_no_card_address(client: httpx.AsyncClient) -> None:
    page = await client.get("/northmoor")
    assert (await client.post("/northmoor/say", data={"chat": token(page), "card": "menu"})).status_code == 303
    assert (await client.get("/api/v1/forces/northmoor/cards/menu")).status_code == 404
