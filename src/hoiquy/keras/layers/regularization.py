"""Layers that act in training only: dropout, noise, and penalties of outputs."""

from typing import Any

from hoiquy.keras.arguments import Argument
from hoiquy.keras.kinds import ANY, NUMBER, RATE, Kind
from hoiquy.keras.layers.base import Layer
from hoiquy.nn import layers as nn
from hoiquy.nn.layers import Layer as NNLayer
from hoiquy.nn.regularizers import L1L2

_RATE = Argument("rate", kind=RATE, old=("p",))
_SEED = Argument("seed", None, ANY, field="")
_IGNORED = {"dim_ordering": "sequences have one order", "data_format": "it has one value"}
_NOISE_SHAPE = Argument(
    "noise_shape", None, Kind(lambda value, where: None if value is None else tuple(value))
)


class Dropout(Layer):
    """Drops numbers in training and scales the others up (Srivastava et al. 2014)."""

    arguments = (_RATE, _NOISE_SHAPE, _SEED)
    nn_class = nn.Dropout


class SpatialDropout1D(Layer):
    """Drops whole features of sequences in training."""

    arguments = (_RATE, _SEED)
    ignored = _IGNORED
    nn_class = nn.SpatialDropout1D
    input_rank = 3
    saves_trainable = False


class GaussianNoise(Layer):
    """Adds normal noise in training."""

    arguments = (Argument("stddev", kind=NUMBER, old=("sigma",)), _SEED)
    nn_class = nn.GaussianNoise


class GaussianDropout(Layer):
    """Multiplies by normal noise around 1 in training."""

    arguments = (_RATE, _SEED)
    nn_class = nn.GaussianDropout


class AlphaDropout(Layer):
    """Dropout that keeps mean and variance of SELU activations."""

    arguments = (_RATE, _NOISE_SHAPE, _SEED)
    nn_class = nn.AlphaDropout


class ActivityRegularization(Layer):
    """Passes its input on; its size is added to the loss."""

    arguments = (Argument("l1", 0.0, NUMBER), Argument("l2", 0.0, NUMBER))
    nn_class = nn.ActivityRegularization

    def create(self, shapes: Any) -> NNLayer:
        return nn.ActivityRegularization(self.name, regularizer=L1L2(self.l1, self.l2))
