"""Validate y, one label or several a text, and convert between it and training targets."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.label_array import Labels
from hoiquy.errors import DataError
from hoiquy.estimator.inputs import as_labels, label_numbers, read_labels, shown
from hoiquy.nn.metrics import predicted_labels


@dataclass(frozen=True, eq=False)
class Target:
    """The training targets of y.

    Attributes:
        labels: (documents,) int32 positions in `classes`; or (documents, classes) uint8 of 0 and 1
            where a text may have several labels, or none.
        classes: (classes,) the labels themselves.
        as_lists: Whether y was a list of lists, not a matrix.
    """

    labels: Labels
    classes: NDArray[Any]
    as_lists: bool = False

    @property
    def multilabel(self) -> bool:
        return self.labels.ndim == 2


def read_target(
    y: Any, documents: int, classes: NDArray[Any] | None = None, several: bool | None = None
) -> Target:
    """Validate y and convert it to training targets.

    Args:
        y: A label for each text; or a matrix of 0 and 1 with two columns or more, one a label
            (array, nested lists, sparse matrix, or a frame, whose columns are the labels); or a
            list of labels for each text.
        documents: Number of texts.
        classes: The classes, if known.
        several: Whether a text may have several labels, if known.

    Raises:
        DataError: y is none of these, or does not match `documents`, `classes` or `several`.
        ValueError: As `read_labels`.
    """
    y = y.toarray() if hasattr(y, "toarray") else y
    values = y if hasattr(y, "shape") else _as_matrix(y)
    is_matrix = len(getattr(values, "shape", ())) == 2 and values.shape[1] > 1
    multilabel = is_matrix or _holds_lists(y)
    if several is not None and several != multilabel:
        kinds = ("one label", "several labels")
        raise DataError(
            f"y holds {kinds[multilabel]} a text, but this classifier was trained on "
            f"{kinds[several]} a text"
        )
    if not multilabel:
        return _of_one_label(read_labels(y, documents), classes)
    found = _of_matrix(values, classes) if is_matrix else _of_lists(list(y), classes)
    if len(found.labels) != documents:
        raise DataError(
            f"y holds labels of {len(found.labels)} documents for {documents} texts: give one row "
            f"or list per text"
        )
    return found


def check_order(target: Target, y: Any, given: Any) -> None:
    """Raise DataError where the columns of y may be in another order than `classes_`.

    given: the argument `classes`, which must be sorted; a frame names its columns.
    """
    if given is None or not target.multilabel or target.as_lists or hasattr(y, "columns"):
        return
    if list(given) != target.classes.tolist():
        raise DataError(
            f"classes are {list(given)}, expected {target.classes.tolist()}: sort them and the "
            f"columns of y, or pass y as a DataFrame, whose columns have names"
        )


def predictions(
    probabilities: NDArray[Any], classes: NDArray[Any], multilabel: bool, as_lists: bool
) -> Any:
    """Return predicted labels in the form that y had; probabilities: (documents, classes)."""
    predicted = predicted_labels(probabilities, multilabel)
    if not multilabel:
        return np.asarray(classes[predicted])
    if not as_lists:
        return predicted.astype(np.int64)
    return [tuple(classes[row == 1].tolist()) for row in predicted]


def _of_one_label(labels: NDArray[Any], classes: NDArray[Any] | None) -> Target:
    known = np.unique(labels) if classes is None else classes
    if len(known) < 2:
        raise DataError(f"y holds one class, {known.tolist()[0]!r}, expected two or more")
    return Target(label_numbers(labels, known), known)


def _as_matrix(y: Any) -> Any:
    """Return nested sequences of 0 and 1, all of one length, as an array; else y itself."""
    if not isinstance(y, list | tuple) or not _holds_lists(y):
        return y
    if len({len(row) for row in y}) != 1 or any(isinstance(row, set | frozenset) for row in y):
        return y
    matrix = np.asarray(y)
    numbers = matrix.dtype.kind in "buif" and bool(np.isin(matrix, (0, 1)).all())
    return matrix if numbers else y


def _holds_lists(y: Any) -> bool:
    """Return whether y is a list of label lists, not of lists with one label each."""
    if (
        isinstance(y, str | bytes | dict)
        or not isinstance(y, Iterable)
        or not hasattr(y, "__len__")
    ):
        return False
    kinds = (list, tuple, set, frozenset, np.ndarray)
    rows = list(y)
    return (
        bool(rows)
        and all(isinstance(row, kinds) for row in rows)
        and any(len(row) != 1 for row in rows)
    )


def _of_matrix(values: Any, classes: NDArray[Any] | None) -> Target:
    columns = getattr(values, "columns", None)
    names = np.arange(values.shape[1])
    if columns is not None:
        names = np.array([str(name) for name in columns], object)
    matrix = values.to_numpy() if columns is not None else np.asarray(values)
    if matrix.dtype.kind == "O":  # a frame of booleans with missing values, for example
        odd = [one for one in matrix.ravel().tolist() if one not in (0, 1)]
    else:
        odd = matrix[~np.isin(matrix, (0, 1))].tolist()
    if odd:
        raise DataError(
            f"y is a matrix of {matrix.shape[1]} columns and holds {shown(odd[0])}, expected 0 "
            f"and 1, one column per label; or give one label per text"
        )
    indicators = matrix.astype(np.uint8)
    if classes is None:
        return Target(indicators, names, as_lists=False)
    if indicators.shape[1] != len(classes):
        raise DataError(
            f"y is a matrix of {indicators.shape[1]} columns, expected {len(classes)}, one for "
            f"each of {classes.tolist()}"
        )
    if columns is not None and set(names.tolist()) == set(classes.tolist()):
        indicators = indicators[:, [names.tolist().index(name) for name in classes.tolist()]]
    return Target(indicators, classes, as_lists=False)


def _of_lists(rows: list[Any], classes: NDArray[Any] | None) -> Target:
    given = as_labels([label for row in rows for label in list(row)] or [""])
    known = np.unique(given) if classes is None else classes
    if len(known) < 2:
        raise DataError(f"y holds only the labels {known.tolist()}, expected two or more")
    numbers = label_numbers(given, known) if any(map(len, rows)) else np.zeros(0, np.int32)
    indicators = np.zeros((len(rows), len(known)), np.uint8)
    document = np.repeat(np.arange(len(rows)), list(map(len, rows)))
    indicators[document, numbers] = 1
    return Target(indicators, known, as_lists=True)
