"""How the fast kernels are compiled, and how compiled code is found again.

Numba's cache is used with a place of our own: Numba's place depends on where the source file
lies and, in older versions, when it was written, so that it would not survive a reinstallation;
and it looks for changes in the file of a function, but not in the file of a function that it calls.
`hoiquy.nn.kernels.fast.cache` has a hash of all of them.
"""

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator

from hoiquy.nn.kernels.fast.cache import usable_folder

# error_model="numpy": a division that may raise ruins vectorisation. Of fast-math only what keeps
# NaN and infinity as they are: training must notice them.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
}
_filling: list[Path] = []  # the folder that this process fills, if it does


def _import_without_scipy() -> None:
    """Import what Numba needs before it loads or compiles, but not SciPy's linear algebra.

    Numba only looks whether that is there, which costs as much as loading all the kernels do; it
    looks again when something is compiled that uses it. hoiquy depends on SciPy, so it is.
    """
    from numba.np import linalg

    look, linalg.ensure_blas = linalg.ensure_blas, lambda: None
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        linalg.ensure_blas = look


_import_without_scipy()


def compile_into(folder: Path) -> None:
    """Keep compiled code in `folder` from now on; call it before the kernels are imported."""
    _filling.append(folder)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel; it releases the interpreter lock, and its code is kept on disk."""
    dispatcher = njit(**_OPTIONS)(function)
    dispatcher._cache = _KernelCache(function)  # type: ignore[no-untyped-call]
    return dispatcher  # type: ignore[no-any-return]


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small function into each of its callers."""
    return njit(inline="always", **_OPTIONS)(function)  # type: ignore[no-any-return]


@inlined
def address(array: Any) -> Any:
    """Where the numbers of an array begin, as a signed integer: of one kind wherever it is used.

    A function that is called with integers of other kinds is compiled for each of them. An array
    is freed after the last line that names it; its address must not be used after that.
    """
    return np.intp(array.ctypes.data)


class _Place(UserProvidedCacheLocator):
    """One flat folder, whatever file a function comes from; it need not be writable."""

    def __init__(self, function: Any, file: str) -> None:
        super().__init__(function, file)  # type: ignore[no-untyped-call]
        self._cache_path = os.fspath(_filling[-1] if _filling else usable_folder())

    @classmethod
    def from_function(cls, function: Any, file: str) -> "_Place":
        return cls(function, file)

    def ensure_cache_path(self) -> None:
        pass

    def get_source_stamp(self) -> str:
        return ""  # the folder's name has it


class _Serialized(CompileResultCacheImpl):
    _locator_classes = [_Place]  # noqa: RUF012 - as its base has it


class _KernelCache(FunctionCache):
    """Numba's cache of one function: read by all, written only by who fills the folder."""

    _impl_class = _Serialized

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(signature, target_context)  # type: ignore[no-untyped-call]
        except Exception:  # whatever damaged bytes may cause: compiling anew is always right
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        if _filling:
            super().save_overload(signature, result)  # type: ignore[no-untyped-call]
