"""Batches and windows of elements, and elements of batches."""

from collections.abc import Iterable, Iterator
from typing import Any, Self

from hoiquy.keras.pipeline import cardinality as sizes
from hoiquy.keras.pipeline import transformations as steps
from hoiquy.keras.pipeline.base import Elements, positive
from hoiquy.keras.pipeline.elements import padded, stacked


class Batches(Elements):
    """The methods of a data set that put elements together or apart."""

    def batch(
        self, batch_size: Any, drop_remainder: bool = False, num_parallel_calls: Any = None,
        deterministic: Any = None, name: Any = None,
    ) -> Self:  # fmt: skip
        """Batches of elements, stacked along a new first axis.

        Args:
            batch_size: Elements of a batch.
            drop_remainder: Whether to leave out a last batch with fewer.
            num_parallel_calls: Has no effect.
            deterministic: Has no effect.
            name: Has no effect.

        Raises:
            KerasError: The size is below 1; in an iteration, elements have different shapes.
        """
        size = positive("batch", "batch_size", batch_size)
        return self._next(
            lambda: map(stacked, steps.groups(self, size, drop_remainder)),
            sizes.batched(self._size, size, drop_remainder),
            not drop_remainder,
        )

    def padded_batch(
        self, batch_size: Any, padded_shapes: Any = None, padding_values: Any = None,
        drop_remainder: bool = False, name: Any = None,
    ) -> Self:  # fmt: skip
        """Batches of elements that are filled up at their ends to the longest of the batch.

        Args:
            batch_size: Elements of a batch.
            padded_shapes: A list of sizes for each part of the elements, None for the longest.
            padding_values: What to fill with; zeros and empty texts by default.
            drop_remainder: As in `batch`.
            name: Has no effect.

        Raises:
            KerasError: The size is below 1; in an iteration, an element is larger than its shape.
        """
        size = positive("padded_batch", "batch_size", batch_size)

        def batches() -> Iterator[Any]:
            for group in steps.groups(self, size, drop_remainder):
                yield padded(group, padded_shapes, padding_values)

        return self._next(
            batches, sizes.batched(self._size, size, drop_remainder), not drop_remainder
        )

    def unbatch(self, name: Any = None) -> Self:
        """The rows of the elements, one by one."""
        return self._next(lambda: steps.unbatched(self), sizes.UNKNOWN, False)

    def window(
        self, size: int, shift: int | None = None, stride: int = 1, drop_remainder: bool = False,
        name: Any = None,
    ) -> Self:  # fmt: skip
        """Data sets of so many elements each.

        Args:
            size: Elements of a window.
            shift: From the start of one window to that of the next; by default `size`.
            stride: Distance of the elements of a window.
            drop_remainder: Whether to leave out windows with fewer elements.
            name: Has no effect.
        """
        for what, value in (("size", size), ("shift", shift or size), ("stride", stride)):
            positive("window", what, value)

        def parts() -> Iterator[Any]:
            for group in steps.windows(self, size, shift or size, stride, drop_remainder):
                columns = [type(self)(list(each), len(group)) for each in _columns(group)]
                yield tuple(columns) if isinstance(group[0], tuple) else columns[0]

        return self._next(parts, sizes.UNKNOWN, False)


def _columns(group: list[Any]) -> Iterable[Any]:
    return zip(*group, strict=True) if isinstance(group[0], tuple) else [group]
