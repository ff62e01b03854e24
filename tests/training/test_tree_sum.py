"""A tree sum depends on the order of the shards alone, in one process or handed on by several."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.training.tree_sum import TreeSum


def nested(one: str, other: str) -> str:
    """Shows the order of additions."""
    return f"({one}{other})"


def put_all(shards: list[int], sums: TreeSum[str]) -> TreeSum[str]:
    for shard in shards:
        sums.put(shard, chr(ord("a") + shard))
    return sums


@pytest.mark.parametrize(
    ("shards", "expected"),
    [(1, "a"), (2, "(ab)"), (3, "((ab)c)"), (4, "((ab)(cd))"), (7, "((((ab)(cd))(ef))g)")],
)
def test_neighbours_are_added_in_pairs(shards: int, expected: str) -> None:
    assert put_all([*range(shards)], TreeSum(nested)).total() == expected


@given(st.integers(1, 26), st.randoms(use_true_random=False), st.integers(1, 5))
def test_neither_order_nor_workers_matter(shards: int, order: random.Random, workers: int) -> None:
    expected = put_all([*range(shards)], TreeSum(nested)).total()
    shuffled = [*range(shards)]
    order.shuffle(shuffled)
    assert put_all(shuffled, TreeSum(nested)).total() == expected

    handed_on = TreeSum(nested)
    for worker in range(workers):
        own = put_all(shuffled[worker::workers], TreeSum(nested))
        handed_on = TreeSum(nested, handed_on.partial)
        for place, result in own.partial.items():
            handed_on.put_partial(place, result)
    assert handed_on.total() == expected


def test_threads_put_at_the_same_time() -> None:
    sums: TreeSum[list[int]] = TreeSum(lambda one, other: one + other)
    with ThreadPoolExecutor(8) as threads:
        for _ in threads.map(lambda shard: sums.put(shard, [shard]), range(1000)):
            pass
    assert sums.total() == [*range(1000)]
