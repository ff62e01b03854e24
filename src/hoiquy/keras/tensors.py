"""Symbolic tensors, the calls of layers that give them, and arrays that carry a mask."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.names import automatic_name
from hoiquy.keras.values.operators import TensorOperators
from hoiquy.keras.values.tensor_shape import TensorShape

Shape = tuple[int | None, ...]
AnyArray = NDArray[Any]


class History(NamedTuple):
    """Where a tensor comes from; the names are Keras'."""

    operation: Any
    node_index: int
    tensor_index: int


@dataclass(eq=False)
class Node:
    """One call of a layer on symbolic tensors.

    layer: of `hoiquy.keras.layers`.
    inputs, outputs: flat; the initial states of a recurrent layer follow its input.
    in_list: whether the inputs were given as a list.
    states: how many of the inputs were given as `initial_state`.
    options: further arguments of the call, such as `training`, as files keep them.
    arguments: of code of the script and of operations: how the call was written, see
        `layers/call_arguments.py`.
    """

    layer: Any
    inputs: list["KerasTensor"]
    outputs: list["KerasTensor"] = field(default_factory=list)
    in_list: bool = False
    states: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    arguments: Any = None

    @property
    def parents(self) -> list["Node"]:
        """The nodes that gave the inputs."""
        return [tensor.node for tensor in self.inputs]


class KerasTensor(TensorOperators):
    """A symbolic tensor: a shape and a dtype, and the call of a layer that gives it.

    Its operators are those of `keras.ops`.
    """

    def __init__(self, shape: Shape, dtype: str, node: Node, index: int = 0) -> None:
        self.shape = shape
        self.dtype = dtype
        self.node = node
        self.index = index
        self.name = automatic_name("KerasTensor")

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def _keras_history(self) -> History:
        layer = self.node.layer
        return History(layer, layer.inbound_nodes.index(self.node), self.index)

    def __repr__(self) -> str:
        return (
            f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse=False, ragged=False, "
            f"name={self.name}>"
        )

    def get_shape(self) -> Any:
        """The shape, by TensorFlow's name."""
        return TensorShape(self.shape)

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotSupportedError(
            "a symbolic tensor has no values: call layers on it, or model.predict on arrays"
        )

    def __iter__(self) -> NoReturn:
        self._refuse("iteration")

    def __len__(self) -> NoReturn:
        self._refuse("the length")

    def __bool__(self) -> NoReturn:
        self._refuse("a truth value")

    def _refuse(self, operation: str) -> NoReturn:
        raise NotSupportedError(
            f"{operation} of a symbolic tensor is not supported: it has no values; use layers and "
            "the functions of keras.ops"
        )


class EagerTensor(np.ndarray[Any, np.dtype[Any]]):
    """An array that a layer, a function of TensorFlow or a data set gave: an array of NumPy.

    Its entries are tensors, too. Texts are bytes in an array of objects, as TensorFlow has them.
    It carries the mask that the next layer needs.
    """

    _keras_mask: NDArray[np.bool_] | None = None

    def __getitem__(self, key: Any) -> Any:
        """A part; of one entry a tensor of rank 0."""
        part = super().__getitem__(key)
        if isinstance(part, np.ndarray):
            return part
        entry = np.empty((), self.dtype)
        entry[()] = part
        return entry.view(EagerTensor)

    def __str__(self) -> str:
        return str(np.asarray(self))

    def __repr__(self) -> str:
        kind = "string" if self.dtype.kind == "O" else self.dtype.name
        values = repr(self.numpy())
        return f"<tf.Tensor: shape={self.shape}, dtype={kind}, numpy={values}>"

    def numpy(self) -> Any:
        """The values as a plain array; of a tensor of rank 0 the value alone."""
        return np.asarray(self)[()]

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """The values, by TensorFlow 1's name; the arguments have no effect."""
        return self.numpy()

    def set_shape(self, shape: Any) -> None:
        """Do nothing: the shape of an array is known."""

    def get_shape(self) -> Any:
        """The shape, by TensorFlow's name."""
        return TensorShape(self.shape)


def eager_tensor(array: AnyArray, mask: NDArray[np.bool_] | None) -> EagerTensor:
    """A view of the array with a mask."""
    tensor = array.view(EagerTensor)
    tensor._keras_mask = mask
    return tensor
