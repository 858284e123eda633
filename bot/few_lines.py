"""Teaches the whole of MiniLM from ten lines an intent, for `make exam-public` alone: our cards have sixty and more.

Each intent is a direction; a line is drawn towards its own and towards the other lines of its intent (the supervised
contrastive loss of Khosla et al. 2020, arXiv:2004.11362, beside the usual cross entropy).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from bert_tensorflow import embed, think
from estimators import Floats, log_shares
from minilm import tokenizer, weights
from numpy.typing import NDArray
from onnx_graph import WIDE
from teach_danger_reader import by_length

LAYERS = range(6)
# As sentence encoders are commonly taught; the test lines chose none of them.
ROUNDS, AT_ONCE, RATE, WARMING, DROPPED, SHARPLY, CONTRAST = 6, 32, 1e-4, 20, 0.1, 20.0, 0.5


class FewLines:
    """MiniLM and a direction for each intent, taught together."""

    def __init__(self, texts: Sequence[str], intents: NDArray[np.int64]) -> None:
        """`intents`: the number of each text's intent, from 0."""
        read = weights()
        self._still = {name: tf.constant(weight) for name, weight in read.items() if not name.startswith("encoder.")}
        self._told = {name: tf.Variable(weight) for name, weight in read.items() if name.startswith("encoder.")}
        tokens = tf.TensorSpec([None, None], tf.int32)
        self._asked = tf.function(lambda ids: self._gist(ids, 0.0), input_signature=[tokens])
        self._learning = tf.function(lambda ids: self._gist(ids, DROPPED), input_signature=[tokens])
        before = self._encode(texts)
        self._intents = tf.Variable(np.stack([before[intents == one].mean(0) for one in np.unique(intents)]))
        self._teach([row.ids for row in tokenizer().encode_batch(list(texts))], intents.astype(np.int32))

    def shares(self, texts: Sequence[str]) -> Floats:
        """The logarithm of each intent's share, a row a text."""
        return log_shares(SHARPLY * self._encode(texts) @ tf.math.l2_normalize(self._intents, -1).numpy().T)

    def _gist(self, ids: tf.Tensor, dropped: float) -> tf.Tensor:
        tokens = think(self._still | self._told, embed(self._still, ids), LAYERS, dropped)
        return tf.math.l2_normalize(tf.reduce_mean(tokens, 1), -1)

    def _encode(self, texts: Sequence[str]) -> Floats:
        found = np.zeros((len(texts), WIDE), np.float32)
        for same, ids in by_length(texts):
            found[same] = self._asked(ids).numpy()
        return found

    def _teach(self, tokens: Sequence[Sequence[int]], intents: NDArray[np.int32]) -> None:
        layers, chance = list(self._told.values()), np.random.default_rng(0)
        steps = tf.keras.optimizers.Adam(), tf.keras.optimizers.Adam()
        turns = [some for _ in range(ROUNDS) for some in _portions(chance.permutation(len(tokens)))]
        for turn, some in enumerate(turns, start=1):
            rate = RATE * min(1.0, turn / WARMING) * (1 - turn / (len(turns) + 1))
            some = some[np.argsort([len(tokens[row]) for row in some], kind="stable")]
            with tf.GradientTape() as tape:
                loss = self._wrong([tokens[row] for row in some], intents[some])
            slopes, _ = tf.clip_by_global_norm(tape.gradient(loss, [*layers, self._intents]), 1.0)
            steps[0].learning_rate, steps[1].learning_rate = rate, rate * SHARPLY
            steps[0].apply_gradients(zip(slopes, layers, strict=False))
            steps[1].apply_gradients([(slopes[-1], self._intents)])

    def _wrong(self, tokens: Sequence[Sequence[int]], intents: NDArray[np.int32]) -> tf.Tensor:
        """How wrong it is about these lines, which stand in the order of their lengths; each is seen twice."""
        lengths = np.unique([len(row) for row in tokens])
        same = [np.array([row for row in tokens if len(row) == long], np.int32) for long in lengths]
        first, second = (tf.concat([self._learning(ids) for ids in same], 0) for _ in range(2))
        ways = tf.math.l2_normalize(self._intents, -1)
        names = [
            tf.nn.sparse_softmax_cross_entropy_with_logits(intents, SHARPLY * tf.matmul(seen, ways, transpose_b=True))
            for seen in (first, second)
        ]
        alike = (intents[:, np.newaxis] == intents).astype(np.float32)
        near = tf.nn.log_softmax(SHARPLY * tf.matmul(first, second, transpose_b=True))
        apart = tf.reduce_sum(alike / alike.sum(1, keepdims=True) * near, 1)
        return tf.reduce_mean(names[0] + names[1] - CONTRAST * apart)


def _portions(order: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [order[start : start + AT_ONCE] for start in range(0, len(order), AT_ONCE)]
