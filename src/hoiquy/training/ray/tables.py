"""Arrow tables computed by Ray Data, in order."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hoiquy.errors import HoiquyError
from hoiquy.training.ray.tasks import own_errors


def tables_of(
    function: Callable[..., Iterator[Any]],
    parts: Sequence[Mapping[str, str | int]],
    arguments: Sequence[Any],
    at_once: int,
) -> Iterator[Any]:
    """Yield the Arrow tables of `function(part, *arguments)` for each part, in order.

    The function, of a module, runs in workers with one processor, at most `at_once` of them. Few
    tables are in memory at once. If a worker dies, its part is repeated, at most three times.
    Raises what the function raises.
    """
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    dataset = ray.data.from_items([dict(part) for part in parts], override_num_blocks=len(parts))
    options = dataset.context
    options.execution_options.preserve_order = True
    options.enable_progress_bars = False
    made = dataset.map_batches(
        _tables, batch_size=1, batch_format="pyarrow", fn_args=(function, list(arguments)),
        num_cpus=1, concurrency=min(at_once, len(parts)),
    )  # fmt: skip
    try:
        with own_errors():
            yield from made.iter_batches(batch_size=None, batch_format="pyarrow")
    except _CarriedError as error:
        raise error.carried from error


def _tables(
    batch: Any, function: Callable[..., Iterator[Any]], arguments: Sequence[Any]
) -> Iterator[Any]:
    (part,) = batch.to_pylist()
    try:
        yield from function(part, *arguments)
    except HoiquyError as error:
        raise _CarriedError(error) from error


class _CarriedError(Exception):
    """Carries an error unchanged, as Ray Data adds lines to messages."""

    def __init__(self, carried: HoiquyError) -> None:
        super().__init__(str(carried))
        self.carried = carried

    def __reduce__(self) -> tuple[type["_CarriedError"], tuple[HoiquyError]]:
        return _CarriedError, (self.carried,)
