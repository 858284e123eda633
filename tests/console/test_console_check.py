"""Advice while an advocate writes: what is said to which words, that it stops no message, and that nothing stays."""

import gc
import logging
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from accessibility import language
from accessibility.rule_finding import LEVELS, Level
from api.records.handovers.tables import Provider
from api.web.csrf import form_mark
from content.advice import (
    DETAILS,
    HARD,
    HURTS,
    IDIOM,
    LETTERS,
    LONG,
    MAY,
    MOST,
    NEGATIVES,
    PROMISE,
    QUESTION,
    SHORT,
    SOFT,
    VAGUE,
    WHOLE,
    advise,
)
from content.glossary import forms, load_glossary
from tests.console_app import OURS, person, provider
from tests.desk_app import DeskApp, Person
from tests.waiting import child, kept, takes

GLOSSARY = forms(load_glossary())
SCRIPT = {"X-Fragment": "1"}
PLANTED = "The wombat hid my brother in the lighthouse. I won't tell anyone."


def rules(draft: str, level: Level = "simple", *names: str) -> list[int]:
    return [one.rule for one in advise(draft, level, GLOSSARY, names)]


def quoted(draft: str, rule: int, level: Level = "simple") -> dict[str, str]:
    found = next(one for one in advise(draft, level, GLOSSARY) if one.rule == rule)
    return {quote.text.lower(): quote.instead for quote in found.quotes}


@pytest.mark.parametrize(
    "draft",
    [
        "I promise I can help.",
        "I won't tell anyone.",
        "I will never tell your mum.",
        "We will not share it.",
        "This stays between us.",
        "It is just you and me here.",
        "I keep it to myself.",
        "Nobody can see this.",
        "Nobody will know.",
        "Your secret is safe with me.",
        "This is confidential.",
        "You will be fine.",
        "You won't get into trouble.",
        "Don’t worry.",
    ],
)
def test_a_promise_is_seen_first(draft: str) -> None:
    assert rules(draft)[0] == PROMISE


@pytest.mark.parametrize(
    "draft",
    [
        "I cannot promise to keep a secret.",
        "I can't promise that.",
        "I am not able to keep it to myself.",
        "It is not a secret.",
        "I will not tell you what to do.",
        "You choose what you tell me.",
    ],
)
def test_honest_words_about_secrets_are_no_promise(draft: str) -> None:
    assert PROMISE not in rules(draft)


@pytest.mark.parametrize(
    "draft",
    [
        "Can you tell me what happened?",
        "Tell me about it.",
        "What did he do to you?",
        "Who hurt you?",
        "Where did it start?",
        "How many times did it go on?",
        "Tell me everything.",
    ],
)
def test_a_question_about_what_happened_is_seen(draft: str) -> None:
    assert DETAILS in rules(draft)


@pytest.mark.parametrize("draft", ["You do not have to tell me what happened.", "What do you want to know?"])
def test_a_kind_question_is_let_be(draft: str) -> None:
    assert DETAILS not in rules(draft)


@pytest.mark.parametrize(
    ("draft", "rule", "text", "instead"),
    [
        ("You can't see it.", SHORT, "can't", "cannot"),
        ("They won't know.", SHORT, "won't", "will not"),
        ("It isn’t there.", SHORT, "isn't", "is not"),
        ("Let us get to the bottom of it.", IDIOM, "get to the bottom of", "find out"),
        ("They need your documentation.", HARD, "documentation", "papers"),
        ("You can ask a lawyer.", HARD, "lawyer", "solicitor"),
        ("The XYZ can look.", LETTERS, "xyz", ""),
        ("They answer soon.", VAGUE, "soon", 'say how many days or months, or "There is no set time"'),
        ("Why did you go there?", HURTS, "why did you", ""),
        ("They may see it.", MAY, "they may see it.", ""),
        ("They restrain you.", SOFT, "restrain", "hold you so that you cannot move"),
        ("It can count against you.", IDIOM, "count against", "make things worse for"),
        ("Only you can see it, and not them.", NEGATIVES, "only you can see it, and not them.", ""),
    ],
)
def test_what_is_quoted_and_what_is_better(draft: str, rule: int, text: str, instead: str) -> None:
    assert quoted(draft, rule) == {text: instead}


def test_questions_and_length() -> None:
    assert QUESTION in rules("You want that, don't you?")
    assert QUESTION in rules("Do you want a copy? Or do you want a call?")
    assert LONG in rules(
        "You can ask the police for a copy of all that they keep about you and about your phone and bag."
    )
    assert WHOLE not in rules("Hello Kit. I am Ann. I am here.", "easy", "Kit Ann")


def test_the_childs_level_decides() -> None:
    draft = "You can ask the police to show you a copy of everything that they have on you."
    assert LONG in rules(draft, "easy")
    assert rules(draft, "standard") == []


@pytest.mark.parametrize("level", LEVELS)
def test_clear_words_and_no_words_get_no_advice(level: Level) -> None:
    assert rules("Hello. I can help you with that.", level) == []
    assert rules("", level) == []


def test_names_are_no_hard_words() -> None:
    assert HARD not in rules("Thanks, Bronwen.", "easy")
    assert HARD not in rules("Bronwen, you can ask.", "easy", "Bronwen")
    assert HARD not in rules("Northmoor Police have it.", "easy", "Northmoor Police")


def test_words_of_the_glossary_are_explained_on_their_page_so_they_are_not_hard() -> None:
    assert HARD not in rules("The custody record is yours to ask for.", "easy")


def test_the_worst_five_come_first() -> None:
    draft = (
        "I promise I won't tell. What happened when the offender was detained, didn't he say? Regarding your "
        "documentation, we'll touch base soon, e.g. by the FBI, in a nutshell, and it isn't never that."
    )
    found = rules(draft, "easy")
    assert found[:4] == [PROMISE, DETAILS, HURTS, QUESTION]
    assert len(found) == MOST


def test_it_is_fast_enough_to_type_along() -> None:
    draft = ("I promise they will look into the documentation regarding your property. " * 5)[:300]
    advise(draft, "easy", GLOSSARY)
    began = time.perf_counter()
    for _ in range(5):
        advise(draft, "easy", GLOSSARY)
    assert (time.perf_counter() - began) / 5 < 0.05


def test_no_sentence_of_a_draft_stays_in_memory() -> None:
    advise(PLANTED, "easy", GLOSSARY)
    held = [
        text for cache in (language.words, language._of_line) for one in gc.get_referents(cache) for text in flat(one)
    ]
    assert [text for text in held if "wombat" in text] == []
    # The same look does find what the rules remember of a card.
    language.sentences(PLANTED)
    held = [text for one in gc.get_referents(language._of_line) for text in flat(one)]
    assert [text for text in held if "wombat" in text] != []
    language.forget()


def flat(held: object) -> list[str]:
    if isinstance(held, str):
        return [held]
    if isinstance(held, dict):
        return [text for pair in held.items() for one in pair for text in flat(one)]
    return [text for one in held for text in flat(one)] if isinstance(held, tuple | list) else []


@pytest.fixture
async def ann(desk: DeskApp) -> Person:
    await provider(desk)
    return await person(desk, OURS, "advocate", "Ann")


async def checks(ann: Person, **fields: str) -> str:
    answer = await ann.browser.post("/console/check", data={"mark": form_mark(ann.token), **fields}, headers=SCRIPT)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_script_gets_the_advice_alone(ann: Person) -> None:
    told = await checks(ann, text="I promise.", level="easy")
    assert "A promise that you may not be able to keep" in told
    assert "Advice only: you can send your message as it is." in told
    assert "<html" not in told


async def test_what_the_childs_page_explains_is_said(ann: Person) -> None:
    assert "Their page explains: custody record." in await checks(
        ann, text="Ask for your custody record.", level="easy"
    )


async def test_clear_words_are_called_clear_and_an_empty_box_nothing(ann: Person) -> None:
    assert "Nothing to change." in await checks(ann, text="I can help you.", level="easy")
    assert (await checks(ann, text=" ", level="easy")).strip() == ""


async def test_without_script_the_page_comes_back_with_the_draft_and_the_advice(desk: DeskApp, ann: Person) -> None:
    ref = await waiting(desk)
    await takes(ann, ref)
    page = await ann.post("/console/check", text=PLANTED, level="simple", ref=ref)
    assert page.status_code == 200
    assert "A promise that you may not be able to keep" in page.text
    assert f">{PLANTED.replace(chr(39), '&#39;')}</textarea>" in page.text
    assert (await kept(desk, ref)).changes == 2, "nothing was sent"


async def test_advice_never_stops_a_message(desk: DeskApp, ann: Person) -> None:
    ref = await waiting(desk)
    await takes(ann, ref)
    sent = await ann.post(f"/console/talk/{ref}/say", text=PLANTED, client_id="0123456789abcdef")
    assert sent.status_code == 303
    assert "wombat" in (await ann.get(f"/console/talk/{ref}")).text


def bytes_of(folder: Path) -> list[bytes]:
    """The database and whatever lies beside it, as they are on the disk."""
    found = [file.read_bytes() for file in folder.glob("know.db*")]
    assert found
    return found


async def test_nothing_of_a_draft_is_kept_anywhere(
    desk: DeskApp, ann: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await checks(ann, text=PLANTED, level="easy")
    assert "wombat" not in caplog.text
    assert all(b"wombat" not in part for part in bytes_of(tmp_path))


async def test_nobody_but_an_advocate_is_answered(desk: DeskApp, ann: Person) -> None:
    stranger = desk.browser()
    assert (await stranger.post("/console/check", data={"text": PLANTED}, headers=SCRIPT)).status_code == 401
    without_mark = await ann.browser.post("/console/check", data={"text": PLANTED}, headers=SCRIPT)
    assert without_mark.status_code in (401, 403)
    lead = await desk.person("northmoor", "lead")
    assert (await lead.post("/console/check", text=PLANTED)).status_code == 401


async def waiting(desk: DeskApp) -> str:
    async with desk.database.begin() as session:
        found = await session.scalar(select(Provider).where(Provider.slug == OURS))
    assert found
    return await child(desk, found)
