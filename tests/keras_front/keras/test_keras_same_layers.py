"""Configurations and signatures of every layer, as Keras writes and has them."""

import inspect
from typing import Any

import keras
import pytest

import hoiquy.keras

NOT_IN_KERAS = {"CuDNNGRU", "CuDNNLSTM", "Merge", "ThresholdedReLU"}
# Real Keras has these on TensorFlow only.
NEEDS_TENSORFLOW = {"IntegerLookup", "StringLookup", "TextVectorization"}
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "Activation": ("relu",), "AlphaDropout": (0.2,), "AveragePooling1D": (2,),
    "CategoryEncoding": (5,), "Conv1D": (4, 3), "Dense": (3,), "DepthwiseConv1D": (3,),
    "Dot": (1,), "Dropout": (0.2,), "Embedding": (5, 3), "GRU": (3,), "GRUCell": (3,),
    "GaussianDropout": (0.2,), "GaussianNoise": (0.2,), "LSTM": (3,), "LSTMCell": (3,),
    "MultiHeadAttention": (2, 3), "Permute": ((2, 1),), "RepeatVector": (3,),
    "Reshape": ((3, 2),), "SeparableConv1D": (4, 3), "SimpleRNN": (3,), "SimpleRNNCell": (3,),
    "SpatialDropout1D": (0.2,),
}  # fmt: skip
LAYERS = [
    name
    for name in hoiquy.keras.layers.__all__
    if name[0].isupper()
    and name not in NOT_IN_KERAS | {"Input", "InputLayer", "InputSpec", "Lambda", "Layer"}
    if getattr(hoiquy.keras.layers, name).__name__ == name
]


def made(module: Any, name: str) -> Any:
    kind = getattr(module.layers, name)
    if name in ("Bidirectional", "TimeDistributed"):
        return kind(module.layers.LSTM(3, name="inner"), name="a")
    if name in ("RNN", "StackedRNNCells"):
        cell = module.layers.LSTMCell(3, name="inner")
        return kind([cell] if name == "StackedRNNCells" else cell, name="a")
    return kind(*ARGUMENTS.get(name, ()), name="a")


@pytest.mark.filterwarnings("ignore::hoiquy.keras.usage.IgnoredArgumentWarning")
@pytest.mark.parametrize("name", sorted(set(LAYERS) - NEEDS_TENSORFLOW))
def test_configurations_go_both_ways(name: str) -> None:
    theirs, ours = made(keras, name), made(hoiquy.keras, name)
    from_keras = type(ours).from_config(theirs.get_config())
    assert from_keras.get_config() == ours.get_config() or name == "Bidirectional"
    from_ours = type(theirs).from_config(keras.saving.serialize_keras_object(ours.get_config()))
    assert from_ours.get_config().keys() == theirs.get_config().keys()


@pytest.mark.parametrize("name", LAYERS)
def test_arguments_have_keras_order_and_names(name: str) -> None:
    theirs = list(inspect.signature(getattr(keras.layers, name).__init__).parameters)[1:]
    ours = [argument.name for argument in getattr(hoiquy.keras.layers, name).arguments]
    shared = [argument for argument in theirs if argument in ours]
    assert shared == [argument for argument in ours if argument in theirs]
    made_by_base = {"args", "kwargs", "name", "dtype", "activity_regularizer"}
    without_effect = {"unroll", "use_cudnn", "time_major"}
    assert set(theirs) - set(ours) <= made_by_base | without_effect
