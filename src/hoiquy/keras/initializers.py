"""Keras' initializers: their classes and names."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.keras.configured import Configured, NamedFunction
from hoiquy.keras.configured import serialized as _serialized
from hoiquy.keras.custom_objects import get_registered_name
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.registry import Registry
from hoiquy.keras.script_initializers import script_values
from hoiquy.keras.seed import next_seed
from hoiquy.nn import initializers as nn
from hoiquy.nn.initializers import Initializer as NNInitializer
from hoiquy.nn.kernels import Array

# While a model is loaded, whose weights follow: how many numbers its arrays may still have.
_left: ContextVar[list[int] | None] = ContextVar("left", default=None)


@contextmanager
def zeros_within(most: int) -> Iterator[None]:
    """Make all initializers give zeros, in the block, and at most so many numbers together.

    Initializers raise KerasError for more, so that an untrusted configuration cannot claim memory.
    """
    token = _left.set([most])
    try:
        yield
    finally:
        _left.reset(token)


def _zeros(shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
    left = _left.get()
    if left is not None:
        left[0] -= math.prod(shape)
        if left[0] < 0:
            raise KerasError(f"the configuration claims an array {shape}, larger than the weights")
    return np.zeros(shape, dtype)


class Initializer(Configured):
    """Gives a new array its first values: `initializer(shape)`."""

    MODULE = "keras.initializers"
    INSTEAD = " or an array"

    def make(self) -> Any:
        """As `Configured.make`; within `zeros_within`, what gives zeros."""
        made = super().make()
        return made if _left.get() is None else _zeros

    def _nn_class(self) -> Any:
        """As `Configured._nn_class`; the script's own class is called with a shape."""
        is_called = type(self).__call__ is not Initializer.__call__
        return (
            partial(script_values, self) if self.NN is None and is_called else super()._nn_class()
        )

    def nn_settings(self) -> dict[str, Any]:
        """The fields of the initializer of `hoiquy.nn`."""
        return {} if self.NN is None else super().nn_settings()

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> NDArray[Any]:
        """An array of a shape, float32 unless told otherwise."""
        rng = np.random.Generator(np.random.Philox(next_seed()))
        initialize: NNInitializer = self.make()
        return initialize(tuple(shape), rng, np.dtype(dtype or np.float32))


class FromScript(Initializer):
    """A function of the script: shape → array."""

    function: Any

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> NDArray[Any]:
        found: NDArray[Any] = script_values(self.function)(tuple(shape), None, np.float32)
        return found

    def serialized(self) -> dict[str, Any]:
        """Keras' configuration of a function."""
        return NamedFunction(get_registered_name(self.function)).serialized()


class _Random(Initializer):
    """With a seed, all arrays of a shape have the same values; those of Keras differ."""

    OMITTED: ClassVar[tuple[str, ...]] = ("input_axes", "output_axes")
    seed: Any = None

    def _check(self) -> None:
        if isinstance(self.seed, Mapping):  # Keras 3's SeedGenerator
            self.seed = self.seed.get("config", {}).get("seed")
        if self.seed is not None and not isinstance(self.seed, int | np.integer):
            raise KerasError(f"{type(self).__name__}: seed={self.seed!r}; expected a whole number")
        for name in self.OMITTED:
            if getattr(self, name, None) is not None:
                raise NotSupportedError(f"{type(self).__name__}: {name} is not supported")
        super()._check()

    def make(self) -> Any:
        made = super().make()
        return made if self.seed is None or made is _zeros else _Seeded(made, int(self.seed))


class _Seeded:
    """An initializer that draws from a generator of its own."""

    def __init__(self, initialize: NNInitializer, seed: int) -> None:
        self._initialize, self._seed = initialize, seed

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        own = np.random.Generator(np.random.Philox(self._seed & (2**63 - 1)))
        return self._initialize(shape, own, dtype)


class _Scaled(_Random):
    """Of a variance that depends on the shape."""

    seed: Any = None
    input_axes: Any = None
    output_axes: Any = None


class Zeros(Initializer):
    """All 0."""

    NN = nn.Zeros


class Ones(Initializer):
    """All 1."""

    NN = nn.Ones


class Constant(Initializer):
    """A number, or an array."""

    NN = nn.Constant
    value: Any = 0.0

    def _check(self) -> None:
        if isinstance(self.value, Mapping):  # Keras 3's form of an array
            stored = self.value.get("config", {})
            if self.value.get("class_name") != "__numpy__" or "value" not in stored:
                raise KerasError(f"Constant: {str(self.value)[:80]} is not an array")
            self.value = np.asarray(stored["value"], np.float32)
        elif not isinstance(self.value, int | float | np.ndarray):
            self.value = np.asarray(self.value)
        if np.asarray(self.value).dtype.kind not in "biuf":
            raise KerasError(f"Constant: {str(self.value)[:80]}; expected a number or an array")
        super()._check()


class RandomNormal(_Random):
    """Normal."""

    NN = nn.RandomNormal
    mean: float = 0.0
    stddev: float = 0.05


class TruncatedNormal(_Random):
    """Normal within two standard deviations of the mean."""

    NN = nn.TruncatedNormal
    mean: float = 0.0
    stddev: float = 0.05


class RandomUniform(_Random):
    """Uniform in [minval, maxval); Keras 1 gives the limit as `scale`."""

    NN = nn.RandomUniform
    minval: float = -0.05
    maxval: float = 0.05


class VarianceScaling(_Scaled):
    """Of variance scale / fan."""

    NN = nn.VarianceScaling
    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"

    def _check(self) -> None:
        if self.distribution == "normal":  # of Keras 2
            self.distribution = "truncated_normal"
        super()._check()


class GlorotUniform(_Scaled):
    """Uniform within ±sqrt(6 / (fan_in + fan_out))."""

    NN = nn.GlorotUniform


class GlorotNormal(_Scaled):
    """Truncated normal of variance 2 / (fan_in + fan_out)."""

    NN = nn.GlorotNormal


class HeUniform(_Scaled):
    """Uniform within ±sqrt(6 / fan_in)."""

    NN = nn.HeUniform


class HeNormal(_Scaled):
    """Truncated normal of variance 2 / fan_in."""

    NN = nn.HeNormal


class LecunUniform(_Scaled):
    """Uniform within ±sqrt(3 / fan_in)."""

    NN = nn.LecunUniform


class LecunNormal(_Scaled):
    """Truncated normal of variance 1 / fan_in."""

    NN = nn.LecunNormal


class Orthogonal(_Random):
    """Orthonormal rows or columns, whichever are fewer, times the gain."""

    NN = nn.Orthogonal
    gain: float = 1.0


class Identity(Initializer):
    """The identity matrix times the gain."""

    NN = nn.Identity
    gain: float = 1.0


# Names of Keras 1 and 2.
zeros = zero = Zeros
ones = one = Ones
constant = Constant
normal = random_normal = RandomNormal
uniform = random_uniform = RandomUniform
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
he_uniform, he_normal = HeUniform, HeNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal
orthogonal, identity = Orthogonal, Identity

_ALIASES = {
    name: value
    for name, value in globals().items()
    if isinstance(value, type) and issubclass(value, Initializer) and not name.startswith("_")
}
_ALIASES |= {"IdentityInitializer": Identity, "OrthogonalInitializer": Orthogonal, "eye": Identity}
del _ALIASES["Initializer"], _ALIASES["FromScript"]
_REGISTRY = Registry(
    "initializer", Initializer, set(_ALIASES.values()), _ALIASES, from_script=FromScript
)


def get(identifier: Any) -> Any:
    """The initializer of a name, class, configuration, array or object.

    A function of the script, shape → array, is one, too. Raises KerasError if it is unknown.
    """
    if isinstance(identifier, np.ndarray | np.generic | list | tuple):
        return Constant(np.asarray(identifier))
    return _REGISTRY.get(identifier)


def to_nn(initializer: Any) -> Any:
    """The initializer of `hoiquy.nn`."""
    return None if initializer is None else initializer.make()


def serialize(initializer: Any) -> Any:
    """The configuration of an initializer."""
    return _serialized(initializer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The initializer of a configuration. Raises KerasError if it is malformed."""
    return _REGISTRY.deserialize(config)
