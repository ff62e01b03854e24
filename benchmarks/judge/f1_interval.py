"""Bootstrap interval of a difference of macro-F1 on the same documents."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.system.keyed_random import Purpose, keyed_generator

Classes = NDArray[np.int64]  # (documents,) class numbers

_SEED = 1  # fixed: the same documents give the same interval


def f1_difference_interval(
    labels: Classes,
    first: Sequence[Classes],
    second: Classes,
    classes: int,
    confidence: float = 0.95,
    resamples: int = 1_999,
) -> tuple[float, float]:
    """Return the percentile interval of the mean macro-F1 of `first` minus that of `second`.

    Macro-F1 is no mean over documents, so that `bootstrap_interval` does not apply; the documents
    are resampled as there. Documents with equal labels and predictions are drawn together.

    Args:
        labels: The true classes.
        first: Predictions of one training each.
        second: Predictions of the other classifier.
        classes: The number of classes.
        confidence: Of the interval.
        resamples: Number of samples drawn.
    """
    rows = np.stack([labels, second, *first])
    kinds, counts = np.unique(rows, axis=1, return_counts=True)
    rng = keyed_generator(_SEED, Purpose.BOOTSTRAP)
    drawn = rng.multinomial(len(labels), counts / len(labels), size=resamples)
    truth, others = kinds[0], kinds[2:]
    means = np.mean([_macro_f1(drawn, truth, one, classes) for one in others], axis=0)
    outside = (1 - confidence) / 2
    differences = means - _macro_f1(drawn, truth, kinds[1], classes)
    low, high = np.quantile(differences, [outside, 1 - outside])
    return float(low), float(high)


def _macro_f1(
    drawn: NDArray[np.int64], truth: Classes, predicted: Classes, classes: int
) -> NDArray[np.float64]:
    """(samples,) macro-F1; drawn: (samples, kinds) counts of kinds of documents."""
    is_label, is_predicted = (np.eye(classes)[which] for which in (truth, predicted))
    weights = drawn.astype(np.float64)
    hits = weights @ (is_label * is_predicted)
    both = weights @ (is_label + is_predicted)
    return np.asarray((2 * hits / np.maximum(both, 1)).mean(axis=1))
