"""Reads a message for danger: MiniLM's last three layers, taught by `teach_reader.py` with this project's lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from minilm import FIRST_THREE, IDS, Floats, MiniLM, Weights, attend_and_think
from safetensors.numpy import load_file

TAUGHT = Path(__file__).with_name("reader.safetensors")
"""What was taught, in half numbers (1.2 MB). MiniLM's own weights come from its package and are not in it."""
LAYERS = range(FIRST_THREE[1], 6)
PARTS = ("attention.self", "attention.output.dense", "intermediate.dense", "output.dense")
MATRICES = tuple(f"encoder.layer.{layer}.{part}.weight" for layer in LAYERS for part in PARTS)


class Reader(MiniLM):
    """MiniLM that also says how much an English text reads like danger.

    It goes on from the third layer, so reading costs the three layers more, not six.
    """

    def __init__(self, taught: Path = TAUGHT) -> None:
        """`taught`: the file that `teach_reader.py` writes."""
        super().__init__(FIRST_THREE, held=LAYERS.stop)
        told = {name: tf.constant(weight.astype(np.float32)) for name, weight in load_file(str(taught)).items()}
        self.weights |= changed(self.weights, told)
        self._closely = tf.function(self._both, input_signature=[IDS])

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """The rows of `encode`, and for each text the log-odds of danger: above nought it is likelier than calm."""
        rows = np.zeros((len(texts), self.size + 1), np.float32)
        for same, ids in self.by_length(texts):
            rows[same] = self._closely(ids).numpy()
        return rows[:, :-1], rows[:, -1]

    def _both(self, ids: tf.Tensor) -> tf.Tensor:
        x, means = self.begin(ids)
        said = tf.matmul(gist(self.weights, x), self.weights["danger.weight"]) + self.weights["danger.bias"]
        return tf.concat([*means, said], -1)


def changed(weights: Weights, told: Mapping[str, Any]) -> dict[str, Any]:
    """The weights that teaching changed, ready to read with.

    Of a matrix only a change of low rank is kept, as two thin ones whose product is added (LoRA, Hu et al. 2021,
    arXiv:2106.09685); offsets and the answer's own weights stand as they are.
    """
    thin = {f"{name}.{side}" for name in MATRICES for side in ("down", "up")}
    matrices = {name: weights[name] + told[f"{name}.down"] @ told[f"{name}.up"] for name in MATRICES}
    return matrices | {name: told[name] for name in told if name not in thin}


def gist(weights: Weights, x: tf.Tensor, dropped: float = 0.0) -> tf.Tensor:
    """One row a text: the mean of its tokens after the last layer; `x` is what `MiniLM.begin` gives."""
    for layer in LAYERS:
        x = attend_and_think(weights, x, layer, dropped)
    return tf.reduce_mean(x, 1)
