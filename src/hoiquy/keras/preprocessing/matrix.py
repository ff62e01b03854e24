"""Document-term matrices, as `Tokenizer.sequences_to_matrix` returns them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.keras.errors import KerasError

MODES = ("binary", "count", "freq", "tfidf")


def document_term_matrix(
    sequences: Sequence[Any],
    columns: int,
    mode: str,
    document_count: int,
    document_frequency: Mapping[int, int],
) -> NDArray[np.float64]:
    """Return (documents, columns) float64: what each index counts in each document.

    Args:
        sequences: The indices of each document; those from `columns` on are left out.
        columns: One more than the largest index.
        mode: "binary" (1 if it occurs), "count", "freq" (count / length), or "tfidf":
            (1 + log count) * log(1 + documents / (1 + documents with it)).
        document_count: Documents that the tokenizer was fitted on.
        document_frequency: How many of them have each index.

    Raises:
        KerasError: The mode is unknown, or "tfidf" before any fit. It is a ValueError.
    """
    if mode == "tfidf" and not document_count:
        raise KerasError("Tokenizer: mode='tfidf' needs fit_on_texts or fit_on_sequences first")
    matrix = np.zeros((len(sequences), columns))
    for row, sequence in zip(matrix, sequences, strict=True):
        counts = Counter(index for index in sequence if index < columns)
        if not counts:
            continue
        if mode not in MODES:
            raise KerasError(f"Tokenizer: mode is {mode!r}, expected one of {', '.join(MODES)}")
        indices = list(counts)
        values = np.array(list(counts.values()), float)
        if mode == "binary":
            values[:] = 1
        elif mode == "freq":
            values /= len(sequence)
        elif mode == "tfidf":
            documents = np.array([document_frequency.get(index, 0) for index in indices], float)
            values = (1 + np.log(values)) * np.log(1 + document_count / (1 + documents))
        row[indices] = values
    return matrix
