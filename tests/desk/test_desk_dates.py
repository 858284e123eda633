"""Review dates at the desk: proposed apart in one sitting, changed by the lead, never beyond what a card allows."""

import re
from datetime import date, timedelta

import pytest

from api.records.signing import latest_date, review_date
from content.card import Card
from tests.desk_app import DeskApp, Person
from tests.doors import doors

LAYER = "southmere"
KEYS = ("alarm-harm-now", "alarm-suicide", "in-danger", "bodycam", "my-phone")


@pytest.fixture
async def lead(desk: DeskApp) -> Person:
    """The lead, for whom the cards wait that an editor sent and a reviewer approved."""
    people = [await desk.person(LAYER, role) for role in ("editor", "reviewer", "lead")]
    for key in KEYS:
        for person, act in zip(people, ("submit", "approve"), strict=False):
            page = (await person.get(card_of(key))).text
            assert (await person.post(f"{card_of(key)}/{act}", shown=shown(page, "shown"))).status_code == 303
    return people[2]


def card_of(key: str) -> str:
    return f"/desk/{LAYER}/cards/{key}"


def shown(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def signed_until(desk: DeskApp, key: str) -> date | None:
    signed = doors(desk.app).pack_cache.pack(LAYER).signed().get(key)
    return signed.review_by if signed and signed.layer == LAYER else None


async def test_one_sitting_proposes_dates_apart_and_takes_those_that_the_lead_writes(
    desk: DeskApp, lead: Person, cards: dict[str, Card]
) -> None:
    page, today = (await lead.get(f"/desk/{LAYER}/sign")).text, date.today()
    proposed = {key: shown(page, f"until_{key}") for key in KEYS}
    assert proposed == {key: review_date(cards[key], LAYER, today).isoformat() for key in KEYS}
    assert len(set(proposed.values())) == len(KEYS)
    own = (today + timedelta(days=20)).isoformat()
    sent = {f"shown_{key}": shown(page, f"shown_{key}") for key in KEYS}
    dates = {f"until_{key}": day for key, day in {**proposed, "bodycam": own}.items()}
    answer = await lead.post(f"/desk/{LAYER}/sign", card=list(KEYS), **sent, **dates)
    assert answer.status_code == 200
    assert {key: str(signed_until(desk, key)) for key in KEYS} == {**proposed, "bodycam": own}


async def test_a_date_that_cannot_be_says_why_and_signs_nothing(
    desk: DeskApp, lead: Person, cards: dict[str, Card]
) -> None:
    page, today, before = (await lead.get(f"/desk/{LAYER}/sign")).text, date.today(), signed_until(desk, "bodycam")
    late = latest_date(cards["bodycam"], today) + timedelta(days=1)
    for wrong, why in (
        (late.isoformat(), "no later than"),
        (today.isoformat(), "after today"),
        ("soon", "year, month and day"),
    ):
        sent = {"card": "bodycam", "shown_bodycam": shown(page, "shown_bodycam"), "until_bodycam": wrong}
        answer = await lead.post(f"/desk/{LAYER}/sign", **sent)
        assert answer.status_code == 409
        assert why in answer.text
        assert shown(answer.text, "until_bodycam") == wrong
        alone = await lead.post(f"{card_of('bodycam')}/sign", shown=sent["shown_bodycam"], until=wrong)
        assert (alone.status_code, why in alone.text, shown(alone.text, "until")) == (409, True, wrong)
    assert signed_until(desk, "bodycam") == before


async def test_a_card_by_itself_is_signed_until_the_day_that_the_lead_writes(desk: DeskApp, lead: Person) -> None:
    page, until = (await lead.get(card_of("my-phone"))).text, date.today() + timedelta(days=33)
    answer = await lead.post(f"{card_of('my-phone')}/sign", shown=shown(page, "shown"), until=until.isoformat())
    assert answer.status_code == 303
    assert signed_until(desk, "my-phone") == until
