"""Read the weight arrays of an untrusted HDF5 file: finite float32 vectors and matrices."""

import contextlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import InputError
from hoiquy.interop.keras.hdf5_file import Hdf5File, as_damaged, open_hdf5


class Hdf5Weights:
    """The arrays of one open file. Errors name the source and the path."""

    def __init__(self, file: Hdf5File) -> None:
        self._file, self._source = file, file.source

    def arrays(self, group: str, names: tuple[str, ...]) -> dict[str, NDArray[np.float32]]:
        """Return the arrays `0`, `1` … of `group/vars` under these names. Raises InputError."""
        path = f"{group}/vars"
        with as_damaged(self._source):
            if not self._file.has_group(path):
                raise InputError(f"{self._source} holds no weights at {path}")
            found = self._file.names(path)
            if not found:
                raise InputError(
                    f"{self._source} holds no weights at {path}: call the model once, or its "
                    f"build(), before model.save"
                )
            if len(found) != len(names):
                raise InputError(
                    f"{self._source}: {path} has {len(found)} arrays, expected {len(names)}: "
                    f"{', '.join(names)}"
                )
            return {name: self._array(path, str(at)) for at, name in enumerate(names)}

    def _array(self, path: str, name: str) -> NDArray[np.float32]:
        values = self._file.array(path, name, dtypes="f")
        if values.dtype != np.dtype("<f4"):
            raise InputError(
                f"{self._source}: {path}/{name} is not a plain float32 array in this file"
            )
        if not 1 <= values.ndim <= 2 or not values.size:
            raise InputError(
                f"{self._source}: {path}/{name} has the shape {values.shape}, expected a vector or "
                f"a matrix"
            )
        if not np.isfinite(values).all():
            raise InputError(f"{self._source}: {path}/{name} holds a value that is not a number")
        return values


@contextlib.contextmanager
def open_weights(content: bytes, source: str) -> Iterator[Hdf5Weights]:
    """Open the bytes of a file, in memory. Raises InputError if damaged."""
    with open_hdf5(content, source) as file:
        yield Hdf5Weights(file)
