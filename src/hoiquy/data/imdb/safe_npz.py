"""Arrays of integers, and of lists of integers, from an .npz file.

NumPy would run the pickle that holds the lists, and make room for whatever a header claims. Here a
pickle can only ask for an array, and a header is believed where the bytes behind it agree.
"""

import io
import pickle
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib import format as npy

_MAX_BYTES = 2**28  # of one array
_READ_HEADER = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npz(content: bytes, names: Sequence[str]) -> dict[str, Any]:
    """Return arrays by name: (n,) of integers as an array, (n,) of objects as a list.

    Raises ValueError if one is missing, damaged, or neither of these.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: _read_npy(archive, f"{name}.npy") for name in names}
    except Exception as error:  # zipfile and pickle raise errors of any kind for damaged bytes
        raise ValueError(f"it is damaged ({type(error).__name__}: {error})") from error


def _read_npy(archive: zipfile.ZipFile, name: str) -> Any:
    member = archive.getinfo(name)
    if member.file_size > _MAX_BYTES:
        raise ValueError(f"{name} has {member.file_size:,} bytes, expected up to {_MAX_BYTES:,}")
    file = io.BytesIO(archive.read(member))
    version = npy.read_magic(file)
    if version not in _READ_HEADER:
        raise ValueError(f"{name} has the unknown version {version}")
    shape, _, dtype = _READ_HEADER[version](file)
    if len(shape) != 1:
        raise ValueError(f"{name} has the shape {shape}, expected one dimension")
    if dtype == np.dtype(object):
        rows = _Unpickler(file).load().rows
        if not isinstance(rows, list):
            raise ValueError(f"{name} holds no list of objects")
        length = len(rows)
    elif dtype.kind in "iu":
        rest = file.read()
        length = len(rest) // dtype.itemsize
        rows = np.frombuffer(rest, dtype, length)
    else:
        raise ValueError(f"{name} holds {dtype}, expected integers or objects")
    if shape != (length,):
        raise ValueError(f"{name} has {length:,} rows, but its header says {shape[0]:,}")
    return rows


class _PickledArray:
    """Takes what the pickle of an array gives to NumPy, and keeps the list of its objects."""

    rows: Any = None

    def __init__(self, *_: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        *_, self.rows = state  # version, shape, dtype and order come before


class _PickledDtype:
    """Stands for the dtype of the array, which its header has told already."""

    def __init__(self, *_: Any) -> None:
        pass

    def __setstate__(self, _: Any) -> None:
        pass


_STAND_INS = {
    "numpy.core.multiarray._reconstruct": _PickledArray,
    "numpy._core.multiarray._reconstruct": _PickledArray,
    "numpy.ndarray": _PickledArray,
    "numpy.dtype": _PickledDtype,
    "_codecs.encode": _PickledDtype,  # an argument of _reconstruct in older pickles
}


class _Unpickler(pickle.Unpickler):
    """Reads the pickle of an array of objects, and calls nothing that it names."""

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle gets when it asks for `module.name`. Raises UnpicklingError."""
        stand_in = _STAND_INS.get(f"{module}.{name}")
        if stand_in is None:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return stand_in
