"""The inputs of a model, in the dtype and rank that each `Input` declares."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hoiquy.errors import InputError
from hoiquy.keras import usage
from hoiquy.keras.data.conversion import as_array, refuse_nan
from hoiquy.keras.data.texts import text_input
from hoiquy.keras.errors import KerasError
from hoiquy.keras.models.network import Network
from hoiquy.keras.models.protocol import BuildableModel
from hoiquy.keras.tensors import AnyArray, KerasTensor, Shape
from hoiquy.messages import translated

_INT32 = np.iinfo(np.int32)


def model_inputs(model: BuildableModel, x: Any) -> list[AnyArray]:
    """One array for each input of a built model. Raises KerasError."""
    values = separate(x, model.input_names, model.name)
    network = model.network
    arrays = []
    for value, tensor, name in zip(values, network.inputs, model.input_names, strict=True):
        what = "the input" if len(values) == 1 else f"the input {name!r}"
        what = f"{what} of {model.name}"
        if tensor.dtype == "string":
            arrays.append(text_input(value, tensor, network, what))
        else:
            arrays.append(_fitted(as_array(value, what), tensor, network, what))
    check_lengths([len(array) for array in arrays], model.input_names)
    shapes: list[Shape] = [
        tensor.shape if tensor.dtype == "string" else (None, *array.shape[1:])
        for array, tensor in zip(arrays, network.inputs, strict=True)
    ]
    if not model.accepts_other_sizes:
        _check_sizes(model, arrays, shapes)
    elif shapes != [tensor.shape for tensor in network.inputs]:
        network.graph(shapes).output_shapes()
    return arrays


def separate(x: Any, names: Sequence[str], owner: str) -> list[Any]:
    """The value of each input, from one value, a list of them or a dictionary by name."""
    if isinstance(x, Mapping):
        missing = [name for name in names if name not in x]
        if missing:
            given = ", ".join(map(str, x))
            raise KerasError(f"{owner}: no array for the input {missing[0]!r}; got {given}")
        return [x[name] for name in names]
    if len(names) == 1:
        if isinstance(x, list | tuple) and len(x) == 1 and np.ndim(_shape_only(x[0])) > 1:
            return [x[0]]
        return [x]
    if not isinstance(x, list | tuple) or len(x) != len(names):
        count = len(x) if isinstance(x, list | tuple) else 1
        raise KerasError(
            f"{owner} has {len(names)} inputs ({', '.join(names)}), got {count}: give a list of "
            "arrays or a dictionary by name"
        )
    return list(x)


def _shape_only(value: Any) -> Any:
    """A stand-in of the same rank for arrays; 0 for plain lists, whose rank is of their rows."""
    shape = getattr(value, "shape", None)
    return 0 if shape is None else np.empty((0,) * len(shape))


def _fitted(array: AnyArray, tensor: KerasTensor, network: Network, what: str) -> AnyArray:
    """The array in the rank and dtype of its input."""
    array = _with_rank(array, tensor.shape, what)
    refuse_nan(array, what)
    takes_indices, takes_numbers = uses(network, tensor)
    if takes_indices:
        _require_whole_numbers(array, what)
    if takes_indices and not takes_numbers:
        return array.astype(np.int32, copy=False)
    if takes_indices and array.dtype.kind in "iu":
        return array.astype(np.int32, copy=False)
    return array.astype(np.float32, copy=False)


def _with_rank(array: AnyArray, shape: Shape, what: str) -> AnyArray:
    """Remove or add a last axis of size 1, as Keras does."""
    if array.ndim == len(shape) + 1 and array.shape[-1] == 1:
        return array[..., 0]
    if array.ndim == len(shape) - 1 and shape[-1] in (1, None) and len(shape) == 2:
        return array[..., None]
    if array.ndim == len(shape) - 1 and shape[-1] == 1:
        return array[..., None]
    if array.ndim != len(shape):
        raise KerasError(f"{what} has shape {array.shape}, expected {_described(shape)}")
    return array


def _described(shape: Shape) -> str:
    sizes = ["batch", *(str(size) if size is not None else "any" for size in shape[1:])]
    return f"({', '.join(sizes)})"


def uses(network: Network, tensor: KerasTensor) -> tuple[bool, bool]:
    """Whether layers take the input as indices of an embedding, and whether as numbers."""
    indices = numbers = False
    for node in network.consumers(tensor):
        if node.layer.takes_indices:
            indices = True
        elif isinstance(inner := getattr(node.layer, "network", None), Network):
            place = next(i for i, each in enumerate(node.inputs) if each is tensor)
            of_inner = uses(inner, inner.inputs[place])
            indices, numbers = indices or of_inner[0], numbers or of_inner[1]
        elif node.layer.moves_numbers_only:
            for output in node.outputs:
                of_output = uses(network, output)
                indices, numbers = indices or of_output[0], numbers or of_output[1]
        else:
            numbers = True
    return indices, numbers


def _require_whole_numbers(array: AnyArray, what: str) -> None:
    """Raise KerasError unless an Embedding can take the array."""
    if array.dtype.kind == "f" and array.size:
        fraction = np.not_equal(array, np.floor(array))
        if fraction.any():
            value = float(array[fraction].flat[0])
            raise KerasError(
                f"{what} goes into an Embedding, which takes whole numbers (word indices), and "
                f"holds {value:g}"
            )
    if array.size and not (_INT32.min <= array.min() and array.max() <= _INT32.max):
        raise KerasError(f"{what} holds numbers beyond the range of int32")


def check_lengths(lengths: Sequence[int], names: Sequence[str]) -> None:
    """Raise KerasError unless all arrays have the same number of rows."""
    for length, name in zip(lengths[1:], names[1:], strict=True):
        if length != lengths[0]:
            raise KerasError(f"{names[0]} has {lengths[0]} rows and {name} has {length}")


def _check_sizes(
    model: BuildableModel, arrays: Sequence[AnyArray], shapes: Sequence[Shape]
) -> None:
    """Warn where an array has another size than its Input declares, as Keras 2 did.

    Raises KerasError if the layers do not take it.
    """
    for array, tensor, name in zip(arrays, model.inputs, model.input_names, strict=True):
        if tensor.dtype == "string":
            continue
        for size, declared in zip(array.shape[1:], tensor.shape[1:], strict=True):
            if declared is not None and size != declared:
                expected = (
                    f"the input {name!r} of {model.name} has shape {array.shape}, expected "
                    f"{_described(tensor.shape)}"
                )
                try:
                    model.network.graph(shapes).output_shapes()
                except InputError as error:
                    raise KerasError(expected) from error
                usage.warn(translated(expected))
                return
