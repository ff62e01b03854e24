"""`keras.random`: random numbers, which follow from the seed of the engine."""

from typing import Any

import numpy as np
from numpy.random import Generator, Philox

from hoiquy.keras.tensors import EagerTensor

__all__ = [
    "SeedGenerator", "binomial", "dropout", "normal", "randint", "shuffle", "truncated_normal",
    "uniform",
]  # fmt: skip


class SeedGenerator:
    """A seed that a layer keeps; its draws follow each other."""

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        """Begin with a seed, or with the next one of the engine."""
        self.seed = seed
        self._rng = None if seed is None else Generator(Philox(int(seed)))

    def generator(self) -> Generator:
        """The generator of its draws."""
        return _present() if self._rng is None else self._rng


def _present() -> Generator:
    from hoiquy.keras.values.scope import present_generator

    return present_generator()


def _rng(seed: Any) -> Generator:
    if seed is None:
        return _present()
    return seed.generator() if isinstance(seed, SeedGenerator) else Generator(Philox(int(seed)))


def _sizes(shape: Any) -> tuple[int, ...]:
    return tuple(int(size) for size in shape)


def _eager(array: Any, dtype: Any = None) -> EagerTensor:
    wanted = np.dtype(getattr(dtype, "name", dtype) or np.float32)
    return np.asarray(array, wanted).view(EagerTensor)


def normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> EagerTensor:
    """Normal numbers."""
    return _eager(_rng(seed).normal(mean, stddev, _sizes(shape)), dtype)


def uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> EagerTensor:
    """Numbers between two limits."""
    return _eager(_rng(seed).uniform(minval, maxval, _sizes(shape)), dtype)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> EagerTensor:
    """Normal numbers within two standard deviations of the mean."""
    rng, sizes = _rng(seed), _sizes(shape)
    drawn = rng.standard_normal(sizes)
    while (outside := np.abs(drawn) > 2).any():
        drawn = np.where(outside, rng.standard_normal(sizes), drawn)
    return _eager(mean + stddev * drawn, dtype)


def randint(
    shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None
) -> EagerTensor:
    """Whole numbers from one up to, but not including, another."""
    return _eager(_rng(seed).integers(minval, maxval, _sizes(shape)), dtype)


def binomial(
    shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None
) -> EagerTensor:
    """How many of so many trials succeed."""
    return _eager(_rng(seed).binomial(counts, probabilities, _sizes(shape)), dtype)


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """The parts of an axis in another order."""
    from hoiquy.keras import ops

    return ops.take(x, _rng(seed).permutation(x.shape[axis]), axis=axis)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Some numbers set to 0, the others scaled up, always: `call` asks whether it trains."""
    from hoiquy.keras import ops

    shape = ops.shape(inputs) if noise_shape is None else noise_shape
    kept = _rng(seed).random(_sizes(shape)) >= rate
    return ops.multiply(inputs, kept.astype(np.float32) / np.float32(max(1 - rate, 1e-7)))
