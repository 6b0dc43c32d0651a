"""all-MiniLM-L6-v2 written as an ONNX graph, node by node, from its fp32 weights.

The model is BERT (Devlin et al. 2019, https://arxiv.org/abs/1810.04805) with six layers. Two graphs
are written from one description:

- `sentence_model`: one text, int8 weights, pooling and normalising inside. This one is shipped.
- `batch_model`: many padded texts, fp32, ends before pooling. The usual form, to compare with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

DIMENSION = 384
"""Length of a hidden state and of a sentence vector."""
HEADS = 12
"""Attention heads of a layer; each sees 32 of the 384 numbers."""
LAYERS = 6
"""Number of encoder layers."""
EPSILON = 1e-12
"""Added to the variance in layer normalisation."""

Weights = Mapping[str, NDArray[np.float32]]
"""Tensors of the checkpoint by their names there; a linear layer's weight is [out, in]."""


def sentence_model(weights: Weights) -> onnx.ModelProto:
    """The graph that Footnote ships.

    Input `input_ids` int64 [1, tokens] with 1 to 512 tokens, special tokens included; output
    `embedding` float32 [1, 384] of length 1. Matrix products run in int8: weights are quantised per
    column beforehand, activations per tensor while running.
    """
    graph = _Graph(weights, int8=True)
    state = graph.encoder("input_ids", mask="")
    mean = graph.add("ReduceMean", [state, graph.constant("token_axis", _ints(1))], "mean", keepdims=0)
    norm = graph.add("ReduceL2", [mean, "token_axis"], "norm", keepdims=1)
    graph.add("Div", [mean, norm], "embedding")
    return graph.model(inputs={"input_ids": [1, "tokens"]}, outputs={"embedding": [1, DIMENSION]})


def batch_model(weights: Weights) -> onnx.ModelProto:
    """The same network in fp32 with the inputs and the output of a usual export of BERT.

    Inputs `input_ids`, `attention_mask` (1 for a token, 0 for padding) and `token_type_ids` (taken as
    zero), each int64 [texts, tokens]; output `last_hidden_state` float32 [texts, tokens, 384].
    """
    graph = _Graph(weights, int8=False)
    seen = graph.add("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    hidden = graph.add("Sub", [graph.constant("mask.one", _floats(1.0)), seen], "mask.hidden")
    hidden = graph.add("Mul", [hidden, graph.constant("mask.minus", _floats(-1e9))], "mask.bias")
    axes = graph.constant("mask.axes", _ints(1, 2))
    state = graph.encoder("input_ids", mask=graph.add("Unsqueeze", [hidden, axes], "mask"))
    graph.add("Identity", [state], "last_hidden_state")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    shape: list[int | str] = ["texts", "tokens"]
    return graph.model(inputs=dict.fromkeys(names, shape), outputs={"last_hidden_state": [*shape, DIMENSION]})


def quantise(weight: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric int8 form of a matrix: `weight ≈ values * scales`.

    Args:
        weight: float32 [rows, columns].
        axis: the axis that one scale spans; 0 gives a scale per column, 1 a scale per row.

    Returns:
        values: int8 [rows, columns] between -127 and 127.
        scales: float32 [1, columns] or [rows, 1].
    """
    largest = np.abs(weight).max(axis=axis, keepdims=True)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.rint(weight / scales).astype(np.int8), scales


class _Graph:
    """Nodes and constants of one model while it is written."""

    def __init__(self, weights: Weights, int8: bool) -> None:
        self.weights = weights
        self.int8 = int8
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, op: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], output, domain=domain, **attributes))
        return output

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def model(
        self, inputs: Mapping[str, Sequence[int | str]], outputs: Mapping[str, Sequence[int | str]]
    ) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info(n, TensorProto.INT64, s) for n, s in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
            self.constants,
        )
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="footnote")

    def encoder(self, ids: str, mask: str) -> str:
        """Hidden states [texts, tokens, 384] of token ids [texts, tokens]."""
        state = self._embeddings(ids)
        self.constant("heads.shape", _ints(0, 0, HEADS, DIMENSION // HEADS))
        self.constant("state.shape", _ints(0, 0, DIMENSION))
        self.constant("thirds", _ints(DIMENSION, DIMENSION, DIMENSION))
        for layer in range(LAYERS):
            state = self._layer(state, mask, layer)
        return state

    def _embeddings(self, ids: str) -> str:
        """Word, position and segment vectors added and normalised; there is one segment only."""
        segment = self.weights["embeddings.token_type_embeddings.weight"][0]
        table = self.constant("positions", self.weights["embeddings.position_embeddings.weight"] + segment)
        length = self.add("Shape", [ids], "length", start=1, end=2)
        places = self.add("Slice", [table, self.constant("first", _ints(0)), length], "place")
        both = self.add("Add", [self._words(ids), places], "embedded")
        return self._normalised(both, "embeddings.LayerNorm")

    def _words(self, ids: str) -> str:
        weight = self.weights["embeddings.word_embeddings.weight"]
        if not self.int8:
            return self.add("Gather", [self.constant("words", weight), ids], "word")
        values, scales = quantise(weight, axis=1)
        rows = self.add("Gather", [self.constant("words", values), ids], "word.int8")
        rows = self.add("Cast", [rows], "word.unscaled", to=TensorProto.FLOAT)
        factors = self.add("Gather", [self.constant("words.scale", scales), ids], "word.scale")
        return self.add("Mul", [rows, factors], "word")

    def _layer(self, state: str, mask: str, layer: int) -> str:
        name = f"encoder.layer.{layer}."
        mixed = self._attention(state, mask, name)
        mixed = self._linear(mixed, *self._dense(name + "attention.output.dense"), name + "mix")
        mixed = self.add("Add", [mixed, state], name + "mix.sum")
        mixed = self._normalised(mixed, name + "attention.output.LayerNorm")
        inner = self._linear(mixed, *self._dense(name + "intermediate.dense"), name + "inner")
        inner = self.add("Gelu", [inner], name + "gelu")
        outer = self._linear(inner, *self._dense(name + "output.dense"), name + "outer")
        outer = self.add("Add", [outer, mixed], name + "outer.sum")
        return self._normalised(outer, name + "output.LayerNorm")

    def _attention(self, state: str, mask: str, name: str) -> str:
        """Scaled dot-product attention of twelve heads; queries, keys and values from one product."""
        both = self._linear(state, *self._queries_keys_values(name), name + "qkv")
        parts = [name + "q", name + "k", name + "v"]
        self.nodes.append(helper.make_node("Split", [both, "thirds"], parts, name + "split", axis=-1))
        query = self._heads(parts[0], [0, 2, 1, 3])
        key = self._heads(parts[1], [0, 2, 3, 1])
        value = self._heads(parts[2], [0, 2, 1, 3])
        scores = self.add("MatMul", [query, key], name + "scores")
        if mask:
            scores = self.add("Add", [scores, mask], name + "scores.masked")
        share = self.add("Softmax", [scores], name + "share", axis=-1)
        seen = self.add("MatMul", [share, value], name + "seen")
        seen = self.add("Transpose", [seen], name + "seen.tokens", perm=[0, 2, 1, 3])
        return self.add("Reshape", [seen, "state.shape"], name + "seen.joined")

    def _heads(self, part: str, order: list[int]) -> str:
        split = self.add("Reshape", [part, "heads.shape"], part + ".heads")
        return self.add("Transpose", [split], part + ".turned", perm=order)

    def _queries_keys_values(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """One [384, 1152] matrix; the division by √32 is moved from the scores into the queries."""
        parts = [self._dense(f"{name}attention.self.{part}") for part in ("query", "key", "value")]
        scale = np.float32((DIMENSION // HEADS) ** -0.5)
        parts[0] = (parts[0][0] * scale, parts[0][1] * scale)
        return np.concatenate([w for w, _ in parts], axis=1), np.concatenate([b for _, b in parts])

    def _dense(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weight [in, out] and bias [out] of a linear layer of the checkpoint."""
        return self.weights[name + ".weight"].T, self.weights[name + ".bias"]

    def _linear(self, state: str, weight: NDArray[np.float32], bias: NDArray[np.float32], name: str) -> str:
        offset = self.constant(name + ".bias", bias)
        if not self.int8:
            product = self.add("MatMul", [state, self.constant(name + ".weight", weight)], name + ".product")
            return self.add("Add", [product, offset], name)
        values, scales = quantise(weight, axis=0)
        matrix = self.constant(name + ".weight", values)
        scale = self.constant(name + ".scale", scales[0])
        return self.add("DynamicQuantizeMatMul", [state, matrix, scale, "", offset], name, "com.microsoft")

    def _normalised(self, state: str, name: str) -> str:
        gain = self.constant(name + ".gain", self.weights[name + ".weight"])
        shift = self.constant(name + ".shift", self.weights[name + ".bias"])
        return self.add("LayerNormalization", [state, gain, shift], name, axis=-1, epsilon=EPSILON)


def _ints(*values: int) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _floats(*values: float) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)
