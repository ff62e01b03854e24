"""Keras' initialisers: ranges, orthogonality, reproducibility."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from hoiquy.nn.initializers import GlorotUniform, Orthogonal, RandomUniform
from hoiquy.nn.layers import GRU, LSTM, SimpleRNN

INITIALIZERS = [GlorotUniform(), Orthogonal(), RandomUniform()]
Initializer = Callable[..., Any]


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_shape_dtype_and_reproducibility(initializer: Initializer, dtype: Any) -> None:
    one = initializer((7, 12), rng(), dtype)
    assert (one.shape, one.dtype) == ((7, 12), dtype)
    assert one.flags.c_contiguous and one.flags.writeable
    assert one.tobytes() == initializer((7, 12), rng(), dtype).tobytes()
    assert one.tobytes() != initializer((7, 12), rng(2), dtype).tobytes()
    np.testing.assert_array_equal(one, initializer((7, 12), rng(), np.float64).astype(dtype))


@pytest.mark.parametrize(
    ("initializer", "limit"), [(GlorotUniform(), np.sqrt(6 / 500)), (RandomUniform(), 0.05)]
)
def test_uniform_ones_fill_their_range(initializer: Initializer, limit: float) -> None:
    drawn = initializer((300, 200), rng(), np.float64)
    assert 0.999 * limit < np.abs(drawn).max() <= limit
    assert abs(drawn.mean()) < limit / 50
    assert abs(drawn.std() - limit / np.sqrt(3)) < limit / 100


@pytest.mark.parametrize("shape", [(5, 20), (20, 5), (9, 9), (1, 4), (4, 1)])
def test_orthogonal_along_the_shorter_side(shape: tuple[int, int]) -> None:
    drawn = Orthogonal()(shape, rng(), np.float64)
    short = drawn if shape[0] <= shape[1] else drawn.T
    np.testing.assert_allclose(short @ short.T, np.eye(min(shape)), atol=1e-12)


def test_orthogonal_prefers_no_direction() -> None:
    """Without its correction of signs, qr gives a first number that is always negative."""
    first = [Orthogonal()((3, 3), rng(seed), np.float64)[0, 0] for seed in range(200)]
    assert 70 < sum(number > 0 for number in first) < 130


def test_orthogonal_does_not_depend_on_the_threads_of_blas() -> None:
    def bits(threads: int) -> bytes:
        with threadpool_limits(threads, user_api="blas"):
            return Orthogonal()((200, 800), rng(), np.float32).tobytes()

    assert bits(1) == bits(2)


def test_biases_start_as_in_keras() -> None:
    lstm = LSTM.initial_parameters(3, 4, rng(), np.float32)["bias"]
    np.testing.assert_array_equal(lstm, np.repeat([0, 1, 0, 0], 4))  # i f c o: the forget gate
    gru = GRU.initial_parameters(3, 4, rng(), np.float32)["bias"]
    np.testing.assert_array_equal(gru, np.zeros((2, 12)))
    simple = SimpleRNN.initial_parameters(3, 4, rng(), np.float32)["bias"]
    np.testing.assert_array_equal(simple, np.zeros(4))


@pytest.mark.parametrize(("kind", "gates"), [(SimpleRNN, 1), (LSTM, 4), (GRU, 3)])
def test_kernels_start_as_in_keras(kind: Any, gates: int) -> None:
    parameters = kind.initial_parameters(30, 20, rng(), np.float64)
    limit = np.sqrt(6 / (30 + gates * 20))
    kernel, recurrent = parameters["kernel"], parameters["recurrent_kernel"]
    assert kernel.shape == (30, gates * 20) and recurrent.shape == (20, gates * 20)
    assert 0.95 * limit < np.abs(kernel).max() <= limit
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(20), atol=1e-12)
