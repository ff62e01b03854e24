"""Keras' initializers: their classes and names."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.keras.configured import Configured
from hoiquy.keras.configured import serialized as _serialized
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.registry import Registry
from hoiquy.keras.seed import next_seed
from hoiquy.nn import initializers as nn
from hoiquy.nn.initializers import Initializer as NNInitializer
from hoiquy.nn.kernels import Array


class Initializer(Configured):
    """Gives a new array its first values: `initializer(shape)`."""

    MODULE = "keras.initializers"

    def _check(self) -> None:
        if self.NN is None:
            raise NotSupportedError(
                "initializers of the script's own are not supported; use one of keras.initializers "
                "or an array"
            )
        self.make()

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> NDArray[Any]:
        """An array of a shape, float32 unless told otherwise."""
        rng = np.random.Generator(np.random.Philox(next_seed()))
        initialize: NNInitializer = self.make()
        return initialize(tuple(shape), rng, np.dtype(dtype or np.float32))


def _random(**own: Any) -> dict[str, Any]:
    return {**own, "seed": None}


class _Random(Initializer):
    """With a seed, all arrays of a shape have the same values; those of Keras differ."""

    OMITTED: ClassVar[tuple[str, ...]] = ("input_axes", "output_axes")
    seed: int | None

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
        return made if self.seed is None else _Seeded(made, int(self.seed))


class _Seeded:
    """An initializer that draws from a generator of its own."""

    def __init__(self, initialize: NNInitializer, seed: int) -> None:
        self._initialize, self._seed = initialize, seed

    def __call__(self, shape: tuple[int, ...], rng: Generator, dtype: DTypeLike) -> Array:
        own = np.random.Generator(np.random.Philox(self._seed & (2**63 - 1)))
        return self._initialize(shape, own, dtype)


def _scaled() -> dict[str, Any]:
    return {"seed": None, "input_axes": None, "output_axes": None}


class Zeros(Initializer):
    """All 0."""

    NN = nn.Zeros


class Ones(Initializer):
    """All 1."""

    NN = nn.Ones


class Constant(Initializer):
    """A number, or an array."""

    NN = nn.Constant
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {"value": 0.0}

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

    value: Any


class RandomNormal(_Random):
    """Normal."""

    NN = nn.RandomNormal
    ARGUMENTS = _random(mean=0.0, stddev=0.05)


class TruncatedNormal(_Random):
    """Normal within two standard deviations of the mean."""

    NN = nn.TruncatedNormal
    ARGUMENTS = _random(mean=0.0, stddev=0.05)


class RandomUniform(_Random):
    """Uniform in [minval, maxval); Keras 1 gives the limit as `scale`."""

    NN = nn.RandomUniform
    ARGUMENTS = _random(minval=-0.05, maxval=0.05)


class VarianceScaling(_Random):
    """Of variance scale / fan."""

    NN = nn.VarianceScaling
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal", **_scaled(),
    }  # fmt: skip

    def _check(self) -> None:
        if self.distribution == "normal":  # of Keras 2
            self.distribution = "truncated_normal"
        super()._check()

    distribution: str


class GlorotUniform(_Random):
    """Uniform within ±sqrt(6 / (fan_in + fan_out))."""

    NN = nn.GlorotUniform
    ARGUMENTS = _scaled()


class GlorotNormal(_Random):
    """Truncated normal of variance 2 / (fan_in + fan_out)."""

    NN = nn.GlorotNormal
    ARGUMENTS = _scaled()


class HeUniform(_Random):
    """Uniform within ±sqrt(6 / fan_in)."""

    NN = nn.HeUniform
    ARGUMENTS = _scaled()


class HeNormal(_Random):
    """Truncated normal of variance 2 / fan_in."""

    NN = nn.HeNormal
    ARGUMENTS = _scaled()


class LecunUniform(_Random):
    """Uniform within ±sqrt(3 / fan_in)."""

    NN = nn.LecunUniform
    ARGUMENTS = _scaled()


class LecunNormal(_Random):
    """Truncated normal of variance 1 / fan_in."""

    NN = nn.LecunNormal
    ARGUMENTS = _scaled()


class Orthogonal(_Random):
    """Orthonormal rows or columns, whichever are fewer, times the gain."""

    NN = nn.Orthogonal
    ARGUMENTS = _random(gain=1.0)


class Identity(Initializer):
    """The identity matrix times the gain."""

    NN = nn.Identity
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {"gain": 1.0}


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
del _ALIASES["Initializer"]
_REGISTRY = Registry("initializer", Initializer, set(_ALIASES.values()), _ALIASES)


def get(identifier: Any) -> Any:
    """The initializer of a name, class, configuration, array or object.

    Raises KerasError if it is unknown, NotSupportedError for functions of the script.
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
