"""Read arrays and texts of an untrusted HDF5 file.

HDF5 can link to other files, apply filters and claim any shape. Only what Keras writes is accepted:
plain groups, and uncompressed arrays of numbers stored in the file itself.
"""

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import HoiquyError, InputError

_MOST_DIMENSIONS = 8
_MOST_NAMES = 100_000  # in one list of names


class Hdf5File:
    """The groups, arrays and texts of one open file. Errors name the source and the path."""

    def __init__(self, file: Any, source: str, size: int) -> None:
        self._file, self.source, self._size = file, source, size

    def has_group(self, path: str) -> bool:
        """Whether there is a group at a path."""
        return self._found(path) is not None

    def names(self, path: str) -> list[str]:
        """The names in a group, none if there is no group."""
        group = self._found(path)
        return [] if group is None else list(group)

    def array(
        self,
        group: str,
        name: str,
        dtypes: str = "fiu",
        shape: tuple[int | None, ...] | None = None,
    ) -> NDArray[Any]:
        """A plain array of numbers.

        Args:
            group: Its group.
            name: Its name in the group, which may contain further groups.
            dtypes: The kinds of NumPy dtypes that are accepted.
            shape: The expected shape; None for any.

        Raises:
            InputError: It is missing, not plain, truncated, larger than the file, or of another
                shape.
        """
        import h5py

        folder, _, last = name.rpartition("/")
        inside = "/".join(part for part in (group, folder) if part)
        found, place = self._found(inside), f"{group}/{name}"
        if found is None or not _is_inside(found, last):
            raise InputError(f"{self.source} has no array at {place}")
        if found.get(last, getclass=True) is not h5py.Dataset:
            raise InputError(f"{self.source} has no array at {place}")
        array = found[last]
        plan = array.id.get_create_plist()
        plain = plan.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
        if not plain or plan.get_external_count() or array.dtype.kind not in dtypes:
            wanted = "float32 " if dtypes == "f" else ""
            raise InputError(f"{self.source}: {place} is not a plain {wanted}array in this file")
        size = array.dtype.itemsize * math.prod(array.shape)
        if array.ndim > _MOST_DIMENSIONS or size > self._size:
            raise InputError(
                f"{self.source}: {place} has the shape {array.shape}, larger than the file"
            )
        if shape is not None and array.shape != shape:
            raise InputError(
                f"{self.source}: {place} has the shape {array.shape}, expected {shape}"
            )
        if array.id.get_storage_size() != size:
            raise InputError(f"{self.source}: {place} is truncated")
        return np.array(array[()])

    def text(self, path: str, name: str, most: int) -> str | None:
        """An attribute of a group as text; None if there is none.

        Raises InputError for another type, or more than `most` characters.
        """
        value = self._attribute(path, name, 1)
        if value is None:
            return None
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        if not isinstance(text, str) or len(text) > most:
            raise InputError(f"{self.source}: the attribute {name} of /{path} is not a short text")
        return text

    def listed_names(self, path: str, name: str) -> list[str]:
        """An attribute that lists names; long ones are in parts name0, name1 and so on."""
        whole = self._attribute(path, name, _MOST_NAMES)
        if whole is not None:
            parts = [whole]
        else:
            parts = []
            while (part := self._attribute(path, f"{name}{len(parts)}", _MOST_NAMES)) is not None:
                parts.append(part)
        values = [value for part in parts for value in np.atleast_1d(part)]
        return [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values]

    def _attribute(self, path: str, name: str, most: int) -> Any:
        group = self._found(path)
        if group is None or name not in group.attrs:
            return None
        found = group.attrs.get_id(name)
        if math.prod(found.shape) == 0:
            return []
        if math.prod(found.shape) > most or found.get_storage_size() > self._size:
            raise InputError(f"{self.source}: the attribute {name} of /{path} is too large")
        return group.attrs[name]

    def _found(self, path: str) -> Any:
        """The group at a path, None if there is none. Raises InputError for a damaged file."""
        import h5py

        group: Any = self._file
        for name in path.split("/"):
            if not name:
                continue
            if not _is_inside(group, name) or group.get(name, getclass=True) is not h5py.Group:
                return None
            group = group[name]
        return group


def _is_inside(group: Any, name: str) -> bool:
    """Whether the link is a hard link, which cannot lead to another file."""
    import h5py

    return name in group and isinstance(group.get(name, getlink=True), h5py.HardLink)


@contextlib.contextmanager
def open_hdf5(content: bytes, source: str) -> Iterator[Hdf5File]:
    """Open the bytes of a file, in memory. Raises InputError if it is damaged, also inside."""
    import h5py

    try:
        file = h5py.File(h5py.h5f.open_file_image(content))
    except Exception as error:  # h5py raises errors of any kind for damaged bytes
        raise damaged(source, error) from error
    try:
        yield Hdf5File(file, source, len(content))
    finally:
        with contextlib.suppress(Exception):
            file.close()


@contextlib.contextmanager
def as_damaged(source: str) -> Iterator[None]:
    """Raise h5py's errors, which are of any kind for damaged bytes, as InputErrors."""
    try:
        yield
    except (HoiquyError, Warning):
        raise
    except Exception as error:
        raise damaged(source, error) from error


def damaged(source: str, error: Exception) -> InputError:
    """The error for bytes that are not HDF5."""
    return InputError(f"{source} is damaged: its weights are not a valid HDF5 file ({error})")
