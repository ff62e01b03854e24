"""The shares of a batch are the whole batch, in order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.nn.shards import shard_rows
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.ray.shares import shard_ranges, shares_of


@given(st.integers(0, 40), st.integers(1, 12))
def test_every_shard_is_in_one_range(shards: int, workers: int) -> None:
    ranges = shard_ranges(shards, workers)
    assert [shard for each in ranges for shard in each] == list(range(shards))
    sizes = [len(each) for each in ranges]
    assert len(ranges) == min(shards, workers)
    assert not sizes or 0 < max(sizes) <= min(sizes) + 1


@given(st.integers(1, 300), st.integers(1, 6))
def test_batches_are_divided_between_shards(documents: int, workers: int) -> None:
    rows = np.arange(documents)
    indices, targets = rows[:, None].astype(np.int32), np.eye(2, dtype=np.float32)[rows % 2]
    shares = shares_of(Batch(3, rows, indices, targets), 2, workers, shard_rows(documents))
    np.testing.assert_array_equal(np.concatenate([share.indices for share in shares]), indices)
    np.testing.assert_array_equal(np.concatenate([share.targets for share in shares]), targets)
    for share in shares:
        assert (share.epoch, share.step, share.documents) == (2, 3, documents)
        assert share.indices[0, 0] == shard_rows(documents) * share.first_shard
