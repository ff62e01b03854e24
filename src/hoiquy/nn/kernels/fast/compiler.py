"""Compile the fast kernels with Numba, and cache the machine code in `cache.usable_folder`.

Numba's own cache folder depends on the path of the source file and, in older versions, on its
time, so it would not survive a reinstallation; and it detects changes in the file of a function but
not in those of the functions that it calls. `cache.py` hashes all of them.
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

# error_model="numpy": a division that may raise prevents vectorisation. The fast-math flags keep
# NaN and infinity, which training must detect.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
}
_target: list[Path] = []  # the folder that this process compiles into, if any


def _import_without_scipy() -> None:
    """Import what Numba needs before it loads or compiles, without SciPy's linear algebra.

    Numba imports that only to check that it is installed, which takes as long as loading all
    kernels. hoiquy depends on SciPy, and Numba checks again before it compiles code that uses it.
    """
    from numba.np import linalg

    ensure_blas, linalg.ensure_blas = linalg.ensure_blas, lambda: None
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        linalg.ensure_blas = ensure_blas


_import_without_scipy()


def compile_into(folder: Path) -> None:
    """Cache compiled code in `folder` from now on; call it before the kernels are imported."""
    _target.append(folder)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel, which releases the GIL and is cached on disk."""
    dispatcher = njit(**_OPTIONS)(function)
    dispatcher._cache = _KernelCache(function)  # type: ignore[no-untyped-call]
    return dispatcher  # type: ignore[no-any-return]


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Inline a small function into each of its callers."""
    return njit(inline="always", **_OPTIONS)(function)  # type: ignore[no-any-return]


@inlined
def address(array: Any) -> Any:
    """The address of an array's data, as intp everywhere: other integer types would compile again.

    An array is freed after the last line that names it; its address must not be used after that.
    """
    return np.intp(array.ctypes.data)


class _Locator(UserProvidedCacheLocator):
    """One flat folder for the functions of all files; it need not be writable."""

    def __init__(self, function: Any, file: str) -> None:
        super().__init__(function, file)  # type: ignore[no-untyped-call]
        self._cache_path = os.fspath(_target[-1] if _target else usable_folder())

    @classmethod
    def from_function(cls, function: Any, file: str) -> "_Locator":
        return cls(function, file)

    def ensure_cache_path(self) -> None:
        pass

    def get_source_stamp(self) -> str:
        return ""  # the name of the folder contains a hash of the sources


class _Serialized(CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012 - as in its base class


class _KernelCache(FunctionCache):
    """Numba's cache of one function, written only by the process that compiles into the folder."""

    _impl_class = _Serialized

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(signature, target_context)  # type: ignore[no-untyped-call]
        except Exception:  # damaged bytes may raise anything: compile again
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        if _target:
            super().save_overload(signature, result)  # type: ignore[no-untyped-call]
