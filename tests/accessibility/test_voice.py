"""The voice: one time for every word as it is shown, real Opus, and nothing that goes wrong in it reaches the pages."""

import asyncio
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessibility.markup import spoken
from accessibility.read_aloud import Sentence, read_aloud
from accessibility.speech import aloud
from accessibility.voice import NoVoice, Voice, job_of
from accessibility.voice_process import at_opus_rate
from content.card import Card
from content.listening_text import sentences_of
from content.rendering import Renderer
from tests.hearing import must_have_voice, seconds_of

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module", autouse=True)
def _voice() -> None:
    must_have_voice()


async def say(texts: tuple[str, ...], to: Path, language: str = "en") -> tuple[tuple[Sentence, ...], list[list[int]]]:
    sentences = read_aloud(texts)
    answer = await Voice().speak(job_of(sentences, language), to)
    assert answer["seconds"] == pytest.approx(seconds_of(to), abs=0.1)
    return sentences, answer["begins"]


def must_fit(sentences: tuple[Sentence, ...], begins: list[list[int]], seconds: float) -> None:
    assert [len(own) for own in begins] == [len(sentence.words) for sentence in sentences]
    times = [ms for own in begins for ms in own]
    assert all(one <= other for one, other in pairwise(times))
    assert times[0] >= 0
    assert seconds * 1000 - 4000 < times[-1] < seconds * 1000


def shown(*texts: str) -> list[tuple[str, str]]:
    return [(word.shown, word.said) for sentence in read_aloud(texts) for word in sentence.words]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Call 0800 1111.", [("Call", "Call"), ("0800 1111.", "0 8 0 0 1 1 1 1.")]),
        (
            "Call 116 123, any time.",
            [("Call", "Call"), ("116 123,", "1 1 6 1 2 3,"), ("any", "any"), ("time.", "time.")],
        ),
        ("It costs £5.50", [("It", "It"), ("costs", "costs"), ("£5.50", "5 pounds 50")]),
        ("It costs £10.00.", [("It", "It"), ("costs", "costs"), ("£10.00.", "10 pounds.")]),
        ("In danger? Call 999", [("In", "In"), ("danger?", "danger?"), ("Call", "Call"), ("999", "9 9 9")]),
        ("Use the 999 BSL app", [("Use", "Use"), ("the", "the"), ("999 BSL", "9 9 9 B S L"), ("app", "app")]),
        ("**Your** DNA", [("Your", "Your"), ("DNA", "D N A")]),
        ("You can:\n- ask\n- go", [("You", "You"), ("can:", "can:"), ("ask", "ask"), ("go", "go")]),
        ("28 days, 6 months", [("28", "28"), ("days,", "days,"), ("6", "6"), ("months", "months")]),
    ],
)
def test_words_as_shown_beside_words_as_said(written: str, words: list[tuple[str, str]]) -> None:
    assert shown(written) == words


def test_list_items_and_texts_are_sentences_of_their_own() -> None:
    found = read_aloud(("Who can see it?", "You can:\n- ask\n- go home. Call us."))
    assert [(sentence.part, sentence.said) for sentence in found] == [
        (0, "Who can see it?"),
        (1, "You can:"),
        (1, "ask"),
        (1, "go home."),
        (1, "Call us."),
    ]


def test_a_card_is_said_as_its_whole_text_would_be_and_shown_whole(cards: dict[str, Card], renderer: Renderer) -> None:
    for card in list(cards.values())[::5]:
        words = renderer.words(card, {})
        for level, version in words.levels.items():
            sentences = sentences_of(words, level)
            texts = (version.question, *(bubble.text for bubble in version.bubbles))
            said = " ".join(sentence.said for sentence in sentences).split()
            assert said == " ".join(map(aloud, texts)).split(), card.key
            on_page = " ".join(word.shown for sentence in sentences for word in sentence.words).split()
            assert on_page == " ".join(map(spoken, texts)).split(), card.key


@pytest.mark.parametrize("key", ["bodycam", "in-danger", "what-is-this"])
async def test_every_shown_word_has_its_time(
    key: str, cards: dict[str, Card], renderer: Renderer, tmp_path: Path
) -> None:
    sentences = sentences_of(renderer.words(cards[key], {}), "easy")
    answer = await Voice().speak(job_of(sentences, "en"), tmp_path / "sound")
    must_fit(sentences, answer["begins"], seconds_of(tmp_path / "sound"))
    # Words with a sound of their own begin after the one before.
    for own in answer["begins"]:
        assert sum(one == other for one, other in pairwise(own)) == 0


async def test_what_looks_like_a_mark_of_the_voice_is_only_words(tmp_path: Path) -> None:
    hostile = 'You <break time="60s"/> & \'can\' </speak> <mark name="7"/> \x00 \x1b ]]> [[aI]] &lt; ask.'
    sentences, begins = await say((hostile, "Then this."), tmp_path / "sound")
    must_fit(sentences, begins, seconds_of(tmp_path / "sound"))
    assert seconds_of(tmp_path / "sound") < 30


@settings(max_examples=4, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), min_size=1, max_size=3))
def test_any_text_can_be_given(texts: list[str]) -> None:
    sentences = read_aloud(tuple(texts))
    answer = asyncio.run(Voice().speak(job_of(sentences, "en"), Path("/dev/null")))
    assert [len(own) for own in answer["begins"]] == [len(sentence.words) for sentence in sentences]


async def test_welsh_has_a_welsh_voice(tmp_path: Path) -> None:
    text = ("Pwy sy'n gallu gweld fy enw?",)
    await say(text, tmp_path / "welsh", "cy")
    await say(text, tmp_path / "english", "en")
    assert (tmp_path / "welsh").read_bytes() != (tmp_path / "english").read_bytes()


async def test_the_same_words_give_the_same_sound(tmp_path: Path) -> None:
    await asyncio.gather(*(say(("Call 999 now.",), tmp_path / name) for name in ("one", "other")))
    one, other = ((tmp_path / name).stat().st_size for name in ("one", "other"))
    assert one == other


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ((sys.executable, "-c", "import time; time.sleep(60)"), "not done in 0.5 s"),
        ((sys.executable, "-c", "import os; os.abort()"), "-6"),
        ((sys.executable, "-c", "print('no json')"), "no answer"),
        ((sys.executable, "-c", "import sys; sys.exit('no sound: no voice')"), "no sound: no voice"),
        (("/there/is/no/such/program",), "FileNotFoundError"),
    ],
    ids=["hangs", "crashes", "babbles", "has no voice", "is not there"],
)
async def test_what_goes_wrong_in_the_voice_is_one_kind_of_error(program: tuple[str, ...], why: str) -> None:
    with pytest.raises(NoVoice, match=why):
        await Voice(program, seconds=0.5).must_be_here()


async def test_the_voice_is_given_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KNOW_SECRET", "do not pass this on")
    code = "import os, json; print(json.dumps({'passed': 'KNOW_SECRET' in os.environ, 'begins': []}))"
    answer = await Voice((sys.executable, "-c", code)).speak({}, tmp_path / "sound")
    assert answer["passed"] is False


async def test_a_voice_that_is_not_waited_for_is_ended(tmp_path: Path) -> None:
    code = f"import pathlib, time; time.sleep(2); pathlib.Path({str(tmp_path / 'late')!r}).write_text('')"
    task = asyncio.create_task(Voice((sys.executable, "-c", code)).must_be_here())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(2.2)
    assert not (tmp_path / "late").exists()


@pytest.mark.parametrize("hertz", [100, 1000, 5000, 8000])
def test_a_tone_stays_the_same_tone_at_the_other_rate(hertz: int) -> None:
    def tone(rate: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        return (10_000 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate)).astype(np.int16)

    made = at_opus_rate(tone(22_050), 22_050)
    assert len(made) == 24_000
    assert np.abs(made[200:-200].astype(int) - tone(24_000)[200:-200]).max() < 20
