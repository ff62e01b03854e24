"""Compile functions for linking alone: the kernel that contains them is optimised as a whole.

Numba would optimise each function, and turn it into machine code, again in every function that
calls it, directly or not. That took most of the time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from numba.core import codegen

_numba: Any = codegen  # it has no types


class _LinkedLibrary(_numba.JITCodeLibrary):  # type: ignore[misc]
    """A library whose code is only linked into others."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0


class KernelLibrary(_numba.JITCodeLibrary):  # type: ignore[misc]
    """A library of a whole kernel."""

    def _optimize_final_module(self) -> None:
        for _ in range(2):  # the first round, which inlines, leaves some addresses in loops
            super()._optimize_final_module()


class _LinkedCodegen(_numba.JITCPUCodegen):  # type: ignore[misc]
    """The code generator of such libraries."""

    _library_class = _LinkedLibrary

    def set_env(self, env_name: str, env: Any) -> None:
        pass  # there is no machine code that has an environment


@cache
def _linked_codegen() -> Any:
    return _LinkedCodegen("hoiquy")


@contextmanager
def only_linking(context: Any) -> Iterator[None]:
    """Have a target context make such libraries. Not for several threads at once."""
    usual = context._internal_codegen
    context._internal_codegen = _linked_codegen()
    try:
        yield
    finally:
        context._internal_codegen = usual
