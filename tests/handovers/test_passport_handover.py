"""How to talk with a child, sent with their handover: only where it is ticked, sealed, and gone with the words."""

import json
import re
from dataclasses import asdict, replace

import pytest
from sqlalchemy import select

from api.records.handovers.message_cipher import Sent
from api.records.handovers.tables import Handover
from content.passport import passport
from tests.doors import doors
from tests.handovers.kept_rows import everything_in, goes_on_its_date
from tests.person_app import NUMBER, PageChild, PersonApp, forms_of
from tests.waiting import takes

SENTENCES = {sentence.id: sentence for sentence in passport().sentences}
PICKED = ["touch", "more-time", "bsl"]


async def newest(app: PersonApp) -> Handover:
    async with app.database.begin() as session:
        return (await session.scalars(select(Handover).order_by(Handover.id.desc()).limit(1))).one()


async def sent(app: PersonApp) -> tuple[str, ...]:
    """The ids that the newest handover holds, opened."""
    found: tuple[str, ...] = doors(app.app).person_door.handover_context.message_cipher.sent(await newest(app)).passport
    return found


async def to_review(app: PersonApp, **typed: str | list[str]) -> PageChild:
    """A child on the page that shows everything before it is sent."""
    child = app.child()
    await child.open()
    await child.press("details")
    await child.press("next", **{"name": "Robin", "how": "here", **typed})
    return child


def said(html: str) -> set[str]:
    """The ids of the sentences that a page says."""
    return {key for key, sentence in SENTENCES.items() if sentence.says in html}


class TestHandover:
    async def test_it_is_offered_and_nothing_is_ticked(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = one_app.child()
        await child.open()
        page = await child.press("details")
        assert said(page.text) == set(SENTENCES)
        form = next(form for form in forms_of(page) if ("go", "next") in form.buttons)
        assert not {"passport", "passport_send"} & set(form.filled({}))

    async def test_picked_and_not_ticked_nothing_is_attached(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = await to_review(one_app, passport=PICKED)
        assert said(child.html) == set()
        assert "Not sent. You can change that." in child.html
        await child.press("send")
        assert await sent(one_app) == ()

    async def test_ticked_it_is_shown_before_it_is_sent_sealed_and_read_by_the_advocate(self, app: PersonApp) -> None:
        sam = await app.advocate(await app.provider(), "Sam")
        child = await to_review(app, passport=PICKED, passport_send="yes")
        assert said(child.html) == set(PICKED)
        await child.press("send")
        assert set(await sent(app)) == set(PICKED)
        kept = await everything_in(app.database)
        assert said(kept) == set()
        # Words of cards may hold "bsl" too; no row of the handover does.
        row = [str(getattr(await newest(app), column.name)) for column in Handover.__table__.columns]
        assert not [key for key in PICKED if key in " ".join(row)]
        ref = (await newest(app)).ref
        assert said((await sam.get(f"/console/talk/{ref}")).text) == set(), "nobody has it yet"
        await takes(sam, ref)
        page = (await sam.get(f"/console/talk/{ref}")).text
        assert said(page) == set(PICKED)
        assert all(SENTENCES[key].help in page for key in PICKED)

    async def test_what_was_picked_stays_in_the_form_on_every_way(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = await to_review(one_app, passport=PICKED, passport_send="yes", how="call-back")
        page = await child.press("details")
        form = next(form for form in forms_of(page) if ("go", "next") in form.buttons)
        assert set(form.filled({})["passport"]) == set(PICKED)
        assert form.filled({})["passport_send"] == ["yes"]
        page = await child.press("consent")
        form = next(form for form in forms_of(page) if ("go", "no") in form.buttons)
        assert form.filled({})["passport_send"] == ["yes"]

    async def test_a_call_back_keeps_it_and_so_does_changing_the_call(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = one_app.child()
        await child.open()
        await child.press("details")
        await child.press("next", name="", how="call-back", passport=["bsl"], passport_send="yes")
        window = re.search(r'name="window" value="([^"]+)"', child.html)
        assert window
        call = {"number": NUMBER, "whose": "mine", "window": window[1]}
        await child.press("review", **call)
        await child.press("send")
        assert await sent(one_app) == ("bsl",)
        changed = {"here": child.here, "act": "call-me", **call, "code_word": "otter"}
        assert (await child.browser.post("/northmoor/person/do", data=changed)).status_code < 400
        held = doors(one_app.app).person_door.handover_context.message_cipher.sent(await newest(one_app))
        assert (held.passport, held.call.code_word) == (("bsl",), "otter")

    async def test_sentences_that_are_not_there_are_refused_in_words(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = await to_review(one_app, passport=["bsl", "unicorn"], passport_send="yes")
        assert child.page is not None
        assert child.page.status_code == 422
        assert "Look again at what you pick." in child.html
        assert "unicorn" not in child.html
        await child.press("next")
        assert said(child.html) == {"bsl"}

    async def test_charlie_of_another_provider_sees_nothing(self, one_app: PersonApp) -> None:
        sam = await one_app.advocate(await one_app.provider(), "Sam")
        charlie = await one_app.advocate(
            await one_app.provider("other-voices", ("southmere",)), "Charlie", "supervisor"
        )
        await (await to_review(one_app, passport=PICKED, passport_send="yes")).press("send")
        ref = (await newest(one_app)).ref
        await takes(sam, ref)
        assert said((await sam.get(f"/console/talk/{ref}")).text) == set(PICKED)
        page = await charlie.get(f"/console/talk/{ref}")
        assert page.status_code == 404
        assert said(page.text + (await charlie.get("/console")).text) == set()

    async def test_delete_now_takes_it_and_the_child_is_told(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = await to_review(one_app, passport=PICKED, passport_send="yes")
        await child.press("send")
        sealed = (await newest(one_app)).sealed
        answer = await child.browser.post(
            "/northmoor/person/do", data={"here": child.here, "act": "forget"}, follow_redirects=True
        )
        assert "What you told us about how to talk with you is gone." in answer.text
        assert sealed not in await everything_in(one_app.database)

    async def test_who_sent_none_is_not_told_that_it_went(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = await to_review(one_app)
        await child.press("send")
        answer = await child.browser.post(
            "/northmoor/person/do", data={"here": child.here, "act": "forget"}, follow_redirects=True
        )
        assert "Your name is gone." in answer.text
        assert "how to talk with you is gone" not in answer.text

    async def test_it_goes_on_its_date(self, one_app: PersonApp) -> None:
        await one_app.provider(keep_days="3")
        await (await to_review(one_app, passport=PICKED, passport_send="yes")).press("send")
        await goes_on_its_date(one_app, await newest(one_app))

    async def test_what_was_sealed_before_there_were_passports_still_opens(self, one_app: PersonApp) -> None:
        await one_app.provider()
        await (await to_review(one_app)).press("send")
        handover, message_cipher = await newest(one_app), doors(one_app.app).person_door.handover_context.message_cipher
        old = {name: value for name, value in asdict(message_cipher.sent(handover)).items() if name != "passport"}
        handover.sealed = message_cipher.talk.close(json.dumps(old))
        assert message_cipher.sent(handover) == Sent("Robin")
        assert message_cipher.close_sent(replace(message_cipher.sent(handover), passport=("bsl",)), handover.keys)


class TestJson:
    async def test_named_sentences_go_along(self, one_app: PersonApp) -> None:
        await one_app.provider()
        child = one_app.json_child()
        await child.ask(passport=["touch", "bsl", "bsl"])
        assert await sent(one_app) == ("bsl", "touch")
        await one_app.json_child().ask()
        assert await sent(one_app) == ()

    @pytest.mark.parametrize("named", [["unicorn"], ["bsl", ""], ["bsl"] * 50, "bsl", [{"id": "bsl"}]])
    async def test_others_are_refused_in_words_that_echo_nothing(self, one_app: PersonApp, named: object) -> None:
        await one_app.provider()
        child = one_app.json_child()
        await child.open()
        answer = await child.send(child.body(passport=named))
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"]
        assert "unicorn" not in answer.text
        assert "passport" in answer.text
