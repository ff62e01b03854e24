"""Keras 3 on the backend of KERAS_BACKEND: `train_on_batch`, `predict`, `predict_on_batch`.

TensorFlow gets the faster of its two ways to compile: Keras' default, without XLA, for training,
and XLA for inference. JAX always uses XLA.
"""

import os
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import keras
import numpy as np

_PARAMETERS = ("embeddings", "kernel", "recurrent_kernel", "bias")

if keras.config.backend() == "tensorflow":
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(int(os.environ["HOIQUY_BENCH_THREADS"]))


def versions() -> dict[str, str]:
    backend = keras.config.backend()
    module: Any = __import__(backend)
    return {"keras": keras.__version__, backend: module.__version__, "numpy": np.__version__}


def prepare(task: dict[str, Any]) -> tuple[Callable[[], object], Callable[[], Any]]:
    trains = task["what"] == "training"
    model = _build(task, logits=trains)
    _set_weights(model, task["weights"])
    with np.load(task["documents"]) as arrays:
        batches, targets = arrays["batches"], arrays["targets"]
    if trains:
        model.compile(
            optimizer=keras.optimizers.Adam(task["recipe"]["training"]["learning_rate"]),
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
        )
    else:
        model.compile(jit_compile=True)
    turns = cycle(zip(batches, targets, strict=True))
    ones = cycle(np.split(batches[0], len(batches[0])))
    steps: dict[str, Callable[[], object]] = {
        "training": lambda: model.train_on_batch(*next(turns)),
        "inference": lambda: model.predict(batches[0], batch_size=task["batch_size"], verbose=0),
        "latency": lambda: model.predict_on_batch(next(ones)),
    }

    def probabilities() -> Any:
        outputs = model.predict_on_batch(batches[0][: task["check"]])
        return keras.ops.sigmoid(outputs) if trains else outputs

    return steps[task["what"]], probabilities


def _build(task: dict[str, Any], logits: bool) -> Any:
    """The recipe's network; logits: it ends before the sigmoid, which the loss then contains."""
    recipe = task["recipe"]
    documents = keras.Input((recipe["data"]["max_length"],), dtype="int32")
    x: Any = documents
    if recipe["model"]["input"] == "values":
        x = keras.ops.expand_dims(keras.ops.cast(documents, "float32"), -1)
    for layer in recipe["model"]["layers"]:
        x = _layer(layer, task, logits)(x)
    return keras.Model(documents, x)


def _layer(layer: dict[str, Any], task: dict[str, Any], logits: bool) -> Any:
    kind = layer["type"]
    if kind == "embedding":
        return keras.layers.Embedding(task["embedding_rows"], layer["units"])
    if kind == "dropout":
        return keras.layers.Dropout(layer["rate"])
    if kind == "dense":
        units = task["classes"] if layer["units"] == "classes" else layer["units"]
        linear = logits and layer["activation"] == "sigmoid"
        return keras.layers.Dense(units, activation="linear" if linear else layer["activation"])
    options: dict[str, Any] = {
        "return_sequences": layer["return_sequences"],
        "dropout": layer["dropout"],
        "kernel_regularizer": _l2(layer["kernel_l2"]),
        "recurrent_regularizer": _l2(layer["recurrent_l2"]),
    }
    if kind == "simple_rnn":
        return keras.layers.SimpleRNN(layer["units"], activation=layer["activation"], **options)
    return {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[kind](layer["units"], **options)


def _l2(factor: float) -> Any:
    return keras.regularizers.L2(factor) if factor > 0 else None


def _set_weights(model: Any, path: str) -> None:
    """Copy hoiquy's weights; the embedding rows that hoiquy leaves out stay as they are."""
    with np.load(path) as arrays:
        for variable, name in zip(_variables(model), arrays, strict=True):
            value = arrays[name]
            if value.shape != tuple(variable.shape):
                rest = keras.ops.convert_to_numpy(variable.value)[len(value) :]
                value = np.concatenate([value, rest])
            variable.assign(value)


def _variables(model: Any) -> Iterator[Any]:
    """Variables from first layer to last, in hoiquy's order."""
    for layer in model.layers:
        owner = getattr(layer, "cell", layer)
        for key in _PARAMETERS:
            variable = getattr(owner, key, None)
            if variable is not None:
                yield variable
