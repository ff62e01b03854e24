"""The fast window maxima are the plain ones, which are those of sums written out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast.window_maxima import window_maxima as fast
from hoiquy.nn.kernels.plain.window_maxima import window_maxima as plain

sizes = st.integers(1, 4)


@settings(max_examples=60, deadline=None)
@given(
    windows=st.integers(1, 9), batch=st.integers(0, 5), rows=sizes, steps=sizes,
    channels=st.integers(1, 37), stride=sizes, dilation=sizes, seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_bits(
    windows: int, batch: int, rows: int, steps: int, channels: int, stride: int, dilation: int,
    seed: int,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    time = (windows - 1) * stride + (steps - 1) * dilation + 1 + seed % 3
    # Few rows: neighbouring windows are often equal, which the fast kernel makes use of.
    indices = rng.integers(0, rows, (time, batch), dtype=np.int32)
    table = rng.standard_normal((rows, steps, channels)).astype(np.float32)
    found = fast(indices, table, windows, stride, dilation)
    np.testing.assert_array_equal(found, plain(indices, table, windows, stride, dilation))
    for document in range(batch):
        sums = [
            sum(table[indices[w * stride + k * dilation, document], k] for k in range(steps))
            for w in range(windows)
        ]
        np.testing.assert_array_equal(found[document], np.max(sums, axis=0))


def arguments(**changes: Any) -> dict[str, Any]:
    table = np.ones((3, 2, 5), np.float32)
    good = {"indices": np.zeros((7, 4), np.int32), "table": table, "windows": 6}
    return good | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"indices": np.full((7, 4), 3, np.int32)},
        {"indices": np.full((7, 4), -1, np.int32)},
        {"indices": np.zeros(7, np.int32)},
        {"table": np.ones((3, 2, 5))},
        {"table": np.ones((3, 10), np.float32)},
        {"table": np.ones((3, 2, 0), np.float32)},
        {"windows": 7},
        {"windows": 0},
        {"windows": 3, "stride": 3},
        {"dilation": 2},
        {"dilation": 0},
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    fast(**arguments())
    with pytest.raises(ShapeError):
        fast(**arguments(**changes))
