"""Reads an npz file with lists of numbers in it, which NumPy stores as a pickle.

A pickle can run any code when it is read. This reader accepts one that makes arrays and lists of
numbers, and refuses all else.
"""

import pickle
import warnings
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import DataError

_ALLOWED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
}
_MAX_BYTES = 2**30  # unpacked; Keras' files have a tenth


class _ArraysOnly(pickle.Unpickler):
    """Raises UnpicklingError for whatever is not needed to make an array."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it refers to {module}.{name}")
        return super().find_class(module, name)


def read_npz(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Return the arrays of these names. Raises DataError for a file that is not as expected."""
    try:
        with zipfile.ZipFile(path) as archive, warnings.catch_warnings():
            # NumPy 2.4 deprecates the dtype description of Keras' pickles.
            warnings.simplefilter("ignore", np.exceptions.VisibleDeprecationWarning)
            return {name: _read(archive, f"{name}.npy") for name in names}
    except KeyError as error:
        raise DataError(
            f"{path}: {error.args[0]}; expected Keras' arrays {', '.join(names)}"
        ) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # a damaged pickle raises anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path} is damaged or unsafe ({reason}); download it again") from error


def _read(archive: zipfile.ZipFile, member: str) -> NDArray[Any]:
    if archive.getinfo(member).file_size > _MAX_BYTES:
        raise ValueError(f"{member} has more than {_MAX_BYTES:,} bytes")
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0
        if version != (1, 0):
            header = np.lib.format.read_array_header_2_0
        dtype = header(file)[2]
    with archive.open(member) as file:
        if not dtype.hasobject:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
        np.lib.format.read_magic(file)
        header(file)
        return _unpickle(file)


def _unpickle(file: IO[bytes]) -> NDArray[Any]:
    array = _ArraysOnly(file).load()
    if not isinstance(array, np.ndarray):
        raise ValueError(f"it holds a {type(array).__name__}, expected an array")
    return array
