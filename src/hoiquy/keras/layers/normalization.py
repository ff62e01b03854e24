"""Layers that normalise."""

from typing import Any

from hoiquy.keras import usage
from hoiquy.keras.arguments import Argument
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.kinds import (
    AXES,
    BOOLEAN,
    CONSTRAINT,
    INITIALIZER,
    INTEGER,
    NUMBER,
    ONE_AXIS,
    REGULARIZER,
    Kind,
    only,
)
from hoiquy.keras.layers.base import Layer
from hoiquy.nn import layers as nn

_AXES = Argument("axis", -1, AXES)
_EPSILON = Argument("epsilon", 1e-3, NUMBER)
_CENTER = (Argument("center", True, BOOLEAN), Argument("scale", True, BOOLEAN))
_INITIALIZERS = (
    Argument("beta_initializer", "zeros", INITIALIZER, old=("beta_init",)),
    Argument("gamma_initializer", "ones", INITIALIZER, old=("gamma_init",)),
)
_PENALTIES = (
    Argument("beta_regularizer", None, REGULARIZER),
    Argument("gamma_regularizer", None, REGULARIZER),
    Argument("beta_constraint", None, CONSTRAINT),
    Argument("gamma_constraint", None, CONSTRAINT),
)
_NO_RENORM = only(False, "normalise each batch")


def _initial(value: int) -> Kind:
    """Moving averages begin with one value."""
    name = "Ones" if value else "Zeros"

    def read(given: Any, where: str) -> Any:
        found = INITIALIZER.read(given, where)
        if type(found).__name__ != name:
            raise NotSupportedError(f"{where} is not supported: moving averages begin with {value}")
        return found

    return Kind(read, to_config=INITIALIZER.to_config)


def _mode(given: Any, where: str) -> int:
    """What is normalised in Keras 1: features, rows, or features by the batch in prediction."""
    if given == 1:
        raise NotSupportedError(f"{where}=1 is not supported; use LayerNormalization")
    if given not in (0, 2):
        raise KerasError(f"{where}={given!r}, expected 0 or 2")
    if given == 2:
        usage.record_ignored(
            "BatchNormalization", "mode", "predictions use the moving averages, as with mode=0"
        )
    return int(given)


class BatchNormalization(Layer):
    """Subtracts the mean of a batch and divides by its deviation (Ioffe and Szegedy 2015)."""

    arguments = (
        Argument("axis", -1, ONE_AXIS), Argument("momentum", 0.99, NUMBER), _EPSILON, *_CENTER,
        *_INITIALIZERS, Argument("moving_mean_initializer", "zeros", _initial(0), field=""),
        Argument("moving_variance_initializer", "ones", _initial(1), field=""), *_PENALTIES,
        Argument("renorm", False, _NO_RENORM, field="", saved=False),
        Argument("renorm_clipping", None, field="", saved=False),
        Argument("renorm_momentum", 0.99, NUMBER, field="", saved=False),
        Argument("synchronized", False, _NO_RENORM, field=""),
        Argument("mode", 0, Kind(_mode), field="", saved=False),
    )  # fmt: skip
    nn_class = nn.BatchNormalization


class LayerNormalization(Layer):
    """Subtracts the mean of a row's features and divides by their deviation (Ba et al. 2016)."""

    arguments = (
        _AXES, _EPSILON, *_CENTER, *_INITIALIZERS, *_PENALTIES,
        Argument(
            "rms_scaling", False, only(False, "the mean is always subtracted"), field="",
            saved=False,
        ),
    )  # fmt: skip
    nn_class = nn.LayerNormalization


class UnitNormalization(Layer):
    """Divides by the norm."""

    arguments = (_AXES,)
    nn_class = nn.UnitNormalization


class GroupNormalization(Layer):
    """As LayerNormalization, but the features of each group alone (Wu and He 2018)."""

    arguments = (
        Argument("groups", 32, INTEGER), Argument("axis", -1, ONE_AXIS), _EPSILON, *_CENTER,
        *_INITIALIZERS, *_PENALTIES,
    )  # fmt: skip
    nn_class = nn.GroupNormalization


class RMSNormalization(Layer):
    """Divides by the root of the mean square of a row's features (Zhang and Sennrich 2019)."""

    arguments = (_AXES, Argument("epsilon", 1e-6, NUMBER))
    nn_class = nn.RMSNormalization
