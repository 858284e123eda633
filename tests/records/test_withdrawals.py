"""Withdrawn at once: nobody is shown a withdrawn card, everybody gets a way on, and signing again brings it back."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from api.records import ledger
from api.records.acts import acts_of, add_act
from api.records.audit import note
from api.records.pack_cache import PackCache
from api.records.signing import recall, withdraw
from api.records.withdrawals import ALTERED
from content.pack import Pack, Packs
from content.review import Actor
from content.signed_words import SignedWords
from content.signoff import NATIONAL, SignOff, Withdrawn
from tests.conftest import release_for
from tests.desk_app import DeskApp, desk_app
from tests.doors import doors
from tests.json_child import Child
from tests.records.test_ledger import TODAY, signed

OWN, SHARED = "bodycam", "who-gets-told"
"""In Northmoor the first is in its own words, the second in the national ones."""
REASON = "The law has changed since."


def off(layer: str, card: str = OWN) -> Withdrawn:
    return Withdrawn(layer, card, REASON, "the lead (invented)", TODAY)


def hide(pack_cache: PackCache, force: str, card: str) -> None:
    """Takes a card off a force in a running app, as a refresh does: with another Pack in the place of the last."""
    pack = pack_cache.pack(force)
    withdrawn = {**pack._withdrawn, card: off(force, card)}
    pack_cache._packs._packs[force, "en"] = Pack(pack.signed(), pack._own, pack._translated, withdrawn)


@pytest.fixture
def words(renderer, cards) -> SignedWords:  # noqa: ANN001
    return renderer.words(cards[OWN], {})


def seen(pack: Pack, key: str = OWN) -> str | None:
    """The layer whose words are shown; None where nothing is. Every way to ask must agree."""
    shown = pack.card(key, TODAY)
    assert (key in pack.live(TODAY)) == (shown is not None)
    assert shown is None or not pack.being_checked(key, TODAY)
    return shown.layer if shown else None


# Of each case: what happened, and whose words the children of Kent and of Essex read afterwards.
@pytest.mark.parametrize(
    ("happened", "kent", "essex"),
    [
        (["national", "kent"], "kent", "national"),
        (["national", "kent", "-kent"], None, "national"),
        (["national", "-kent"], None, "national"),
        (["national", "-national"], None, None),
        (["national", "kent", "-national"], "kent", None),
        (["national", "-national", "kent"], "kent", None),
        (["national", "-national", "national"], "national", "national"),
        (["national", "kent", "-kent", "kent"], "kent", "national"),
        (["national", "kent", "-kent", "national"], None, "national"),
        (["national", "kent", "-kent", "-national", "kent"], "kent", None),
        (["national", "-national", "-kent", "national"], None, "national"),
        (["-national"], None, None),
    ],
)
def test_a_withdrawal_hides_its_layer_until_it_is_signed_again(
    words: SignedWords, happened: list[str], kent: str | None, essex: str | None
) -> None:
    packs = Packs([off(act[1:]) if act[0] == "-" else signed(words, layer=act) for act in happened])
    assert (seen(packs.of("kent")), seen(packs.of("essex"))) == (kent, essex)


def test_a_force_past_its_date_is_not_said_to_be_withdrawn_nationally(words: SignedWords) -> None:
    old = replace(signed(words), signed_on=TODAY - timedelta(2), review_by=TODAY - timedelta(1))
    pack = Packs([signed(words, layer=NATIONAL), old, off(NATIONAL)]).of("kent")
    assert (pack.card(OWN, TODAY), pack.withdrawn(OWN)) == (None, None)
    assert pack.overdue(OWN, TODAY)


def test_what_was_signed_and_why_it_is_withdrawn_stay_known(words: SignedWords) -> None:
    last = signed(words)
    pack = Packs([last, off("kent")]).of("kent")
    assert pack.signed() == {OWN: last}
    assert pack.withdrawn(OWN) == off("kent")
    assert pack.being_checked(OWN, TODAY)
    assert not pack.overdue(OWN, TODAY)
    assert not pack.joined(TODAY)
    assert not pack.general.being_checked("my-phone", TODAY)


def test_a_translation_goes_with_its_english_and_never_brings_it_back(words: SignedWords) -> None:
    welsh = replace(words, language="cy", of=words.fingerprint)
    english, translated = signed(words, layer=NATIONAL), signed(welsh, layer=NATIONAL)
    both = Packs([english, translated, off(NATIONAL)])
    again = Packs([english, translated, off(NATIONAL), translated])
    assert [seen(packs.of("gwent", language)) for packs in (both, again) for language in ("en", "cy")] == [None] * 4
    back = Packs([english, translated, off(NATIONAL), english]).of("gwent", "cy").card(OWN, TODAY)
    assert back is not None
    assert back.words.language == "cy"


def test_a_withdrawn_house_card_shuts_the_door_of_its_layer() -> None:
    house = [signed_house(key) for key in release_for(practice=True).cards]
    assert Packs(house).of("kent").open(TODAY)
    packs = Packs([*house, off("kent", "talk-to-a-person")])
    assert (packs.of("kent").open(TODAY), packs.of("essex").open(TODAY)) == (False, True)
    assert not Packs([*house, off(NATIONAL, "talk-to-a-person")]).of("essex").open(TODAY)


def signed_house(key: str) -> SignOff:
    release = release_for(practice=True)
    return signed(release.vetting.renderer.words(release.cards[key], {}), card=key, layer=NATIONAL)


# Through the whole app


@dataclass
class Desk:
    """An app, and what the leads of its layers do at the desk."""

    found: DeskApp
    browser: httpx.AsyncClient

    async def withdraw(self, layer: str, card: str) -> None:
        """The lead withdraws a card."""
        await self.act(layer, card, "withdraw")

    async def act(self, layer: str, card: str, kind: str, *, hide: bool = True, keep: bool = True) -> None:
        """The lead withdraws or recalls a card; `keep` is whether the transaction is kept."""
        desk = doors(self.found.app).desk
        lead = Actor(1, "Lee Lead", "the lead (invented)", "lead", layer)
        async with desk.database.begin() as session:
            wording = (await desk.wordings.of(session, layer, [card]))[card]
            now = self.found.clock()
            if kind == "withdraw":
                await withdraw(session, lead, wording, REASON, now=now, practice=True)
            else:
                await recall(session, lead, wording, REASON, hide=hide, now=now, practice=True)
            if not keep:
                await session.rollback()
        await desk.pack_cache.refresh()

    async def sign_again(self, layer: str, card: str) -> None:
        """The same words are signed again."""
        last = doors(self.found.app).pack_cache.pack(None if layer == NATIONAL else layer).signed()[card]
        async with self.found.database.begin() as session:
            await ledger.add(session, replace(last, layer=layer))
        await doors(self.found.app).pack_cache.refresh()

    def tell(self, text: str, *ranking: tuple[str, float]) -> None:
        """What the bot makes of a text."""
        doors(self.found.app).chat.helper.listener.brain.tell(text, *ranking)

    async def shows(self, force: str, card: str) -> bool:
        """Whether the children of a force can read a card, asked in every way; the ways must agree."""
        child = Child(self.browser)
        await child.start(force)
        self.tell("asked by typing", (card, 0.95))
        brain = doors(self.found.app).chat.helper.listener.brain
        brain.waver("asked loosely", card, OWN if card == SHARED else SHARED)
        got = [await child.press(card), await child.say("asked by typing")]
        shown = {(reply["card"] or {}).get("key") == card for reply in got}
        near = await child.say("asked loosely")
        shown.add(card in [(near["card"] or {}).get("key"), *(button["key"] for button in near["near"])])
        one = await self.browser.get(f"/api/v1/forces/{force}/cards/{card}")
        assert one.status_code in (200, 404)
        shown.add(one.status_code == 200)
        listed = (await self.browser.get(f"/api/v1/forces/{force}/cards")).json()
        shown.add(card in [line["key"] for line in listed])
        page = await self.browser.post(f"/{force}/say", data={"card": card}, follow_redirects=True)
        assert page.status_code == 200
        shown.add("We are checking this page" not in page.text and "This page is being checked" not in page.text)
        assert len(shown) == 1, f"{card} in {force}: the ways to ask do not agree"
        return shown.pop()


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_app(sqlite_url, tmp_path) as found:
        yield Desk(found, found.browser())


@pytest.mark.parametrize(
    ("layer", "card", "hidden"),
    [
        ("northmoor", OWN, {"northmoor"}),
        ("northmoor", SHARED, {"northmoor"}),
        (NATIONAL, OWN, {"kent"}),
        (NATIONAL, SHARED, {"northmoor", "southmere", "kent"}),
    ],
)
async def test_a_withdrawn_card_is_nowhere_until_it_is_signed_again(
    desk: Desk, layer: str, card: str, hidden: set[str]
) -> None:
    everyone = {"northmoor", "southmere", "kent"}
    assert all([await desk.shows(force, card) for force in everyone])
    await desk.withdraw(layer, card)
    assert {force for force in everyone if not await desk.shows(force, card)} == hidden
    await desk.sign_again(layer, card)
    assert all([await desk.shows(force, card) for force in everyone])


async def test_whoever_asks_for_a_withdrawn_card_is_told_and_led_to_a_person(desk: Desk) -> None:
    child = Child(desk.browser)
    await child.start("northmoor")
    before = (await child.press(OWN))["card"]["question"]
    token = child.token
    await desk.withdraw("northmoor", OWN)
    desk.tell("who filmed me", (OWN, 0.95))
    got = [await child.press(OWN), await child.say("who filmed me")]
    child.token = token
    for reply in [*got, await child.act("again")]:
        assert (reply["kind"], reply["card"]["key"]) == ("not-sure", "being-checked")
        assert "talk-to-a-person" in [button["key"] for button in reply["near"]]
    # A page that was open, or is opened from the history, was rendered before; its address is asked again.
    page = (await desk.browser.get("/northmoor", params={"chat": token})).text
    assert before not in page
    assert "This page is being checked" in page
    assert 'value="person"' in page
    assert (await child.say("how long for?"))["kind"] in ("not-sure", "card", "choices")


async def test_the_bot_away_leads_to_no_withdrawn_card(desk: Desk) -> None:
    child = Child(desk.browser)
    await child.start("northmoor")
    doors(desk.found.app).chat.helper.listener.brain.away = True
    text = release_for(practice=True).cards[OWN].examples[0]
    assert OWN in [button["key"] for button in (await child.say(text))["near"]]
    await desk.withdraw("northmoor", OWN)
    assert OWN not in [button["key"] for button in (await child.say(text))["near"]]


async def test_a_withdrawn_house_card_is_a_shut_door_with_help(desk: Desk) -> None:
    await desk.withdraw("northmoor", "talk-to-a-person")
    page = await desk.browser.get("/northmoor")
    assert page.status_code == 503
    assert "999" in page.text
    assert (await desk.browser.get("/kent")).status_code == 200


@pytest.mark.parametrize(("hide", "shown"), [(True, False), (False, True)])
async def test_a_recalled_card_is_shown_or_hidden_as_was_chosen(desk: Desk, hide: bool, shown: bool) -> None:
    await desk.act("northmoor", OWN, "recall", hide=hide)
    assert await desk.shows("northmoor", OWN) == shown


async def test_what_is_not_kept_hides_nothing(desk: Desk) -> None:
    await desk.act("northmoor", OWN, "withdraw", keep=False)
    assert await desk.shows("northmoor", OWN)


# Altered by raw SQL


def alter(tmp_path: Path, *acts: str) -> None:
    """Changes the database behind the back of everybody."""
    with closing(sqlite3.connect(tmp_path / "know.db")) as copy:
        for table in ("withdrawal", "sign_off"):
            for act in ("update", "delete"):
                copy.execute(f"DROP TRIGGER {table}_no_{act}")
        for act in acts:
            copy.execute(act)
        copy.commit()


async def started_again(desk: Desk) -> Packs:
    """What a process that starts now holds."""
    pack_cache = type(doors(desk.found.app).pack_cache)(
        desk.found.database, release_for(practice=True).forces, practice=True
    )
    await pack_cache.refresh()
    return pack_cache._packs


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE withdrawal SET card = 'my-phone' WHERE id = 1",
        "UPDATE withdrawal SET card = 'my-phone'",
        "UPDATE withdrawal SET layer = 'kent' WHERE id = 1",
        "UPDATE withdrawal SET practice = 0 WHERE id = 1",
        "UPDATE withdrawal SET after_row = -1 WHERE id = 1",
        "UPDATE withdrawal SET row_hash = 'f' WHERE id = 1",
        "DELETE FROM withdrawal WHERE id = 1",
    ],
)
async def test_an_altered_withdrawal_shows_nothing_it_hid_and_hides_nothing_it_names_now(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture, act: str
) -> None:
    await desk.withdraw("northmoor", OWN)
    await desk.withdraw("northmoor", SHARED)
    alter(tmp_path, act)
    packs = await started_again(desk)
    hidden = {key for key in packs.of("northmoor").signed() if packs.of("northmoor").card(key, TODAY) is None}
    assert hidden == {OWN, SHARED}
    assert all(packs.of("kent").card(key, TODAY) for key in (OWN, SHARED, "my-phone"))
    assert "was altered" in caplog.text


async def test_an_altered_reason_is_not_read_out(desk: Desk, tmp_path: Path) -> None:
    await desk.withdraw("northmoor", OWN)
    alter(tmp_path, "UPDATE withdrawal SET reason = 'nothing to see'")
    found = (await started_again(desk)).of("northmoor").withdrawn(OWN)
    assert found is not None
    assert found.reason == ALTERED


async def test_a_signature_at_the_desk_ends_an_altered_withdrawal(desk: Desk, tmp_path: Path) -> None:
    await desk.withdraw("northmoor", OWN)
    alter(tmp_path, "UPDATE withdrawal SET after_row = -1")
    assert (await started_again(desk)).of("northmoor").card(OWN, TODAY) is None
    lead = Actor(1, "Lee Lead", "the lead (invented)", "lead", "northmoor")
    async with desk.found.database.begin() as session:
        before = (await acts_of(session, "northmoor", OWN))[OWN]
        about = {"layer": "northmoor", "card": OWN, "fingerprint": "", "at": desk.found.clock()}
        await add_act(session, before, lead, "sign", **about)
    # Anybody who can write in the database can add an act. A line of the log carries a mark.
    assert (await started_again(desk)).of("northmoor").card(OWN, TODAY) is None
    async with desk.found.database.begin() as session:
        await note(session, desk.found.clock(), "northmoor", lead.name, "sign", OWN, lead.id)
    await desk.sign_again("northmoor", OWN)
    assert (await started_again(desk)).of("northmoor").card(OWN, TODAY)
