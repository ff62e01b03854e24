"""Validate the X, y, classes and settings of the estimator."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.data.dataset import Dataset, Documents
from hoiquy.data.in_memory import IN_MEMORY
from hoiquy.errors import DataError, RecipeError

_EXPECTED = "expected a list, a NumPy array or a pandas Series of strings"


def read_texts(X: Any) -> list[str]:  # noqa: N803 (scikit-learn's name)
    """Return the texts as a list of str. Raises DataError."""
    if isinstance(X, str | bytes | dict) or not isinstance(X, Iterable):
        raise DataError(f"X is of type {type(X).__name__}, {_EXPECTED}")
    if getattr(X, "ndim", 1) != 1:  # an array, a sparse matrix, a frame
        raise DataError(
            f"X is a {type(X).__name__} of shape {X.shape}, {_EXPECTED}: "  # type: ignore[attr-defined]
            f"choose one column, such as X['text'] or X[:, 0]"
        )
    texts = []
    for position, text in enumerate(X):
        if not isinstance(text, str):
            raise DataError(
                f"X holds {shown(text)} at position {position}, expected a string: drop it or "
                f"convert it with str()"
            )
        texts.append(str(text))  # numpy.str_ to str
    if not texts:
        raise DataError("X is empty, expected one text or more")
    return texts


def read_settings(settings: Any) -> dict[str, Any]:
    """Return the changes to the recipe by key. Raises RecipeError."""
    if settings is not None and not isinstance(settings, Mapping):
        raise RecipeError(
            f"settings is of type {type(settings).__name__}, expected a dictionary such as "
            f'{{"training.clip_norm": 1.0}}'
        )
    return dict(settings or {})


def read_labels(y: Any, documents: int) -> NDArray[Any]:
    """Return labels (documents,) of strings, integers or booleans.

    Raises DataError, or scikit-learn's ValueError for continuous labels.
    """
    from sklearn.utils import column_or_1d
    from sklearn.utils.multiclass import check_classification_targets

    if y is None:
        raise DataError(
            "fit requires y to be passed, but the target y is None: give one label per text"
        )
    labels = as_labels(column_or_1d(y, warn=True))
    if len(labels) != documents:
        raise DataError(
            f"y holds {len(labels)} labels for {documents} texts: give one label per text"
        )
    check_classification_targets(labels)
    return labels


def as_labels(values: Any) -> NDArray[Any]:
    """Return labels as an array of one type. Raises DataError if some are missing or mixed."""
    labels = np.asarray(values)
    for position, label in enumerate(labels.tolist()):
        if label is None or label != label or label in (np.inf, -np.inf):
            raise DataError(
                f"y holds {shown(label)} (NaN, infinity or None) at position {position}, "
                f"expected a label: drop that text"
            )
    if labels.dtype.kind in "OT":
        kinds = sorted({type(label).__name__ for label in labels.tolist()})
        if kinds in (["int"], ["bool"]):
            return np.array(labels.tolist())
        if any(not isinstance(label, str) for label in labels.tolist()):
            raise DataError(
                f"y holds labels of the types {', '.join(kinds)}, expected only strings or only "
                f"integers"
            )
        return np.array([str(label) for label in labels], object)
    if labels.dtype.kind not in "Ubiuf":
        raise DataError(f"y is of type {labels.dtype}, expected strings or integers")
    return labels


def known_classes(classes: Any, before: NDArray[Any] | None) -> NDArray[Any]:
    """Return the sorted classes of `partial_fit`; before: of earlier calls. Raises DataError."""
    if classes is None:
        if before is None:
            raise DataError(
                "classes must be passed on the first call to partial_fit: all that will occur"
            )
        return before
    known = np.unique(as_labels(classes))
    if before is not None and known.tolist() == np.unique(before).tolist():
        return before
    if before is not None:
        raise DataError(
            f"classes {known.tolist()} is not the same as on the last call to partial_fit, which "
            f"was {before.tolist()}"
        )
    if len(known) < 2:
        raise DataError(f"classes holds {len(known)} classes, expected two or more")
    return known


def class_names(classes: NDArray[Any]) -> tuple[str, ...]:
    """Return the class names for a run folder, where 1 and 1.0 are both "1"."""
    return tuple(
        str(int(label) if isinstance(label, float) and label.is_integer() else label)
        for label in classes.tolist()
    )


def label_numbers(labels: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.int32]:
    """Return each label's position in `classes`. Raises DataError for any other label."""
    number = {label: at for at, label in enumerate(classes.tolist())}
    unknown = [label for label in labels.tolist() if label not in number]
    if unknown:
        raise DataError(
            f"y holds the label {unknown[0]!r}, which is not one of the classes {classes.tolist()}"
        )
    return np.array([number[label] for label in labels.tolist()], np.int32)


def without_documents(documents: Documents) -> Documents:
    """Return an empty split with labels of the same kind."""
    return Documents([], documents.labels[:0])


def dataset_in_memory(
    train: Documents, classes: NDArray[Any], validation: Documents | None = None
) -> Dataset:
    """Return a data set without test documents; validation: None takes the tail of `train`."""
    return Dataset(
        IN_MEMORY,
        class_names(classes),
        train,
        without_documents(train),
        f"{IN_MEMORY}: {len(train):,} documents for training, none for testing",
        official_test=False,
        validation=validation,
    )


def typed_labels(names: Sequence[Any], dtype: str) -> NDArray[Any]:
    """Convert class names or labels to a NumPy type, given as `dtype.str`."""
    kind = np.dtype("O" if dtype == "|O" else dtype)
    if kind.kind == "b":
        return np.array([name in (True, "True") for name in names])
    return np.array(list(names), object).astype(kind)


def shown(value: Any) -> str:
    return f"{value!r:.40} ({type(value).__name__})"
