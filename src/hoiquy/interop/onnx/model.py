"""From a trained network to an ONNX model, and ONNX Runtime to run it.

    indices (batch, time) int32 or int64  →  probabilities (batch, classes) float32

Batch and time are free. The operators are ONNX' own LSTM, GRU (linear_before_reset = 1, which is
Keras' reset_after) and RNN; dropout is left out.

**Masks.** ONNX' recurrent operators take the number of steps of each document, so padding may only
follow the words; hoiquy's mask leaves out any step whose index is 0. A step that is left out
carries the state on and pooling does not count it, so a document without those steps gives the same
answer: a model with a mask first moves the indices that are not 0 to the front, in their order,
and counts them. That is exact for padding on either side, and for zeros in the middle.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from hoiquy.errors import InputError
from hoiquy.interop.onnx.ngrams import add_ngram_rows, add_wide
from hoiquy.interop.onnx.nodes import Nodes, load_onnx, load_onnxruntime
from hoiquy.interop.onnx.recurrent import add_recurrent_layer
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

OPSET, IR_VERSION = 17, 8  # of 2022: runtimes of these years all read them
INPUT, OUTPUT = "indices", "probabilities"
_MOST_BYTES = 2**31 - 2**20  # of a protocol buffer, with some room for the graph


def onnx_model(model: Model, name: str, index_type: IndexType = "int64") -> bytes:
    """Return a model's ONNX file.

    Raises MissingExtraError without onnx, and InputError for a model that does not fit in one file.
    """
    onnx = load_onnx()
    size = sum(array.nbytes for array in model.parameters.values())
    if size > _MOST_BYTES:
        raise InputError(f"the weights take {size:,} bytes, an ONNX file holds {_MOST_BYTES:,}")
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
    whole = onnx.helper.make_model(
        graph,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="hoiquy",
    )
    onnx.checker.check_model(whole, full_check=True)
    return bytes(whole.SerializeToString(deterministic=True))


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
    """Writes layer after layer; sequences are (time, batch, features), as in hoiquy."""

    def __init__(self, nodes: Nodes, model: Model, index_type: np.dtype[Any]) -> None:
        self.nodes, self.model, self.index_type = nodes, model, index_type
        self.lengths = ""  # (batch,) int32, the steps that count, of a model with a mask
        self.counted = ""  # (time, batch, 1), whether a step counts
        self.ngram_rows: list[str] = []  # (time, batch) int64, for each length of n-grams

    def write(self) -> None:
        nodes, x = self.nodes, INPUT
        wide = self._read_ngrams_and_wide()
        if self.model.mask_zero:
            x = self._move_to_the_front(x)
        x = nodes.add("Transpose", x, perm=[1, 0])
        self.ngram_rows = [nodes.add("Transpose", rows, perm=[1, 0]) for rows in self.ngram_rows]
        if self.model.mask_zero:
            words = nodes.add("Not", nodes.add("Equal", x, self._zero()))
            self.counted = nodes.add("Unsqueeze", words, nodes.axes(2))
        if self.model.input_type == "values":
            x = nodes.add("Cast", x, to=nodes.onnx.TensorProto.FLOAT)
            x = nodes.add("Unsqueeze", x, nodes.axes(2))
        for layer in self.model.layers:
            x = self._layer(layer, x)
        if wide:
            x = nodes.add(
                "Mul", nodes.add("Add", x, wide), nodes.constant(np.array(0.5, np.float32))
            )
        if self.model.output.activation == "softmax":
            nodes.add("Softmax", x, output=OUTPUT, axis=1)
        else:
            nodes.add("Sigmoid", x, output=OUTPUT)

    def _read_ngrams_and_wide(self) -> str:
        """Look up the n-grams of the indices as they come; the logits of the wide part, or ""."""
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
        """Every document's indices that are not 0 first, in their order; sets `lengths`."""
        nodes, kinds = self.nodes, self.nodes.onnx.TensorProto
        is_word = nodes.add("Not", nodes.add("Equal", x, self._zero()))
        one_or_zero = nodes.add("Cast", is_word, to=kinds.INT64)
        count = nodes.add("ReduceSum", one_or_zero, nodes.axes(1), keepdims=0)
        self.lengths = nodes.add("Cast", count, to=kinds.INT32)
        time = nodes.add("Gather", nodes.add("Shape", x), nodes.axes(1))
        first, step = (nodes.constant(np.array(number, np.int64)) for number in (0, 1))
        steps = nodes.add("Range", first, nodes.add("Squeeze", time), step)
        # The first word has the largest key, the last one the smallest above 0.
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
            return self._zero_without_words(self._max(x))
        if isinstance(layer, MeanPooling):
            return self._mean(x)
        if isinstance(layer, Recurrent | Bidirectional):
            x = add_recurrent_layer(nodes, layer, x, self._at_least_one_step())
            return x if layer.keeps_time else self._zero_without_words(x)
        raise InputError(f"{layer.name}: there is no ONNX form of this layer")

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
        bias = nodes.constant(layer.parameters["bias"], f"{layer.name}/bias")
        x = nodes.add("Add", nodes.add("MatMul", x, kernel), bias)
        operator = {"relu": "Relu", "tanh": "Tanh"}.get(layer.activation)
        return nodes.add(operator, x) if operator else x

    def _max(self, x: str) -> str:
        if self.counted:
            lowest = self.nodes.constant(np.array(np.finfo(np.float32).min))
            x = self.nodes.add("Where", self.counted, x, lowest)
        return self.nodes.add("ReduceMax", x, axes=[0], keepdims=0)

    def _mean(self, x: str) -> str:
        nodes = self.nodes
        if not self.counted:
            return nodes.add("ReduceMean", x, axes=[0], keepdims=0)
        x = nodes.add("Where", self.counted, x, nodes.constant(np.array(0, np.float32)))
        total = nodes.add("ReduceSum", x, nodes.axes(0), keepdims=0)
        steps = nodes.add("Cast", self._at_least_one_step(), to=nodes.onnx.TensorProto.FLOAT)
        return nodes.add("Div", total, nodes.add("Unsqueeze", steps, nodes.axes(1)))

    def _at_least_one_step(self) -> str:
        """The lengths, but no 0, which runtimes take in different ways; "" without a mask."""
        if not self.lengths:
            return ""
        return self.nodes.add("Max", self.lengths, self.nodes.constant(np.array(1, np.int32)))

    def _zero_without_words(self, x: str) -> str:
        """A document without a step that counts gives zeros, as in hoiquy."""
        if not self.lengths:
            return x
        nodes = self.nodes
        some = nodes.add("Greater", self.lengths, nodes.constant(np.array(0, np.int32)))
        some = nodes.add("Unsqueeze", some, nodes.axes(1))
        return nodes.add("Where", some, x, nodes.constant(np.array(0, np.float32)))
