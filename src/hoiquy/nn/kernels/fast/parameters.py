"""The types of a kernel's parameters: arrays in C order, NamedTuples of such, and scalars."""

from typing import Any, NamedTuple

import numpy as np


class ArrayOf(NamedTuple):
    """An array with so many axes. written: the kernel changes it."""

    dtype: np.dtype[Any]
    axes: int
    written: bool = False


class Group(NamedTuple):
    """A NamedTuple of arrays, or of scalars."""

    kind: type[Any]
    fields: tuple[ArrayOf | str, ...]


Parameter = ArrayOf | Group | str  # str: a scalar of this dtype
