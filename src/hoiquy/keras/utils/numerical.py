"""`to_categorical` and `normalize`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.keras.errors import KerasError, KerasTypeError


def to_categorical(
    x: Any = None, num_classes: int | None = None, dtype: Any = "float64", **old: Any
) -> NDArray[Any]:
    """Return 1 in the column of each class and 0 elsewhere.

    Args:
        x: Classes from 0, integers of any shape; a last axis of length 1 is dropped.
        num_classes: The number of columns; None for the largest class + 1.
        dtype: Of the result, as in Keras 2.
        **old: `y` and `nb_classes`, names in older Keras for `x` and `num_classes`.

    Returns:
        (..., num_classes).

    Raises:
        KerasError: A class is negative, no integer, or not below `num_classes`. It is a ValueError.
            (Keras counts negative classes from the end and cuts off fractions.)
        KerasTypeError: A keyword is unknown. It is a TypeError.
    """
    x, num_classes = old.pop("y", x), old.pop("nb_classes", num_classes)
    if old:
        raise KerasTypeError(f"to_categorical: unknown keywords {', '.join(sorted(old))}")
    classes = _classes(x)
    shape = classes.shape
    if len(shape) > 1 and shape[-1] == 1:
        shape = shape[:-1]
    flat = classes.reshape(-1)
    if not num_classes:
        if not flat.size:
            raise KerasError("to_categorical: x is empty; pass num_classes")
        num_classes = int(flat.max()) + 1
    if flat.size and (flat.min() < 0 or flat.max() >= num_classes):
        wrong = int(flat.min()) if flat.min() < 0 else int(flat.max())
        raise KerasError(
            f"to_categorical: class {wrong} is not one of the {num_classes} classes 0 to "
            f"{num_classes - 1}; number the classes from 0"
        )
    matrix = np.zeros((flat.size, num_classes), dtype)
    matrix[np.arange(flat.size), flat] = 1
    return matrix.reshape(*shape, num_classes)


def _classes(x: Any) -> NDArray[np.int64]:
    """Return the classes as integers. Raises KerasError if one is none."""
    try:
        given = np.asarray(x)
        with np.errstate(invalid="ignore"):
            classes = given.astype(np.int64)
        exact = given.dtype.kind not in "fcO" or bool(np.all(classes == given))
    except (ValueError, TypeError, OverflowError) as error:
        raise KerasError(
            f"to_categorical: x is not an array of integers ({error}); number text labels first, "
            "for example by np.unique(x, return_inverse=True)[1]"
        ) from error
    if not exact:
        wrong = given[classes != given].flat[0]
        raise KerasError(f"to_categorical: {wrong} is not an integer class")
    return classes


def normalize(x: Any, axis: int = -1, order: int = 2) -> NDArray[Any]:
    """Return `x` divided by its norms along an axis; where the norm is 0, unchanged.

    order: of the norm, 2 for the Euclidean one.
    """
    array = np.asarray(x)
    norm = np.atleast_1d(np.linalg.norm(array, order, axis))
    norm[norm == 0] = 1
    return np.asarray(array / np.expand_dims(norm, axis))
