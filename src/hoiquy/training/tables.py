"""Gradients of looked-up rows, added into tables by all threads."""

from collections.abc import Mapping
from itertools import starmap

from hoiquy.nn.kernels import Array, Gradient, LookupGradient
from hoiquy.nn.shards import ShardPool


def with_tables(
    gradients: Mapping[str, Gradient], pool: ShardPool | None = None
) -> dict[str, Gradient]:
    """Gradients of all shards, those of looked-up rows added into tables.

    pool: threads; by default only this one. Each adds to other rows, in the order of the shards:
        the bits do not depend on their number.
    """
    threads = 1 if pool is None else pool.threads
    result = dict(gradients)
    tasks: list[tuple[LookupGradient, Array, int, int]] = []
    for name, gradient in gradients.items():
        if isinstance(gradient, LookupGradient):
            values = gradient.empty_values()
            result[name] = gradient.of_values(values)
            tasks += [(gradient, values, part, threads) for part in range(threads)]
    run = starmap if pool is None else pool.starmap
    for _ in run(LookupGradient.fill, tasks):
        pass
    return result
