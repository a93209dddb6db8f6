"""Weights to an ONNX file: ``python -m etl.training.export_encoder WEIGHTS… OUT.onnx --layers N [--float]``.

Several weights, fitted with other seeds from the same beginning, are averaged ("model soup", Wortsman et al. 2022).

The graph is written by hand. An exporter's graph is merged by ONNX Runtime into SkipLayerNormalization, which is many times slower
than addition and normalization. Weights of products are stored as 7-bit integers: with 8 bits, processors without VNNI instructions
saturate sums (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html) and would give other answers.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (  # type: ignore[import-untyped]  # it has no types
    QuantType,
    quantize_dynamic,
)

from etl.model.heads import COLUMNS
from etl.training.encoder_net import EPSILON, N_ATTENTION

_Matrix = NDArray[np.float32]
_Weights = Mapping[str, _Matrix]

#: The domain of ONNX Runtime's own operators.
MICROSOFT = "com.microsoft"
OPSET, IR_VERSION = 17, 9
#: Rows of the embeddings are stored as integers up to this.
LARGEST = 127
#: Where the weights of a head are, unless under its name.
PLACES = {name: f"speech.{name}" for name in ("content", "cue", "source")} | {
    f"{link}_{end}": f"link_{end}.{link}" for link in ("content_source", "content_cue") for end in ("from", "to")
}
#: Heads that are read from the hidden layer of syntax.
SYNTACTIC = ("tag", "relation", "head_from", "head_to")


def main() -> None:
    """Store the graph."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("weights", type=Path, nargs="+")
    options.add_argument("out", type=Path)
    options.add_argument("--layers", type=int, required=True)
    options.add_argument("--set", type=int, default=0, help="the set of gold data whose guidelines names follow")
    options.add_argument("--float", action="store_true", help="do not quantize")
    asked = options.parse_args()
    runs = [torch.load(path, weights_only=True) for path in asked.weights]
    mean = {name: torch.stack([run[name].float() for run in runs]).mean(0).numpy() for name in runs[0]}
    graph = Graph(mean, asked.layers, asked.set)
    if asked.float:
        onnx.save(graph.model(), asked.out)
        return
    with tempfile.TemporaryDirectory() as directory:
        whole = Path(directory) / "float.onnx"
        onnx.save(graph.model(), whole)
        quantize_dynamic(
            whole,
            asked.out,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul", "Attention"],
            nodes_to_exclude=["heads_MatMul", "syntactic_MatMul"],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )


class Graph:
    """The graph as it is written: operators and constants."""

    def __init__(self, weights: _Weights, n_layers: int, gold_set: int) -> None:
        """Write the graph for the first ``n_layers``, with names as in one set of gold data."""
        self._weights, self._heads, self._set = weights, f"heads.{n_layers}", gold_set
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        x = self._embeddings()
        for i in range(n_layers):
            x = self._layer(x, f"layers.{i}")
        self._outputs(x)

    def model(self) -> onnx.ModelProto:
        """The graph with its inputs and outputs: one window, a row for each piece."""
        ints = [
            helper.make_tensor_value_info(name, TensorProto.INT32, [1, "n"]) for name in ("pieces", "shapes", "breaks")
        ]
        out = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, "n", sum(COLUMNS.values())])
        graph = helper.make_graph(self._nodes, "encoder", ints, [out], self._constants)
        domains = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=domains, ir_version=IR_VERSION)

    def _constant(self, name: str, value: NDArray[np.generic]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _node(self, operator: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any) -> str:  # noqa: ANN401  # as ONNX has it
        name = f"{output}_{operator}"
        self._nodes.append(helper.make_node(operator, inputs, [output], name=name, domain=domain, **attributes))
        return output

    def _embeddings(self) -> str:
        """The embeddings of pieces, as integers with a scale for each row, and of places, shapes and breaks."""
        words = self._weights["word.weight"]
        scale = np.maximum(np.abs(words).max(1, keepdims=True) / LARGEST, 1e-9).astype(np.float32)
        rows = self._node(
            "Gather", [self._constant("words", np.round(words / scale).astype(np.int8)), "pieces"], "rows"
        )
        scales = self._node("Gather", [self._constant("word_scales", scale), "pieces"], "scales")
        total = self._node("Mul", [self._node("Cast", [rows], "cast", to=TensorProto.FLOAT), scales], "embedded")
        self._node("Shape", ["pieces"], "n", start=1, end=2)
        zero = self._constant("zero", np.array([0], np.int64))
        places = self._node(
            "Slice", [self._constant("positions", self._weights["position"]), zero, "n", zero], "places"
        )
        total = self._node("Add", [total, places], "placed")
        for name, weights in (("shapes", "shape.weight"), ("breaks", "gap.weight")):
            found = self._node(
                "Gather", [self._constant(f"{name}_weights", self._weights[weights]), name], f"{name}_rows"
            )
            total = self._node("Add", [total, found], f"with_{name}")
        return self._normal(total, "norm", "x0")

    def _normal(self, x: str, weights: str, output: str) -> str:
        scale, bias = (self._constant(f"{weights}.{p}", self._weights[f"{weights}.{p}"]) for p in ("weight", "bias"))
        return self._node("LayerNormalization", [x, scale, bias], output, epsilon=EPSILON, axis=-1)

    def _product(self, x: str, weights: str) -> str:
        matrix = self._constant(f"{weights}.weight", self._weights[f"{weights}.weight"].T)
        return self._node("MatMul", [x, matrix], f"{weights}.product")

    def _bias(self, name: str) -> str:
        return self._constant(f"{name}.bias", self._weights[f"{name}.bias"])

    def _layer(self, x: str, name: str) -> str:
        qkv = self._constant(f"{name}.qkv.weight", self._weights[f"{name}.qkv.weight"].T)
        inputs = [x, qkv, self._bias(f"{name}.qkv")]
        seen = self._node("Attention", inputs, f"{name}.seen", MICROSOFT, num_heads=N_ATTENTION)
        out = self._node("Add", [self._product(seen, f"{name}.out"), self._bias(f"{name}.out")], f"{name}.out")
        x = self._normal(self._node("Add", [out, x], f"{name}.sum1"), f"{name}.norm1", f"{name}.x1")
        inner = [self._product(x, f"{name}.inner"), self._bias(f"{name}.inner")]
        bent = self._node("BiasGelu", inner, f"{name}.bent", MICROSOFT)
        out = self._node("Add", [self._product(bent, f"{name}.outer"), self._bias(f"{name}.outer")], f"{name}.outer")
        return self._normal(self._node("Add", [out, x], f"{name}.sum2"), f"{name}.norm2", f"{name}.x2")

    def _outputs(self, x: str) -> None:
        """The columns of `COLUMNS`, from the last layer and from the hidden layer of syntax."""
        weights, bias = self._weights[f"{self._heads}.syntax.weight"], self._weights[f"{self._heads}.syntax.bias"]
        hidden = self._node("MatMul", [x, self._constant("syntax.weight", weights.T)], "syntax")
        hidden = self._node("BiasGelu", [hidden, self._constant("syntax.bias", bias)], "hidden", MICROSOFT)
        speech = [name for name in COLUMNS if name not in SYNTACTIC]
        parts = [self._linear(x, speech, "heads"), self._linear(hidden, SYNTACTIC, "syntactic")]
        self._node("Concat", parts, "scores", axis=-1)

    def _linear(self, x: str, names: Sequence[str], output: str) -> str:
        rows = [self._head(name) for name in names]
        weights = self._constant(f"{output}.weight", np.concatenate([w for w, _ in rows]).T)
        bias = self._constant(f"{output}.bias", np.concatenate([b for _, b in rows]))
        return self._node("Add", [self._node("MatMul", [x, weights], output), bias], f"{output}.sum")

    def _head(self, name: str) -> tuple[_Matrix, _Matrix]:
        """The weights and bias of one head; those of names with the delta of the set of gold data."""
        place = PLACES.get(name, name)
        weights, bias = (self._weights[f"{self._heads}.{place}.{part}"] for part in ("weight", "bias"))
        if name == "name":
            weights = weights + self._weights[f"{self._heads}.delta"][self._set]
            bias = bias + self._weights[f"{self._heads}.delta_bias"][self._set]
        return weights, bias


if __name__ == "__main__":
    main()
