"""Arrays out of an HDF5 file that nobody vouches for: only what Keras writes is read.

HDF5 can point into other files, unpack filters and claim any shape. Here every step of a path is a
plain group in this very file, and an array is float32 numbers that lie in it as they are.
"""

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import InputError, MissingExtraError

_INSTALL = "reading a .keras file needs h5py: pip install 'hoiquy[keras]'"


class Hdf5Weights:
    """The arrays of one open file. The methods raise InputError, naming the source and the path."""

    def __init__(self, file: Any, source: str, size: int) -> None:
        self._file, self._source, self._size = file, source, size

    def arrays(self, group: str, names: tuple[str, ...]) -> dict[str, NDArray[np.float32]]:
        """The arrays `0`, `1` … of the folder `vars` in a group, which bear these names in turn."""
        path = f"{group}/vars"
        try:
            found = self._group(path)
            if len(found) == 0:
                raise InputError(
                    f"{self._source} holds no weights at {path}: call the model once, or its "
                    f"build(), before model.save"
                )
            if len(found) != len(names):
                raise InputError(
                    f"{self._source}: {path} has {len(found)} arrays, expected {len(names)}: "
                    f"{', '.join(names)}"
                )
            return {name: self._array(found, path, str(at)) for at, name in enumerate(names)}
        except InputError:
            raise
        except Exception as error:  # h5py raises errors of any kind for damaged bytes
            raise _damaged(self._source, error) from error

    def _group(self, path: str) -> Any:
        import h5py

        at: Any = self._file
        for name in path.split("/"):
            if not self._is_inside(at, name) or at.get(name, getclass=True) is not h5py.Group:
                raise InputError(f"{self._source} holds no weights at {path}")
            at = at[name]
        return at

    def _array(self, group: Any, path: str, name: str) -> NDArray[np.float32]:
        import h5py

        if not self._is_inside(group, name) or group.get(name, getclass=True) is not h5py.Dataset:
            raise InputError(f"{self._source} holds no array at {path}/{name}")
        array = group[name]
        plan = array.id.get_create_plist()
        plain = plan.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
        if not plain or plan.get_external_count() or array.dtype != np.dtype("<f4"):
            raise InputError(
                f"{self._source}: {path}/{name} is no plain array of float32 in this file"
            )
        size = 4 * math.prod(array.shape)
        if not 1 <= array.ndim <= 2 or not 0 < size <= self._size:
            raise InputError(
                f"{self._source}: {path}/{name} has the shape {array.shape}, more than the file"
            )
        if array.id.get_storage_size() != size:
            raise InputError(f"{self._source}: {path}/{name} is cut off")
        values = np.array(array[()], np.float32)
        if not np.isfinite(values).all():
            raise InputError(f"{self._source}: {path}/{name} holds a value that is not a number")
        return values

    @staticmethod
    def _is_inside(group: Any, name: str) -> bool:
        """True for an ordinary link, which cannot lead into another file."""
        import h5py

        return name in group and isinstance(group.get(name, getlink=True), h5py.HardLink)


@contextlib.contextmanager
def open_weights(content: bytes, source: str) -> Iterator[Hdf5Weights]:
    """Open the bytes of a file, in memory. Raises MissingExtraError, and InputError if damaged."""
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError(_INSTALL) from error
    try:
        file = h5py.File(h5py.h5f.open_file_image(content))
    except Exception as error:  # see above
        raise _damaged(source, error) from error
    try:
        yield Hdf5Weights(file, source, len(content))
    finally:
        with contextlib.suppress(Exception):
            file.close()


def _damaged(source: str, error: Exception) -> InputError:
    return InputError(f"{source} is damaged: its weights are no whole HDF5 file ({error})")
