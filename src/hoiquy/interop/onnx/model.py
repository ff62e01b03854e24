"""Convert a trained network to ONNX, and run ONNX models with ONNX Runtime.

    indices (batch, time) int32 or int64  →  probabilities (batch, classes) float32

Batch and time are free. The operators are ONNX' LSTM, GRU (linear_before_reset = 1, which is
Keras' reset_after) and RNN; dropout is dropped.

**Masks.** ONNX' recurrent operators take the number of steps of each document, so padding must
follow the words, while hoiquy's mask skips any step whose index is 0. A skipped step does not
change the state, and pooling does not count it, so removing it does not change the result: a model
with a mask first moves the indices other than 0 to the front, in order, and counts them. This is
exact for padding on either side and for zeros in the middle.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from hoiquy.errors import InputError
from hoiquy.interop.onnx.ngrams import add_ngram_rows, add_wide
from hoiquy.interop.onnx.nodes import Nodes, load_onnx, load_onnxruntime
from hoiquy.interop.onnx.recurrent import add_recurrent_layer, setting_without_operator
from hoiquy.nn.kernels import Array
from hoiquy.nn.layers import (
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Layer,
    MaxPooling,
    MeanPooling,
    NgramEmbedding,
    Recurrent,
)
from hoiquy.nn.model import Indices, Model

IndexType = Literal["int32", "int64"]
Probabilities = Callable[[Indices], Array]

OPSET, IR_VERSION = 17, 8  # of 2022, supported by all current runtimes
INPUT, OUTPUT = "indices", "probabilities"
_MOST_BYTES = 2**31 - 2**20  # of a protocol buffer, less some room for the graph


def onnx_model(model: Model, name: str, index_type: IndexType = "int64") -> bytes:
    """Return the bytes of a model's ONNX file.

    Raises MissingExtraError without onnx, and InputError for a model that is too large.
    """
    check_onnx_has_layers(model, name)
    onnx = load_onnx()
    size = sum(array.nbytes for array in model.parameters.values())
    if size > _MOST_BYTES:
        raise InputError(f"the weights take {size:,} bytes, an ONNX file can have {_MOST_BYTES:,}")
    nodes = Nodes(onnx)
    _Writer(nodes, model, np.dtype(index_type)).write()
    kinds = onnx.TensorProto
    kind = kinds.INT32 if index_type == "int32" else kinds.INT64
    describe = onnx.helper.make_tensor_value_info
    classes = int(model.layers[-1].parameters["bias"].shape[0])
    graph = onnx.helper.make_graph(
        nodes.nodes,
        name,
        [describe(INPUT, kind, ["batch", "time"])],
        [describe(OUTPUT, kinds.FLOAT, ["batch", classes])],
        nodes.constants,
    )
    proto = onnx.helper.make_model(
        graph,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="hoiquy",
    )
    onnx.checker.check_model(proto, full_check=True)
    return bytes(proto.SerializeToString(deterministic=True))


def check_onnx_has_layers(model: Model, name: str) -> None:
    """Raise InputError, naming the layer, for a network that the export cannot write."""
    if not model.is_chain:
        raise InputError(
            f"{name}: ONNX export takes a chain of embedding, dropout, recurrent, pooling and "
            f"dense layers; this network predicts and serves with hoiquy only"
        )
    for layer in model.layers:
        if isinstance(layer, Dense) and layer.activation not in ("linear", "relu", "tanh"):
            raise _no_operator(layer, f"activation = {layer.activation!r}")
        if isinstance(layer, Bidirectional) and layer.merge_mode != "concat":
            raise _no_operator(layer, f"merge_mode = {layer.merge_mode!r}")
        if not isinstance(layer, Recurrent | Bidirectional):
            continue
        directions = layer.directions if isinstance(layer, Bidirectional) else [layer]
        for direction in directions:
            reason = setting_without_operator(direction)
            if reason is not None:
                raise _no_operator(layer, reason)
        if isinstance(layer, Recurrent) and layer.go_backwards:
            raise _no_operator(layer, "go_backwards = true")


def _no_operator(layer: Layer, setting: str) -> InputError:
    return InputError(f"{layer.name} has {setting}, which ONNX export does not support")


def onnx_probabilities(content: bytes, index_type: IndexType = "int64") -> Probabilities:
    """Return a function that runs an ONNX file on the CPU. Raises MissingExtraError."""
    runtime = load_onnxruntime()
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # errors only
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def run(indices: Indices) -> Array:
        return np.asarray(session.run([OUTPUT], {INPUT: indices.astype(index_type)})[0])

    return run


class _Writer:
    """Adds layer after layer to the graph; sequences are (time, batch, features)."""

    def __init__(self, nodes: Nodes, model: Model, index_type: np.dtype[Any]) -> None:
        self.nodes, self.model, self.index_type = nodes, model, index_type
        self.lengths = ""  # (batch,) int32, unmasked steps; "" without a mask
        self.unmasked = ""  # (time, batch, 1) bool
        self.ngram_rows: list[str] = []  # (time, batch) int64, one per length of n-grams

    def write(self) -> None:
        nodes, x = self.nodes, INPUT
        wide_logits = self._add_ngrams_and_wide()
        if self.model.mask_zero:
            x = self._move_to_the_front(x)
        x = nodes.add("Transpose", x, perm=[1, 0])
        self.ngram_rows = [nodes.add("Transpose", rows, perm=[1, 0]) for rows in self.ngram_rows]
        if self.model.mask_zero:
            words = nodes.add("Not", nodes.add("Equal", x, self._zero()))
            self.unmasked = nodes.add("Unsqueeze", words, nodes.axes(2))
        if self.model.input_type == "values":
            x = nodes.add("Cast", x, to=nodes.onnx.TensorProto.FLOAT)
            x = nodes.add("Unsqueeze", x, nodes.axes(2))
        for layer in self.model.layers:
            x = self._layer(layer, x)
        if wide_logits:
            x = nodes.add(
                "Mul", nodes.add("Add", x, wide_logits), nodes.constant(np.array(0.5, np.float32))
            )
        if self.model.output.activation == "softmax":
            nodes.add("Softmax", x, output=OUTPUT, axis=1)
        else:
            nodes.add("Sigmoid", x, output=OUTPUT)

    def _add_ngrams_and_wide(self) -> str:
        """Look up the n-grams of the input; return the logits of the wide branch, or ""."""
        nodes, model = self.nodes, self.model
        first = model.layers[0]
        table = first.table if isinstance(first, NgramEmbedding) else None
        if model.wide is None and table is None:
            return ""
        indices = nodes.add("Cast", INPUT, to=nodes.onnx.TensorProto.INT64)
        if table is not None:
            self.ngram_rows = add_ngram_rows(nodes, indices, table)
        return add_wide(nodes, model.wide, indices, self.ngram_rows) if model.wide else ""

    def _zero(self) -> str:
        return self.nodes.constant(np.array(0, self.index_type))

    def _move_to_the_front(self, x: str) -> str:
        """Move each document's indices other than 0 to the front, in order; sets `lengths`."""
        nodes, kinds = self.nodes, self.nodes.onnx.TensorProto
        is_word = nodes.add("Not", nodes.add("Equal", x, self._zero()))
        one_or_zero = nodes.add("Cast", is_word, to=kinds.INT64)
        count = nodes.add("ReduceSum", one_or_zero, nodes.axes(1), keepdims=0)
        self.lengths = nodes.add("Cast", count, to=kinds.INT32)
        time = nodes.add("Gather", nodes.add("Shape", x), nodes.axes(1))
        first, step = (nodes.constant(np.array(number, np.int64)) for number in (0, 1))
        steps = nodes.add("Range", first, nodes.add("Squeeze", time), step)
        # Keys fall from the first word to the last; padding has key 0.
        keys = nodes.add("Mul", one_or_zero, nodes.add("Sub", time, steps))
        _, order = nodes.add_sorted(keys, time)
        self.ngram_rows = [
            nodes.add("GatherElements", rows, order, axis=1) for rows in self.ngram_rows
        ]
        return nodes.add("GatherElements", x, order, axis=1)

    def _layer(self, layer: Layer, x: str) -> str:
        nodes = self.nodes
        if isinstance(layer, Dropout):
            return x
        if isinstance(layer, Embedding):
            return self._embedding(layer, x)
        if isinstance(layer, Dense):
            return self._dense(layer, x)
        if isinstance(layer, MaxPooling):
            return self._zero_if_empty(self._max(x))
        if isinstance(layer, MeanPooling):
            return self._mean(x)
        if isinstance(layer, Recurrent | Bidirectional):
            x = add_recurrent_layer(nodes, layer, x, self._at_least_one_step())
            return x if layer.return_sequences else self._zero_if_empty(x)
        raise InputError(f"{layer.name}: ONNX export does not support this layer")

    def _embedding(self, layer: Embedding, x: str) -> str:
        nodes = self.nodes
        table = nodes.constant(layer.parameters["embeddings"], f"{layer.name}/embeddings")
        y = nodes.add("Gather", table, x, axis=0)
        if self.ngram_rows:
            ngrams = np.pad(layer.parameters["ngrams"], ((1, 0), (0, 0)))  # row 0: no n-gram
            table = nodes.constant(ngrams, f"{layer.name}/ngrams")
            for rows in self.ngram_rows:
                y = nodes.add("Add", y, nodes.add("Gather", table, rows, axis=0))
        return y

    def _dense(self, layer: Dense, x: str) -> str:
        nodes = self.nodes
        kernel = nodes.constant(layer.parameters["kernel"], f"{layer.name}/kernel")
        zeros = np.zeros(layer.units, np.float32)
        bias = nodes.constant(layer.parameters.get("bias", zeros), f"{layer.name}/bias")
        x = nodes.add("Add", nodes.add("MatMul", x, kernel), bias)
        operator = {"relu": "Relu", "tanh": "Tanh"}.get(layer.activation)
        return nodes.add(operator, x) if operator else x

    def _max(self, x: str) -> str:
        if self.unmasked:
            lowest = self.nodes.constant(np.array(np.finfo(np.float32).min))
            x = self.nodes.add("Where", self.unmasked, x, lowest)
        return self.nodes.add("ReduceMax", x, axes=[0], keepdims=0)

    def _mean(self, x: str) -> str:
        nodes = self.nodes
        if not self.unmasked:
            return nodes.add("ReduceMean", x, axes=[0], keepdims=0)
        x = nodes.add("Where", self.unmasked, x, nodes.constant(np.array(0, np.float32)))
        total = nodes.add("ReduceSum", x, nodes.axes(0), keepdims=0)
        steps = nodes.add("Cast", self._at_least_one_step(), to=nodes.onnx.TensorProto.FLOAT)
        return nodes.add("Div", total, nodes.add("Unsqueeze", steps, nodes.axes(1)))

    def _at_least_one_step(self) -> str:
        """Return max(lengths, 1), because runtimes treat 0 differently; "" without a mask."""
        if not self.lengths:
            return ""
        return self.nodes.add("Max", self.lengths, self.nodes.constant(np.array(1, np.int32)))

    def _zero_if_empty(self, x: str) -> str:
        """Return zeros for a document whose steps are all masked, as hoiquy does."""
        if not self.lengths:
            return x
        nodes = self.nodes
        not_empty = nodes.add("Greater", self.lengths, nodes.constant(np.array(0, np.int32)))
        not_empty = nodes.add("Unsqueeze", not_empty, nodes.axes(1))
        return nodes.add("Where", not_empty, x, nodes.constant(np.array(0, np.float32)))
