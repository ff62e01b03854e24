"""Rows of an embedding in a half or a quarter of their bytes.

In `weights.safetensors`, float16 rows have the name of the parameter. So do int8 rows, and
`NAME.scales` has one float32 a row, by which they are multiplied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import InputError, RunError

CompactType = Literal["float16", "int8"]
Weights = dict[str, "NDArray[Any] | CompactRows"]

_SCALES = ".scales"
_LARGEST = 127  # -128 is left out: the values are symmetric


@dataclass(frozen=True, eq=False)
class CompactRows:
    """Float32 rows to those who read them; has the members of an array that an embedding needs.

    values: (rows, units) float16 or int8.
    scales: (rows, 1) float32 for int8, else None.
    """

    values: NDArray[Any]
    scales: NDArray[np.float32] | None = None

    @classmethod
    def of(cls, rows: NDArray[np.float32], type: CompactType) -> "CompactRows":
        """Round (rows, units) float32. Raises InputError if a value is too large, or not finite."""
        if type == "int8":
            scales = np.abs(rows).max(axis=1, keepdims=True, initial=0) / np.float32(_LARGEST)
            if np.isfinite(scales).all():
                scales = np.where(scales > 0, scales, np.float32(1))
                values = np.rint(rows / scales).clip(-_LARGEST, _LARGEST)  # of tiny scales
                return cls(values.astype(np.int8), scales)
        else:
            with np.errstate(over="ignore"):
                values = rows.astype(np.float16)
            if np.isfinite(values).all():
                return cls(values)
        raise InputError(f"the embedding has a value that {type} cannot hold: keep float32")

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    @property
    def size(self) -> int:
        return self.values.size

    @property
    def dtype(self) -> np.dtype[np.float32]:
        return np.dtype(np.float32)

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + (0 if self.scales is None else self.scales.nbytes)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        """The rows of these numbers, or of a slice."""
        if self.scales is None:
            return np.asarray(self.values[rows], np.float32)
        return np.asarray(self.values[rows] * self.scales[rows], np.float32)


def packed(weights: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays of a file."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, one in weights.items():
        arrays[name] = one.values if isinstance(one, CompactRows) else one
        if isinstance(one, CompactRows) and one.scales is not None:
            arrays[name + _SCALES] = one.scales
    return arrays


def unpacked(arrays: Mapping[str, NDArray[Any]], source: str) -> Weights:
    """The weights of a file's arrays. Raises RunError, naming `source`, if scales do not fit."""
    weights: Weights = {}
    left = dict(arrays)
    for name, values in arrays.items():
        if values.dtype == np.int8 and values.ndim == 2:
            scales = left.pop(name + _SCALES, None)
            if scales is None or scales.shape != (len(values), 1) or scales.dtype != np.float32:
                raise RunError(f"{source} is damaged: {name} has no scale for each row")
            weights[name] = CompactRows(values, scales)
        elif values.dtype == np.float16 and values.ndim == 2:
            weights[name] = CompactRows(values)
        elif name in left:
            weights[name] = values
    return {name: one for name, one in weights.items() if name in left}


def expanded(weights: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The same with float32 arrays only."""
    return {name: one[:] if isinstance(one, CompactRows) else one for name, one in weights.items()}
