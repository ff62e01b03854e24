"""The kernel: fast equals plain, its gradients are those of its losses, drawn hits do not count."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gradients import assert_gradients
from hoiquy.errors import ShapeError
from hoiquy.nn.kernels.fast.sampled_softmax import sampled_softmax as fast
from hoiquy.nn.kernels.plain.sampled_softmax import sampled_softmax as plain
from hoiquy.workflows.pretraining.negative_samples import NegativeSampler

Scores = tuple[NDArray[Any], NDArray[Any], NDArray[np.int32], NDArray[np.int32]]


def scores(seed: int, positions: int, drawn: int, scale: float = 1.0) -> Scores:
    """Of few words, so that many of those drawn are the right one."""
    rng = np.random.default_rng(seed)
    return (
        scale * rng.standard_normal(positions),
        scale * rng.standard_normal((positions, drawn)),
        rng.integers(0, 5, positions).astype(np.int32),
        rng.integers(0, 5, drawn).astype(np.int32),
    )


@given(
    seed=st.integers(0, 2**32 - 1), positions=st.integers(0, 20), drawn=st.integers(1, 20),
    scale=st.sampled_from([0.01, 1.0, 30.0]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_fast_equals_plain(seed: int, positions: int, drawn: int, scale: float) -> None:
    of_targets, of_drawn, targets, words = scores(seed, positions, drawn, scale)
    single = of_targets.astype(np.float32), of_drawn.astype(np.float32)
    before = [array.copy() for array in single]
    told = fast(*single, targets, words)
    for array, copy in zip(single, before, strict=True):
        np.testing.assert_array_equal(array, copy)  # inputs unmodified
    expected = plain(*(array.astype(np.float64) for array in single), targets, words)
    for one, reference in zip(told, expected, strict=True):
        assert one.dtype == np.float32 and one.shape == reference.shape
        np.testing.assert_allclose(one, reference, rtol=2e-6, atol=2e-6 * max(1, scale))


def test_the_gradients_are_those_of_the_losses() -> None:
    of_targets, of_drawn, targets, words = scores(1, 7, 11)
    _, d_targets, d_drawn = plain(of_targets, of_drawn, targets, words)
    assert_gradients(
        lambda: float(plain(of_targets, of_drawn, targets, words)[0].sum()),
        {"targets": of_targets, "drawn": of_drawn},
        {"targets": d_targets, "drawn": d_drawn},
        np.random.default_rng(2),
    )


@pytest.mark.parametrize("kernel", [plain, fast])
def test_the_right_word_among_those_drawn_does_not_count(kernel: Any) -> None:
    targets, words = np.array([3], np.int32), np.array([4, 3, 3], np.int32)
    of_target, of_drawn = np.zeros(1, np.float32), np.array([[0, 50, 50]], np.float32)
    loss, d_target, d_drawn = kernel(of_target, of_drawn, targets, words)
    np.testing.assert_allclose(loss, np.log(2), rtol=1e-6)
    np.testing.assert_allclose(d_target, -0.5)
    np.testing.assert_allclose(d_drawn, [[0.5, 0, 0]])


@pytest.mark.parametrize("kernel", [plain, fast])
def test_nan_goes_through(kernel: Any) -> None:
    of_targets, of_drawn, targets, words = scores(1, 3, 4)
    of_drawn[1] = np.nan
    losses = kernel(of_targets.astype("f4"), of_drawn.astype("f4"), targets, words + 9)[0]
    np.testing.assert_array_equal(np.isnan(losses), [False, True, False])


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("spoil", [lambda a: a[1:], lambda a: a[None], lambda a: a.astype("f8")])
def test_the_fast_kernel_refuses(place: int, spoil: Any) -> None:
    of_targets, of_drawn, targets, words = scores(1, 3, 4)
    arrays: list[Any] = [of_targets.astype("f4"), of_drawn.astype("f4"), targets, words]
    arrays[place] = spoil(arrays[place])
    with pytest.raises(ShapeError):
        fast(*arrays)


def test_words_are_drawn_by_their_count_and_padding_never_is() -> None:
    counts = np.array([900, 10, 900, 900, 16, 0, 1, 81])
    words = NegativeSampler.by_count(counts, 40_000, np.float64)
    drawn = np.bincount(words.draw(np.random.default_rng(1)), minlength=8)
    assert drawn[[0, 2, 3, 5]].tolist() == [0, 0, 0, 0]
    seen = np.array([1, 4, 6, 7])
    expected = np.exp(words.log_expected)[seen]
    np.testing.assert_allclose(expected / expected[2], counts[seen] ** 0.75)
    assert expected.sum() == pytest.approx(40_000)
    assert np.abs(drawn[seen] - expected).max() < 5 * np.sqrt(expected.max())
