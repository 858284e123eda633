"""Teaches the reader danger and calm from every training line: `make reader`, half an hour, when many lines are new."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
import yaml
from bert_tensorflow import Weights, embed, think
from danger_reader import LAYERS, MATRICES, TAUGHT, changed
from line_marks import ENGLISH, language_of
from minilm import FIRST_THREE, known_words, tokenizer, weights
from model_fingerprint import BotFiles
from numpy.typing import NDArray
from onnx_graph import WIDE, Floats
from rasa.shared.nlu.training_data.entities_parser import replace_entities
from safetensors.numpy import save_file
from spelling_correction import Speller

TEACHES = """\
Teaches the last three layers of MiniLM to tell danger from calm, and every card and act from every other, with all
English lines of bot/data, and writes what was changed into bot/reader.safetensors. It learns the names of the cards
only because that teaches it the subject: what it is asked later is danger or calm. No exam line is read.
About half an hour on two processors and 3 GB of memory, once; `make train` uses the file as it stands. Teach again when
many lines about danger are new, choose the alarm's threshold by its rule (docs/understanding.md), and run make exam."""
ALARM, CALM = "alarm-", "calm"
# Chosen on development lines (docs/understanding.md): the rank of a change, the rounds, and how large a step may be.
RANK, ROUNDS, RATE = 32, 3, 1e-3
# A step for a matrix, for an offset, and for the weights of the answers, which begin at nothing.
STEPS = (1.0, 0.3, 3.0)
AT_ONCE, WARMING, DROPPED = 64, 200, 0.1
# Danger or calm counts for twice as much as the name of the card.
DANGER_COUNTS = 2.0


@dataclass(frozen=True)
class Pupils:
    """The lines of one length: what the layers below make of their tokens, their intents, and how each weighs."""

    seen: NDArray[np.float16]
    intents: NDArray[np.int32]
    weighs: Floats


def lines(data: Path) -> Iterator[tuple[str, str, str]]:
    """Every training line, its intent and its language."""
    for path in sorted(data.glob("*.yml")):
        for block in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["nlu"] or ():
            for row in block["examples"].splitlines() if "intent" in block else ():
                yield replace_entities(row[2:]), block["intent"], language_of({"intent": block.get("metadata") or {}})


def look(read: Weights, texts: Sequence[str], intents: NDArray[np.int32], nameless: NDArray[np.bool_]) -> list[Pupils]:
    """The lines as the first three layers leave them. These never change, so they are asked but once.

    Of a `nameless` intent only danger or calm is learnt: a calm line may ask for anything.
    """
    below = tf.function(
        lambda ids: tf.cast(think(read, embed(read, ids), FIRST_THREE), tf.float16),
        input_signature=[tf.TensorSpec([None, None], tf.int32)],
    )
    weighs = (1 / np.sqrt(np.bincount(intents)))[intents].astype(np.float32)
    weighs[nameless[intents]] = 0
    weighs /= weighs.mean()
    found: dict[int, list[Pupils]] = {}
    for same, ids in by_length(texts):
        found.setdefault(ids.shape[1], []).append(Pupils(below(ids).numpy(), intents[same], weighs[same]))
    return [Pupils(*(np.concatenate(many) for many in zip(*map(parts, same), strict=True))) for same in found.values()]


def by_length(texts: Sequence[str], most: int = 256) -> Iterator[tuple[list[int], NDArray[np.int32]]]:
    """The places of up to `most` texts of one length, and their tokens: no padding, so no masks."""
    tokens = [encoded.ids for encoded in tokenizer().encode_batch(list(texts))]
    lengths: dict[int, list[int]] = {}
    for row, ids in enumerate(tokens):
        lengths.setdefault(len(ids), []).append(row)
    for same in lengths.values():
        for start in range(0, len(same), most):
            part = same[start : start + most]
            yield part, np.array([tokens[row] for row in part], np.int32)


def parts(pupils: Pupils) -> tuple[NDArray[np.float16], NDArray[np.int32], Floats]:
    """The three columns."""
    return pupils.seen, pupils.intents, pupils.weighs


class School:
    """What is taught, and one step of teaching it."""

    def __init__(self, read: Weights, intents: Sequence[str]) -> None:
        """`read`: MiniLM's own weights; `intents`: every name there is."""
        chance = np.random.default_rng(0)
        self.read, self.alarms = read, tf.constant([float(name.startswith(ALARM)) for name in intents])
        self.told = {name: tf.Variable(weight) for name, weight in _thin(read, chance)}
        offsets = {name: tf.Variable(weight) for name, weight in read.items() if _offset(name)}
        start = chance.normal(0, 0.02, (WIDE, len(intents))).astype(np.float32)
        self.names = {"weight": tf.Variable(start), "bias": tf.Variable(np.zeros(len(intents), np.float32))}
        answers = {"danger.weight": tf.Variable(np.zeros((WIDE, 1), np.float32)), "danger.bias": tf.Variable([0.0])}
        groups = [[*self.told.values()], [*offsets.values()], [*answers.values(), *self.names.values()]]
        self.told |= offsets | answers
        self.groups = [(tf.keras.optimizers.Adam(), group) for group in groups]
        for adam, group in self.groups:
            adam.build(group)

    @tf.function(reduce_retracing=True)
    def step(self, seen: tf.Tensor, intents: tf.Tensor, weighs: tf.Tensor) -> tf.Tensor:
        """Learn from some lines of one length; how wrong it was about the names, and about danger."""
        every = [variable for _, group in self.groups for variable in group]
        with tf.GradientTape() as tape:
            wrong = self._wrong(tf.cast(seen, tf.float32), intents, weighs)
            loss = wrong[0] + DANGER_COUNTS * wrong[1]
        slopes = iter(tf.clip_by_global_norm(tape.gradient(loss, every), 1.0)[0])
        for adam, group in self.groups:
            adam.apply_gradients([(next(slopes), variable) for variable in group])
        return tf.stack(wrong)

    def _wrong(self, seen: tf.Tensor, intents: tf.Tensor, weighs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        weights = self.read | changed(self.read, self.told)
        gist = tf.reduce_mean(think(weights, seen, LAYERS, DROPPED), 1)
        seen = tf.nn.dropout(gist, DROPPED)
        names = seen @ self.names["weight"] + self.names["bias"]
        danger = (seen @ weights["danger.weight"] + weights["danger.bias"])[:, 0]
        about_names = tf.nn.sparse_softmax_cross_entropy_with_logits(intents, names)
        about_danger = tf.nn.sigmoid_cross_entropy_with_logits(tf.gather(self.alarms, intents), danger)
        return tf.reduce_mean(weighs * about_names), tf.reduce_mean(about_danger)

    def pace(self, rate: float) -> None:
        """How large the next steps are."""
        for (adam, _), times in zip(self.groups, STEPS, strict=True):
            adam.learning_rate = rate * times


def _thin(read: Weights, chance: np.random.Generator) -> Iterator[tuple[str, Floats]]:
    """The two thin matrices of every change; the second begins at nought, so nothing is changed at first."""
    for name in MATRICES:
        into, out = read[name].shape
        yield f"{name}.down", (chance.normal(size=(into, RANK)) / np.sqrt(into)).astype(np.float32)
        yield f"{name}.up", np.zeros((RANK, out), np.float32)


def _offset(name: str) -> bool:
    """True for what is taught but is no matrix: offsets, and the weights that go with a layer's norm."""
    return name.startswith(tuple(f"encoder.layer.{layer}." for layer in LAYERS)) and name not in MATRICES


def teach(school: School, classes: Sequence[Pupils]) -> None:
    """Every line in every round, some lines of one length at a time, in an order of chance."""
    goes = [_turns(classes, chance) for chance in map(np.random.default_rng, range(ROUNDS))]
    total, wrongs = sum(map(len, goes)), []
    for turn, (pupils, some) in enumerate((turn for go in goes for turn in go), start=1):
        school.pace(RATE * min(1.0, turn / WARMING) * (1 - turn / (total + 1)))
        wrongs.append(school.step(pupils.seen[some], pupils.intents[some], pupils.weighs[some]).numpy())
        if turn % 100 == 0 or turn == total:
            names, danger = np.mean(wrongs[-100:], axis=0)
            say(f"step {turn} of {total}: loss {names:.3f} for the names, {danger:.3f} for danger")


def _turns(classes: Sequence[Pupils], chance: np.random.Generator) -> list[tuple[Pupils, NDArray[np.int64]]]:
    found = []
    for pupils in classes:
        order = chance.permutation(len(pupils.intents))
        found += [(pupils, order[start : start + AT_ONCE]) for start in range(0, len(order), AT_ONCE)]
    return [found[place] for place in chance.permutation(len(found))]


def main() -> int:
    """Teach, and write the file in one go, so that an unfinished lesson leaves the old one."""
    words = argparse.ArgumentParser(prog="bot/teach_danger_reader.py", description=TEACHES)
    words.add_argument("--data", type=Path, default=BotFiles.data, help="training data (default: bot/data)")
    words.add_argument("--out", type=Path, default=TAUGHT, help="the file to write (default: bot/reader.safetensors)")
    wish = words.parse_args()
    every = list(lines(wish.data))
    if not every:
        raise SystemExit(f"There is no training data in {wish.data}. Write it with: python -m content train")
    ours = [(text, intent) for text, intent, language in every if language == ENGLISH]
    say(f"{len(ours)} lines. Putting their spelling right, and reading them as far as nothing changes ...")
    spoken = [text for text, _, language in every if language != ENGLISH]
    speller = Speller.learn([text for text, _ in ours], known_words(), spoken)
    names, intents = np.unique([intent for _, intent in ours], return_inverse=True)
    read = {name: tf.constant(weight) for name, weight in weights().items()}
    classes = look(read, speller.fix_all([text for text, _ in ours]), intents.astype(np.int32), names == CALM)
    school = School(read, list(map(str, names)))
    teach(school, classes)
    keep(school, list(map(str, names)), wish.out)
    return 0


def keep(school: School, names: Sequence[str], out: Path) -> None:
    """Write what was taught, under its own name only when it is whole."""
    draft = out.with_suffix(".draft")
    told = school.told | {f"names.{kind}": weight for kind, weight in school.names.items()}
    kept = {name: weight.numpy().astype(np.float16) for name, weight in told.items()}
    save_file(kept, str(draft), {"names": "\n".join(names)})
    draft.replace(out)
    say(f"Wrote {out} ({out.stat().st_size / 1e6:.1f} MB). Next: make train, then make exam.")


def say(line: str) -> None:
    """One line with the seconds so far, at once."""
    sys.stdout.write(f"{time.monotonic() - START:5.0f} s  {line}\n")
    sys.stdout.flush()


START = time.monotonic()

if __name__ == "__main__":
    raise SystemExit(main())
