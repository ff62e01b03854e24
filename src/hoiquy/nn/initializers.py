"""Keras 3's initializers: each is called with a shape, a generator and a dtype.

Each returns a new contiguous array, drawn in float64 and rounded once.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, DTypeLike

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.kernels import Array
from hoiquy.nn.special_functions import ndtr, ndtri

Initializer = Callable[[tuple[int, ...], Generator, DTypeLike], Array]

Mode = Literal["fan_in", "fan_out", "fan_avg"]
Distribution = Literal["truncated_normal", "untruncated_normal", "uniform"]

_TRUNCATED_DEVIATION = 0.8796256610342398  # of a standard normal distribution cut at ±2


@dataclass(frozen=True)
class Zeros:
    """All 0."""

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        return np.zeros(shape, dtype)


@dataclass(frozen=True)
class Ones:
    """All 1."""

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        return np.ones(shape, dtype)


@dataclass(frozen=True)
class Constant:
    """A number, or an array that broadcasts to the shape. Raises ShapeError if it does not."""

    value: ArrayLike = 0.0

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        value = np.asarray(self.value)
        try:
            return np.array(np.broadcast_to(value, shape), dtype, order="C")
        except ValueError:
            raise ShapeError(f"a constant of shape {value.shape} does not fit {shape}") from None


@dataclass(frozen=True)
class RandomNormal:
    """Normal with this mean and standard deviation."""

    mean: float = 0.0
    stddev: float = 0.05

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        return rng.normal(self.mean, self.stddev, shape).astype(dtype)


@dataclass(frozen=True)
class TruncatedNormal:
    """Normal within two standard deviations of the mean; stddev is that before the cut."""

    mean: float = 0.0
    stddev: float = 0.05

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        drawn = ndtri(rng.uniform(ndtr(-2.0), ndtr(2.0), shape))
        limited = np.clip(drawn, -2, 2)  # the ends may round outwards
        return np.asarray(self.mean + self.stddev * limited, dtype)


@dataclass(frozen=True)
class RandomUniform:
    """Uniform in [minval, maxval)."""

    minval: float = -0.05
    maxval: float = 0.05

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        return rng.uniform(self.minval, self.maxval, shape).astype(dtype)


@dataclass(frozen=True)
class VarianceScaling:
    """Of variance scale / fan: the number of inputs (fan_in), of outputs, or their mean."""

    scale: float = 1.0
    mode: Mode = "fan_in"
    distribution: Distribution = "truncated_normal"

    def __post_init__(self) -> None:
        if self.scale <= 0:
            raise InputError(f"scale={self.scale}: expected a number above 0")
        for name, value, known in (
            ("mode", self.mode, ("fan_in", "fan_out", "fan_avg")),
            ("distribution", self.distribution,
             ("truncated_normal", "untruncated_normal", "uniform")),
        ):  # fmt: skip
            if value not in known:
                raise InputError(f"{name} {value!r}: expected one of {', '.join(known)}")

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        fan_in, fan_out = fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        fan = max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * self.scale / fan)
            return RandomUniform(-limit, limit)(shape, rng, dtype)
        stddev = math.sqrt(self.scale / fan)
        if self.distribution == "untruncated_normal":
            return RandomNormal(0.0, stddev)(shape, rng, dtype)
        return TruncatedNormal(0.0, stddev / _TRUNCATED_DEVIATION)(shape, rng, dtype)


@dataclass(frozen=True)
class GlorotUniform(VarianceScaling):
    """Uniform within ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""

    mode: Mode = "fan_avg"
    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class GlorotNormal(VarianceScaling):
    """Truncated normal of variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010)."""

    mode: Mode = "fan_avg"


@dataclass(frozen=True)
class HeUniform(VarianceScaling):
    """Uniform within ±sqrt(6 / fan_in) (He et al. 2015)."""

    scale: float = 2.0
    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class HeNormal(VarianceScaling):
    """Truncated normal of variance 2 / fan_in (He et al. 2015)."""

    scale: float = 2.0


@dataclass(frozen=True)
class LecunUniform(VarianceScaling):
    """Uniform within ±sqrt(3 / fan_in) (LeCun et al. 1998)."""

    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class LecunNormal(VarianceScaling):
    """Truncated normal of variance 1 / fan_in (LeCun et al. 1998)."""


@dataclass(frozen=True)
class Orthogonal:
    """Orthonormal rows or columns, whichever are fewer, times gain (Saxe et al. 2014).

    All axes but the last count as one. Raises ShapeError for vectors.
    """

    gain: float = 1.0

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        if len(shape) < 2:
            raise ShapeError(f"an orthogonal array needs two axes or more, got shape {shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q = q * np.sign(np.diag(r))  # makes the decomposition unique, and its distribution uniform
        drawn = self.gain * (q if rows >= columns else q.T)
        return np.ascontiguousarray(drawn.astype(dtype)).reshape(shape)


@dataclass(frozen=True)
class Identity:
    """1 on the diagonal, times gain. Raises ShapeError unless there are two axes."""

    gain: float = 1.0

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        if len(shape) != 2:
            raise ShapeError(f"an identity matrix has two axes, got shape {shape}")
        return np.asarray(self.gain * np.eye(*shape), dtype)


INITIALIZERS: dict[str, Callable[..., Any]] = {
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
    "random_normal": RandomNormal,
    "truncated_normal": TruncatedNormal,
    "random_uniform": RandomUniform,
    "variance_scaling": VarianceScaling,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
    "lecun_uniform": LecunUniform,
    "lecun_normal": LecunNormal,
    "orthogonal": Orthogonal,
    "identity": Identity,
}


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Numbers of inputs and outputs of a unit; axes before the last two are a window."""
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window
