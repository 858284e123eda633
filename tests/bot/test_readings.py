"""What a message may stand for: by ear, by a slip, without vowels, in text-speak, and in the words of a place."""

import json
from typing import Any

import pytest
import yaml

from tests.bot.test_bot_arithmetic import in_the_bot
from tests.bot_process import BOT

pytestmark = pytest.mark.rasa

LIKELIEST = {
    "can dey luk at my disapearing snaps": "can they look at my disappearing snaps",
    "tha plice tok my foan": "the police took my phone",
    "how long dey keep ma dna 4": "how long they keep my dna for",
    "can skool c my rekord": "can school see my record",
    "do i av 2 giv my fngrprnts": "do i have to give my fingerprints",
    "pleeeease help": "please help",
}
AMONG = {
    "do corshuns mes up jobs": "do cautions mess up jobs",
    "me mam sez u av me fone": "my mum says you have my phone",
    "will they tell my mum": "will they tell my mum",
}
ODD = ["", "😭", "???", "policja ma moje odciski palców", "a" * 400, "word " * 300, "\x00", "4 4 4 4", "don't'"]


@pytest.fixture(scope="module")
def said() -> Any:
    """The readings of all lines here; the words are learnt once, which takes a few seconds."""
    asked = json.dumps([*LIKELIEST, *AMONG, *ODD])
    return in_the_bot(f"""
import json, time, yaml
from readings import Readings, listed_words
from sound_key import bones, sound
from word_chances import WordChances
read = [yaml.load(open(f"data/{{name}}.yml"), yaml.CSafeLoader)["nlu"] for name in ("acts", "cards", "talks", "danger")]
lines = [row[2:] for file in read for part in file if "intent" in part for row in part["examples"].splitlines()]
listed, known = listed_words()
read = Readings(WordChances(json.loads(json.dumps(WordChances.learn(lines, known)))), listed)
alike = [("caution", "corshun"), ("evidence", "evidance"), ("with", "wiv"), ("phone", "fone"), ("know", "no")]
unlike = [("mum", "dad"), ("caution", "custody"), ("phone", "police")]
print(json.dumps({{
    "read": {{text: read.of(text, 3) for text in json.loads({asked!r})}},
    "alike": [sound(one) == sound(other) for one, other in alike],
    "apart": [sound(one) == sound(other) for one, other in unlike],
    "bones": [bones(word) for word in ("have", "phone", "arrested", "")],
}}))
""")


@pytest.mark.parametrize(("typed", "plain"), LIKELIEST.items())
def test_the_likeliest_reading_is_what_was_meant(said: Any, typed: str, plain: str) -> None:
    assert said["read"][typed][0][0] == plain


@pytest.mark.parametrize(("typed", "plain"), AMONG.items())
def test_what_was_meant_is_among_the_readings(said: Any, typed: str, plain: str) -> None:
    assert plain in [words for words, _ in said["read"][typed]]


def test_shares_add_up_and_the_best_stands_first(said: Any) -> None:
    for found in said["read"].values():
        shares = [share for _, share in found]
        assert not found or abs(sum(shares) - 1) < 1e-9
        assert shares == sorted(shares, reverse=True)


def test_no_words_and_whole_stories_have_no_readings_and_nothing_is_an_error(said: Any) -> None:
    assert [text for text in ODD if not said["read"][text]] == ["", "😭", "???", "word " * 300, "\x00"]


def test_words_that_sound_alike_share_a_key_and_others_do_not(said: Any) -> None:
    assert said["alike"] == [True] * 5
    assert said["apart"] == [False] * 3
    assert said["bones"] == ["hv", "phn", "arrstd", ""]


def test_the_word_list_can_be_reviewed() -> None:
    """Each entry is one typed word with plain readings, a word of a place says which; none is listed twice."""
    told = yaml.safe_load((BOT / "typed_words.yml").read_text("utf-8"))
    every = [word for part in ("shorthand", "sounds", "dialect") for word in told[part]]
    assert len(every) == len({*every})
    for word in every:
        assert isinstance(word, str)
        assert " " not in word
        assert word == word.lower()
    for part in ("shorthand", "sounds"):
        assert all(isinstance(meant, str) for readings in told[part].values() for meant in readings)
    for entry in told["dialect"].values():
        assert entry.keys() == {"means", "region"}
        assert entry["region"]
        assert entry["means"]


def test_readings_are_added_and_danger_never_falls_by_one() -> None:
    """Two messages: the first with a calm and a frightening reading beside it, the second as typed alone."""
    rows, danger = in_the_bot("""
import json, numpy as np
from ensemble import Ensemble
from estimators import Estimator
names = ("alarm-harm-now", "bodycam", "my-phone")
said = Ensemble(None, {"letters": Estimator(names, np.zeros((1, 3)), np.zeros(3), 1.0)}, {}, None)
shares = np.array([[0.1, 0.8, 0.1], [0.9, 0.0, 0.1], [0.3, 0.4, 0.3]], np.float32)
one = said.one_of_readings(shares, np.array([0.5, 0.5, 1], np.float32), np.array([0, 2]))
calm = said.one_of_readings(shares[[1, 0]], np.array([0.5, 0.5], np.float32), np.array([0]))
print(json.dumps([one.tolist(), [float(one[0, 0]), float(calm[0, 0])]]))
""")
    assert [round(sum(row), 5) for row in rows] == [1, 1]
    assert rows[1] == pytest.approx([0.3, 0.4, 0.3])
    assert rows[0][1] > rows[0][2]
    raised, kept = danger
    assert raised == pytest.approx((0.1 * 0.9) ** 0.5)
    assert kept == pytest.approx(0.9)
