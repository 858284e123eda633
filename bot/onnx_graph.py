"""Draws BERT (Devlin et al. 2019, arXiv:1810.04805) as an ONNX graph, its matrices in numbers of eight bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]
Weights = Mapping[str, Floats]
WIDE, HEADS = 384, 12
"""How many numbers stand for a token, and how many heads of attention share them."""
_EPSILON = 1e-12
# Not the 127 that eight bits hold: processors without VNNI add two products in sixteen bits, and larger ones would not
# fit, so that a child's message would mean something else on an older machine.
_LARGEST = 63
# Operators of ONNX Runtime's own, among them the multiplication by small numbers.
_OWN, _OWN_VERSION, _ONNX_VERSION, _FILE_VERSION = "com.microsoft", 1, 17, 8


def drawn(weights: Weights, layers: range, deep: int, exact: bool = False) -> bytes:
    """The graph from what stands for the tokens of one text (`seen`: 1 x tokens x WIDE) to its `vector`.

    `layers` make the vector: the means of the tokens after each, of length 1, side by side. `deep` layers are drawn;
    where there are weights for `danger` and `names`, the mean after the last of them gives these too, in log-odds.
    `exact` leaves the matrices as they are. Small numbers take a fifth of the time; a vector's cosine with its exact
    one is about 0.996.
    """
    graph = _Graph(weights, exact)
    x, means = graph.norm("seen", "", "embeddings.LayerNorm"), []
    for layer in range(deep):
        x = _layer(graph, x, f"encoder.layer.{layer}")
        if layer in layers:
            means.append(graph.add("LpNormalization", graph.mean(x), axis=-1, p=2))
    graph.add("Concat", *means, gives=["vector"], axis=-1)
    gives = [("vector", WIDE * len(layers))]
    gist = graph.mean(x)
    for asked in ("danger", "names"):
        if f"{asked}.weight" in weights:
            graph.add("Gemm", gist, *(graph.keep(f"{asked}.{kind}") for kind in ("weight", "bias")), gives=[asked])
            gives.append((asked, weights[f"{asked}.bias"].size))
    return graph.written(gives)


def _layer(graph: _Graph, x: str, name: str) -> str:
    """One layer: the tokens look at each other, then each is thought about alone."""
    parts = graph.add("Split", graph.linear(x, f"{name}.attention.self"), gives=3, axis=-1)
    mixed = graph.add("MultiHeadAttention", *parts, domain=_OWN, num_heads=HEADS)
    x = graph.norm(graph.linear(mixed, f"{name}.attention.output.dense"), x, f"{name}.attention.output.LayerNorm")
    wide = graph.add("FastGelu", graph.linear(x, f"{name}.intermediate.dense"), domain=_OWN)
    return graph.norm(graph.linear(wide, f"{name}.output.dense"), x, f"{name}.output.LayerNorm")


class _Graph:
    """A graph while it is drawn: its steps and the weights they use."""

    def __init__(self, weights: Weights, exact: bool) -> None:
        self._weights, self._exact = weights, exact
        self._steps: list[Any] = []
        self._kept: dict[str, Any] = {}

    def add(self, kind: str, *takes: str, gives: list[str] | int = 1, domain: str = "", **set_to: Any) -> Any:
        """One step; the name of what it gives, or their names."""
        step = len(self._steps)
        names = [f"{step}.{place}" for place in range(gives)] if isinstance(gives, int) else gives
        self._steps.append(helper.make_node(kind, list(takes), names, domain=domain, **set_to))
        return names[0] if len(names) == 1 else names

    def keep(self, name: str, values: NDArray[Any] | None = None) -> str:
        """The name of a weight, or of other numbers, that the graph holds."""
        held = self._weights[name] if values is None else values
        self._kept[name] = numpy_helper.from_array(np.ascontiguousarray(held), name)
        return name

    def linear(self, x: str, name: str) -> str:
        """A matrix and an offset. Each column of the small numbers has a scale of its own."""
        matrix, offset = self._weights[f"{name}.weight"], self.keep(f"{name}.bias")
        if self._exact:
            return str(self.add("Add", self.add("MatMul", x, self.keep(f"{name}.weight")), offset))
        scale = np.maximum(np.abs(matrix).max(axis=0), np.finfo(np.float32).tiny) / np.float32(_LARGEST)
        small = self.keep(f"{name}.small", np.rint(matrix / scale).astype(np.int8))
        scales = self.keep(f"{name}.scale", scale.astype(np.float32))
        return str(self.add("DynamicQuantizeMatMul", x, small, scales, "", offset, domain=_OWN))

    def norm(self, x: str, skipped: str, name: str) -> str:
        """Layer normalisation, of the sum with what skipped the step before where there is any."""
        takes = [self.keep(f"{name}.weight"), self.keep(f"{name}.bias")]
        if not skipped:
            return str(self.add("LayerNormalization", x, *takes, epsilon=_EPSILON))
        return str(self.add("SkipLayerNormalization", x, skipped, *takes, domain=_OWN, epsilon=_EPSILON))

    def mean(self, x: str) -> str:
        """The mean of the tokens."""
        return str(self.add("ReduceMean", x, axes=[1], keepdims=0))

    def written(self, gives: list[tuple[str, int]]) -> bytes:
        """The whole graph as ONNX Runtime reads it; `gives` are its results, each with its size."""
        seen = helper.make_tensor_value_info("seen", TensorProto.FLOAT, [1, "tokens", WIDE])
        said = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]) for name, size in gives]
        graph = helper.make_graph(self._steps, "minilm", [seen], said, list(self._kept.values()))
        versions = [helper.make_opsetid("", _ONNX_VERSION), helper.make_opsetid(_OWN, _OWN_VERSION)]
        return bytes(helper.make_model(graph, opset_imports=versions, ir_version=_FILE_VERSION).SerializeToString())
