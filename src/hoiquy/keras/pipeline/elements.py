"""Elements of data sets: tensors, and tuples and dictionaries of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from hoiquy.keras.concrete import as_tensor, dtype_name
from hoiquy.keras.errors import KerasError
from hoiquy.keras.tensors import EagerTensor, eager_tensor


class TensorSpec(NamedTuple):
    """The shape and the type of a tensor; None in the shape for any size."""

    shape: tuple[int | None, ...] = ()
    dtype: Any = "float32"
    name: str | None = None

    def __repr__(self) -> str:
        kind = getattr(self.dtype, "name", self.dtype)
        return f"TensorSpec(shape={self.shape}, dtype=tf.{kind}, name={self.name!r})"


def map_structure(function: Callable[..., Any], first: Any, *others: Any) -> Any:
    """The structure with function(leaf, …) of the leaves at the same place of several structures.

    Tuples and dictionaries are structures, lists are not.
    """
    if isinstance(first, Mapping):
        return {
            key: map_structure(function, part, *(other[key] for other in others))
            for key, part in first.items()
        }
    if isinstance(first, tuple) and not isinstance(first, TensorSpec):
        parts = [map_structure(function, *each) for each in zip(first, *others, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    return function(first, *others)


def leaves(structure: Any) -> Iterator[Any]:
    """The leaves of a structure."""
    if isinstance(structure, Mapping):
        for part in structure.values():
            yield from leaves(part)
    elif isinstance(structure, tuple) and not isinstance(structure, TensorSpec):
        for part in structure:
            yield from leaves(part)
    else:
        yield structure


def as_element(value: Any, what: str) -> Any:
    """What a function or a generator gave, as an element: lists become tensors."""
    if value is None:
        raise KerasError(f"{what} gave None, expected arrays, numbers or texts")
    return map_structure(lambda leaf: _as_leaf(leaf, what), value)


def _as_leaf(leaf: Any, what: str) -> Any:
    return leaf if hasattr(leaf, "as_numpy_iterator") else as_tensor(leaf, what=what)


def spec_of(element: Any) -> Any:
    """The shapes and types of an element."""
    return map_structure(
        lambda leaf: (
            TensorSpec(tuple(leaf.shape), dtype_name(leaf.dtype))
            if isinstance(leaf, np.ndarray)
            else leaf
        ),
        element,
    )


def stacked(elements: Sequence[Any]) -> Any:
    """A batch of elements. Raises KerasError where their shapes differ."""
    return map_structure(_stacked, *_same_structure(elements))


def _same_structure(elements: Sequence[Any]) -> Sequence[Any]:
    first = elements[0]
    for other in elements:
        if isinstance(first, Mapping) and set(other) != set(first):
            raise KerasError(
                f"batch: an element has the keys {list(other)}, the first {list(first)}"
            )
    return elements


def _stacked(*tensors: EagerTensor) -> EagerTensor:
    first = tensors[0]
    if first.ndim == 0:
        return eager_tensor(np.array([each.item() for each in tensors], first.dtype), None)
    for i, other in enumerate(tensors):
        if other.shape != first.shape:
            raise KerasError(
                f"batch: element {i} has shape {other.shape}, the first {first.shape}: use "
                "padded_batch, or make them equally long"
            )
    return eager_tensor(np.stack([np.asarray(each) for each in tensors]), None)


def padded(elements: Sequence[Any], shapes: Any, values: Any) -> Any:
    """A batch of elements that are filled up to the longest.

    Args:
        elements: Of the same structure and ranks.
        shapes: For each leaf a list of sizes, None or -1 for the largest; None for all sizes.
        values: What to fill with, for each leaf or for all; None for zeros and empty texts.

    Raises:
        KerasError: An element is larger than its shape.
    """
    first = elements[0]
    count = len(list(leaves(first)))
    of_leaves = [None] * count if shapes is None else _by_leaf(shapes, first)
    fills = _by_leaf(values, first) if isinstance(values, tuple | Mapping) else [values] * count
    options = iter(zip(of_leaves, fills, strict=True))
    return map_structure(lambda *tensors: _padded(tensors, *next(options)), *elements)


def _by_leaf(options: Any, element: Any) -> list[Any]:
    """The option of each leaf; shapes are lists, tuples of sizes, or empty."""
    if isinstance(element, Mapping):
        return [each for key, part in element.items() for each in _by_leaf(options[key], part)]
    if isinstance(element, tuple):
        return [
            each
            for option, part in zip(options, element, strict=True)
            for each in _by_leaf(option, part)
        ]
    return [options]


def _padded(tensors: Sequence[EagerTensor], shape: Any, fill: Any) -> EagerTensor:
    largest = [max(sizes) for sizes in zip(*(each.shape for each in tensors), strict=True)]
    wanted = list(largest)
    for axis, size in enumerate(shape or ()):
        if size not in (None, -1):
            wanted[axis] = int(size)
        if wanted[axis] < largest[axis]:
            raise KerasError(
                f"padded_batch: an element has size {largest[axis]}, larger than {wanted[axis]} of "
                "padded_shapes"
            )
    dtype = tensors[0].dtype
    if fill is None:
        fill = b"" if dtype.kind == "O" else 0
    elif isinstance(fill, str):
        fill = fill.encode()
    batch = np.full((len(tensors), *wanted), fill, dtype)
    for row, each in zip(batch, tensors, strict=True):
        if each.ndim:
            row[tuple(slice(size) for size in each.shape)] = np.asarray(each)
    if not wanted:
        batch = np.array([each.item() for each in tensors], dtype)
    return eager_tensor(batch, None)
