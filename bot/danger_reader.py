"""Reads a message for danger and for its card: MiniLM's last three layers, taught on our own lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from minilm import FIRST_THREE, MiniLM, session, weights
from onnx_graph import Floats, drawn
from onnxruntime import InferenceSession
from safetensors import safe_open
from safetensors.numpy import load_file

TAUGHT = Path(__file__).with_name("reader.safetensors")
"""What was taught, in half numbers (1.2 MB). MiniLM's own weights come from its package and are not in it."""
LAYERS = range(FIRST_THREE.stop, 6)
PARTS = ("attention.self", "attention.output.dense", "intermediate.dense", "output.dense")
MATRICES = tuple(f"encoder.layer.{layer}.{part}.weight" for layer in LAYERS for part in PARTS)


class DangerReader(MiniLM):
    """MiniLM that also says how much an English text reads like danger, and like each card and act.

    It goes on from the third layer, so reading costs the three layers more, not six.
    """

    def __init__(self, taught: Path = TAUGHT, exact: bool = False) -> None:
        """`taught`: the file that `teach_danger_reader.py` writes."""
        super().__init__(FIRST_THREE, exact)
        self._taught = taught

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The intents it was taught to name, in the order of `read`."""
        with safe_open(str(self._taught), "np") as taught:
            return tuple(taught.metadata()["names"].splitlines())

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats, Floats]:
        """The rows of `encode`; the log-odds of danger, above nought likelier than calm; and a score for each name."""
        every = self._run(self._reading, ["vector", "danger", "names"], texts)
        rows = np.concatenate([np.empty((0, self.size + 1 + len(self.names)), np.float32), *every])
        return rows[:, : self.size], rows[:, self.size], rows[:, self.size + 1 :]

    @cached_property
    def _reading(self) -> InferenceSession:
        told = {name: weight.astype(np.float32) for name, weight in load_file(str(self._taught)).items()}
        read = weights()
        return session(drawn(read | changed(read, told), self.layers, LAYERS.stop, self._exact))


def changed(read: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The weights that teaching changed, ready to read with.

    Of a matrix only a change of low rank is kept, as two thin ones whose product is added (LoRA, Hu et al. 2021,
    arXiv:2106.09685); offsets and the answer's own weights stand as they are.
    """
    thin = {f"{name}.{side}" for name in MATRICES for side in ("down", "up")}
    matrices = {name: read[name] + told[f"{name}.down"] @ told[f"{name}.up"] for name in MATRICES}
    return matrices | {name: told[name] for name in told if name not in thin}
