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
from hoiquy.interop.onnx.convolution import add_convolution
from hoiquy.interop.onnx.ngrams import add_ngram_rows, add_wide
from hoiquy.interop.onnx.nodes import Nodes, load_onnx, load_onnxruntime
from hoiquy.interop.onnx.recurrent import add_recurrent_layer
from hoiquy.interop.onnx.supported_layers import check_onnx_has_layers, last_layer
from hoiquy.nn.kernels import Array
from hoiquy.nn.layers import (
    Bidirectional,
    Concatenate,
    ConcatPooling,
    Conv1D,
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

IR_VERSION = 8  # of 2022, supported by all current runtimes
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
    logits = add_network(nodes, model, INPUT, index_type)
    add_probabilities(nodes, model, logits, OUTPUT)
    kinds = onnx.TensorProto
    kind = kinds.INT32 if index_type == "int32" else kinds.INT64
    classes = int(last_layer(model).parameters["kernel"].shape[1])
    describe = onnx.helper.make_tensor_value_info
    inputs = [describe(INPUT, kind, ["batch", "time"])]
    return onnx_file(nodes, name, inputs, describe(OUTPUT, kinds.FLOAT, ["batch", classes]))


def onnx_file(nodes: Nodes, name: str, inputs: list[Any], output: Any) -> bytes:
    """The bytes of a graph's ONNX file, checked. inputs, output: descriptions of tensors."""
    helper = nodes.onnx.helper
    graph = helper.make_graph(nodes.nodes, name, inputs, [output], nodes.constants)
    proto = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", nodes.opset)],
        ir_version=IR_VERSION,
        producer_name="hoiquy",
    )
    nodes.onnx.checker.check_model(proto, full_check=True)
    return bytes(proto.SerializeToString(deterministic=True))


def add_probabilities(nodes: Nodes, model: Model, logits: str, output: str = "") -> str:
    """Add the output layer of a network; return the name of its probabilities."""
    if model.output.activation == "softmax":
        return nodes.add("Softmax", logits, output=output, axis=1)
    return nodes.add("Sigmoid", logits, output=output)


def onnx_probabilities(content: bytes, index_type: IndexType = "int64") -> Probabilities:
    """Return a function that runs an ONNX file on the CPU. Raises MissingExtraError."""
    runtime = load_onnxruntime()
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # errors only
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def run(indices: Indices) -> Array:
        return np.asarray(session.run([OUTPUT], {INPUT: indices.astype(index_type)})[0])

    return run


def add_network(nodes: Nodes, model: Model, source: str, index_type: IndexType) -> str:
    """Add a network; return the name of its logits, (batch, classes).

    Args:
        nodes: The graph.
        model: The network, which `check_onnx_has_layers` accepts.
        source: The input: its indices (batch, time).
        index_type: Their type.
    """
    return _Writer(nodes, model, source, np.dtype(index_type)).logits()


class _Writer:
    """Adds layer after layer to the graph; sequences are (time, batch, features)."""

    def __init__(self, nodes: Nodes, model: Model, source: str, index_type: np.dtype[Any]) -> None:
        self.nodes, self.model, self.source, self.index_type = nodes, model, source, index_type
        self.lengths = ""  # (batch,) int32, unmasked steps; "" without a mask
        self.unmasked = ""  # (time, batch, 1) bool
        self.ngram_rows: list[str] = []  # (time, batch) int64, one per length of n-grams

    def logits(self) -> str:
        nodes, x = self.nodes, self.source
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
        x = self._nodes_of_graph(x)
        if not wide_logits:
            return x
        half = nodes.constant(np.array(0.5, np.float32))
        return nodes.add("Mul", nodes.add("Add", x, wide_logits), half)

    def _add_ngrams_and_wide(self) -> str:
        """Look up the n-grams of the input; return the logits of the wide branch, or ""."""
        nodes, model = self.nodes, self.model
        first = model.layers[0]
        table = first.table if isinstance(first, NgramEmbedding) else None
        if model.wide is None and table is None:
            return ""
        indices = nodes.add("Cast", self.source, to=nodes.onnx.TensorProto.INT64)
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

    def _nodes_of_graph(self, source: str) -> str:
        """Add the nodes of the network's graph; return its output."""
        graph = self.model.graph
        results: list[str] = []
        for node in graph.nodes:
            inputs = [source if one.node < 0 else results[one.node] for one in node.inputs]
            if isinstance(node.layer, Concatenate):
                results.append(self.nodes.add("Concat", *inputs, axis=-1))
            else:
                results.append(self._layer(node.layer, *inputs))
        return results[graph.outputs[0].node]

    def _layer(self, layer: Layer, x: str) -> str:
        nodes = self.nodes
        if isinstance(layer, Dropout):
            return x
        if isinstance(layer, Embedding):
            return self._embedding(layer, x)
        if isinstance(layer, Dense):
            return self._dense(layer, x)
        if isinstance(layer, Conv1D):
            return add_convolution(nodes, layer, x)
        if isinstance(layer, MaxPooling):
            return self._zero_if_empty(self._max(x))
        if isinstance(layer, MeanPooling):
            return self._mean(x)
        if isinstance(layer, ConcatPooling):
            maximum = self._zero_if_empty(self._max(x))
            return nodes.add("Concat", self._last(layer, x), maximum, self._mean(x), axis=1)
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
        operator = {"relu": "Relu", "tanh": "Tanh"}.get(str(layer.activation))
        return nodes.add(operator, x) if operator else x

    def _max(self, x: str) -> str:
        if self.unmasked:
            lowest = self.nodes.constant(np.array(np.finfo(np.float32).min))
            x = self.nodes.add("Where", self.unmasked, x, lowest)
        return self.nodes.add_reduced("ReduceMax", x, 0)

    def _last(self, layer: ConcatPooling, x: str) -> str:
        """The last state of each direction, zeros without a step; words are at the front."""
        nodes = self.nodes
        last, first = (nodes.add("Gather", x, self._number(step), axis=0) for step in (-1, 0))
        if self.unmasked:
            of_step = nodes.add("Cast", self.unmasked, to=nodes.onnx.TensorProto.INT32)
            number = nodes.add("CumSum", of_step, self._number(0))
            lengths = nodes.add("Unsqueeze", self.lengths, nodes.axes(1))
            is_last = nodes.add("And", self.unmasked, nodes.add("Equal", number, lengths))
            at_last = nodes.add("Where", is_last, x, nodes.constant(np.array(0, np.float32)))
            last = nodes.add("ReduceSum", at_last, nodes.axes(0), keepdims=0)
            first = self._zero_if_empty(first)
        if not layer.backward_features:
            return last
        middle, features = nodes.axes(-layer.backward_features), nodes.axes(1)
        last = nodes.add("Slice", last, nodes.axes(0), middle, features)
        first = nodes.add("Slice", first, middle, nodes.axes(np.iinfo(np.int64).max), features)
        return nodes.add("Concat", last, first, axis=1)

    def _number(self, number: int) -> str:
        return self.nodes.constant(np.array(number, np.int64))

    def _mean(self, x: str) -> str:
        nodes = self.nodes
        if not self.unmasked:
            return nodes.add_reduced("ReduceMean", x, 0)
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
