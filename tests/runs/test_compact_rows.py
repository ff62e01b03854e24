"""Float16 and int8 rows: how far they are from float32, and what a file of them may hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hoiquy.errors import InputError, RunError
from hoiquy.runs.compact_rows import CompactRows, expanded, packed, unpacked

ROWS = arrays.arrays(np.float32, (5, 4), elements=st.floats(-8, 8, width=32))


def rows() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 1, (5, 4)).astype(np.float32)


@given(ROWS)
def test_int8_is_within_half_a_step_of_the_largest_value_of_its_row(array: np.ndarray) -> None:
    compact = CompactRows.of(array, "int8")
    step = np.abs(array).max(axis=1, keepdims=True) / 127
    assert (np.abs(compact[:] - array) <= 0.51 * step + 1e-30).all()
    assert compact[:].dtype == np.float32
    assert np.abs(compact.values.astype(int)).max() <= 127


@given(ROWS)
def test_float16_rounds_each_value(array: np.ndarray) -> None:
    np.testing.assert_array_equal(CompactRows.of(array, "float16")[:], np.float16(array))


def test_a_row_is_the_same_alone_and_among_others() -> None:
    compact = CompactRows.of(rows(), "int8")
    np.testing.assert_array_equal(compact[np.array([[3, 1], [0, 3]])], compact[:][[[3, 1], [0, 3]]])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("type", ["float16", "int8"])
def test_a_value_that_is_not_finite_is_refused(value: float, type: str) -> None:
    array = rows()
    array[2, 1] = value
    with pytest.raises(InputError, match=f"a value that {type} cannot hold"):
        CompactRows.of(array, type)  # type: ignore[arg-type]


def test_a_value_beyond_float16_is_refused() -> None:
    with pytest.raises(InputError, match="float16 cannot hold"):
        CompactRows.of(rows() * 1e6, "float16")
    assert np.isfinite(CompactRows.of(rows() * 1e6, "int8")[:]).all()


@pytest.mark.parametrize("type", ["float16", "int8"])
def test_what_is_packed_is_unpacked(type: str) -> None:
    compact = CompactRows.of(rows(), type)  # type: ignore[arg-type]
    weights = {"embedding/embeddings": compact, "dense/kernel": rows()}
    found = unpacked(packed(weights), "file")
    assert list(found) == list(weights)
    for name, array in expanded(found).items():
        np.testing.assert_array_equal(array, expanded(weights)[name])


@pytest.mark.parametrize(
    "scales", [None, np.ones((4, 1), np.float32), np.ones(5, np.float32), np.ones((5, 1))]
)
def test_scales_that_do_not_fit_are_refused(scales: np.ndarray | None) -> None:
    found = packed({"e": CompactRows.of(rows(), "int8")})
    del found["e.scales"]
    if scales is not None:
        found["e.scales"] = scales
    with pytest.raises(RunError, match="file is damaged: e has no scale for each row"):
        unpacked(found, "file")
