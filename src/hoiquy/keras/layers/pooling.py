"""Pooling over time, of whole sequences and of windows."""

from hoiquy.keras.arguments import Argument
from hoiquy.keras.kinds import BOOLEAN, ONE_INTEGER, choice, only, optional
from hoiquy.keras.layers.base import Layer
from hoiquy.nn import layers as nn
from hoiquy.nn.layers import Layer as NNLayer

_CHANNELS_LAST = Argument(
    "data_format", "channels_last", only("channels_last", "sequences are (batch, time, features)"),
    field="",
)  # fmt: skip
_GLOBAL = (_CHANNELS_LAST, Argument("keepdims", False, BOOLEAN))
_WINDOW = (
    Argument("pool_size", 2, ONE_INTEGER, old=("pool_length",)),
    Argument("strides", None, optional(ONE_INTEGER), old=("stride",)),
    Argument("padding", "valid", choice("valid", "same"), old=("border_mode",)),
    _CHANNELS_LAST,
)


class GlobalMaxPooling1D(Layer):
    """The largest of all steps; as in Keras, masked steps count too."""

    arguments = _GLOBAL
    nn_class = nn.MaxPooling
    supports_masking = False
    input_rank = 3

    def create(self, shapes: object) -> NNLayer:
        return nn.MaxPooling(self.name, uses_mask=False, **self.nn_settings())


class GlobalAveragePooling1D(Layer):
    """The mean of the steps that are not masked."""

    arguments = _GLOBAL
    nn_class = nn.MeanPooling
    input_rank = 3


class _LocalPooling(Layer):
    arguments = _WINDOW
    input_rank = 3

    def check_settings(self) -> None:
        if self._settings["strides"] is None:
            self._settings["strides"] = self._settings["pool_size"]


class MaxPooling1D(_LocalPooling):
    """The largest of each window of steps."""

    nn_class = nn.MaxPooling1D
    supports_masking = False


class AveragePooling1D(_LocalPooling):
    """The mean of each window of steps."""

    nn_class = nn.AveragePooling1D
    supports_masking = False
