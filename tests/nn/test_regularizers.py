"""Regularizers and constraints: gradients, bits of recipes, norms, errors."""

import math
import re
from typing import Any

import numpy as np
import pytest

from gradients import assert_gradients
from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from hoiquy.nn.regularizers import L1L2, OrthogonalRegularizer, Regularizer


def weights(dtype: Any = np.float64) -> Any:
    return np.random.default_rng(1).standard_normal((5, 7)).astype(dtype)


REGULARIZERS: list[Regularizer] = [
    L1L2(l2=0.1), L1L2(l1=0.2), L1L2(0.3, 0.1), L1L2(),
    OrthogonalRegularizer(0.5), OrthogonalRegularizer(0.5, "columns"),
]  # fmt: skip


@pytest.mark.parametrize("regularizer", REGULARIZERS, ids=repr)
def test_gradients(regularizer: Regularizer) -> None:
    array = weights()
    gradient = regularizer.gradient(array)
    rng = np.random.default_rng(2)
    assert_gradients(lambda: regularizer.penalty(array), {"w": array}, {"w": gradient}, rng)
    assert regularizer.gradient(weights(np.float32)).dtype == np.float32
    assert not np.shares_memory(gradient, array)


def test_l2_keeps_the_bits_of_recipes() -> None:
    array = weights(np.float32)
    assert L1L2(l2=0.01).penalty(array) == 0.01 * float(np.vdot(array, array))
    np.testing.assert_array_equal(L1L2(l2=0.01).gradient(array), np.float32(0.02) * array)


def test_orthogonal_rows_have_no_penalty() -> None:
    assert OrthogonalRegularizer().penalty(np.eye(3, 4)) == 0
    assert OrthogonalRegularizer().penalty(np.ones((1, 4))) == 0
    assert OrthogonalRegularizer(1.0).penalty(np.ones((3, 4))) == pytest.approx(1)


def norms(array: Any, axis: int = 0) -> Any:
    return np.linalg.norm(array, axis=axis)


def test_constraints() -> None:
    array = weights(np.float32)
    assert norms(array).max() > 1.5 > norms(array).min()
    np.testing.assert_allclose(norms(UnitNorm().project(array)), 1, rtol=1e-6)
    np.testing.assert_allclose(norms(UnitNorm(axis=1).project(array), 1), 1, rtol=1e-6)
    np.testing.assert_allclose(
        norms(MaxNorm(1.5).project(array)), np.minimum(norms(array), 1.5), rtol=1e-6
    )
    np.testing.assert_array_equal(NonNeg().project(array), np.maximum(array, 0))
    half = MinMaxNorm(2.0, 2.0, rate=0.5).project(array)
    np.testing.assert_allclose(norms(half), (norms(array) + 2) / 2, rtol=1e-6)
    np.testing.assert_allclose(
        norms(UnitNorm(axis=(0, 1)).project(array).reshape(-1)), 1, rtol=1e-6
    )
    for constraint in (UnitNorm(), MaxNorm(), NonNeg(), MinMaxNorm()):
        assert constraint.project(array).dtype == np.float32
        assert not np.isnan(constraint.project(np.zeros((2, 2)))).any()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: L1L2(l1=-1), InputError, "l1=-1: expected a finite number from 0 on"),
        (lambda: L1L2(l2=math.nan), InputError, "l2=nan: expected"),
        (lambda: OrthogonalRegularizer(-1), InputError, "factor=-1: expected"),
        (lambda: OrthogonalRegularizer(mode="both"), InputError, "mode 'both': expected rows or"),
        (lambda: OrthogonalRegularizer().penalty(np.ones(3)), ShapeError, "got shape (3,)"),
        (lambda: MinMaxNorm(2.0, 1.0), InputError, "min_value=2.0 is above max_value=1.0"),
    ],
)
def test_wrong_settings_are_named(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        make()
