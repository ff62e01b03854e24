"""The same model in Keras and in hoiquy.keras, with the same weights."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

import hoiquy.keras

Build = Callable[[Any], Any]


def pair(build: Build) -> tuple[Any, Any]:
    """(Keras' model, ours), each from build(module)."""
    theirs, ours = build(keras), build(hoiquy.keras)
    ours.set_weights(weights_of(theirs))
    return theirs, ours


def weights_of(model: Any) -> list[Any]:
    """The arrays of either model; Keras' `get_weights` warns with this version of NumPy."""
    return [np.asarray(variable.value) for variable in model.weights]


def sequential(*layers: Build) -> Build:
    """A Sequential of layers, each from function(module)."""
    return lambda k: k.Sequential([layer(k) for layer in layers])


def layer(name: str, *args: Any, **kwargs: Any) -> Build:
    return lambda k: getattr(k.layers, name)(*args, **kwargs)


def assert_same_outputs(theirs: Any, ours: Any, atol: float = 5e-6) -> None:
    """Arrays, or lists or dictionaries of them, in the same structure."""
    if isinstance(theirs, dict):
        assert list(theirs) == list(ours)
        theirs, ours = list(theirs.values()), list(ours.values())
    if isinstance(theirs, list | tuple):
        assert len(theirs) == len(ours)
        for one, other in zip(theirs, ours, strict=True):
            assert_same_outputs(one, other, atol)
        return
    np.testing.assert_allclose(np.asarray(theirs), np.asarray(ours), atol=atol)
