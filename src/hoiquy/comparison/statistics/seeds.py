"""The interval of a mean over several seeds."""

import math
from collections.abc import Sequence

import numpy as np

from hoiquy.errors import ShapeError


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a mean of one value per seed.

    Student's t (1908): mean ± t(n - 1) s / √n. Raises ShapeError for fewer than two values.
    """
    from scipy.stats import t

    count = len(values)
    if count < 2:
        raise ShapeError(f"{count} values have no interval: at least two are needed")
    mean, error = float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(count)
    half = float(t.ppf((1 + confidence) / 2, count - 1)) * error
    return mean - half, mean + half
