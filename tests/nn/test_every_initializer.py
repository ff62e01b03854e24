"""Every initializer: mean, deviation and bounds by Keras' definitions, bits of recipes, errors."""

import math
import re
from typing import Any

import numpy as np
import pytest

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn import initializers
from hoiquy.nn.initializers import (
    INITIALIZERS,
    Constant,
    Identity,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    fans,
)

SHAPE = (300, 200)
CUT = 0.8796256610342398  # the deviation of a standard normal distribution cut at ±2


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_shape_dtype_and_reproducibility(name: str, dtype: Any) -> None:
    one = INITIALIZERS[name]()((7, 12), rng(), dtype)
    assert (one.shape, one.dtype) == ((7, 12), dtype)
    assert one.flags.c_contiguous and one.flags.writeable
    assert one.tobytes() == INITIALIZERS[name]()((7, 12), rng(), dtype).tobytes()
    wide = INITIALIZERS[name]()((7, 12), rng(), np.float64)
    np.testing.assert_array_equal(one, wide.astype(dtype))


@pytest.mark.parametrize(
    ("initializer", "mean", "deviation", "bound"),
    [
        (RandomNormal(1.0, 0.2), 1.0, 0.2, math.inf),
        (TruncatedNormal(1.0, 0.2), 1.0, 0.2 * CUT, 0.4),
        (RandomUniform(-0.2, 0.6), 0.2, 0.8 / math.sqrt(12), 0.4),
        (initializers.GlorotUniform(), 0, math.sqrt(2 / 500), math.sqrt(6 / 500)),
        (initializers.GlorotNormal(), 0, math.sqrt(2 / 500), 2 * math.sqrt(2 / 500) / CUT),
        (initializers.HeUniform(), 0, math.sqrt(2 / 300), math.sqrt(6 / 300)),
        (initializers.HeNormal(), 0, math.sqrt(2 / 300), 2 * math.sqrt(2 / 300) / CUT),
        (initializers.LecunUniform(), 0, math.sqrt(1 / 300), math.sqrt(3 / 300)),
        (initializers.LecunNormal(), 0, math.sqrt(1 / 300), 2 * math.sqrt(1 / 300) / CUT),
        (VarianceScaling(3, "fan_out", "untruncated_normal"), 0, math.sqrt(3 / 200), math.inf),
        (VarianceScaling(3, "fan_out", "uniform"), 0, math.sqrt(3 / 200), math.sqrt(9 / 200)),
    ],
)
def test_distributions(initializer: Any, mean: float, deviation: float, bound: float) -> None:
    drawn = initializer(SHAPE, rng(), np.float64)
    assert abs(drawn.mean() - mean) < deviation / 50
    assert abs(drawn.std() - deviation) < deviation / 100
    reached = np.abs(drawn - mean).max()
    if bound < math.inf:
        assert 0.99 * bound < reached <= bound * (1 + 1e-12)
    else:
        assert reached > 3.5 * deviation


@pytest.mark.parametrize("shape", [(7, 12), (12, 7), (3, 3), (1, 5)])
def test_recipes_keep_their_bits(shape: tuple[int, int]) -> None:
    """The formulas as they were before there were classes."""
    limit = math.sqrt(6 / sum(shape))
    glorot = rng().uniform(-limit, limit, shape).astype(np.float32)
    np.testing.assert_array_equal(initializers.GlorotUniform()(shape, rng(), np.float32), glorot)
    flat = rng().uniform(-0.05, 0.05, shape).astype(np.float32)
    np.testing.assert_array_equal(initializers.RandomUniform()(shape, rng(), np.float32), flat)
    q, r = np.linalg.qr(rng().standard_normal((max(shape), min(shape))))
    q = q * np.sign(np.diag(r))
    orthogonal = (q if shape[0] >= shape[1] else q.T).astype(np.float32)
    np.testing.assert_array_equal(initializers.Orthogonal()(shape, rng(), np.float32), orthogonal)


@pytest.mark.parametrize("fan", range(1, 400, 7))
def test_glorot_limits_are_the_formula(fan: int) -> None:
    drawn = initializers.GlorotUniform()((fan, 3), rng(), np.float64)
    limit = math.sqrt(6 / (fan + 3))
    np.testing.assert_array_equal(drawn, rng().uniform(-limit, limit, (fan, 3)))


@pytest.mark.parametrize("shape", [(5, 20), (20, 5), (9, 9), (2, 3, 4), (3, 2, 20)])
def test_orthogonal_with_gain(shape: tuple[int, ...]) -> None:
    drawn = Orthogonal(gain=3.0)(shape, rng(), np.float64).reshape(-1, shape[-1])
    short = drawn if drawn.shape[0] <= drawn.shape[1] else drawn.T
    np.testing.assert_allclose(short @ short.T, 9 * np.eye(len(short)), atol=1e-12)


def test_constants() -> None:
    assert (INITIALIZERS["zeros"]()((2, 3), rng(), np.float32) == 0).all()
    assert (INITIALIZERS["ones"]()((2, 3), rng(), np.float32) == 1).all()
    np.testing.assert_array_equal(Identity(2.0)((2, 3), rng(), float), [[2, 0, 0], [0, 2, 0]])
    np.testing.assert_array_equal(Constant([1, 2])((2, 2), rng(), float), [[1, 2], [1, 2]])
    table = np.ones((2, 3), np.float32)
    assert not np.shares_memory(Constant(table)((2, 3), rng(), np.float32), table)


def test_fans() -> None:
    assert fans(()) == (1, 1) and fans((4,)) == (4, 4)
    assert fans((3, 5)) == (3, 5) and fans((2, 3, 5)) == (6, 10)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: VarianceScaling(0), InputError, "scale=0: expected a number above 0"),
        (lambda: VarianceScaling(1, "fan"), InputError, "mode 'fan': expected one of fan_in,"),
        (lambda: VarianceScaling(1, "fan_in", "beta"), InputError, "distribution 'beta': expected"),
        (lambda: Orthogonal()((3,), rng(), float), ShapeError, "got shape (3,)"),
        (lambda: Identity()((3,), rng(), float), ShapeError, "got shape (3,)"),
        (lambda: Constant([1, 2])((3,), rng(), float), ShapeError, "shape (2,) does not fit (3,)"),
    ],
)
def test_wrong_settings_are_named(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        make()
