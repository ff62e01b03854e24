"""Held-out documents as a classifier meets new ones: with the n-grams of its training alone."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_new(rows: Any, known: NDArray[np.bool_], kinds: Iterable[slice]) -> Any:
    """The rows without the columns that are not known.

    In a new document, an n-gram that no training document has counts nothing, as it has no column.
    In a held-out one it has: naive Bayes takes it for a sign of the smaller class, and it shortens
    the others, as the n-grams of a kind together have length 1.

    Args:
        rows: Sparse (documents, columns), as `Features.transform` gives them.
        known: (columns,), whether a training document has the n-gram.
        kinds: The columns of each kind of n-grams, one after the other.
    """
    document = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    values = np.where(known[rows.indices], rows.data, 0).astype(np.float64)
    for columns in kinds:
        own = (rows.indices >= columns.start) & (rows.indices < columns.stop)
        lengths = np.sqrt(np.bincount(document[own], values[own] ** 2, rows.shape[0]))
        values[own] /= np.where(lengths > 0, lengths, 1)[document[own]]
    new = rows.copy()
    new.data = values.astype(rows.dtype)
    new.eliminate_zeros()
    return new
