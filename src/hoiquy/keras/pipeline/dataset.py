"""`Dataset`: elements one after another, as `tf.data.Dataset`, made when they are needed."""

from collections.abc import Callable, Iterator
from typing import Any

from hoiquy.keras.errors import KerasTypeError
from hoiquy.keras.pipeline import cardinality as sizes
from hoiquy.keras.pipeline import transformations as steps
from hoiquy.keras.pipeline.base import positive
from hoiquy.keras.pipeline.batches import Batches
from hoiquy.keras.seed import next_seed


class Dataset(Batches):
    """A data set with all methods."""

    def map(
        self, map_func: Callable[..., Any], num_parallel_calls: Any = None,
        deterministic: Any = None, name: Any = None, **ignored: Any,
    ) -> "Dataset":  # fmt: skip
        """A function of each element, called in each iteration; the parts of a tuple are arguments.

        Args:
            map_func: A function of Python on tensors; it may return tuples and dictionaries.
            num_parallel_calls: Has no effect.
            deterministic: Has no effect.
            name: Has no effect.
            **ignored: Further options without an effect.
        """
        _require_function("map", map_func)
        return self._next(lambda: steps.mapped(self, map_func), self._size, self._batched)

    def filter(self, predicate: Callable[..., Any], name: Any = None) -> "Dataset":
        """The elements for which a function is true."""
        _require_function("filter", predicate)
        return self._next(lambda: steps.filtered(self, predicate), sizes.UNKNOWN, self._batched)

    def flat_map(self, map_func: Callable[..., Any], name: Any = None) -> "Dataset":
        """The elements of the data sets that a function gives, one data set after another."""
        _require_function("flat_map", map_func)

        def elements() -> Iterator[Any]:
            for element in self:
                yield from steps.applied(map_func, element)

        return self._next(elements, sizes.UNKNOWN, False)

    def interleave(self, map_func: Callable[..., Any], *_: Any, **ignored: Any) -> "Dataset":
        """As `flat_map`: TensorFlow takes the elements of several data sets in turn."""
        return self.flat_map(map_func)

    def enumerate(self, start: int = 0, name: Any = None) -> "Dataset":
        """Pairs of a number and an element."""
        return Dataset.zip((Dataset.range(start, 2**62), self))

    def apply(self, transformation_func: Callable[["Dataset"], Any]) -> Any:
        """A function of the data set."""
        return transformation_func(self)

    def shuffle(
        self, buffer_size: Any, seed: int | None = None,
        reshuffle_each_iteration: bool | None = None, name: Any = None,
    ) -> "Dataset":  # fmt: skip
        """The elements in another random order in each iteration.

        Args:
            buffer_size: How many elements are held to draw from; all, for an even order.
            seed: The same seed gives the same orders; None for the next one of `set_random_seed`.
            reshuffle_each_iteration: False for the same order in all iterations.
            name: Has no effect.

        Raises:
            KerasError: The buffer size is below 1.
        """
        size = positive("shuffle", "buffer_size", buffer_size)
        number = next_seed() if seed is None else abs(int(seed))
        anew = reshuffle_each_iteration is not False
        return Dataset(steps.Shuffle(self, size, number, anew), self._size, self._batched)

    def repeat(self, count: int | None = None, name: Any = None) -> "Dataset":
        """The elements several times; for ever without a number."""
        times = -1 if count is None else int(count)
        return self._next(
            lambda: steps.repeated(self, times), sizes.repeated(self._size, times), self._batched
        )

    def take(self, count: Any, name: Any = None) -> "Dataset":
        """The first elements; all where the number is below 0."""
        number = int(count)

        def elements() -> Iterator[Any]:
            for _, element in zip(range(number), self, strict=False):
                yield element

        size = sizes.taken(self._size, number)
        return self if number < 0 else self._next(elements, size, self._batched)

    def skip(self, count: Any, name: Any = None) -> "Dataset":
        """The elements after the first ones; none where the number is below 0."""
        number = int(count)

        def elements() -> Iterator[Any]:
            for place, element in enumerate(self):
                if 0 <= number <= place:
                    yield element

        return self._next(elements, sizes.skipped(self._size, number), self._batched)

    def shard(self, num_shards: int, index: int, name: Any = None) -> "Dataset":
        """Every so manieth element, from the one with number `index` on."""

        def elements() -> Iterator[Any]:
            for place, element in enumerate(self):
                if place % num_shards == index:
                    yield element

        size = self._size if self._size < 0 else len(range(index, self._size, num_shards))
        return self._next(elements, size, self._batched)

    def concatenate(self, dataset: "Dataset", name: Any = None) -> "Dataset":
        """The elements of this data set, then those of another."""

        def elements() -> Iterator[Any]:
            yield from self
            yield from dataset

        return self._next(
            elements, sizes.one_after_another(self._size, dataset._size), self._batched
        )

    def cache(self, filename: Any = "", name: Any = None) -> "Dataset":
        """The same elements, kept in memory from the first complete iteration on."""
        return Dataset(steps.Cache(self), self._size, self._batched)

    def prefetch(self, buffer_size: Any = None, name: Any = None) -> "Dataset":
        """The same elements: they are made when they are needed."""
        return Dataset(self, self._size, self._batched)

    def with_options(self, options: Any, name: Any = None) -> "Dataset":
        """The same elements: no option can change them."""
        return self


def _require_function(method: str, function: Any) -> None:
    if not callable(function):
        raise KerasTypeError(f"{method}: got {type(function).__name__}, expected a function")
