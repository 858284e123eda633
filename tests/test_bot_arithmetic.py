"""The bot's own arithmetic, in the bot's own Python: it must give what the books and the larger libraries give."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.bot_process import BOT, PYTHON

pytestmark = pytest.mark.rasa


def in_the_bot(code: str) -> Any:
    """What a few lines print as JSON when they run beside the bot's modules."""
    quiet = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", code], cwd=BOT, env=quiet, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


FLOWERS = """
import json, numpy as np
from scipy.optimize import approx_fprime
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
import judges
rows, kinds = load_iris(return_X_y=True)
rows = ((rows - rows.mean(0)) / rows.std(0)).astype(np.float32)[:125]
names = [f"kind {kind}" for kind in kinds[:125]]
"""


def test_the_judge_of_meaning_says_what_scikit_learn_says() -> None:
    """The answers weigh the same although one has half as many lines."""
    said = in_the_bot(
        FLOWERS
        + """
judges._ROUNDS = 500
ours = judges.by_odds(rows, names)
theirs = LogisticRegression(C=30, max_iter=5000, tol=1e-8, class_weight="balanced").fit(rows, names)
assert list(ours.answers) == list(theirs.classes_)
print(json.dumps(float(np.abs(np.exp(ours.judge(rows)) - theirs.predict_proba(rows)).max())))
"""
    )
    assert said < 0.02


def test_the_slope_is_how_the_loss_changes() -> None:
    apart = in_the_bot(
        FLOWERS
        + """
rows = np.hstack([rows, np.ones((125, 1), np.float32)])
right = kinds[:125]
weighs = np.linspace(0.5, 2, 125).astype(np.float32)
place = np.random.default_rng(0).normal(size=15)
loss = lambda at: judges._loss_and_slope(at, rows, right, weighs)
slope, measured = loss(place)[1], approx_fprime(place, lambda at: loss(at)[0], 1e-2)
print(json.dumps(float(np.abs(slope - measured).max() / np.abs(slope).max())))
"""
    )
    assert apart < 0.02


def test_the_vector_is_what_the_book_says() -> None:
    """BERT as its paper and its first code have it, step by step and in double numbers, against ours."""
    apart = in_the_bot("""
import json, hush, numpy as np
from safetensors.numpy import load_file
from scipy.special import erf, softmax
from minilm import MiniLM, home
ours = MiniLM((1, 3))
w = {name: weight.astype(float) for name, weight in load_file(str(home() / "model.safetensors")).items()}
def linear(x, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]
def norm(x, name):
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
    return x * w[name + ".weight"] + w[name + ".bias"]
def by_the_book(text):
    ids = ours._tokens.encode(text).ids
    word, place, kind = (w[f"embeddings.{what}_embeddings.weight"] for what in ("word", "position", "token_type"))
    x, means = norm(word[ids] + place[:len(ids)] + kind[0], "embeddings.LayerNorm"), []
    for layer in range(3):
        name, mixed = f"encoder.layer.{layer}", []
        asks, has, says = (linear(x, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
        for head in range(12):
            own = slice(32 * head, 32 * head + 32)
            mixed.append(softmax(asks[:, own] @ has[:, own].T / 32**0.5, axis=-1) @ says[:, own])
        seen = linear(np.concatenate(mixed, -1), f"{name}.attention.output.dense")
        x = norm(x + seen, f"{name}.attention.output.LayerNorm")
        wide = linear(x, f"{name}.intermediate.dense")
        wide = linear(wide * (1 + erf(wide / 2**0.5)) / 2, f"{name}.output.dense")
        x = norm(x + wide, f"{name}.output.LayerNorm")
        means.append(x.mean(0) / np.linalg.norm(x.mean(0)))
    return np.concatenate(means[1:])
texts = ["", "dna", "can my mum see what i told them", "who? " * 90, "zażółć gęślą jaźń 👋"]
print(json.dumps(float(max(np.abs(ours.encode([text])[0] - by_the_book(text)).max() for text in texts))))
""")
    # What is left is the activation's tanh form.
    assert apart < 1e-3


@pytest.fixture(scope="module")
def read() -> Any:
    """What the encoders make of some lines; asked once, because waking Rasa takes most of the time."""
    return in_the_bot("""
import json, numpy as np, hush
from encoder import encoders, meanings
from spelling import Speller
polish = "policja ma moje odciski palców"
speller = Speller({}, frozenset(), frozenset(polish.split()))
size = encoders()[1].size
two = meanings(["how long do they keep my fingerprints", polish], speller)
lines = [f"did the police take {n} photos of me" + " today" * (n % 5) for n in range(520)]
lines[::7] = [polish] * len(lines[::7])
many, picked = meanings(lines, speller), [0, 1, 7, 255, 256, 519]
alone = np.vstack([meanings([lines[place]], speller) for place in picked])
print(json.dumps({
    "read by": [[bool(part.any()) for part in (row[:-size], row[-size:])] for row in two],
    "apart": float(np.abs(many[picked] - alone).max()),
    "odd": [bool(np.isfinite(row).all()) for row in meanings(["", " ", "👋", "\\x00"], speller)],
}))
""")


def test_english_is_read_by_both_encoders_and_other_languages_by_one(read: Any) -> None:
    assert read["read by"] == [[True, True], [True, False]]


def test_a_line_means_the_same_alone_and_among_hundreds_on_two_processors(read: Any) -> None:
    assert read["apart"] < 1e-4


def test_no_text_at_all_is_no_error(read: Any) -> None:
    assert read["odd"] == [True] * 4
