"""Strategies for several devices, as `tensorflow.distribute`: here always the one machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from hoiquy.keras.errors import NotSupportedError

__all__ = [
    "MirroredStrategy",
    "OneDeviceStrategy",
    "Strategy",
    "TPUClusterResolver",
    "get_strategy",
]


class NoTpuError(NotSupportedError, ValueError):
    """There is no TPU; TensorFlow raises a ValueError, which scripts catch."""


class Strategy:
    """Computes on this machine."""

    num_replicas_in_sync = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the devices of any strategy."""

    @contextmanager
    def scope(self) -> "Iterator[Strategy]":
        yield self


OneDeviceStrategy = MirroredStrategy = Strategy


def get_strategy() -> Strategy:
    return Strategy()


def TPUClusterResolver(*args: Any, **kwargs: Any) -> NoReturn:  # noqa: N802 (TensorFlow's name)
    """Report that there is no TPU, as TensorFlow does where there is none.

    Raises:
        NoTpuError: Always; it is a ValueError.
    """
    raise NoTpuError("no TPU: hoiquy.keras computes on the processor")
