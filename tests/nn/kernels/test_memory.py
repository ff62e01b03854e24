"""Work arrays: their memory is used again, and what is kept does not grow without end."""

from collections.abc import Sequence

import numpy as np
import pytest

from hoiquy.nn.kernels import memory, recycled_memory, work_array

ARRAYS, WIDEST = 6, 1000  # of a shard; numbers of one step


def shard(steps: int) -> None:
    """Like a shard: some arrays of its length, all alive at once."""
    arrays = [work_array(steps, WIDEST // (1 + number)) for number in range(ARRAYS)]
    for array in arrays:
        array.fill(1)


def kept() -> int:
    return sum(array.size for arrays in memory._free.values() for array in arrays)


@pytest.mark.parametrize(
    "lengths",
    [range(1, 200), range(200, 0, -1), np.random.default_rng(1).integers(1, 200, 300).tolist()],
    ids=["rising", "falling", "mixed"],
)
def test_many_lengths_take_little_more_than_the_longest(lengths: Sequence[int]) -> None:
    with recycled_memory():
        shard(200)
        longest = kept()
    with recycled_memory():
        for steps in lengths:
            shard(steps)
        assert kept() <= 2.5 * longest


def test_memory_is_used_again_and_given_back_at_the_end() -> None:
    with recycled_memory():
        first = work_array(100, 7)
        place = first.ctypes.data
        del first
        assert work_array(7, 90).ctypes.data == place
    assert kept() == 0


def test_live_arrays_do_not_share_memory() -> None:
    with recycled_memory():
        one, other = work_array(50), work_array(50)
        one.fill(1)
        other.fill(2)
        view = one[10:20]
        del one
        third = work_array(50)
        third.fill(3)
        assert view.tolist() == [1] * 10


@pytest.mark.parametrize("shape", [(1,), (8,), (3, 5), (2, 3, 4, 8), (0, 4)])
def test_shapes_are_as_requested(shape: tuple[int, ...]) -> None:
    with recycled_memory():
        for _ in range(2):
            array = work_array(*shape)
            assert array.shape == shape and array.dtype == np.float32
            assert array.flags.c_contiguous and array.flags.writeable
