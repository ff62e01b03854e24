"""The mean of differences, with the documents drawn again and again."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.system.keyed_random import Purpose, keyed_generator

_SEED = 1  # fixed: the same documents give the same interval


def bootstrap_interval(
    differences: NDArray[np.floating], confidence: float = 0.95, resamples: int = 9_999
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean (Efron & Tibshirani 1993, chapter 13).

    differences: (documents,), how often the first was right about a document, a fraction, minus
    how often the second was. To draw as many documents with replacement is to draw how often each
    value comes, which is multinomial; 25,000 documents have only a few values, so that this takes
    a moment. Raises ShapeError without documents.
    """
    if differences.ndim != 1 or not len(differences):
        raise ShapeError(f"differences {differences.shape}: expected one for each document")
    values, counts = np.unique(differences, return_counts=True)
    rng = keyed_generator(_SEED, Purpose.BOOTSTRAP)
    drawn = rng.multinomial(len(differences), counts / len(differences), size=resamples)
    means = drawn @ values / len(differences)
    outside = (1 - confidence) / 2
    low, high = np.quantile(means, [outside, 1 - outside])
    return float(low), float(high)
