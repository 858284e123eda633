"""The bot's own arithmetic, in the bot's own Python: it must give what the books and the larger libraries give."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bot_process import BOT, PYTHON

pytestmark = pytest.mark.rasa
WHO = ("dad", "mum", "my uncle", "my coach", "a neighbour", "he", "she", "my sister")


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
import estimators
rows, kinds = load_iris(return_X_y=True)
rows = ((rows - rows.mean(0)) / rows.std(0)).astype(np.float32)[:125]
names = [f"kind {kind}" for kind in kinds[:125]]
"""


def test_the_judge_of_meaning_says_what_scikit_learn_says() -> None:
    """The answers weigh the same although one has half as many lines."""
    said = in_the_bot(
        FLOWERS
        + """
estimators._ROUNDS, estimators._AT_LEAST = 500, 0
rows += 3
evened = estimators.Evened.of(rows)
ours = estimators.by_odds(evened, names)
theirs = LogisticRegression(C=estimators._LOOSELY, max_iter=5000, tol=1e-8, class_weight="balanced")
theirs.fit(evened.rows, names)
assert list(ours.answers) == list(theirs.classes_)
print(json.dumps({
    "apart": float(np.abs(np.exp(ours.estimator(rows)) - theirs.predict_proba(evened.rows)).max()),
    "spread": np.cov(evened.rows, rowvar=False).tolist(),
}))
"""
    )
    assert said["apart"] < 0.001
    assert np.allclose(said["spread"], np.eye(4), atol=0.02)


def test_halves_of_a_judge_of_letters_learnt_at_once_are_the_whole_judge() -> None:
    """One answer, two, and all but one: each is told from every line, whoever learns it; the rows stay as they were."""
    said = in_the_bot("""
import json, numpy as np
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from estimators import Letters, by_margin, side_by_side
import estimators, ensemble
estimators._ROUGHLY = 1e-6
kinds = {"dna": "is dna kept", "phone": "can they take my phone", "photo": "is my photo kept", "caution": "a caution"}
more = ("now", "please", "for ever", "at my age")
pairs = [(f"{said} {end}", name) for name, said in kinds.items() for end in more]
texts, names = zip(*(pairs + pairs[:9]))
letters = Letters()
lessons = ensemble._by_letters(letters.learn(texts), names, {}, (), np.ones(len(texts), bool))
rows = lessons[ensemble._SHARED[1]].args[0]
whole, asked = by_margin(rows, names), letters.rows(["is my photo kept", "a caution for a phone"])
before, apart = rows.toarray(), []
for first in (["dna", "phone"], ["photo"], ["caution", "dna", "phone"]):
    rest = sorted(set(names) - set(first))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda among: by_margin(rows, names, among=among), (rest, first)))
    ours = side_by_side(both)
    assert ours.answers == whole.answers
    apart.append(float(np.abs(ours.estimator(asked) - whole.estimator(asked)).max()))
same = bool((rows.toarray() == before).all())
print(json.dumps({"apart": apart, "tidy": bool(rows.has_canonical_format), "same": same}))
""")
    assert max(said["apart"]) < 0.01
    assert said["tidy"]
    assert said["same"]


def test_the_slope_is_how_the_loss_changes() -> None:
    apart = in_the_bot(
        FLOWERS
        + """
rows = np.hstack([rows, np.ones((125, 1), np.float32)])
right = kinds[:125]
weighs = np.linspace(0.5, 2, 125).astype(np.float32)
place = np.random.default_rng(0).normal(size=15)
loss = lambda at: estimators._loss_and_slope(at, rows, right, weighs)
slope, measured = loss(place)[1], approx_fprime(place, lambda at: loss(at)[0], 1e-2)
print(json.dumps(float(np.abs(slope - measured).max() / np.abs(slope).max())))
"""
    )
    assert apart < 0.02


BOOK = """
from rasa_guard import guard_rasa
guard_rasa()
import json, numpy as np
from safetensors.numpy import load_file
from scipy.special import erf, softmax
from minilm import MiniLM, home
w = {name: weight.astype(float) for name, weight in load_file(str(home() / "model.safetensors")).items()}
def linear(x, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]
def norm(x, name):
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
    return x * w[name + ".weight"] + w[name + ".bias"]
def begin(ids):
    word, place, kind = (w[f"embeddings.{what}_embeddings.weight"] for what in ("word", "position", "token_type"))
    return norm(word[ids] + place[:len(ids)] + kind[0], "embeddings.LayerNorm")
def go_on(x, layer):
    name, mixed = f"encoder.layer.{layer}", []
    asks, has, says = (linear(x, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
    for head in range(12):
        own = slice(32 * head, 32 * head + 32)
        mixed.append(softmax(asks[:, own] @ has[:, own].T / 32**0.5, axis=-1) @ says[:, own])
    seen = linear(np.concatenate(mixed, -1), f"{name}.attention.output.dense")
    x = norm(x + seen, f"{name}.attention.output.LayerNorm")
    wide = linear(x, f"{name}.intermediate.dense")
    wide = linear(wide * (1 + erf(wide / 2**0.5)) / 2, f"{name}.output.dense")
    return norm(x + wide, f"{name}.output.LayerNorm")
TEXTS = ["", "dna", "can my mum see what i told them", "who? " * 90, "zażółć gęślą jaźń 👋"]
"""
"""BERT as its paper and its first code have it, step by step and in double numbers."""


def test_the_vector_is_what_the_book_says_and_small_numbers_hardly_change_it() -> None:
    said = in_the_bot(
        BOOK
        + """
layers = range(1, 3)
ours, small = MiniLM(layers, exact=True), MiniLM(layers).encode(TEXTS)
def by_the_book(text):
    x, means = begin(ours._tokens.encode(text).ids), []
    for layer in range(3):
        x = go_on(x, layer)
        means.append(x.mean(0) / np.linalg.norm(x.mean(0)))
    return np.concatenate(means[1:])
book = np.stack([by_the_book(text) for text in TEXTS])
print(json.dumps({
    "apart": float(np.abs(ours.encode(TEXTS) - book).max()),
    "cosines": ((small * book).sum(1) / 2).tolist(),
}))
"""
    )
    # What is left is the activation's tanh form, and half numbers for the words.
    assert said["apart"] < 1e-3
    assert min(said["cosines"]) > 0.99


def test_the_reader_goes_on_as_the_book_says_with_what_it_was_taught() -> None:
    """The thin matrices added to MiniLM's own, three layers more, and one number at the end."""
    said = in_the_bot(
        BOOK
        + """
from danger_reader import TAUGHT, DangerReader
told = {name: weight.astype(float) for name, weight in load_file(str(TAUGHT)).items()}
for layer in (3, 4, 5):
    name = f"encoder.layer.{layer}"
    both = told[f"{name}.attention.self.weight.down"] @ told[f"{name}.attention.self.weight.up"]
    for place, part in enumerate(("query", "key", "value")):
        own = slice(384 * place, 384 * place + 384)
        w[f"{name}.attention.self.{part}.weight"] += both[:, own].T
        w[f"{name}.attention.self.{part}.bias"] = told[f"{name}.attention.self.bias"][own]
    for part in ("attention.output.dense", "intermediate.dense", "output.dense"):
        thin = f"{name}.{part}.weight"
        w[thin] += (told[thin + ".down"] @ told[thin + ".up"]).T
        w[f"{name}.{part}.bias"] = told[f"{name}.{part}.bias"]
    for part in ("attention.output.LayerNorm", "output.LayerNorm"):
        for kind in ("weight", "bias"):
            w[f"{name}.{part}.{kind}"] = told[f"{name}.{part}.{kind}"]
ours = DangerReader(exact=True)
def by_the_book(text):
    x = begin(ours._tokens.encode(text).ids)
    for layer in range(6):
        x = go_on(x, layer)
    return [x.mean(0) @ told[f"{asked}.weight"] + told[f"{asked}.bias"] for asked in ("danger", "names")]
book, names = (np.array(said).squeeze() for said in zip(*map(by_the_book, TEXTS)))
(rows, danger, named), (small_rows, small, small_named) = ours.read(TEXTS), DangerReader().read(TEXTS)
print(json.dumps({
    "rows": float(np.abs(rows - MiniLM(exact=True).encode(TEXTS)).max()),
    "small rows": float(np.abs(small_rows - MiniLM().encode(TEXTS)).max()),
    "danger": float(np.abs(danger - book).max()),
    "small danger": float(np.abs(small - book).max()),
    "names": float(np.abs(named - names).max()),
    "small names": float(np.abs(small_named - names).max()),
    "known": len(ours.names) == named.shape[1],
}))
"""
    )
    assert max(said["rows"], said["small rows"]) < 1e-5
    # Log-odds go from about -10 to 10.
    assert said["danger"] < 0.05
    assert said["small danger"] < 2
    assert said["known"]
    assert said["names"] < 0.05
    assert said["small names"] < 2


def test_what_the_reader_says_moves_danger_against_all_else_and_leaves_the_rest_in_their_order() -> None:
    said = in_the_bot("""
from rasa_guard import guard_rasa
guard_rasa()
import json, numpy as np
from ensemble import Ensemble, part_of
said = {
    "alarm-harm-now": ["dad hits me", "mum hits me"],
    "dna": ["how long is dna kept", "is dna kept"],
    "see-my-record": ["see my file", "my file"],
    "out-of-scope": ["who won the cup", "is it cold"],
}
texts, names = zip(*[(text, name) for name, texts in said.items() for text in texts * 3])
parts = {"danger": [part_of(name, {}, "danger") for name in names]}
ensemble = Ensemble.learn(texts, np.eye(24, dtype=np.float32), names, parts)
config = {"weights": {"letters": 1, "meaning": 1, "danger": 1, "reader": 1}, "outside": 0, "temperature": 1}
rows = ensemble.letters.rows(["is my file kept"] * 3)
print(json.dumps(ensemble.shares(rows, np.zeros((3, 24), np.float32), np.float32([-5, 0, 5]), config).tolist()))
""")
    calm, unsaid, cry = said
    assert calm[0] < unsaid[0] < cry[0]
    for shares in (calm, cry):
        assert shares[1] / shares[2] == pytest.approx(unsaid[1] / unsaid[2], rel=1e-3)


def test_the_readers_names_share_out_what_is_no_danger_and_leave_danger_as_it_was() -> None:
    said = in_the_bot("""
from rasa_guard import guard_rasa
guard_rasa()
import json, numpy as np
from ensemble import named_too
intents = ("alarm-harm-now", "bail", "dna", "new-card", "out-of-scope")
shares = np.float32([0.2, 0.3, 0.3, 0.1, 0.1])
known, scores = ("alarm-harm-now", "bail", "calm", "dna", "out-of-scope"), np.float32([9, 0, 9, 2, 0])
print(json.dumps([named_too(intents, shares, known, scores, weighs).tolist() for weighs in (0, 0.4, 1)]))
""")
    as_it_was, half, reader_alone = said
    assert as_it_was == pytest.approx([0.2, 0.3, 0.3, 0.1, 0.1], abs=1e-5)
    for found in (half, reader_alone):
        assert sum(found) == pytest.approx(1, abs=1e-4)
        # Danger, and a card that the reader was never taught, stay as they were.
        assert (found[0], found[3]) == pytest.approx((0.2, 0.1), abs=1e-5)
        assert found[2] > found[1]
    assert reader_alone[2] > half[2] > 0.3


def test_teaching_the_reader_tells_danger_from_calm_and_an_unfinished_lesson_leaves_the_old_file(
    tmp_path: Path,
) -> None:
    """On a handful of lines of its own; what the real lines teach is for the exam to say."""
    (tmp_path / "data").mkdir()
    cries = "\n".join(f"    - {who} {does} me" for who in WHO for does in ("hits", "hurts", "locks", "scares"))
    calm = "\n".join(f"    - {who} {does} me" for who in WHO for does in ("helps", "feeds", "phones", "likes"))
    lines = f"nlu:\n- intent: alarm-harm-now\n  examples: |\n{cries}\n- intent: thanks\n  examples: |\n{calm}\n"
    (tmp_path / "data" / "lines.yml").write_text(lines, "utf-8")
    said = in_the_bot(f"""
import json, sys, numpy as np
from pathlib import Path
import teach_danger_reader
from danger_reader import DangerReader
folder = Path({str(tmp_path)!r})
teach_danger_reader.ROUNDS, teach_danger_reader.WARMING, teach_danger_reader.AT_ONCE = 12, 10, 8
sys.argv = ["teach", "--data", str(folder / "data"), "--out", str(folder / "reader.safetensors")]
teach_danger_reader.main()
first = (folder / "reader.safetensors").read_bytes()
texts = ["dad hits me", "a neighbour hurts me", "dad feeds me", "a neighbour likes me"]
danger = DangerReader(folder / "reader.safetensors").read(texts)[1]
def fails(*_):
    raise KeyboardInterrupt
teach_danger_reader.teach = fails
try:
    teach_danger_reader.main()
except KeyboardInterrupt:
    pass
same = first == (folder / "reader.safetensors").read_bytes()
print(json.dumps([danger.tolist(), same, sorted(path.name for path in folder.iterdir())]))
""")
    danger, same, left = said
    assert min(danger[:2]) > 0 > max(danger[2:])
    assert same
    assert left == ["data", "reader.safetensors"]


@pytest.fixture(scope="module")
def read() -> Any:
    """What the encoders make of some lines; asked once, because waking Rasa takes most of the time."""
    return in_the_bot("""
from rasa_guard import guard_rasa
guard_rasa()
import json, numpy as np
from sentence_encoder import encoders, meanings, meanings_and_readings
from spelling_correction import Speller
polish = "policja ma moje odciski palców"
speller = Speller({}, frozenset(), frozenset(polish.split()))
size = encoders()[1].size
two = meanings(["how long do they keep my fingerprints", polish], speller)
lines = [f"did the police take {n} photos of me" + " today" * (n % 5) for n in range(520)]
lines[::7] = [polish] * len(lines[::7])
many, picked = meanings(lines, speller), [0, 1, 7, 255, 256, 519]
said = meanings_and_readings(["my dad hits me every night", "how long do they keep my fingerprints", polish], speller)
names = {place: encoders()[1].names[int(scores.argmax())] for place, scores in said[2].items()}
alone = np.vstack([meanings([lines[place]], speller) for place in picked])
print(json.dumps({
    "read by": [[bool(part.any()) for part in (row[:-size], row[-size:])] for row in two],
    "apart": float(np.abs(many[picked] - alone).max()),
    "danger": said[1].tolist(),
    "names": names,
    "odd": [bool(np.isfinite(row).all()) for row in meanings(["", " ", "👋", "\\x00"], speller)],
}))
""")


def test_english_is_read_by_both_encoders_and_other_languages_by_one(read: Any) -> None:
    assert read["read by"] == [[True, True], [True, False]]


def test_the_reader_hears_danger_and_says_nothing_about_other_languages(read: Any) -> None:
    cry, calm, polish = read["danger"]
    assert cry > 0 > calm
    assert polish == 0


def test_the_reader_names_the_card_and_nothing_in_other_languages(read: Any) -> None:
    assert read["names"].keys() == {"0", "1"}
    assert read["names"]["1"] == "fingerprints-dna"


def test_a_line_means_the_same_alone_and_among_hundreds_on_two_processors(read: Any) -> None:
    assert read["apart"] < 1e-4


def test_no_text_at_all_is_no_error(read: Any) -> None:
    assert read["odd"] == [True] * 4


def test_what_is_taught_reckons_as_what_answers() -> None:
    """TensorFlow's layers, for teaching, and the graph that answers, with its exact numbers."""
    apart = in_the_bot("""
from rasa_guard import guard_rasa
guard_rasa()
import json, numpy as np, tensorflow as tf
from bert_tensorflow import embed, think
from minilm import MiniLM, tokenizer, weights
w = {name: tf.constant(weight) for name, weight in weights().items()}
def means(text):
    x, found = embed(w, [tokenizer().encode(text).ids]), []
    for layer in range(6):
        x = think(w, x, range(layer, layer + 1))
        found.append(tf.math.l2_normalize(tf.reduce_mean(x, 1), -1)[0].numpy())
    return np.concatenate(found)
texts = ["dna", "can my mum see what i told them", "who? " * 90]
ours = MiniLM(range(6), exact=True).encode(texts)
print(json.dumps(float(np.abs(ours - np.stack([means(text) for text in texts])).max())))
""")
    assert apart < 1e-3


def test_half_numbers_for_letters_judge_as_single_ones_do() -> None:
    apart = in_the_bot("""
import json, numpy as np
from estimators import Estimator
from scipy.sparse import random as some
chance = np.random.default_rng(0)
rows = some(50, 4000, density=0.01, format="csr", dtype=np.float32, random_state=0)
rows[3] = 0
rows.eliminate_zeros()
estimator = Estimator(tuple("abcd"), chance.normal(size=(4000, 4)).astype(np.float16), np.zeros(4, np.float16), 6.0)
single = estimator.with_numbers(np.float32)
theirs = single.estimator(np.asarray(rows.todense()))
print(json.dumps(max(float(np.abs(one.estimator(rows) - theirs).max()) for one in (estimator, single))))
""")
    assert apart < 1e-4
