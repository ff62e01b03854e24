"""Keras' layers; each module is imported when one of its layers is first used."""

from hoiquy.keras.lazy import lazy_attributes

_MODULES = {
    "activation": ("ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"),
    "attention": ("AdditiveAttention", "Attention", "MultiHeadAttention"),
    "category_encoding": ("CategoryEncoding",),
    "cells": ("GRUCell", "LSTMCell", "RNN", "SimpleRNNCell", "StackedRNNCells"),
    "script_layer": ("Layer",),
    "lambda_layer": ("Lambda",),
    "convolutional": ("Conv1D", "DepthwiseConv1D", "SeparableConv1D"),
    "core": ("Activation", "Dense", "Embedding", "Masking"),
    "input_layer": ("Input", "InputLayer"),
    "input_spec": ("InputSpec",),
    "lookups": ("IntegerLookup", "StringLookup"),
    "merging": (
        "Add", "Average", "Concatenate", "Dot", "Maximum", "Merge", "Minimum", "Multiply",
        "Subtract", "add", "average", "concatenate", "dot", "maximum", "merge", "minimum",
        "multiply", "subtract",
    ),
    "normalization": (
        "BatchNormalization", "GroupNormalization", "LayerNormalization", "RMSNormalization",
        "UnitNormalization",
    ),
    "pooling": ("AveragePooling1D", "GlobalAveragePooling1D", "GlobalMaxPooling1D", "MaxPooling1D"),
    "recurrent": ("CuDNNGRU", "CuDNNLSTM", "GRU", "LSTM", "SimpleRNN"),
    "regularization": (
        "ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise",
        "SpatialDropout1D",
    ),
    "reshaping": (
        "Cropping1D", "Flatten", "Permute", "RepeatVector", "Reshape", "UpSampling1D",
        "ZeroPadding1D",
    ),
    "text_vectorization": ("TextVectorization",),
    "wrappers": ("Bidirectional", "TimeDistributed"),
}  # fmt: skip
_ALIASES = {
    "AvgPool1D": "AveragePooling1D",
    "Convolution1D": "Conv1D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "MaxPool1D": "MaxPooling1D",
    "SeparableConvolution1D": "SeparableConv1D",
    "TimeDistributedDense": "Dense",
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted([*_PLACES, *_ALIASES])

_get, __dir__ = lazy_attributes(
    __name__, {name: f"{__name__}.{module}" for name, module in _PLACES.items()}
)


def __getattr__(name: str) -> object:
    return _get(_ALIASES.get(name, name))
