"""Models that `hoiquy.keras` and real Keras build from the same words."""

from typing import Any

import numpy as np

INPUTS: dict[str, list[np.ndarray[Any, Any]]] = {}


def sequential(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((7,)), layers.Embedding(10, 4, mask_zero=True), layers.SpatialDropout1D(0.2),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)), layers.GRU(3, dropout=0.1),
        layers.Dropout(0.1), layers.Dense(4, "relu", kernel_regularizer="l2"),
        layers.Dense(2, "softmax"),
    ])  # fmt: skip


def two_inputs(keras: Any) -> Any:
    layers = keras.layers
    shared = layers.Embedding(10, 4, mask_zero=True)
    first, second = keras.Input((7,)), keras.Input((7,))
    a = layers.LSTM(3)(shared(first))
    b = layers.GRU(3, reset_after=False)(layers.concatenate([shared(first), shared(second)]))
    joined = layers.concatenate([a, layers.SimpleRNN(2)(shared(second)), b])
    return keras.Model([first, second], layers.Dense(2, "softmax")(joined))


def nested(keras: Any) -> Any:
    layers = keras.layers
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, "tanh"), layers.Dense(3)])
    outer = keras.Input((7,))
    x = layers.GlobalMaxPooling1D()(layers.Embedding(10, 4)(outer))
    frozen = layers.Dense(5, trainable=False)
    return keras.Model(outer, layers.Dense(2, "softmax")(frozen(inner(x))))


BUILDERS = {"sequential": sequential, "two inputs": two_inputs, "nested": nested}
OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("Adam", {"amsgrad": True, "clipnorm": 1.0}), ("AdamW", {}), ("Nadam", {}), ("Adamax", {}),
    ("SGD", {"momentum": 0.9, "nesterov": True}), ("Adagrad", {}),
    ("RMSprop", {"momentum": 0.5, "centered": True}), ("Adadelta", {}), ("Ftrl", {}),
    ("Adam", {"use_ema": True}),
]  # fmt: skip
# Their variables are some of those of an optimizer above, in the same order.
FEWER_VARIABLES: list[tuple[str, dict[str, Any]]] = [
    ("Adam", {}), ("SGD", {}), ("RMSprop", {}), ("Lion", {}),
]  # fmt: skip


def data(name: str) -> tuple[Any, Any]:
    """Inputs and class indices for a model."""
    rng = np.random.default_rng(5)
    count = 2 if name == "two inputs" else 1
    inputs = [rng.integers(0, 10, (12, 7)) for _ in range(count)]
    return (inputs if count > 1 else inputs[0]), rng.integers(0, 2, 12)
