"""Arrays from whatever scripts hold: NumPy, pandas, SciPy, lists of equal lengths."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError
from hoiquy.keras.tensors import AnyArray

_SHOWN = 60  # letters of a text in an error


def as_array(value: Any, what: str) -> AnyArray:
    """A numeric array, at least one-dimensional.

    Args:
        value: An array, a pandas object, a sparse matrix, or nested lists.
        what: Its name for errors, such as "x" or "the input tokens".

    Raises:
        KerasError: The lengths differ, or an entry is not a number.
    """
    if hasattr(value, "toarray"):
        value = value.toarray()
    elif hasattr(value, "to_numpy"):
        value = value.to_numpy()
    try:
        array = np.asarray(value)
    except ValueError:
        raise _ragged(what) from None
    if array.dtype == object:
        array = _from_objects(array, what)
    if array.dtype.kind in "US":
        raise _of_texts(what, _first(array))
    if array.dtype.kind not in "biuf":
        raise KerasError(f"{what} has dtype {array.dtype}, expected numbers")
    return array.reshape(1) if array.ndim == 0 else array


def _from_objects(array: AnyArray, what: str) -> AnyArray:
    """Numbers stored as objects, or a column of lists of equal lengths."""
    items = array.ravel().tolist()
    text = next((item for item in items if isinstance(item, str | bytes)), None)
    if text is not None:
        raise _of_texts(what, text)
    if items and any(isinstance(item, Sequence | np.ndarray) for item in items):
        lengths = {len(item) if hasattr(item, "__len__") else -1 for item in items}
        if len(lengths) > 1:
            raise _ragged(what)
        try:
            inner = np.array([np.asarray(item) for item in items])
        except ValueError:
            raise _ragged(what) from None
        if inner.dtype == object:
            inner = _from_objects(inner, what)
        return inner.reshape(*array.shape, *inner.shape[1:])
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise KerasError(f"{what} holds {items[0]!r}, expected numbers") from None


def _of_texts(what: str, text: str | bytes) -> KerasError:
    shown = text if len(text) <= _SHOWN else text[:_SHOWN]
    return KerasError(
        f"{what} holds texts, such as {shown!r}: turn texts into numbers first, for example with "
        "TextVectorization, or Tokenizer and pad_sequences, and labels with sklearn's LabelEncoder"
    )


def _ragged(what: str) -> KerasError:
    return KerasError(
        f"{what} holds sequences of different lengths: make them equally long with "
        "pad_sequences(…, maxlen=…)"
    )


def _first(array: AnyArray) -> Any:
    return array.ravel()[0].item() if array.size else ""


def refuse_nan(array: AnyArray, what: str) -> None:
    """Raise KerasError if an entry is not a finite number, with the first row that holds one."""
    if array.dtype.kind != "f":
        return
    total = array.sum(dtype=np.float64)  # finite unless an entry is not
    if np.isfinite(total):
        return
    bad = np.logical_not(np.isfinite(array)).reshape(len(array), -1).any(axis=1)
    if bad.any():
        row = int(bad.argmax())
        kind = "NaN" if np.isnan(array[row]).any() else "infinite values"
        raise KerasError(f"{what} holds {kind}, first in row {row}: clean the data first")
