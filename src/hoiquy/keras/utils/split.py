"""`split_dataset`: two parts of arrays."""

import random
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError, KerasTypeError


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """Split arrays into a left and a right part, as `keras.utils.split_dataset`.

    Keras returns data sets of TensorFlow or PyTorch; here the parts are arrays as those given.

    Args:
        dataset: An array, or a list or tuple of arrays of the same length.
        left_size: A fraction (float) or a number of samples (int); None for the rest.
        right_size: As `left_size`.
        shuffle: Whether to shuffle first, with Python's `random`.
        seed: Of the shuffling; None for a random one.
        preferred_backend: Ignored.

    Returns:
        Both parts, each an array, list or tuple as `dataset`.

    Raises:
        KerasError: A size is out of range or missing, or lengths differ. It is a ValueError.
        KerasTypeError: The data or a size have a wrong type. It is a TypeError.
    """
    arrays = [dataset] if isinstance(dataset, np.ndarray) else dataset
    if not isinstance(arrays, list | tuple):
        raise KerasTypeError(
            f"split_dataset: the data are a {type(dataset).__name__}, expected an array or a list "
            "or tuple of arrays"
        )
    if not arrays or not all(isinstance(array, np.ndarray) for array in arrays):
        raise KerasError("split_dataset: expected NumPy arrays; convert by np.array(...)")
    lengths = sorted({len(array) for array in arrays})
    if len(lengths) > 1:
        raise KerasError(f"split_dataset: arrays have {lengths} samples, expected as many in all")
    left, right = _sizes(left_size, right_size, lengths[0])
    rows = list(range(lengths[0]))
    if shuffle:
        random.seed(random.randint(0, 1_000_000) if seed is None else seed)
        random.shuffle(rows)
    parts = [[array[part] for array in arrays] for part in (rows[:left], rows[len(rows) - right :])]
    if isinstance(dataset, np.ndarray):
        return parts[0][0], parts[1][0]
    return type(arrays)(parts[0]), type(arrays)(parts[1])


def _sizes(left: float | None, right: float | None, total: int) -> tuple[int, int]:
    """Return both sizes as numbers of samples. Raises KerasError or KerasTypeError."""
    if left is None and right is None:
        raise KerasError("split_dataset: pass left_size, right_size or both")
    counts = [_count(name, size, total) for name, size in (("left", left), ("right", right))]
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise KerasError(f"split_dataset: left_size + right_size is {left + right}, above 1")
    first = counts[0] if counts[0] is not None else total - (counts[1] or 0)
    second = counts[1] if counts[1] is not None else total - first
    if first + second > total:
        raise KerasError(f"split_dataset: {first} + {second} samples, but there are only {total}")
    if not first or not second:
        raise KerasError(
            f"split_dataset: {first} and {second} of {total} samples; a part would be empty"
        )
    return first, second


def _count(name: str, size: float | None, total: int) -> int | None:
    if size is None:
        return None
    if type(size) not in (int, float):
        raise KerasTypeError(
            f"split_dataset: {name}_size is {size!r}, expected a fraction or an integer"
        )
    most = total if type(size) is int else 1
    if not 0 < size < most:
        raise KerasError(
            f"split_dataset: {name}_size is {size}, expected more than 0 and less than {most}"
        )
    return round(size * total) if type(size) is float else int(size)
