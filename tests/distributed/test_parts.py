"""The parts of a batch are the whole batch, in order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.distributed.parts import Part, parts_of, shares
from hoiquy.nn.shards import SHARD_ROWS
from hoiquy.training.encoding.batches import Batch


@given(st.integers(0, 40), st.integers(1, 12))
def test_every_shard_is_one_process_s(shards: int, processes: int) -> None:
    parts = shares(shards, processes)
    assert [shard for part in parts for shard in part] == list(range(shards))
    sizes = [len(part) for part in parts]
    assert len(parts) == min(shards, processes)
    assert not sizes or 0 < max(sizes) <= min(sizes) + 1


@given(st.integers(1, 300), st.integers(1, 6))
def test_parts_are_cut_between_shards(documents: int, processes: int) -> None:
    rows = np.arange(documents)
    indices, targets = rows[:, None].astype(np.int32), np.eye(2, dtype=np.float32)[rows % 2]
    parts = parts_of(Batch(3, rows, indices, targets), 2, processes)
    np.testing.assert_array_equal(np.concatenate([part.indices for part in parts]), indices)
    np.testing.assert_array_equal(np.concatenate([part.targets for part in parts]), targets)
    assert [part.is_last for part in parts] == [False] * (len(parts) - 1) + [True]
    for part in parts:
        assert (part.epoch, part.step, part.documents) == (2, 3, documents)
        assert part.indices[0, 0] == SHARD_ROWS * part.first_shard
        assert vars(Part.read(part.message())).keys() == vars(part).keys()
