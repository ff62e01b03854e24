"""ONNX Runtime: inference only, on a graph built here from hoiquy's weights.

The session's options are the defaults but for the number of threads.
"""

import os
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Float32 = NDArray[np.float32]

_THREADS = int(os.environ["HOIQUY_BENCH_THREADS"])
_OPSET = 17
_IR_VERSION = 8
_NODES = {"simple_rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
_GATES = {"simple_rnn": (0,), "lstm": (0, 3, 1, 2), "gru": (0, 1, 2)}  # LSTM: ifco → iofc


def versions() -> dict[str, str]:
    return {
        "onnxruntime": onnxruntime.__version__,
        "onnx": onnx.__version__,
        "numpy": np.__version__,
    }


def prepare(task: dict[str, Any]) -> tuple[Callable[[], object], Callable[[], Any]]:
    with np.load(task["weights"]) as arrays:
        graph = Graph(task, iter([arrays[name] for name in arrays]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        graph.model().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    with np.load(task["documents"]) as arrays:
        documents = arrays["batches"][0]

    def run(indices: NDArray[np.int32]) -> Any:
        return session.run(None, {"documents": indices})[0]

    if task["kind"] == "inference":
        size = task["batch_size"]
        parts = [documents[i : i + size] for i in range(0, len(documents), size)]

        def step() -> object:
            return np.concatenate([run(part) for part in parts])
    else:
        ones = cycle(np.split(documents, len(documents)))

        def step() -> object:
            return run(next(ones))

    return step, lambda: run(documents[: task["check"]])


class Graph:
    """The nodes and weights of a recipe's network, from indices (batch, time) to probabilities."""

    def __init__(self, task: dict[str, Any], values: Iterator[Float32]) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        recipe = task["recipe"]
        self.length = recipe["data"]["max_length"]
        self.classes = task["classes"]
        x = self.node("Transpose", ["documents"], perm=[1, 0])
        if recipe["model"]["input"] == "values":
            x = self.node("Cast", [x], to=TensorProto.FLOAT)
            x = self.node("Unsqueeze", [x, self.constant(np.array([2], np.int64))])
        for table in recipe["model"]["layers"]:
            if table["type"] != "dropout":
                x = self.layer(table, x, values)
        self.node("Identity", [x], output="probabilities")

    def model(self) -> Any:
        """The checked ONNX model."""
        indices = helper.make_tensor_value_info(
            "documents", TensorProto.INT32, ["batch", self.length]
        )
        result = helper.make_tensor_value_info(
            "probabilities", TensorProto.FLOAT, ["batch", self.classes]
        )
        graph = helper.make_graph(self.nodes, "recipe", [indices], [result], self.weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )
        onnx.checker.check_model(model)
        return model

    def layer(self, table: dict[str, Any], x: str, values: Iterator[Float32]) -> str:
        kind = table["type"]
        if kind == "embedding":
            return self.node("Gather", [self.constant(next(values)), x], axis=0)
        if kind == "dense":
            weights = [self.constant(next(values)), self.constant(next(values))]
            x = self.node("Gemm", [x, *weights])
            names = {"sigmoid": "Sigmoid", "relu": "Relu", "tanh": "Tanh", "linear": "Identity"}
            return self.node(names[table["activation"]], [x])
        return self.recurrent(table, x, next(values), next(values), next(values))

    def recurrent(
        self, table: dict[str, Any], x: str, kernel: Float32, recurrent: Float32, bias: Float32
    ) -> str:
        kind = table["type"]
        options: dict[str, Any] = {"hidden_size": table["units"]}
        if kind == "gru":
            options["linear_before_reset"] = 1
        if kind == "simple_rnn":
            options["activations"] = [table["activation"].capitalize()]
        biases = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
        weights = [
            self.constant(_gates(kind, kernel).T[None]),
            self.constant(_gates(kind, recurrent).T[None]),
            self.constant(_gates(kind, biases).reshape(1, -1)),
        ]
        outputs = ["sequence", "last"] if table["return_sequences"] else ["", "last"]
        outputs = [name and f"{name}_{len(self.nodes)}" for name in outputs]
        self.nodes.append(helper.make_node(_NODES[kind], [x, *weights], outputs, **options))
        if table["return_sequences"]:  # (time, directions, batch, units)
            return self.node("Squeeze", [outputs[0], self.constant(np.array([1], np.int64))])
        return self.node("Squeeze", [outputs[1], self.constant(np.array([0], np.int64))])

    def node(self, kind: str, inputs: list[str], output: str = "", **options: Any) -> str:
        output = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **options))
        return output

    def constant(self, value: NDArray[Any]) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name


def _gates(kind: str, array: Float32) -> Float32:
    """Columns in ONNX' order of gates."""
    parts = np.split(array, len(_GATES[kind]), axis=-1)
    return np.concatenate([parts[gate] for gate in _GATES[kind]], axis=-1)
