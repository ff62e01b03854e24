"""Select the kernels: fast ones where the CPU supports them, else plain ones."""

import os
import platform
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hoiquy.errors import InputError
from hoiquy.nn.kernels.types import Array, RecurrentWeights, State

Kind = Literal["plain", "fast"]


class RecurrentKernel(Protocol):
    """One cell over a batch of sequences, as `plain.recurrent.PlainRecurrent` defines it."""

    @property
    def forward(self) -> Callable[..., tuple[Array, Any]]: ...

    @property
    def last_states(self) -> Callable[[Any], State]: ...

    @property
    def backward(self) -> Callable[..., tuple[Array | None, RecurrentWeights, State]]: ...

    @property
    def packs(self) -> Callable[[RecurrentWeights], Any]: ...

    @property
    def prepare(self) -> Callable[[RecurrentWeights], Any]: ...

    @property
    def infer(self) -> Callable[..., tuple[Array, State]]: ...

    @property
    def project(self) -> Callable[[Any, Array], Array]: ...


class Kernels(NamedTuple):
    kind: Kind
    embedding_backward: Callable[..., Any]
    find_ngrams: Callable[..., NDArray[np.int32]]
    affine: Callable[[Array, Array, Array], Array]
    dropout: Callable[..., Array]
    adam_update: Callable[..., Any]
    adam_update_rows: Callable[..., Any]
    window_maxima: Callable[..., Array]


def kernels_for(dtype: DTypeLike) -> Kernels:
    """Return the kernels for arrays of this dtype. Raises InputError for a bad HOIQUY_KERNELS."""
    return load_kernels(kernel_kind(dtype))


def kernel_kind(dtype: DTypeLike) -> Kind:
    """The kind of kernels that `kernels_for` returns, without importing them."""
    setting = os.environ.get("HOIQUY_KERNELS", "")
    if setting not in ("", "plain", "fast"):
        raise InputError(f"HOIQUY_KERNELS={setting!r}: expected plain or fast")
    fast_possible = np.dtype(dtype) == np.float32 and (
        setting == "fast" or processor_is_supported()
    )
    return "fast" if fast_possible and setting != "plain" else "plain"


def fast_recurrent(cell: str, activation: str, recurrent_activation: str) -> RecurrentKernel:
    """The fast kernel of a cell, with activations of `types.FAST_ACTIVATIONS`."""
    from hoiquy.nn.kernels.fast.recurrent import recurrent

    return recurrent(cell, activation, recurrent_activation)


@cache
def processor_is_supported() -> bool:
    """True where 8-float vectors multiply and add in one instruction: AVX2 with FMA, or NEON."""
    if platform.machine().lower() in ("aarch64", "arm64"):
        return True  # NEON with fused multiply-add is part of the architecture
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    return bool(features.get("avx2")) and bool(features.get("fma"))


def must_compile(dtype: DTypeLike) -> bool:
    """True if the kernels for this dtype are not compiled yet, which takes 10 to 20 seconds."""
    if kernel_kind(dtype) == "plain":
        return False
    from hoiquy.nn.kernels.fast.cache import is_complete, usable_folder

    return not is_complete(usable_folder())


@cache
def load_kernels(kind: Kind) -> Kernels:
    """The kernels of `hoiquy.nn.kernels.plain` or `.fast`, imported on first use."""

    def imported(module: str) -> Any:
        return import_module(f"hoiquy.nn.kernels.{kind}.{module}")

    return Kernels(
        kind,
        imported("embedding").embedding_backward,
        imported("ngrams").find_ngrams,
        imported("affine").affine,
        imported("dropout").dropout,
        imported("adam").adam_update,
        imported("adam").adam_update_rows,
        imported("window_maxima").window_maxima,
    )
