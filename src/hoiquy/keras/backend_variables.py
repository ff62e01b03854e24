"""The variables, random numbers and compiled functions of `keras.backend`."""

from typing import Any

import numpy as np

from hoiquy.keras import random
from hoiquy.keras.errors import KerasError
from hoiquy.keras.layers.weights import Variable
from hoiquy.keras.models.computed_tensors import ComputedTensors
from hoiquy.keras.names import automatic_name

__all__ = [
    "function",
    "moving_average_update",
    "ones",
    "random_bernoulli",
    "random_binomial",
    "random_normal",
    "random_normal_variable",
    "random_uniform",
    "random_uniform_variable",
    "truncated_normal",
    "update",
    "update_add",
    "update_sub",
    "variable",
    "zeros",
]


# Variables


def variable(value: Any, dtype: Any = None, name: Any = None, constraint: Any = None) -> Variable:
    """An array that a layer may train."""
    name = str(name or automatic_name("variable"))
    array = np.array(getattr(value, "value", value), dtype or np.float32)
    return Variable(array, name, name, True)


def zeros(shape: Any, dtype: Any = None, name: Any = None) -> Variable:
    """A variable of zeros."""
    return variable(np.zeros([int(size) for size in shape]), dtype, name)


def ones(shape: Any, dtype: Any = None, name: Any = None) -> Variable:
    """A variable of ones."""
    return variable(np.ones([int(size) for size in shape]), dtype, name)


def update(x: Any, new_x: Any) -> Any:
    """Assign to a variable."""
    x.assign(new_x)
    return x


def update_add(x: Any, increment: Any) -> Any:
    """Add to a variable."""
    x.assign_add(increment)
    return x


def update_sub(x: Any, decrement: Any) -> Any:
    """Subtract from a variable."""
    x.assign_sub(decrement)
    return x


def moving_average_update(x: Any, value: Any, momentum: float) -> Any:
    """Move a variable towards a value."""
    x.assign(momentum * np.asarray(x) + (1 - momentum) * np.asarray(getattr(value, "array", value)))
    return x


# Random numbers


def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Normal numbers."""
    return random.normal(shape, mean, stddev, dtype, seed)


def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Numbers between two limits."""
    return random.uniform(shape, minval, maxval, dtype, seed)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Normal numbers within two standard deviations."""
    return random.truncated_normal(shape, mean, stddev, dtype, seed)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    """1 with a probability, else 0."""
    return random.binomial(shape, 1, p, dtype, seed)


random_binomial = random_bernoulli


def random_normal_variable(shape: Any, mean: float, scale: float, **kwargs: Any) -> Variable:
    """A variable of normal numbers."""
    return variable(random.normal(shape, mean, scale, seed=kwargs.get("seed")))


def random_uniform_variable(shape: Any, low: float, high: float, **kwargs: Any) -> Variable:
    """A variable of numbers between two limits."""
    return variable(random.uniform(shape, low, high, seed=kwargs.get("seed")))


# Functions from inputs to tensors of a model


def function(inputs: Any, outputs: Any, updates: Any = None, **kwargs: Any) -> Any:
    """A function of arrays that computes tensors of a model.

    Args:
        inputs: Tensors of a model; `learning_phase()` among them chooses between training (1) and
            prediction (0).
        outputs: A tensor, or a list of them.
        updates: None.
        **kwargs: Ignored.

    Raises KerasError for updates.
    """
    if updates:
        raise KerasError("K.function: updates are not supported")
    return ComputedTensors(inputs, outputs)
