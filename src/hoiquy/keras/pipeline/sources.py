"""Where the elements of a data set come from: the static methods of `tf.data.Dataset`."""

import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from hoiquy.keras.concrete import as_dtype, as_tensor
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.pipeline import cardinality as sizes
from hoiquy.keras.pipeline.elements import as_element, leaves, map_structure
from hoiquy.keras.pipeline.transformations import slices
from hoiquy.keras.tensors import eager_tensor
from hoiquy.keras.usage import record_used


class Again:
    """Calls a function for each iteration, for an iterator."""

    def __init__(self, begin: Callable[[], Iterator[Any]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[Any]:
        return self._begin()


class Sources:
    """Makes data sets of arrays, generators and other data sets."""

    def __init__(self, source: Any, size: int, batched: bool = False) -> None:
        raise NotImplementedError

    @classmethod
    def from_tensor_slices(cls, tensors: Any, name: Any = None) -> Self:
        """The rows of arrays.

        Args:
            tensors: An array, a list, a pandas object, or tuples and dictionaries of them, all with
                as many rows; of a data frame, a dictionary of its columns.
            name: Has no effect.

        Raises:
            KerasError: The numbers of rows differ, or there is a single value.
        """
        record_used("data.Dataset.from_tensor_slices")
        arrays = as_element(_plain(tensors), "from_tensor_slices")
        if any(each.ndim == 0 for each in leaves(arrays)):
            raise KerasError(
                "from_tensor_slices: a single value has no rows: give an array or list"
            )
        rows = {len(each) for each in leaves(arrays)}
        if len(rows) != 1:
            raise KerasError(
                f"from_tensor_slices: the arrays have {', '.join(map(str, sorted(rows)))} rows, "
                "expected as many in all"
            )
        count = rows.pop()
        return cls(Again(lambda: slices(arrays, count)), count)

    @classmethod
    def from_tensors(cls, tensors: Any, name: Any = None) -> Self:
        """One element."""
        return cls([as_element(_plain(tensors), "from_tensors")], 1)

    @classmethod
    def from_generator(
        cls, generator: Any, output_types: Any = None, output_shapes: Any = None, args: Any = None,
        output_signature: Any = None, name: Any = None,
    ) -> Self:  # fmt: skip
        """What a generator yields.

        Args:
            generator: A function without arguments, or of `args`, called for each iteration.
            output_types: The types of the elements' tensors, in their structure.
            output_shapes: Has no effect.
            args: Arguments for the function.
            output_signature: As `output_types`, by objects with a `dtype`.
            name: Has no effect.

        Raises:
            KerasTypeError: It is not a function.
        """
        if not callable(generator):
            raise KerasTypeError(
                f"from_generator: got {type(generator).__name__}, expected a function that returns "
                "a generator"
            )
        types = output_types
        if output_signature is not None:
            types = map_structure(lambda spec: spec.dtype, output_signature)

        def elements() -> Iterator[Any]:
            for value in generator(*(args or ())):
                yield _typed(value, types)

        return cls(Again(elements), sizes.UNKNOWN)

    @classmethod
    def range(cls, *bounds: Any, output_type: Any = np.int64, name: Any = None) -> Self:
        """Whole numbers, as `range` of Python gives them."""
        numbers = builtins.range(*(int(bound) for bound in bounds))
        dtype = as_dtype(output_type)
        source = Again(lambda: (eager_tensor(np.array(one, dtype), None) for one in numbers))
        return cls(source, len(numbers))

    @classmethod
    def zip(cls, *datasets: Any, name: Any = None) -> Self:
        """Tuples of the elements of several data sets, until the shortest ends.

        datasets: data sets, or one tuple or dictionary of them.
        """
        structure = datasets[0] if len(datasets) == 1 else datasets
        members = list(leaves(structure))

        def elements() -> Iterator[Any]:
            for each in builtins.zip(*members, strict=False):
                values = iter(each)
                yield map_structure(lambda _, values=values: next(values), structure)

        size = sizes.together([one._size for one in members])
        return cls(Again(elements), size, all(one._batched for one in members))


def _plain(value: Any) -> Any:
    """Data frames as dictionaries of columns; structures stay."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return {str(key): value[key] for key in value.columns}
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(_plain(part) for part in value)
    return value


def _typed(value: Any, types: Any) -> Any:
    """An element with tensors of these types."""
    if types is None:
        return as_element(value, "from_generator")
    if isinstance(types, Sequence) and not isinstance(types, str) and isinstance(value, list):
        value = tuple(value)
    types = tuple(types) if isinstance(types, list) else types
    return map_structure(lambda kind, leaf: as_tensor(leaf, kind, "from_generator"), types, value)
