"""What differs between two texts of a card: nothing that a signature covers changes without being named."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from content.card_letter import CardLetter
from content.difference import Differences, differences
from content.signed_words import SignedBubble, SignedVersion, SignedWord, SignedWords
from content.video import SignedVideo
from tests.conftest import release_for

VIDEO = SignedVideo("bsl", "a.mp4", "f" * 64, "a.vtt", "c" * 64, "What is said.", "Ann Example signs.")
WORD = SignedWord("bail", "Bail", "You can go home.", "He is on bail.", "home")
BUBBLE = SignedBubble("You **can** ask.", "ask", (WORD,), "told", "bodycam", ("can-i",))
VERSION = SignedVersion("Can I ask?", "Can I ask?", (BUBBLE, replace(BUBBLE, text="They must answer.")), (WORD,))
LETTER = CardLetter("Ask for it", "The team", ("Please send it.",), ("My name",), ("Give it to the team.",), "The Act")
WORDS = SignedWords(
    kind="card",
    about="asking",
    asks="what",
    situations=("arrested", "victim"),
    near=("bodycam", "see-my-record"),
    sources=(("The Act", "https://www.legislation.gov.uk/a"), ("The code", "https://www.gov.uk/b")),
    levels={"standard": VERSION, "simple": VERSION, "easy": VERSION},
    ask=("Can I have a copy?",),
    videos=(VIDEO,),
    readers=("victim",),
    letter=LETTER,
)
NEW_OF_A_BUBBLE = {
    "text": "You **cannot** ask.",
    "symbol": None,
    "meanings": (),
    "step": "kept",
    "opens": None,
    "answers": (),
    "local": True,
}
NEW_OF_A_WORD = {"word": "On bail", "meaning": "You cannot go home.", "used": "", "picture": "prison"}
NEW_OF_A_VIDEO = {
    "kind": "spoken",
    "file": "b.mp4",
    "film": "e" * 64,
    "captions_file": "b.vtt",
    "captions": "d" * 64,
    "transcript": "Something else is said.",
    "credit": "Ben Example signs.",
}
NEW_OF_A_LETTER = {
    "name": "Ask for all of it",
    "to": "The officer",
    "says": ("Please keep it.",),
    "lines": ("My name", "The date"),
    "send": ("Send it to the team.",),
    "law": "",
}
NEW_OF_THE_WORDS = {
    "kind": "house",
    "about": "records",
    "asks": "who",
    "situations": ("victim",),
    "near": ("see-my-record", "bodycam"),
    "sources": (("The Act", "https://www.legislation.gov.uk/a"),),
    "ask": (),
    "videos": (),
    "readers": (),
    "letter": None,
}


def is_named(found: Differences) -> bool:
    """True where somebody who decides sees that something differs."""
    marked = any(run.differs for pairs in found.words.values() for pair in pairs for side in pair for run in side)
    return marked or any(found.beside.values()) or bool(found.around)


def easy(version: SignedVersion) -> SignedWords:
    return replace(WORDS, levels={**WORDS.levels, "easy": version})


def with_bubble(**values: Any) -> SignedWords:
    return easy(replace(VERSION, bubbles=(VERSION.bubbles[0], replace(VERSION.bubbles[1], **values))))


def with_word(**values: Any) -> SignedWords:
    return with_bubble(meanings=(replace(WORD, **values),))


def with_video(**values: Any) -> SignedWords:
    return replace(WORDS, videos=(replace(VIDEO, **values),))


def with_letter(**values: Any) -> SignedWords:
    return replace(WORDS, letter=replace(LETTER, **values))


def with_words(**values: Any) -> SignedWords:
    return replace(WORDS, **values)


CASES = [
    (kind, name, make, value)
    for kind, make, values in (
        (SignedBubble, with_bubble, NEW_OF_A_BUBBLE),
        (SignedWord, with_word, NEW_OF_A_WORD),
        (SignedVideo, with_video, NEW_OF_A_VIDEO),
        (CardLetter, with_letter, NEW_OF_A_LETTER),
        (SignedWords, with_words, NEW_OF_THE_WORDS),
    )
    for name, value in values.items()
]


@pytest.mark.parametrize(
    ("kind", "name", "make", "value"), CASES, ids=[f"{one.__name__}.{name}" for one, name, *_ in CASES]
)
def test_whatever_a_signature_covers_is_named_when_it_changes(
    kind: type, name: str, make: Callable[..., SignedWords], value: object
) -> None:
    changed = make(**{name: value})
    assert changed.as_json() != WORDS.as_json()
    assert is_named(differences(WORDS, changed))
    assert is_named(differences(changed, WORDS))


def test_every_field_of_a_signature_is_tried() -> None:
    tried = {(kind, name) for kind, name, *_ in CASES}
    # The id and the place of a word's meaning, the length of a film and the language are no words or pictures of an
    # answer; the levels are tried by their parts.
    beside = {
        (SignedWord, "id"),
        (SignedVideo, "seconds"),
        *((SignedWords, name) for name in ("language", "of", "levels")),
    }
    covered = {
        (kind, one.name)
        for kind in (SignedBubble, SignedWord, SignedVideo, CardLetter, SignedWords)
        for one in fields(kind)
    }
    assert tried == covered - beside


def test_the_same_words_differ_in_nothing() -> None:
    for card in release_for(practice=True).cards.values():
        words = release_for(practice=True).vetting.renderer.words(card, {})
        assert not is_named(differences(words, words)), card.key


def test_what_is_gone_is_told_beside_what_is_new() -> None:
    found = differences(WORDS, with_words(sources=(("The new Act", "https://www.legislation.gov.uk/n"),)))
    assert [(one.name, one.new) for one in found.around] == [
        ("the sources", ("The new Act (https://www.legislation.gov.uk/n)",))
    ]
    assert found.around[0].gone == tuple(f"{title} ({address})" for title, address in WORDS.sources)
    (moved,) = differences(WORDS, with_words(near=WORDS.near[::-1])).around
    assert (moved.gone, moved.new) == ((), ())


def test_a_paragraph_that_is_put_in_marks_none_of_those_that_stay() -> None:
    new = replace(BUBBLE, text="Nobody may tell you no.")
    found = differences(WORDS, easy(replace(VERSION, bubbles=(new, *VERSION.bubbles)))).words["easy"]
    assert [any(run.differs for side in pair for run in side) for pair in found] == [True, False, False]
    assert found[0][0] == ()
