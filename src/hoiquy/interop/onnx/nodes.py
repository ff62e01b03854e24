"""The nodes and constants of an ONNX graph under construction."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import MissingExtraError

_INSTALL = "pip install 'hoiquy[onnx]'"


def load_onnx() -> Any:
    """Import and return the package onnx. Raises MissingExtraError."""
    try:
        import onnx
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as error:
        raise MissingExtraError(f"writing ONNX requires the package onnx: {_INSTALL}") from error
    return onnx


def load_onnxruntime() -> Any:
    """Import and return ONNX Runtime. Raises MissingExtraError."""
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError(
            f"checking the ONNX model requires the package onnxruntime: {_INSTALL}"
        ) from error
    return onnxruntime


@dataclass
class Nodes:
    """Nodes in the order they were added, and the constants they use.

    Attributes:
        onnx: The package.
        opset: The version of the operators.
        prefix: Of names of constants and recurrent layers, which differ between networks.
    """

    onnx: Any
    opset: int = 17  # of 2022, supported by all current runtimes
    prefix: str = ""
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node with one output; return the output's name."""
        name = output or f"{operator.lower()}_{len(self.nodes)}"
        node = self.onnx.helper.make_node(operator, list(inputs), [name], name=name, **attributes)
        self.nodes.append(node)
        return name

    def add_sorted(self, x: str, count: str) -> tuple[str, str]:
        """Add TopK along axis 1; return the `count` largest in falling order and their places."""
        number = len(self.nodes)
        outputs = [f"sorted_{number}", f"order_{number}"]
        node = self.onnx.helper.make_node("TopK", [x, count], outputs, name=outputs[0], axis=1)
        self.nodes.append(node)
        return outputs[0], outputs[1]

    def add_reduced(self, operator: str, x: str, axis: int) -> str:
        """Add ReduceMax or ReduceMean along an axis, which goes."""
        if self.opset < 18:
            return self.add(operator, x, axes=[axis], keepdims=0)
        return self.add(operator, x, self.axes(axis), keepdims=0)

    def add_recurrent(
        self, operator: str, name: str, inputs: list[str], **attributes: Any
    ) -> tuple[str, str]:
        """Add LSTM, GRU or RNN; return the names of all its states and of the last ones."""
        name = self.prefix + name
        outputs = [f"{name}/states", f"{name}/last"]
        node = self.onnx.helper.make_node(operator, inputs, outputs, name=name, **attributes)
        self.nodes.append(node)
        return outputs[0], outputs[1]

    def constant(self, value: NDArray[Any], name: str = "") -> str:
        """Add a constant array; return its name."""
        name = self.prefix + name if name else f"constant_{len(self.constants)}"
        array = np.ascontiguousarray(value) if value.ndim else value
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def axes(self, *numbers: int) -> str:
        """Add a constant vector of int64, the form of axes and shapes; return its name."""
        return self.constant(np.array(numbers, np.int64))
