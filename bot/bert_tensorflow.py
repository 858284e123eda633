"""The same arithmetic as `onnx_graph.py` in TensorFlow, exact and with slopes: for teaching alone, never to answer.

BERT is from Devlin et al. 2019, arXiv:1810.04805.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from onnx_graph import HEADS, WIDE

Weights = Mapping[str, Any]
_EPSILON = 1e-12


def embed(w: Weights, ids: tf.Tensor) -> tf.Tensor:
    """What stands for each token before the first layer: texts x tokens x WIDE numbers, of texts of one length."""
    x = tf.gather(w["embeddings.word_embeddings.weight"], ids) + w["embeddings.token_type_embeddings.weight"][0]
    return _norm(w, x + w["embeddings.position_embeddings.weight"][: tf.shape(ids)[1]], "embeddings.LayerNorm")


def think(w: Weights, x: tf.Tensor, layers: range, dropped: float = 0.0) -> tf.Tensor:
    """The tokens after these layers. `dropped`: the share of what each adds that is left out by chance."""
    for layer in layers:
        x = _attend_and_think(w, x, f"encoder.layer.{layer}", dropped)
    return x


def _attend_and_think(w: Weights, x: tf.Tensor, name: str, dropped: float) -> tf.Tensor:
    many, long = tf.shape(x)[0], tf.shape(x)[1]
    # Every token is a row; only attention needs to know of which text.
    flat = tf.reshape(x, [-1, WIDE])
    added = _attend(w, flat, name, many, long)
    flat = _norm(w, flat + tf.nn.dropout(added, dropped), f"{name}.attention.output.LayerNorm")
    wide = tf.nn.gelu(_linear(w, flat, f"{name}.intermediate.dense"), approximate=True)
    added = _linear(w, wide, f"{name}.output.dense")
    flat = _norm(w, flat + tf.nn.dropout(added, dropped), f"{name}.output.LayerNorm")
    return tf.reshape(flat, [many, long, WIDE])


def _attend(w: Weights, x: tf.Tensor, name: str, many: tf.Tensor, long: tf.Tensor) -> tf.Tensor:
    each = WIDE // HEADS
    parts = tf.reshape(_linear(w, x, f"{name}.attention.self"), [many, long, 3, HEADS, each])
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
