"""Layers that only move, repeat or drop numbers."""

from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.kinds import POSITIVE, Kind, only, optional
from hoiquy.keras.layers.base import Layer
from hoiquy.nn import layers as nn


def _sizes(value: Any, where: str) -> tuple[int, ...]:
    return tuple(int(size) for size in ([value] if isinstance(value, int) else value))


class Flatten(Layer):
    """One axis of features besides the batch axis."""

    arguments = (
        Argument(
            "data_format", "channels_last",
            only("channels_last", "arrays have their features last"), field="",
        ),
    )  # fmt: skip
    nn_class = nn.Flatten
    supports_masking = False
    moves_numbers_only = True


class Reshape(Layer):
    """Another shape of each row; one size may be -1."""

    arguments = (Argument("target_shape", kind=Kind(_sizes), old=("dims",)),)
    nn_class = nn.Reshape
    supports_masking = False
    moves_numbers_only = True


class Permute(Layer):
    """The axes of each row in another order, counted from 1."""

    arguments = (Argument("dims", kind=Kind(_sizes)),)
    nn_class = nn.Permute
    supports_masking = False
    moves_numbers_only = True


class RepeatVector(Layer):
    """A vector as every step of a sequence."""

    arguments = (Argument("n", kind=POSITIVE),)
    nn_class = nn.RepeatVector
    supports_masking = False
    moves_numbers_only = True


def _pair(value: Any, where: str) -> tuple[int, int]:
    first, last = (value, value) if isinstance(value, int) else value
    return int(first), int(last)


class ZeroPadding1D(Layer):
    """Zeros before and after the steps."""

    arguments = (
        Argument("padding", 1, Kind(_pair)),
        Argument("data_format", None, optional(only("channels_last", "features are last")),
                 field="", saved=False),
    )  # fmt: skip
    nn_class = nn.ZeroPadding1D
    supports_masking = False
    moves_numbers_only = True
    input_rank = 3


class Cropping1D(Layer):
    """Without the first and the last steps."""

    arguments = (Argument("cropping", (1, 1), Kind(_pair)),)
    nn_class = nn.Cropping1D
    supports_masking = False
    moves_numbers_only = True
    input_rank = 3


class UpSampling1D(Layer):
    """Every step several times."""

    arguments = (Argument("size", 2, POSITIVE, old=("length",)),)
    nn_class = nn.UpSampling1D
    supports_masking = False
    moves_numbers_only = True
    input_rank = 3
