"""Convolutions over time."""

from hoiquy.keras.arguments import Argument
from hoiquy.keras.kinds import (
    ACTIVATION,
    BOOLEAN,
    CONSTRAINT,
    INITIALIZER,
    ONE_INTEGER,
    POSITIVE,
    REGULARIZER,
    choice,
    only,
    optional,
)
from hoiquy.keras.layers.base import Layer
from hoiquy.nn import layers as nn

_FILTERS = Argument("filters", kind=POSITIVE, old=("nb_filter",))
_SIZE = Argument("kernel_size", kind=ONE_INTEGER, old=("filter_length",))
_STRIDES = Argument("strides", 1, ONE_INTEGER, old=("subsample_length", "subsample"))
_PADDING = Argument("padding", "valid", choice("valid", "same", "causal"), old=("border_mode",))
_FORMAT = Argument(
    "data_format", None, optional(only("channels_last", "sequences have their features last")),
    field="", saved=False,
)  # fmt: skip
_DILATION = Argument("dilation_rate", 1, ONE_INTEGER, old=("atrous_rate",))
_MULTIPLIER = Argument("depth_multiplier", 1, POSITIVE)
_ACTIVATION = (
    Argument("activation", None, ACTIVATION),
    Argument("use_bias", True, BOOLEAN, old=("bias",)),
)
_BIAS = Argument("bias_initializer", "zeros", INITIALIZER)
_BIAS_REGULARIZER = Argument("bias_regularizer", None, REGULARIZER, old=("b_regularizer",))
_BIAS_CONSTRAINT = Argument("bias_constraint", None, CONSTRAINT, old=("b_constraint",))
_DEPTHWISE = Argument("depthwise_initializer", "glorot_uniform", INITIALIZER)


class Conv1D(Layer):
    """Filters over windows of steps."""

    arguments = (
        _FILTERS, _SIZE, _STRIDES, _PADDING, _FORMAT, _DILATION, Argument("groups", 1, POSITIVE),
        *_ACTIVATION,
        Argument("kernel_initializer", "glorot_uniform", INITIALIZER, old=("init",)), _BIAS,
        Argument("kernel_regularizer", None, REGULARIZER, old=("W_regularizer",)),
        _BIAS_REGULARIZER,
        Argument("kernel_constraint", None, CONSTRAINT, old=("W_constraint",)), _BIAS_CONSTRAINT,
    )  # fmt: skip
    nn_class = nn.Conv1D
    supports_masking = False
    input_rank = 3


class DepthwiseConv1D(Layer):
    """Filters of each feature by itself."""

    arguments = (
        _SIZE, _STRIDES, _PADDING, _MULTIPLIER, _FORMAT, _DILATION, *_ACTIVATION, _DEPTHWISE, _BIAS,
        Argument("depthwise_regularizer", None, REGULARIZER), _BIAS_REGULARIZER,
        Argument("depthwise_constraint", None, CONSTRAINT), _BIAS_CONSTRAINT,
    )  # fmt: skip
    nn_class = nn.DepthwiseConv1D
    supports_masking = False
    input_rank = 3


class SeparableConv1D(Layer):
    """Filters of each feature by itself, then mixtures of the features."""

    arguments = (
        _FILTERS, _SIZE, _STRIDES, _PADDING, _FORMAT, _DILATION, _MULTIPLIER, *_ACTIVATION,
        _DEPTHWISE, Argument("pointwise_initializer", "glorot_uniform", INITIALIZER), _BIAS,
        Argument("depthwise_regularizer", None, REGULARIZER),
        Argument("pointwise_regularizer", None, REGULARIZER), _BIAS_REGULARIZER,
        Argument("depthwise_constraint", None, CONSTRAINT),
        Argument("pointwise_constraint", None, CONSTRAINT), _BIAS_CONSTRAINT,
    )  # fmt: skip
    nn_class = nn.SeparableConv1D
    supports_masking = False
    input_rank = 3
