"""A deck on two devices: the same card on both, turned once by whoever presses, and closed without the code."""

import asyncio
import logging
import random
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, inspect, select, text

from accessibility.markup import plain
from api.chat.decks.deck_code_rate_limit import MOST, MOST_WAITING, Guesses
from api.chat.decks.deck_session import Device as Handle
from api.chat.decks.deck_session import Joined, Together
from api.chat.decks.join_deck_routes import as_code
from api.chat.person.handover_token import HandoverToken as PersonHandle
from api.records import decks
from api.records.decks import LIVES, Deck, begin, by_code
from api.records.force_availability import close_door, open_door
from api.records.handovers.retention import RetentionResult, sweep
from api.records.people import operator
from api.web.ciphers import Hashes
from api.web.database import Database
from api.web.origin import Origin
from api.web.rate_limit import RateLimit, TooFast
from content.interface import load_interface
from tests.clocks import Waits
from tests.conftest import settings_for
from tests.decks import CARDS, Device
from tests.doors import doors
from tests.events import stream
from tests.person_app import NOON, PersonApp, person_app, signed_copy

WORDS = load_interface()
SCHOOL = Origin("a school")
TYPED = "zebrafish marmalade"
DANGER = "i want to kill myself"


class Table(PersonApp):
    """An app whose decks tests look at."""

    @property
    def both(self) -> Together:
        """What its decks share."""
        return doors(self.app).together  # type: ignore[no-any-return]

    def device(self, force: str = "northmoor") -> Device:
        """A device with a browser without script."""
        return Device(self.browser(), force)

    async def two(self, *cards: str) -> tuple[Device, Device]:
        """Two devices of one deck."""
        one, other = self.device(), self.device()
        assert (await other.join(await one.start(*cards))).status_code == 200
        return one, other

    async def rows(self) -> list[Deck]:
        """Every deck that is kept."""
        async with self.database.begin() as session:
            return list(await session.scalars(select(Deck).order_by(Deck.id)))

    async def cleared(self) -> "Table":
        """As it was at noon: no deck, no try."""
        self.clock.now = NOON
        self.look_every()
        doors(self.app).together = Together.of(doors(self.app).chat.settings)
        async with self.database.begin() as session:
            await session.execute(delete(Deck))
        return self

    def listen(self, device: Device, after: int = 0, **headers: str) -> Any:
        """The stream of a device."""
        asked = urlsplit(device.address).query
        return stream(self.app, f"/{device.force}/deck/stream?{asked}&after={after}", **headers)

    @asynccontextmanager
    async def away(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
        """Inside the block the database does not answer."""
        dead = Database(settings_for("postgresql+asyncpg://nobody@127.0.0.1:9/none"))
        with monkeypatch.context() as away:
            away.setattr(doors(self.app).person_door.database, "begin", dead.begin)
            yield
        await dead.close()


@asynccontextmanager
async def table(url: str, **settings: object) -> AsyncIterator[Table]:
    """An app at noon."""
    async with person_app(url, NOON, **settings) as app:
        yield Table(app.app, app.clock)


@pytest.fixture(scope="module")
async def module_table(both_url: str) -> AsyncIterator[Table]:
    """One app for the module."""
    async with table(both_url) as found:
        yield found


@pytest.fixture
async def on(module_table: Table) -> Table:
    """The module's app, without any deck."""
    return await module_table.cleared()


@pytest.fixture
def own_signed(postgres_url: str, tmp_path: Path) -> Iterator[str]:
    """A PostgreSQL database of the test's own, with the practice words signed."""
    with signed_copy(postgres_url, tmp_path) as url:
        yield url


@pytest.fixture
async def pair(own_signed: str) -> AsyncIterator[tuple[Table, Table]]:
    """Two processes over one PostgreSQL database, both listening."""
    async with table(own_signed) as one, table(own_signed) as other:
        yield one, other


def heading(stream_event: Any) -> str:
    """Where the deck is, as the parts of an event say it."""
    found = re.search(r'id="deck-at">([^<]+)<', stream_event.data)
    assert found, stream_event.data
    return found[1]


class TestBeginning:
    async def test_the_code_is_shown_large_in_two_groups_and_digit_by_digit_for_ears(self, on: Table) -> None:
        one = on.device()
        code = await one.start()
        assert re.fullmatch(r"\d{6}", code)
        assert one.at == "Card 1 of 3"
        assert "127.0.0.1:8000/join" in one.html

    async def test_the_row_holds_keys_a_place_and_the_hash_of_the_code(self, on: Table) -> None:
        one = on.device()
        code = await one.start()
        row = (await on.rows())[0]
        assert {column.key for column in inspect(Deck).columns} == {
            *("id", "ref", "code", "force", "cards", "at", "changes", "made_at", "ends_at")
        }
        assert (row.force, row.cards, row.at, row.changes) == ("northmoor", ",".join(CARDS), 1, 0)
        assert (row.made_at, row.ends_at) == (NOON, NOON + timedelta(hours=2))
        assert row.code == Hashes.of_settings(doors(on.app).chat.settings, "code of a deck").of(code)
        async with on.database.begin() as session:
            kept = str((await session.execute(text("SELECT * FROM deck"))).all())
        assert code not in kept
        assert one.query["visit"] not in kept

    async def test_the_code_is_in_no_address(self, on: Table) -> None:
        one = on.device()
        code = await one.start()
        assert code not in one.address
        assert code not in one.html.replace(one.here, "")

    async def test_it_begins_at_the_card_on_show_without_what_is_not_live(self, on: Table) -> None:
        one = on.device()
        await one.start("bail", "no-such-card", "bodycam", at=2)
        assert one.at == "Card 2 of 2"
        assert (await on.rows())[0].cards == "bail,bodycam"

    @pytest.mark.parametrize("cards", ["", "no-such-card", TYPED, "hello,in-danger"])
    async def test_a_deck_of_nothing_makes_no_row(self, on: Table, cards: str) -> None:
        page = await on.device().post("/northmoor/deck/together", cards=cards)
        assert page.status_code == 422
        assert WORDS["deck_empty_heading"] in page.text
        assert not await on.rows()

    async def test_no_two_live_decks_have_one_code(self, on: Table, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = iter([7, 7, 7, 8])
        monkeypatch.setattr(decks.secrets, "randbelow", lambda _most: next(drawn))
        assert [await on.device().start(), await on.device().start()] == ["000007", "000008"]

    async def test_when_there_are_as_many_as_may_be_one_screen_is_offered(self, on: Table) -> None:
        doors(on.app).together = replace(on.both, most_live=1)
        await on.device().start()
        page = await on.device().post("/northmoor/deck/together", cards="bail,bodycam", at="2")
        assert page.status_code == 503
        assert "/northmoor/deck/show?cards=bail,bodycam&amp;at=2" in page.text
        assert len(await on.rows()) == 1

    async def test_one_address_cannot_begin_them_without_end(self, on: Table) -> None:
        for _ in range(MOST):
            await on.device().start()
        page = await on.device().post("/northmoor/deck/together", cards="bail")
        assert page.status_code == 429
        assert WORDS["deck_not_two"] in page.text
        assert len(await on.rows()) == MOST


class TestJoining:
    @pytest.mark.parametrize("spelt", ["{}", " {} ", "{0:.3} {1}", "{0:.3}-{1}", "{0:.3}\u00a0{1}", "{0:.3}–{1}."])
    async def test_the_code_opens_the_deck_however_it_is_spelt(self, on: Table, spelt: str) -> None:
        one, other = on.device(), on.device()
        code = await one.start()
        page = await other.join(spelt.format(code, code[3:]))
        assert page.status_code == 200
        assert other.at == "Card 1 of 3"
        assert 'class="deck-code"' not in page.text
        assert code not in page.text

    def test_digits_of_any_writing_are_digits(self) -> None:
        assert as_code("１２３ ４５６") == as_code("١٢٣٤٥٦") == as_code("123\t456") == "123456"
        for typed in ("", "12345", "1234567", "12345a", "½23456", "zebrafish", "1" * 100):
            assert as_code(typed) == ""

    async def test_a_wrong_code_is_said_kindly_and_stays_to_be_mended(self, on: Table) -> None:
        code = await on.device().start()
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        page = await on.device().join(wrong)
        assert page.status_code == 422
        assert WORDS["join_wrong"] in page.text
        assert f'value="{wrong}"' in page.text

    @pytest.mark.parametrize("typed", [TYPED, "", "12345", '"><script>alert(1)</script>', "x" * 10_000])
    async def test_what_is_no_code_goes_nowhere(self, on: Table, typed: str, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        page = await on.device().join(typed)
        assert page.status_code == 422
        assert WORDS["join_not_a_code"] in page.text
        assert 'id="code" name="code" class="deck-typed" value=""' in page.text
        assert not typed or typed not in page.text + str(page.url) + caplog.text

    async def test_danger_typed_in_place_of_a_code_is_heard(self, on: Table) -> None:
        page = await on.device().join(DANGER)
        assert page.status_code == 200
        assert 'data-alarm="suicide"' in page.text

    async def test_a_third_device_may_join_and_all_see_the_same(self, on: Table) -> None:
        one, other = await on.two()
        third = on.device()
        await third.join(one.code)
        await third.turn()
        assert [await device.look() for device in (one, other, third)] == ["Card 2 of 3"] * 3

    async def test_the_first_device_is_told_that_another_has_joined(self, on: Table) -> None:
        one = on.device()
        code = await one.start()
        assert WORDS["deck_joined"] not in one.html
        await one.look()
        assert WORDS["deck_joined"] not in one.html
        await on.device().join(code)
        await one.look()
        assert WORDS["deck_joined"] in one.html

    async def test_a_code_of_an_older_key_is_still_found(self, on: Table) -> None:
        old, new = "an old key that is long enough for it", "a new key that is long enough for this"
        async with on.database.begin() as session:
            _, code = await begin(session, Hashes((old,), "code of a deck"), None, ("bail",), 1, NOON)
            assert (await by_code(session, Hashes((new, old), "code of a deck"), code, NOON)).cards == "bail"


class TestGuessing:
    async def test_who_has_the_right_code_gets_in_however_many_wrong_ones_came_from_there(self, on: Table) -> None:
        time = Waits()
        doors(on.app).together = Together(
            on.both.cipher, on.both.hashes, Guesses(seconds=time.seconds, sleep=time.sleep)
        )
        code = await on.device().start()
        for _ in range(60):
            assert (await on.device().join(f"{(int(code) + 1) % 1_000_000:06}")).status_code == 422
        assert (await on.device().join(code)).status_code == 200
        # The first thirty were answered at once; after that each comes a second after the one before.
        assert time.slept == [float(turn) for turn in range(31)]

    async def test_of_many_at_once_only_so_many_wait_and_the_rest_are_asked_to_come_again(self) -> None:
        time = Waits()
        gate = asyncio.Event()

        async def held(seconds: float) -> None:
            time.slept.append(seconds)
            await gate.wait()

        guesses = Guesses(seconds=time.seconds, sleep=held)
        for _ in range(MOST):
            assert await guesses.begin(SCHOOL)
        waiting = [asyncio.create_task(guesses.begin(SCHOOL)) for _ in range(MOST_WAITING)]
        await _until(lambda: len(time.slept) == MOST_WAITING)
        with pytest.raises(TooFast):
            await guesses.begin(SCHOOL)
        # Who guesses nothing from elsewhere waits for nobody.
        assert await guesses.begin(Origin("another"))
        gate.set()
        assert await asyncio.gather(*waiting) == [False] * MOST_WAITING

    async def test_two_schools_do_not_wait_for_each_others_guessers(self) -> None:
        time = Waits()
        guesses = Guesses(seconds=time.seconds, sleep=time.sleep)
        for school in (SCHOOL, Origin("another")):
            for _ in range(MOST):
                assert await guesses.begin(school)
        for _ in range(10):
            assert not await guesses.begin(SCHOOL)
        assert not await guesses.begin(Origin("another"))
        assert (max(time.slept), time.slept[-1]) == (9.0, 0.0)
        time.now += 60
        assert not vars(guesses)["_waiting"]

    async def test_then_the_page_says_so_and_when_to_come_again(
        self, on: Table, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def many(_self: Guesses, _origin: Origin) -> bool:
            raise TooFast(20)

        monkeypatch.setattr(Guesses, "begin", many)
        page = await on.device().join("123456")
        assert (page.status_code, page.headers["retry-after"]) == (429, "20")
        assert WORDS["join_too_many"] in page.text

    async def test_one_who_gives_up_waiting_gives_their_turn_back(self) -> None:
        guesses = Guesses(seconds=lambda: 1_000.0, sleep=lambda _seconds: asyncio.sleep(60))
        for _ in range(MOST):
            await guesses.begin(SCHOOL)
        for _ in range(MOST_WAITING + 5):
            waiting = asyncio.create_task(guesses.begin(SCHOOL))
            await asyncio.sleep(0)
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting


class TestTurning:
    async def test_either_turns_and_both_see_the_same(self, on: Table) -> None:
        one, other = await on.two()
        await one.turn()
        assert [one.at, await other.look()] == ["Card 2 of 3", "Card 2 of 3"]
        await other.turn()
        assert [other.at, await one.look()] == ["Card 3 of 3", "Card 3 of 3"]
        await one.turn("back")
        assert [one.at, await other.look()] == ["Card 2 of 3", "Card 2 of 3"]

    async def test_after_the_last_card_both_see_the_end_and_may_begin_again(self, on: Table) -> None:
        one, other = await on.two("bail")
        await one.turn()
        assert await other.look() == WORDS["deck_end_heading"]
        await other.turn("back")
        assert await one.look() == "Card 1 of 1"
        await one.turn()
        await one.turn("again")
        assert [one.at, await other.look()] == ["Card 1 of 1"] * 2

    async def test_each_device_keeps_its_own_level_and_pictures(self, on: Table) -> None:
        one, other = await on.two()
        await one.open(one.address, reading="easy.no-pictures")
        await other.open(other.address, reading="standard")
        await other.turn()
        await one.look()
        cache = doors(on.app).pack_cache
        levels = cache.pack("northmoor").card("bail", cache.today()).words.levels
        easy, standard = levels["easy"], levels["standard"]
        assert plain(easy.question) in unescape(one.html)
        assert plain(standard.question) in unescape(other.html)
        assert '<img src="/pictures/' not in one.html
        assert '<img src="/pictures/' in other.html
        assert 'value="standard" aria-pressed="true"' in other.html

    async def test_a_press_of_a_page_that_has_moved_on_turns_nothing(self, on: Table) -> None:
        one, other = await on.two()
        seen = one.seen
        await one.turn()
        await other.turn(seen=seen)
        assert other.at == "Card 2 of 3"
        await one.turn(seen=seen)
        assert one.at == "Card 2 of 3"

    async def test_two_presses_at_once_turn_one_card(self, on: Table) -> None:
        one, other = await on.two(*CARDS, "my-phone", "dna-family", "custody-photo")
        for place in range(2, 7):
            await asyncio.gather(one.look(), other.look())
            await asyncio.gather(*(device.turn() for device in (one, other, one, other)))
            assert [await one.look(), await other.look()] == [f"Card {place} of 6"] * 2
            assert (await on.rows())[0].changes == place - 1

    @pytest.mark.parametrize("to", ["back", "sideways", "", "next' OR 1=1"])
    async def test_before_the_first_card_and_by_no_button_nothing_turns(self, on: Table, to: str) -> None:
        one, _ = await on.two()
        page = await one.turn(to)
        assert page.status_code == 200
        assert (one.at, (await on.rows())[0].changes) == ("Card 1 of 3", 0)

    @pytest.mark.parametrize("seen", ["", "-1", "x", "9" * 40, "١", "1.0"])
    async def test_a_change_that_is_none_turns_nothing(self, on: Table, seen: str) -> None:
        one, _ = await on.two()
        await one.turn(seen=seen)
        assert (await on.rows())[0].changes == 0

    async def test_faster_than_anybody_looks_it_does_not_turn(self, on: Table) -> None:
        turns = on.both.turns
        doors(on.app).together = replace(on.both, turns=RateLimit(turns.at_once, turns.a_second, lambda: 0.0))
        one, other = await on.two()
        for _ in range(30):
            assert (await one.turn("next" if one.at == "Card 1 of 3" else "back")).status_code == 200
        assert (await on.rows())[0].changes == turns.at_once
        await other.look()
        await other.turn("next" if other.at == "Card 1 of 3" else "back")
        assert other.at == await one.look()

    async def test_the_script_gets_the_parts_that_differ_and_no_whole_page(self, on: Table) -> None:
        one, _ = await on.two()
        held = {"here": one.here, "seen": one.seen, "turn": "next"}
        answer = await one.browser.post("/northmoor/deck/turn", data=held, headers={"X-Fragment": "1"})
        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert answer.text.count("data-part") == 2
        assert 'data-change="1"' in answer.text

    async def test_a_card_that_is_withdrawn_meanwhile_is_being_checked_on_both_and_the_place_stays(
        self, on: Table, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = await on.two()
        pack, today = doors(on.app).pack_cache.pack("northmoor"), doors(on.app).pack_cache.today()
        checked = pack.card("being-checked", today).words.levels["simple"].question
        whole = type(pack).card
        monkeypatch.setattr(type(pack), "card", lambda self, key, day: None if key == "bail" else whole(self, key, day))
        await one.turn()
        assert [one.at, await other.look()] == ["Card 2 of 3"] * 2
        assert checked in one.html
        assert checked in other.html


class TestEnding:
    async def test_either_ends_it_for_both_and_nothing_is_left(self, on: Table) -> None:
        for ending in (0, 1):
            one, other = await on.two()
            code = one.code
            page = await (one, other)[ending].end()
            assert WORDS["deck_over_heading"] in page.text
            assert await on.rows() == []
            for device in (one, other):
                assert (await device.browser.get("/northmoor/deck/together", params={"here": "x"})).status_code == 410
            assert (await on.device().join(code)).status_code == 422

    async def test_the_pages_of_before_say_that_it_is_over(self, on: Table) -> None:
        one, other = await on.two()
        address, here = other.address, other.here
        await one.end()
        page = await other.open(address)
        assert page.status_code == 410
        assert WORDS["deck_over"] in page.text
        for path, data in (("turn", {"seen": "0", "turn": "next"}), ("end", {})):
            answer = await other.browser.post(f"/northmoor/deck/{path}", data={"here": here, **data})
            assert answer.status_code == 410

    async def test_it_ends_by_itself_after_two_hours_and_its_code_with_it(self, on: Table) -> None:
        one, other = await on.two()
        code = one.code
        on.clock.move(hours=1, minutes=59, seconds=59)
        assert await one.look() == "Card 1 of 3"
        assert (await on.device().join(code)).status_code == 200
        on.clock.move(seconds=1)
        assert (await one.open(one.address)).status_code == 410
        assert (await other.open(other.address)).status_code == 410
        assert (await on.device().join(code)).status_code == 422

    async def test_the_sweep_deletes_what_is_over_and_nothing_else(self, on: Table) -> None:
        handover_context = doors(on.app).person_door.handover_context
        await on.device().start()
        on.clock.move(hours=1)
        await on.device().start()
        on.clock.move(hours=1)
        assert await sweep(on.database, handover_context, on.clock()) == RetentionResult(decks=1)
        assert [row.made_at for row in await on.rows()] == [NOON + timedelta(hours=1)]
        assert await sweep(on.database, handover_context, on.clock()) == RetentionResult()
        # A clock that was put back makes none of them live longer.
        on.clock.now = NOON - timedelta(hours=3)
        assert await sweep(on.database, handover_context, on.clock()) == RetentionResult(decks=1)

    async def test_after_the_clock_was_put_back_the_deck_is_over(self, on: Table) -> None:
        one = on.device()
        await one.start()
        on.clock.move(minutes=-30)
        assert (await one.open(one.address)).status_code == 410

    async def test_leaving_ends_this_device_and_the_other_goes_on(self, on: Table) -> None:
        one, other = await on.two()
        address, visit = other.address, re.search(r'name="visit" value="([^"]+)"', other.html)
        assert visit
        await other.browser.post("/leave", data={"visit": visit[1], "here": other.here})
        assert (await other.open(address)).status_code == 410
        await one.turn()
        assert one.at == "Card 2 of 3"

    @pytest.mark.parametrize("path", ["turn", "end", "together"])
    async def test_a_restored_tab_lands_where_decks_begin(self, on: Table, path: str) -> None:
        page = await on.device().open(f"/northmoor/deck/{path}")
        assert page.status_code == 200
        assert WORDS["deck_heading"] in page.text


class TestCharlie:
    """Charlie never had the code."""

    async def handover_tokens(self, on: Table, one: Device) -> dict[str, str]:
        row = (await on.rows())[0]
        visit = "charlie1"
        elsewhere = Together.of(settings_for("sqlite+aiosqlite://", secret="another secret, long enough for one"))
        person = doors(on.app).person_door.handover_tokens.write(PersonHandle(row.ref, visit), on.clock())
        flipped = ("B" if one.here[40] != "B" else "C").join((one.here[:40], one.here[41:]))
        return {
            "nothing": "",
            "the code": one.code,
            "the name of the deck": row.ref,
            "another key": elsewhere.write(Handle(row.ref, visit)),
            "another purpose": person,
            "altered": flipped,
            "spelt otherwise": f"{one.here}=",
            "no deck": on.both.write(Handle("no-such-deck", visit)),
            "words": '"><script>alert(1)</script>',
            "long": "A" * 60_000,
        }

    async def test_without_a_sealed_handle_nothing_opens(self, on: Table) -> None:
        one, _ = await on.two()
        for kind, here in (await self.handover_tokens(on, one)).items():
            if kind == "spelt otherwise":
                continue
            charlie = on.device()
            for path in ("together",) if here else ():
                page = await charlie.open(f"/northmoor/deck/{path}", here=here)
                assert page.status_code == 410, kind
                assert "alert(1)" not in page.text
            for path in ("turn", "end"):
                data = {"here": here, "seen": "0", "turn": "next"}
                answer = await charlie.browser.post(f"/northmoor/deck/{path}", data=data)
                assert answer.status_code == 410, kind
            async with stream(on.app, f"/northmoor/deck/stream?here={here[:4000]}") as heard:
                assert await heard.end() == ["over"], kind
        assert ((await on.rows())[0].changes, len(await on.rows())) == (0, 1)

    async def test_a_handle_opens_its_deck_under_no_other_force(self, on: Table) -> None:
        one, _ = await on.two()
        for force in ("southmere", "england-and-wales"):
            page = await on.device().open(f"/{force}/deck/together", here=one.here)
            assert page.status_code == 410
            data = {"here": one.here, "seen": "0", "turn": "next"}
            assert (await on.browser().post(f"/{force}/deck/turn", data=data)).status_code == 410
            assert (await on.browser().post(f"/{force}/deck/end", data=data)).status_code == 410
            async with stream(on.app, f"/{force}/deck/stream?here={one.here}") as heard:
                assert await heard.end() == ["over"]
        assert (await on.rows())[0].changes == 0

    async def test_another_deck_turns_by_itself(self, on: Table) -> None:
        one, _ = await on.two()
        charlie = on.device()
        await charlie.start()
        await charlie.turn()
        assert await one.look() == "Card 1 of 3"


class TestShutAndAway:
    async def test_a_shut_door_shuts_the_decks_of_its_force(self, on: Table) -> None:
        one, _ = await on.two()
        async with on.listen(one) as heard:
            await heard.next("looked")
            async with on.database.begin() as session:
                await close_door(session, operator("tests"), "northmoor", "door_checking", on.clock())
            await doors(on.app).pack_cache.refresh()
            doors(on.app).person_door.handover_context.pubsub.ring(decks.bell((await on.rows())[0].ref))
            assert (await heard.end())[-1] == "shut"
        try:
            for page in (await one.open(one.address), await one.post("/northmoor/deck/together", cards="bail")):
                assert page.status_code == 503
                assert WORDS["door_checking"] in page.text
                assert "tel:999" in page.text
        finally:
            async with on.database.begin() as session:
                await open_door(session, operator("tests"), "northmoor", on.clock())
            await doors(on.app).pack_cache.refresh()

    async def test_while_the_database_is_away_every_page_says_so_and_nothing_is_lost(
        self, on: Table, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = await on.two()
        code, held = one.code, {"here": one.here, "seen": one.seen, "turn": "next"}
        async with on.away(monkeypatch):
            page = await on.device().open(one.address)
            assert page.status_code == 503
            assert WORDS["deck_away"] in page.text
            assert f"here={one.here}" in page.text
            assert (await one.browser.post("/northmoor/deck/turn", data=held)).status_code == 503
            assert (await one.browser.post("/northmoor/deck/end", data=held)).status_code == 503
            begun = await one.browser.post("/northmoor/deck/together", data={"cards": "bail"})
            assert begun.status_code == 503
            assert "/northmoor/deck/show?cards=bail" in begun.text
            joined = await on.device().join(code)
            assert joined.status_code == 503
            assert f'value="{code}"' in joined.text
        await one.turn()
        assert await other.look() == "Card 2 of 3"


class TestWithoutScript:
    async def test_the_page_looks_by_itself_until_it_is_told_not_to(self, on: Table) -> None:
        one, _ = await on.two()
        refreshes = '<noscript><meta http-equiv="refresh" content="10"></noscript>'
        assert refreshes in one.html
        await one.open(one.address, look="off")
        assert refreshes not in one.html
        assert WORDS["deck_looks_not"] in one.html
        await one.turn()
        assert (one.query["look"], refreshes in one.html) == ("off", False)

    async def test_on_a_shared_screen_it_clears_as_every_page_does(self, on: Table) -> None:
        one, _ = await on.two()
        await one.open(one.address, reading="shared")
        assert 'content="10"' not in one.html
        assert "url=/fresh?visit=" in one.html


class TestLive:
    async def test_a_turn_comes_to_every_open_page_under_its_change(self, on: Table) -> None:
        one, other = await on.two()
        async with on.listen(one) as here, on.listen(other) as there:
            for heard in (here, there):
                await heard.next("looked")
            await one.turn()
            for heard in (here, there):
                event = await heard.next("card")
                assert (heading(event), event.id) == ("Card 2 of 3", "1")
            await other.look()
            await other.turn("back")
            for heard in (here, there):
                assert heading(await heard.next("card")) == "Card 1 of 3"

    async def test_it_comes_at_the_level_and_with_the_pictures_of_its_own_device(self, on: Table) -> None:
        one, other = await on.two()
        await one.open(one.address, reading="easy.no-pictures")
        async with on.listen(one) as here, on.listen(other) as there:
            await other.turn()
            easy, simple = (await here.next("card")).data, (await there.next("card")).data
            assert '<details class="pace">' in easy
            assert '<details class="pace">' not in simple
            assert "/pictures/" not in easy
            assert "/pictures/" in simple
            assert "reading=easy.no-pictures" in easy

    async def test_after_a_cut_it_goes_on_from_the_last_that_was_heard(self, on: Table) -> None:
        one, other = await on.two()
        async with on.listen(one) as heard:
            await other.turn()
            last = (await heard.next("card")).id
        async with on.listen(one, after=0, last_event_id=last) as heard:
            await heard.next("looked")
            await other.turn()
            assert heading(await heard.next("card")) == "Card 3 of 3"
        for _ in range(2):
            await other.turn("back")
        async with on.listen(one, last_event_id=last) as heard:
            event = await heard.next("card")
            assert (heading(event), event.id) == ("Card 1 of 3", "4")

    @pytest.mark.parametrize("seed", range(3))
    async def test_over_many_cuts_both_end_at_the_same_card(self, on: Table, seed: int) -> None:
        on.look_every(seconds=0.05)
        dice = random.Random(seed)  # noqa: S311
        devices = await on.two(*CARDS, "my-phone", "dna-family", "custody-photo")
        places: dict[int, str] = {}
        done = asyncio.Event()

        async def presses() -> None:
            for _ in range(12):
                device = dice.choice(devices)
                await device.look()
                await device.turn(dice.choice(["next", "next", "back"]))
                await asyncio.sleep(dice.random() * 0.01)
            done.set()

        async def page(device: Device, name: int) -> None:
            last = 0
            while not (done.is_set() and last == (await on.rows())[0].changes):
                async with on.listen(device, after=last) as heard:
                    for _ in range(dice.randint(1, 3)):
                        event = await heard.next("card", "looked")
                        if event.name == "card":
                            assert int(event.id) > last, "a card came twice"
                            last, places[name] = int(event.id), heading(event)

        await asyncio.gather(presses(), *(page(device, name) for name, device in enumerate(devices)))
        now = await devices[0].look()
        assert set(places.values()) <= {now}

    async def test_a_bell_that_nobody_heard_loses_nothing(self, on: Table, monkeypatch: pytest.MonkeyPatch) -> None:
        on.look_every(seconds=0.1)
        one, other = await on.two()
        async with on.listen(one) as heard:
            await heard.next("looked")
            monkeypatch.setattr(doors(on.app).person_door.handover_context.pubsub, "ring", lambda _bell: None)
            await other.turn()
            assert heading(await heard.next("card")) == "Card 2 of 3"

    async def test_that_another_device_joined_comes_at_once(self, on: Table) -> None:
        one = on.device()
        code = await one.start()
        async with on.listen(one) as heard:
            await heard.next("looked")
            await on.device().join(code)
            assert WORDS["deck_joined"] in (await heard.next("others")).data

    async def test_ended_by_the_other_or_by_the_clock_it_says_so_and_ends(self, on: Table) -> None:
        one, other = await on.two()
        async with on.listen(one) as heard:
            await heard.next("looked")
            await other.end()
            assert (await heard.end())[-1] == "over"
        on.look_every(seconds=0.05)
        await one.start()
        async with on.listen(one) as heard:
            await heard.next("looked")
            on.clock.now += LIVES
            assert (await heard.end())[-1] == "over"

    async def test_leaving_in_another_tab_ends_the_stream_of_this_one(self, on: Table) -> None:
        on.look_every(seconds=0.05)
        one, _ = await on.two()
        async with on.listen(one) as heard:
            await heard.next("looked")
            await one.browser.post("/leave", data={"visit": one.query["visit"]})
            assert (await heard.end())[-1] == "over"

    async def test_away_it_says_so_once_and_goes_on(self, on: Table, monkeypatch: pytest.MonkeyPatch) -> None:
        on.look_every(seconds=0.05, again=0.05)
        one, other = await on.two()
        async with on.listen(one) as heard:
            await heard.next("looked")
            async with on.away(monkeypatch):
                await heard.next("away")
            await other.turn()
            names = [event.name for event in [await heard.next("away", "card") for _ in range(1)]]
            assert names == ["card"]

    async def test_a_quiet_stream_holds_no_connection_and_a_closed_one_no_bell(self, on: Table) -> None:
        one, other = await on.two()
        async with on.listen(one) as here, on.listen(other) as there:
            for heard in (here, there):
                await heard.next("looked")
            pubsub = doors(on.app).person_door.handover_context.pubsub
            await _until(lambda: on.database.engine.pool.checkedout() == 0)
            assert pubsub._waiting
        assert not pubsub._waiting

    async def test_the_headers_keep_a_stream_unread_by_others_and_unbuffered(self, on: Table) -> None:
        one, _ = await on.two()
        async with on.listen(one, accept_encoding="gzip") as heard:
            await heard.next("looked")
            assert heard.headers["content-type"].startswith("text/event-stream")
            assert heard.headers["x-accel-buffering"] == "no"
            assert "no-store" in heard.headers["cache-control"]
            assert "content-encoding" not in heard.headers


class TestTwoProcesses:
    """Over PostgreSQL; SQLite serves one process."""

    async def test_what_one_turns_the_other_shows_at_once(self, pair: tuple[Table, Table]) -> None:
        first, second = pair
        one, other = first.device(), second.device()
        await other.join(await one.start())
        async with first.listen(one) as here, second.listen(other) as there:
            for heard in (here, there):
                await heard.next("looked")
            for device, place in ((one, "Card 2 of 3"), (other, "Card 3 of 3")):
                await device.look()
                await device.turn()
                for heard in (here, there):
                    assert heading(await heard.next("card")) == place
            await other.end()
            for heard in (here, there):
                assert (await heard.end())[-1] == "over"

    async def test_two_presses_at_once_in_two_processes_turn_one_card(self, pair: tuple[Table, Table]) -> None:
        first, second = pair
        one, other = first.device(), second.device()
        await other.join(await one.start(*CARDS, "my-phone", "dna-family", "custody-photo"))
        for place in range(2, 7):
            await asyncio.gather(one.look(), other.look())
            await asyncio.gather(*(device.turn() for device in (one, other, one, other)))
            assert [await one.look(), await other.look()] == [f"Card {place} of 6"] * 2
        assert (await first.rows())[0].changes == 5

    async def test_leaving_at_one_shuts_the_page_at_the_other(self, pair: tuple[Table, Table]) -> None:
        first, second = pair
        one = first.device()
        await one.start()
        elsewhere = Device(second.browser())
        assert (await elsewhere.open(one.address.replace("http://know.test", ""))).status_code == 200
        await one.browser.post("/leave", data={"visit": one.query["visit"]})
        visits = doors(second.app).chat.tokens.visits
        await _until(lambda: visits.ended(one.query["visit"]))
        assert (await elsewhere.open(elsewhere.address)).status_code == 410


class TestJoined:
    def test_it_is_one_device_until_another_visit_is_seen(self) -> None:
        joined, first, second = Joined(), Handle("deck", "visit-01", "123456"), Handle("deck", "visit-02")
        assert not joined.see(first)
        assert not joined.see(first)
        assert not joined.beside(first)
        assert joined.see(second)
        assert not joined.see(second)
        assert joined.beside(first)
        assert joined.beside(second)
        joined.forget("deck")
        assert not joined.beside(first)

    def test_the_oldest_are_forgotten(self) -> None:
        joined = Joined(most=3)
        for number in range(10):
            joined.see(Handle(f"deck {number}", "visit-01"))
        assert len(joined._seen) == 3


async def test_what_is_typed_and_the_code_are_in_no_row_and_no_log(
    on: Table, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    one, other = await on.two()
    await other.join(TYPED)
    await one.turn()
    async with on.database.begin() as session:
        rows = str((await session.execute(text("SELECT * FROM deck"))).all())
    # Whatever the driver logs of what it is given is a hash.
    for place in (rows, *capfd.readouterr(), "".join(record.getMessage() for record in caplog.records)):
        assert "zebrafish" not in place
        assert one.code not in re.sub(r"[0-9a-f]{64}", "", place)


async def _until(true: Any) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)
