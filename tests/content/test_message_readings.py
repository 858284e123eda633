"""What is read in a message: the child's part, its parts, what it asks, and whether it names somebody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.card import ANSWERS
from content.message_people import RolePatterns, names_somebody, somebody_looks_on
from content.message_questions import MOST_PARTS, asked, asks, parts

ROLES = RolePatterns()


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("i got nicked sat nite for a fight", "suspect"),
        ("feds searched me again", "suspect"),
        ("they think i stole it", "suspect"),
        ("im on bail till january", "suspect"),
        ("a lad robbed me at the bus stop", "victim"),
        ("someone shared my pic", "victim"),
        ("they stole my phone", "victim"),
        ("i saw some boys take a bike", "witness"),
        ("I'm a foster carer and he is with me", "worker"),
        ("my son was stopped in town", "worker"),
        ("staff reported me missing again", "worried"),
        ("my mate got arrested last night", None),
        ("how long do they keep it", None),
        ("", None),
    ],
)
def test_the_part_that_a_child_has(text: str, role: str | None) -> None:
    assert ROLES.hear(text) == role


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("will they tell my mum and can i have my nan there", ["will they tell my mum", "can i have my nan there"]),
        ("can my mum and dad see it", ["can my mum and dad see it"]),
        ("they took it. when do i get it back?", ["they took it.", "when do i get it back?"]),
        ("is it kept\nwho sees it", ["is it kept", "who sees it"]),
        ("ok. how long. for", ["ok. how long. for"]),
    ],
)
def test_a_message_is_taken_apart_where_another_thing_begins(text: str, found: list[str]) -> None:
    assert " ".join(parts(text)).split() == " ".join(found).split()
    if len(found) > 1:
        assert parts(text) == found


def test_what_is_a_question_as_children_write_them() -> None:
    assert all(asks(part) for part in ("can they keep it", "an wil he no", "wot if i say no", "and me?"))
    assert not any(asks(part) for part in ("they took my phone.", "i was scared", "me phone"))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("how long for", "how-long"),
        ("an if i say no", "if-no"),
        ("why tho", "why"),
        ("can my mum see it", "who-sees"),
        ("do i hav to giv them the code", "must-i"),
        ("wen do i get it back", "when"),
        ("can they just take it", "can-they"),
    ],
)
def test_what_a_message_asks_first(text: str, first: str) -> None:
    assert asked(text)[0] == first


@pytest.mark.parametrize(
    "text",
    [
        *("my name is sam", "im called jay", "call me on 07700 900123", "+44 7700 900 123", "me@example.org"),
        *("my postcode is SW1A 1AA", "we live at 7 long oak road"),
    ],
)
def test_who_names_themselves(text: str) -> None:
    assert names_somebody(text)


@pytest.mark.parametrize(
    "text",
    [
        "do i call 999 or 101",
        "childline 0800 1111",
        "116 123",
        "will my name be on it",
        "section 60",
        "2 weeks till court",
    ],
)
def test_who_does_not(text: str) -> None:
    assert not names_somebody(text)


@given(st.text(max_size=3_000))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert len(parts(text)) <= MOST_PARTS
    assert {*asked(text)} <= {*ANSWERS}
    names_somebody(text)
    ROLES.hear(text)


@pytest.mark.parametrize(
    "text",
    [
        "hes reading this",
        "He's reading this rn",
        "my mum is looking at my screen",
        "someones reading over my shoulder",
        "shes behind me reading this",
        "my brother keeps looking at what im typing",
        "stop hes reading this",
        "they can read this",
        "hes reading this and im scared",
        "he reads what i write",
        "quick hide this",
        "clear the screen",
    ],
)
def test_that_somebody_looks_on_is_heard(text: str) -> None:
    assert somebody_looks_on(text)


@pytest.mark.parametrize(
    "text",
    [
        "can they see this?",
        "is someone reading this",
        "they can see this?",
        "he is reading my statement",
        "he is reading this letter to me",
        "they read this out in court",
        "she is checking this box",
        "my ex can read my messages",
        "my mum checks the chat on my phone",
        "police can see my messages",
        "they are looking at my phone",
        "he can see my phone",
        "clear my record",
        "if he is reading this what do i do",
        "how do i hide this from my mum",
        "someone is watching my house",
        "they watched me in the cell",
        "he was reading this letter that came from the police and then my mum said we should ring them up",
        "",
    ],
)
def test_a_question_about_the_chat_and_other_things_that_are_seen_are_no_onlooker(text: str) -> None:
    assert not somebody_looks_on(text)


@given(st.text(max_size=3000))
def test_whether_somebody_looks_on_is_known_of_any_text(text: str) -> None:
    assert somebody_looks_on(text) in (True, False)
