"""The way of a handover: everybody, every act, in every state, against a table that was written by hand."""

from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from accessibility.yaml_text import read_yaml
from api.records.handovers.states import (
    OPEN,
    Act,
    NotNow,
    State,
    Wants,
    Who,
    after,
    allowed,
    bot_is_silent,
    must_be_allowed,
)
from api.records.handovers.status import Waited, waited
from api.records.handovers.tables import Handover

TABLE = read_yaml(Path(__file__).with_name("handover_table.yml").read_text("utf-8"))
STATES: tuple[State, ...] = get_args(State)
ACTS: tuple[Act, ...] = get_args(Act)
EVERYBODY: tuple[Who, ...] = get_args(Who)
AT = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)


def test_the_table_speaks_of_every_state_and_of_nothing_else() -> None:
    assert list(TABLE["may"]) == list(TABLE["leads-to"]) == list(STATES)
    for may in TABLE["may"].values():
        assert set(may) <= set(ACTS)
        assert {who for people in may.values() for who in people} <= set(EVERYBODY)


@pytest.mark.parametrize(("act", "who", "state"), list(product(ACTS, EVERYBODY, STATES)))
def test_who_may_do_what_in_each_state(act: Act, who: Who, state: State) -> None:
    may = who in TABLE["may"][state].get(act, ())
    assert allowed(act, who, state) is may
    if may:
        must_be_allowed(act, who, state)
        return
    with pytest.raises(NotNow) as told:
        must_be_allowed(act, who, state)
    assert told.value.state == state


@pytest.mark.parametrize(("act", "state"), [(act, state) for state in STATES for act in TABLE["may"][state]])
def test_where_each_act_leads(act: Act, state: State) -> None:
    assert after(act, state) == TABLE["leads-to"][state].get(act, state)


@pytest.mark.parametrize(
    ("wants", "claimed", "state"),
    [
        ("here", False, "waiting"),
        ("here", True, "talking"),
        ("call-back", False, "call-back"),
        ("call-back", True, "calling"),
    ],
)
def test_the_state_is_what_the_dates_make(wants: Wants, claimed: bool, state: State) -> None:
    claimed_by = 7 if claimed else None
    assert Handover(wants=wants, claimed_by=claimed_by).state == state
    assert Handover(wants=wants, claimed_by=claimed_by, closed_at=AT).state == "closed"
    assert state in OPEN


def test_the_bot_is_silent_just_while_somebody_has_it() -> None:
    assert {state for state in STATES if bot_is_silent(state)} == {"talking", "calling"}


def test_a_child_may_always_end_it_and_write_until_it_is_closed() -> None:
    for state in OPEN:
        assert allowed("end", "child", state)
        assert allowed("say", "child", state)
    assert "closed" not in OPEN


@pytest.mark.parametrize(
    ("gone", "says"),
    [
        (timedelta(days=-1), "looking"),
        (timedelta(0), "looking"),
        (timedelta(minutes=2) - timedelta(microseconds=1), "looking"),
        (timedelta(minutes=2), "still-looking"),
        (timedelta(minutes=5) - timedelta(microseconds=1), "still-looking"),
        (timedelta(minutes=5), "choices"),
        (timedelta(days=400), "choices"),
    ],
)
def test_what_the_waiting_page_says_also_when_the_clock_was_put_back(gone: timedelta, says: Waited) -> None:
    assert waited(AT, AT + gone) == says
