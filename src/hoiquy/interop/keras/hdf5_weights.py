"""Read the weight arrays of an untrusted HDF5 file.

HDF5 can link to other files, apply filters and claim any shape. Only what Keras writes is accepted:
plain groups, and uncompressed float32 arrays stored in the file itself.
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
    """The arrays of one open file. Errors name the source and the path."""

    def __init__(self, file: Any, source: str, size: int) -> None:
        self._file, self._source, self._size = file, source, size

    def arrays(self, group: str, names: tuple[str, ...]) -> dict[str, NDArray[np.float32]]:
        """Return the arrays `0`, `1` … of `group/vars` under these names. Raises InputError."""
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

        group: Any = self._file
        for name in path.split("/"):
            if not self._is_inside(group, name) or group.get(name, getclass=True) is not h5py.Group:
                raise InputError(f"{self._source} holds no weights at {path}")
            group = group[name]
        return group

    def _array(self, group: Any, path: str, name: str) -> NDArray[np.float32]:
        import h5py

        if not self._is_inside(group, name) or group.get(name, getclass=True) is not h5py.Dataset:
            raise InputError(f"{self._source} has no array at {path}/{name}")
        array = group[name]
        plan = array.id.get_create_plist()
        plain = plan.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
        if not plain or plan.get_external_count() or array.dtype != np.dtype("<f4"):
            raise InputError(
                f"{self._source}: {path}/{name} is not a plain float32 array in this file"
            )
        size = 4 * math.prod(array.shape)
        if not 1 <= array.ndim <= 2 or not 0 < size <= self._size:
            raise InputError(
                f"{self._source}: {path}/{name} has the shape {array.shape}, larger than the file"
            )
        if array.id.get_storage_size() != size:
            raise InputError(f"{self._source}: {path}/{name} is truncated")
        values = np.array(array[()], np.float32)
        if not np.isfinite(values).all():
            raise InputError(f"{self._source}: {path}/{name} holds a value that is not a number")
        return values

    @staticmethod
    def _is_inside(group: Any, name: str) -> bool:
        """Return whether the link is a hard link, which cannot lead to another file."""
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
    except Exception as error:  # h5py raises errors of any kind for damaged bytes
        raise _damaged(source, error) from error
    try:
        yield Hdf5Weights(file, source, len(content))
    finally:
        with contextlib.suppress(Exception):
            file.close()


def _damaged(source: str, error: Exception) -> InputError:
    return InputError(f"{source} is damaged: its weights are not a valid HDF5 file ({error})")
