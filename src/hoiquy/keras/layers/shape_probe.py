"""The shapes of outputs, found by computing them for a few zeros."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from hoiquy.keras.tensors import AnyArray, Shape

# In place of unknown sizes, in two runs: what differs between them is unknown in the outputs.
_ROWS, _SIZES = (2, 4), (6, 12)


class Outputs(NamedTuple):
    """Shapes and dtypes of the outputs."""

    shapes: list[Shape]
    dtypes: list[str]


def probed(
    compute: Callable[[list[AnyArray]], Sequence[AnyArray]], shapes: Sequence[Shape],
    dtypes: Sequence[str],
) -> Outputs:  # fmt: skip
    """The outputs for inputs of these shapes.

    Args:
        compute: Inputs → outputs.
        shapes: Of the inputs, batch axis first; None for any size.
        dtypes: Of the inputs.
    """
    with np.errstate(all="ignore"):
        first = compute(_zeros(shapes, dtypes, 0))
        found = [tuple(y.shape) for y in first]
        if any(None in shape for shape in shapes):
            second = [tuple(y.shape) for y in compute(_zeros(shapes, dtypes, 1))]
            found = [
                tuple(a if a == b else None for a, b in zip(one, other, strict=True))
                for one, other in zip(found, second, strict=True)
            ]
    return Outputs(list(found), [str(y.dtype) for y in first])


def _zeros(shapes: Sequence[Shape], dtypes: Sequence[str], run: int) -> list[AnyArray]:
    arrays = []
    for shape, dtype in zip(shapes, dtypes, strict=True):
        sizes = [
            (_SIZES if axis else _ROWS)[run] if size is None else size
            for axis, size in enumerate(shape)
        ]
        arrays.append(np.zeros(sizes, dtype))
    return arrays
