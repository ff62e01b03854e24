"""Recurrent layers by their definition, and files of weights as Keras 1 and 2 wrote them."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np

import hoiquy.keras as keras

RNG = np.random.default_rng(4)
UNITS, FEATURES, TIME = 3, 2, 5
X = RNG.normal(size=(4, TIME, FEATURES)).astype("float32")


def drawn(*shape: int) -> Any:
    return RNG.normal(0, 0.6, shape).astype("float32")


def sigmoid_of_keras_2(x: Any) -> Any:
    """hard_sigmoid before Keras 3."""
    return np.clip(0.2 * x + 0.5, 0, 1)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def lstm(x: Any, kernel: Any, recurrent: Any, bias: Any, gate: Any = sigmoid) -> Any:
    """The last hidden state, by the definition."""
    h = c = np.zeros((len(x), len(recurrent)), "float32")
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=1)
        c = gate(f) * c + gate(i) * np.tanh(g)
        h = gate(o) * np.tanh(c)
    return h


def gru(x: Any, kernel: Any, recurrent: Any, bias: Any, gate: Any = sigmoid) -> Any:
    """With one bias and the reset before the product."""
    h = np.zeros((len(x), len(recurrent)), "float32")
    n = len(recurrent)
    for t in range(x.shape[1]):
        z, r, g = np.split(x[:, t] @ kernel + bias, 3, axis=1)
        z, r = gate(z + h @ recurrent[:, :n]), gate(r + h @ recurrent[:, n : 2 * n])
        h = z * h + (1 - z) * np.tanh(g + (r * h) @ recurrent[:, 2 * n :])
    return h


def write_weights(path: Path, layers: dict[str, list[Any]], version: str | None = "2.2.4") -> None:
    """A file of weights by layer, as Keras 2 and 1 have them."""
    with h5py.File(path, "w") as file:
        put_weights(file, layers, version)


def put_weights(group: Any, layers: dict[str, list[Any]], version: str | None) -> None:
    group.attrs["layer_names"] = [name.encode() for name in layers]
    if version is not None:
        group.attrs["keras_version"], group.attrs["backend"] = version.encode(), b"tensorflow"
    for name, arrays in layers.items():
        names = [f"{name}/weight_{i}:0" for i in range(len(arrays))]
        part = group.create_group(name)
        part.attrs["weight_names"] = [each.encode() for each in names]
        for each, array in zip(names, arrays, strict=True):
            part.create_dataset(each, data=array)


def model_of(*layers: Any, shape: tuple[int, ...] = (TIME, FEATURES)) -> Any:
    return keras.Sequential([keras.Input(shape), *layers])


def lstm_arrays() -> list[Any]:
    return [drawn(FEATURES, 4 * UNITS), drawn(UNITS, 4 * UNITS), drawn(4 * UNITS)]


def transposed(kernel: Any, gates: int) -> Any:
    """As CuDNN's layers keep a kernel: each gate's numbers in the order of its transpose."""
    parts = np.split(kernel, gates, axis=1)
    return np.concatenate([part.T.reshape(part.shape) for part in parts], axis=1)


def states_transposed(kernel: Any, gates: int) -> Any:
    return np.concatenate([part.T for part in np.split(kernel, gates, axis=1)], axis=1)
