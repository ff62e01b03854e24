"""Wilson's interval against its definition and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiquy.comparison.statistics import accuracy_interval
from hoiquy.errors import ShapeError

no_deadline = settings(deadline=None)  # scipy is imported by the first call

Z = 1.959963984540054  # 97.5% of a standard normal lies below


def wilson(correct: int, documents: int) -> tuple[float, float]:
    """The interval from its definition: where |accuracy - p| = z sqrt(p (1 - p) / documents)."""
    p = correct / documents
    centre = (p + Z**2 / (2 * documents)) / (1 + Z**2 / documents)
    half = Z * math.sqrt(p * (1 - p) / documents + Z**2 / (4 * documents**2))
    half /= 1 + Z**2 / documents
    return centre - half, centre + half


@no_deadline
@given(st.integers(1, 100_000), st.floats(0, 1))
def test_accuracy_interval_is_wilsons(documents: int, share: float) -> None:
    correct = round(share * documents)
    low, high = accuracy_interval(correct, documents)
    assert (low, high) == pytest.approx(wilson(correct, documents), abs=1e-12)
    assert -1e-12 <= low <= correct / documents + 1e-12
    assert correct / documents - 1e-12 <= high <= 1 + 1e-12


def test_accuracy_interval_of_the_lab() -> None:
    low, high = accuracy_interval(round(0.8757 * 25_000), 25_000)
    assert (round(low, 4), round(high, 4)) == (0.8715, 0.8797)


def test_more_confidence_is_wider() -> None:
    narrow, wide = accuracy_interval(80, 100, 0.8), accuracy_interval(80, 100, 0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_coverage() -> None:
    rng = np.random.default_rng(20)
    intervals = [accuracy_interval(int(one), 80) for one in rng.binomial(80, 0.9, 500)]
    held = sum(low <= 0.9 <= high for low, high in intervals)
    assert 0.93 <= held / 500 <= 0.98


@pytest.mark.parametrize(("correct", "documents"), [(-1, 10), (11, 10), (0, 0)])
def test_impossible_accuracies_are_refused(correct: int, documents: int) -> None:
    with pytest.raises(ShapeError, match=f"{correct} correct of {documents}"):
        accuracy_interval(correct, documents)
