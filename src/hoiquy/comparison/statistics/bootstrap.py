"""Bootstrap interval of a mean difference, resampling the documents."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.system.keyed_random import Purpose, keyed_generator

_SEED = 1  # fixed: the same documents give the same interval


def bootstrap_interval(
    differences: NDArray[np.floating], confidence: float = 0.95, resamples: int = 9_999
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean (Efron & Tibshirani 1993, chapter 13).

    differences: (documents,), the share of the first's trainings that predict a document correctly,
    minus that of the second's. There are few distinct values, so the number of times that each is
    drawn is sampled from a multinomial distribution. Raises ShapeError without documents.
    """
    if differences.ndim != 1 or not len(differences):
        raise ShapeError(f"differences {differences.shape}: expected one per document")
    values, counts = np.unique(differences, return_counts=True)
    rng = keyed_generator(_SEED, Purpose.BOOTSTRAP)
    drawn = rng.multinomial(len(differences), counts / len(differences), size=resamples)
    means = drawn @ values / len(differences)
    outside = (1 - confidence) / 2
    low, high = np.quantile(means, [outside, 1 - outside])
    return float(low), float(high)
