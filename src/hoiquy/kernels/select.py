"""Which kernels run: the fast ones where the processor has what they need, else the plain ones."""

import os
import platform
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from hoiquy.errors import InputError

Kind = Literal["plain", "fast"]


class Cell(NamedTuple):
    """forward(x, weights, mask, ...) → (hidden, saved); backward(d_hidden, weights, saved, ...)."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]


class Kernels(NamedTuple):
    kind: Kind
    simple_rnn: Cell
    lstm: Cell
    gru: Cell
    embedding_backward: Callable[..., Any]
    adam_update: Callable[..., Any]


def kernels_for(dtype: DTypeLike) -> Kernels:
    """Return the kernels for arrays of this dtype. Raises InputError for a bad HOIQUY_KERNELS."""
    return load_kernels(kernel_kind(dtype))


def kernel_kind(dtype: DTypeLike) -> Kind:
    """Which kernels `kernels_for` returns, without importing them."""
    wish = os.environ.get("HOIQUY_KERNELS", "")
    if wish not in ("", "plain", "fast"):
        raise InputError(f"HOIQUY_KERNELS={wish!r}: expected plain or fast")
    fast_possible = np.dtype(dtype) == np.float32 and (wish == "fast" or processor_is_fit())
    return "fast" if fast_possible and wish != "plain" else "plain"


@cache
def processor_is_fit() -> bool:
    """True where 8-float vectors multiply and add in one instruction: AVX2 with FMA, or NEON."""
    if platform.machine().lower() in ("aarch64", "arm64"):
        return True  # NEON with fused multiply-add is part of the architecture
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    return bool(features.get("avx2")) and bool(features.get("fma"))


def must_compile(dtype: DTypeLike) -> bool:
    """True if the kernels for this dtype are still to be compiled, which takes a while."""
    if kernel_kind(dtype) == "plain":
        return False
    from hoiquy.kernels.fast.cache import is_complete, usable_folder

    return not is_complete(usable_folder())


@cache
def load_kernels(kind: Kind) -> Kernels:
    """The kernels of `hoiquy.kernels.plain` or `.fast`, imported when first asked for."""

    def function(module: str, name: str) -> Callable[..., Any]:
        found = import_module(f"hoiquy.kernels.{kind}.{module}")
        return getattr(found, name)  # type: ignore[no-any-return]

    def cell(name: str) -> Cell:
        return Cell(function(name, f"{name}_forward"), function(name, f"{name}_backward"))

    return Kernels(
        kind,
        cell("simple_rnn"),
        cell("lstm"),
        cell("gru"),
        function("embedding", "embedding_backward"),
        function("adam", "adam_update"),
    )
