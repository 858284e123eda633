"""What the bot's speller does to a message before the sentence encoders read it."""

import importlib.util
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bot_process import BOT

KNOWN = frozenset(["how", "long", "do", "police", "keep", "my", "fingerprints", "mere", "ma"])
ENGLISH = ["how long do police keep my fingerprints"] * 4
FRENCH = ["la police garde mes empreintes", "ma mère me frappe", "la police va le dire à ma mère ?"]


def module() -> ModuleType:
    """bot/spelling_correction.py, which is not a part of any package: Rasa wants its parts on the path."""
    spec = importlib.util.spec_from_file_location("spelling_correction", BOT / "spelling_correction.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def speller() -> Any:
    return module().Speller.learn(ENGLISH, KNOWN, FRENCH)


def test_english_typed_badly_is_put_right(speller: Any) -> None:
    assert speller.fix("how lon do polise keap my fingerprint") == "how lon do police keep my fingerprints"


def test_a_message_in_another_language_is_left_as_it_was_typed(speller: Any) -> None:
    assert speller.fix("Ma mère me frappe, la polise aussi") == "ma mère me frappe, la polise aussi"


def test_one_foreign_word_does_not_make_a_message_foreign(speller: Any) -> None:
    assert speller.fix("how long do polise keep my empreintes") == "how long do police keep my empreintes"


def test_a_word_that_english_lines_use_as_often_is_not_foreign(speller: Any) -> None:
    assert "police" not in speller.foreign
    assert {"mère", "garde"} <= speller.foreign


def test_without_lines_in_other_languages_nothing_is_foreign() -> None:
    speller = module().Speller.learn(ENGLISH, KNOWN)
    assert speller.foreign == frozenset()
    assert speller.fix("ma mère keap") == "ma mère keep"


@given(st.lists(st.text()))
def test_any_text_alone_or_among_others_comes_out_the_same(speller: Any, texts: list[str]) -> None:
    assert speller.fix_all(texts) == [speller.fix(text) for text in texts]
