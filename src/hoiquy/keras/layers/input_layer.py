"""Inputs of models: `Input` and the layer behind it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hoiquy.keras import usage
from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.layers.base import Layer
from hoiquy.keras.shapes import as_shape
from hoiquy.keras.tensors import KerasTensor, Node, Shape
from hoiquy.nn.layers import Layer as NNLayer

_IGNORED = {
    "sparse": "arrays are dense",
    "ragged": "arrays are dense",
    "optional": "every input is needed",
}
_KNOWN = ("shape", "batch_size", "dtype", "name", "batch_shape", "input_shape", "tensor")


class InputLayer(Layer):
    """An input of a model: its shape, batch axis included, and its dtype."""

    def __init__(self, shape: Any = None, batch_size: int | None = None, dtype: Any = None,
                 **kwargs: Any) -> None:  # fmt: skip
        usage.record_used("layers.InputLayer")
        name = kwargs.pop("name", None)
        batch_shape = kwargs.pop("batch_shape", kwargs.pop("batch_input_shape", None))
        shape = kwargs.pop("input_shape", shape)
        for key, value in kwargs.items():
            if key not in _IGNORED:
                raise unknown_argument("Input", key, [*_KNOWN, *_IGNORED])
            if value:
                usage.record_ignored("Input", key, _IGNORED[key])
        self._set_up(name, trainable=True)
        self.batch_shape = _batch_shape(shape, batch_shape, batch_size)
        self.dtype = input_dtype(dtype)
        self._nn = NNLayer(self.name)
        node = Node(self, [])
        node.outputs = [KerasTensor(self.batch_shape, self.dtype, node)]
        self.inbound_nodes.append(node)

    @property
    def input(self) -> Any:
        return self.output

    @property
    def input_shape(self) -> Shape:
        return self.batch_shape

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise KerasTypeError(f"{self.name} is an input and cannot be called")

    def output_dtype(self, dtypes: Sequence[str]) -> str:
        return self.dtype

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": list(self.batch_shape),
            "dtype": self.dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
        }


def Input(  # noqa: N802 - Keras' name
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    name: str | None = None,
    **kwargs: Any,
) -> KerasTensor:
    """A symbolic tensor that stands for an input of a model.

    Args:
        shape: Without the batch axis; None for any size.
        batch_size: The size of the batch axis, usually left out.
        dtype: Of the arrays: float32 (default), an integer type, or "string" for texts.
        name: Of the input, for arrays given by name.
        **kwargs: `batch_shape`, with the batch axis, instead of `shape`.

    Raises:
        KerasError: The shape is missing or wrong.
    """
    if kwargs.pop("tensor", None) is not None:
        raise NotSupportedError("Input: tensor=… is not supported: give a shape")
    layer = InputLayer(shape, batch_size, dtype, name=name, **kwargs)
    tensor: KerasTensor = layer.output
    return tensor


def _batch_shape(shape: Any, batch_shape: Any, batch_size: int | None) -> Shape:
    if batch_shape is not None:
        if shape is not None:
            raise KerasError("Input: give shape or batch_shape, not both")
        return as_shape(batch_shape, "Input: batch_shape")
    if shape is None:
        raise KerasError("Input: shape is missing, such as shape=(100,)")
    return (batch_size, *as_shape(shape, "Input: shape"))


def input_dtype(dtype: Any) -> str:
    """float32, an integer type, or "string"; other floats are computed in float32."""
    if dtype is None:
        return "float32"
    name = getattr(dtype, "name", dtype)
    if name in ("string", str):
        return "string"
    try:
        kind = np.dtype(name)
    except TypeError:
        raise KerasTypeError(f"Input: dtype={dtype!r} is unknown") from None
    if kind.kind in "iub":
        return str(kind)
    if kind.kind != "f":
        raise KerasTypeError(f"Input: dtype={dtype!r}, expected a float or an integer type")
    if kind != np.float32:
        usage.record_ignored("Input", f"dtype={kind}", "all layers compute in float32")
    return "float32"
