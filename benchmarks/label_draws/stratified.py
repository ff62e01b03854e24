"""Which documents are drawn: the classes keep their shares."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError


def stratified_rows(labels: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """Draw rows with the classes' shares, at least one row of each class.

    With one seed, fewer rows of a class are among more of it.

    Args:
        labels: (documents,), class numbers.
        count: How many to draw.
        seed: Of the draw.

    Returns:
        (count,) rows in random order.

    Raises:
        DataError: There are fewer documents, or more classes.
    """
    classes, sizes = np.unique(labels, return_counts=True)
    if not len(classes) <= count <= len(labels):
        raise DataError(
            f"cannot draw {count:,} labels of {len(labels):,} texts in {len(classes)} classes"
        )
    drawn = [
        np.random.default_rng([seed, int(label)]).permutation(np.flatnonzero(labels == label))[:own]
        for label, own in zip(classes, _shares(sizes, count), strict=True)
    ]
    return np.random.default_rng(seed).permutation(np.concatenate(drawn))


def _shares(sizes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """How many of each class: one of each, and the largest remainders of the rest."""
    exact = count * sizes / sizes.sum()
    own = np.maximum(np.floor(exact).astype(np.int64), 1)
    while own.sum() != count:
        missing = exact - own
        if own.sum() < count:
            own[missing.argmax()] += 1
        else:
            own[np.where(own > 1, missing, np.inf).argmin()] -= 1
    return own
