"""What a data set consists of: its elements, their number, shapes and types."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

import numpy as np

from hoiquy.keras.concrete import as_tensor
from hoiquy.keras.errors import KerasError, MissingNameError
from hoiquy.keras.pipeline import cardinality as sizes
from hoiquy.keras.pipeline.elements import as_element, map_structure, spec_of
from hoiquy.keras.pipeline.sources import Again, Sources
from hoiquy.keras.tensors import EagerTensor


class OneTime(Iterator[Any]):
    """The elements of one iteration, with the methods of iterators of TensorFlow."""

    def __init__(self, elements: Iterator[Any]) -> None:
        self._elements = elements

    def __next__(self) -> Any:
        return next(self._elements)

    def next(self) -> Any:
        """The next element. Raises StopIteration after the last one."""
        return next(self._elements)

    get_next = next


class Elements(Sources):
    """Elements: tensors, or tuples and dictionaries of them; each iteration begins anew.

    Args:
        source: Gives the elements each time it is iterated.
        size: How many there are; INFINITE or UNKNOWN.
        batched: Whether the first axis of the elements has no fixed size.

    Attributes:
        class_names: Set by functions that read folders of classes.
    """

    class_names: list[str] | None

    def __init__(self, source: Iterable[Any], size: int, batched: bool = False) -> None:
        self._source, self._size, self._batched = source, size, batched

    def __iter__(self) -> "OneTime":
        return OneTime(iter(self._source))

    def __len__(self) -> int:
        if self._size < 0:
            kind = "infinite" if self._size == sizes.INFINITE else "unknown"
            raise TypeError(f"the number of elements is {kind}")
        return self._size

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<Dataset element_spec={self.element_spec}>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "class_names":
            raise AttributeError(f"'Dataset' object has no attribute {name!r}")
        raise MissingNameError(
            f"{name} of a data set is not supported: iterate over its elements, or give it to fit"
        )

    def _next(self, begin: Callable[[], Iterator[Any]], size: int, batched: bool) -> Self:
        return type(self)(Again(begin), size, batched)

    # What it consists of

    def cardinality(self) -> EagerTensor:
        """The number of elements; -1 for infinitely many, -2 if it is unknown."""
        return as_tensor(np.int64(self._size))

    @property
    def is_infinite(self) -> bool:
        """Whether the elements have no end."""
        return self._size == sizes.INFINITE

    @property
    def element_spec(self) -> Any:
        """The shapes and types of the first element; None for the size of batches."""
        element = next(iter(self), None)
        spec = None if element is None else spec_of(element)
        if not self._batched or spec is None:
            return spec
        return map_structure(
            lambda leaf: leaf._replace(shape=(None, *leaf.shape[1:])) if leaf.shape else leaf, spec
        )

    def as_numpy_iterator(self) -> "OneTime":
        """The elements as arrays of NumPy, numbers and bytes."""
        return OneTime(map_structure(lambda leaf: leaf.numpy(), element) for element in self)

    def get_single_element(self) -> Any:
        """The only element. Raises KerasError if there are none or several."""
        elements = [element for element, _ in zip(self, range(2), strict=False)]
        if len(elements) != 1:
            raise KerasError("get_single_element: the data set has not exactly one element")
        return elements[0]

    def reduce(self, initial_state: Any, reduce_func: Callable[[Any, Any], Any]) -> Any:
        """reduce_func(state, element) of all elements, one after another."""
        state = as_element(initial_state, "reduce")
        for element in self:
            state = as_element(reduce_func(state, element), "reduce")
        return state


def positive(method: str, name: str, value: Any) -> int:
    """The value as a whole number. Raises KerasError below 1."""
    if int(value) < 1:
        raise KerasError(f"{method}: {name}={int(value)}, expected 1 or more")
    return int(value)
