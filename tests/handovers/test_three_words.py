"""The three words: easy to type, hard to guess, kind to whoever reads them, and found again as people write them."""

import hashlib
import math
from importlib.resources import files
from itertools import product

import pytest

from api.records.handovers.three_words import as_written, three_words, word_list


def seed(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def test_guessing_three_words_takes_long_when_guesses_are_counted() -> None:
    bits = 3 * math.log2(len(word_list()))
    assert bits > 38
    # At a hundred guesses a minute, day and night: years for an even chance of one handover out of a thousand.
    assert 2**bits / 1_000 / 2 / (100 * 60 * 24 * 365) > 2


def test_every_word_is_typed_without_signs_and_stands_once() -> None:
    words = word_list()
    assert len(set(words)) == len(words)
    assert all(word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 9 for word in words)


def test_no_word_is_handed_out_that_frightens_or_shames() -> None:
    frightening = """police arrest prison drown poison hurt strangle suffocate trapped handcuff humiliate racism
        cannabis knickers graveyard threaten scared unloved unwanted suspect haunt cage jailbird crook"""
    left_out = set(frightening.split())
    assert not left_out & set(word_list())
    # They are in the list that ours is made from, or leaving them out would mean nothing.
    whole = set(files("xkcdpass").joinpath("static", "eff-long").read_text("utf-8").split())
    assert left_out <= whole


def test_no_word_is_given_any_more_that_a_child_was_hurt_or_mocked_with() -> None:
    mocking = {"badass", "groom"}
    given = {word for number in range(5_000) for word in three_words(seed(number)).split("-")}
    assert not mocking & given
    # They still lead back whoever was once given them.
    assert as_written("badass upstairs groom") == "badass-upstairs-groom"


def test_the_same_seed_gives_the_same_words_and_others_give_others() -> None:
    made = [three_words(seed(number)) for number in range(5_000)]
    assert made == [three_words(seed(number)) for number in range(5_000)]
    assert len(set(made)) == len(made)
    parts = [one.split("-") for one in made]
    assert all(len(part) == 3 for part in parts)
    assert all(word in set(word_list()) for part in parts for word in part)
    # Each place uses the whole list.
    for place in range(3):
        assert len({part[place] for part in parts}) > 3_000


@pytest.mark.parametrize(
    "typed",
    [
        "copartner-abacus-zoom",
        "COPARTNER ABACUS ZOOM",
        "  copartner,  abacus. zoom\n",
        "Copartner – Abacus – Zoom!",
        "ｃｏｐａｒｔｎｅｒ-ａｂａｃｕｓ-ｚｏｏｍ",
        "cópärtner-ábacus-zöom",
        "co\u0301partner-abacus-zoom",
        "copartnr-abacuss-zoom",
        "ocpartner-abcaus-zoom",
    ],
)
def test_words_are_found_as_people_write_them(typed: str) -> None:
    assert as_written(typed) == "copartner-abacus-zoom"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abacus",
        "abacus-zoom",
        "abacus-zoom-copartner-abacus",
        "abacus-zoom-qqqqqqqq",
        "1-2-3",
        "абак-зум-кот",
        "a" * 10_000,
    ],
)
def test_what_is_no_three_words_is_none(typed: str) -> None:
    assert as_written(typed) is None


def test_a_short_word_and_one_that_could_be_two_are_not_guessed_at() -> None:
    words = set(word_list())
    assert "zoom" in words
    assert as_written("abacus-copartner-zomm") is None
    near = next(
        (one, letter)
        for one, letter in product(sorted(words), "abcdefghijklmnopqrstuvwxyz")
        if len(one) >= 6
        and one[:-1] + letter not in words
        and sum(one[:-1] + other in words for other in "abcdefghijklmnopqrstuvwxyz") > 1
    )
    assert as_written(f"abacus-copartner-{near[0][:-1] + near[1]}") is None


def test_all_that_is_handed_out_is_read_back() -> None:
    for number in range(300):
        words = three_words(seed(number))
        assert as_written(words) == words
