"""Keras' regularizers: their classes and names."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from hoiquy.keras.configured import Configured, ScriptFunction
from hoiquy.keras.configured import serialized as _serialized
from hoiquy.keras.late import late
from hoiquy.keras.registry import Registry
from hoiquy.keras.values.operators import is_within_code
from hoiquy.nn import regularizers as nn

_DEFAULT = 0.01  # of a penalty that is given by its name


class Regularizer(Configured):
    """A penalty on an array, which is added to the loss: `regularizer(array)`.

    A class of the script has `__call__`, which runs in every step and is differentiated.
    """

    MODULE = "keras.regularizers"
    NEEDS_CONFIG = True

    def make(self) -> Any:
        """The regularizer of `hoiquy.nn`; that of a script's class runs its `__call__`."""
        if self.defines("__call__", Regularizer):
            return late("values.traced_penalty").TracedRegularizer(type(self).__name__, self)
        return super().make()

    def __call__(self, x: Any) -> Any:
        """The penalty of an array, a float32 number; a tensor in the code of a script."""
        if is_within_code(x) or hasattr(x, "assign"):
            return late("values.traced_penalty").within_code(super().make(), x)
        return np.float32(super().make().penalty(np.asarray(x, np.float32)))


class ScriptRegularizer(ScriptFunction):
    """A function of the script as a regularizer."""

    def make(self) -> Any:
        """The regularizer of `hoiquy.nn`."""
        return late("values.traced_penalty").TracedRegularizer(self.name, self.function)


class L1L2(Regularizer):
    """l1 Σ|x| + l2 Σx²."""

    NN = nn.L1L2
    l1: float = 0.0
    l2: float = 0.0

    def _check(self) -> None:
        self.l1, self.l2 = float(self.l1 or 0), float(self.l2 or 0)
        super()._check()


class L1(Regularizer):
    """l1 Σ|x|."""

    NN = nn.L1L2
    l1: float = _DEFAULT
    OLDER: ClassVar[Mapping[str, str]] = {"l": "l1"}


class L2(Regularizer):
    """l2 Σx²."""

    NN = nn.L1L2
    l2: float = _DEFAULT
    OLDER: ClassVar[Mapping[str, str]] = {"l": "l2"}


class OrthogonalRegularizer(Regularizer):
    """Makes the rows, or the columns, of a matrix orthogonal."""

    NN = nn.OrthogonalRegularizer
    factor: float = 0.01
    mode: str = "rows"


def l1_l2(l1: float = _DEFAULT, l2: float = _DEFAULT) -> L1L2:
    """Both penalties, with defaults."""
    return L1L2(l1=l1, l2=l2)


l1, l2 = L1, L2
l1l2 = l1_l2  # of Keras 1
orthogonal_regularizer = OrthogonalRegularizer
WeightRegularizer = L1L2  # of Keras 1

_REGISTRY = Registry(
    "regularizer",
    (Regularizer, ScriptRegularizer),
    (L1, L2, L1L2, OrthogonalRegularizer),
    {"l1_l2": l1_l2()},
    from_script=ScriptRegularizer,
)


def get(identifier: Any) -> Any:
    """The regularizer of a name, class, configuration, object or function of the script.

    Raises KerasError if it is unknown.
    """
    return _REGISTRY.get(l1_l2() if identifier is l1_l2 else identifier)


def to_nn(regularizer: Any) -> nn.Regularizer | None:
    """The regularizer of `hoiquy.nn`."""
    return None if regularizer is None else regularizer.make()


def serialize(regularizer: Any) -> Any:
    """The configuration of a regularizer."""
    return _serialized(regularizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The regularizer of a configuration. Raises KerasError if it is malformed."""
    return _REGISTRY.deserialize(config)
