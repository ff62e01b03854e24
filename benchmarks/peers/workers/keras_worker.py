"""Keras 3 on the backend of KERAS_BACKEND: `train_on_batch`, `predict`, `predict_on_batch`.

Of the two ways to compile, TensorFlow gets the one that was measured to be faster: for training
Keras' default, which is without XLA there, for inference with XLA. On JAX all is XLA.
"""

import os
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

_THREADS = int(os.environ["HOIQUY_BENCH_THREADS"])
_PARAMETERS = ("embeddings", "kernel", "recurrent_kernel", "bias")

if keras.config.backend() == "tensorflow":
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(_THREADS)


def versions() -> dict[str, str]:
    backend = keras.config.backend()
    module: Any = __import__(backend)
    return {"keras": keras.__version__, backend: module.__version__, "numpy": np.__version__}


def prepare(task: dict[str, Any]) -> tuple[Callable[[], object], Callable[[], Any] | None]:
    keras.utils.clear_session()
    if task["kind"] == "layer":
        return _layer_alone(task), None
    model = _build(task)
    _set_weights(model, task["weights"])
    with np.load(task["documents"]) as arrays:
        batches, targets = arrays["batches"], arrays["targets"]
    if task["kind"] != "training":
        model.compile(jit_compile=True)
    if task["kind"] == "training":
        step = _training(model, task, batches, targets)
    elif task["kind"] == "inference":
        batch_size = task["batch_size"]

        def step() -> object:
            return model.predict(batches[0], batch_size=batch_size, verbose=0)
    else:
        ones = cycle(np.split(batches[0], len(batches[0])))

        def step() -> object:
            return model.predict_on_batch(next(ones))

    def probabilities() -> Any:
        outputs = model.predict_on_batch(batches[0][: task["check"]])
        return keras.ops.sigmoid(outputs) if task["logits"] else outputs

    return step, probabilities


def _training(
    model: Any, task: dict[str, Any], batches: NDArray[np.int32], targets: NDArray[np.float32]
) -> Callable[[], object]:
    model.compile(
        optimizer=keras.optimizers.Adam(task["recipe"]["training"]["learning_rate"]),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    turns = cycle(zip(batches, targets, strict=True))
    return lambda: model.train_on_batch(*next(turns))


def _build(task: dict[str, Any]) -> Any:
    recipe = task["recipe"]
    documents = keras.Input((recipe["data"]["max_length"],), dtype="int32")
    x: Any = documents
    if recipe["model"]["input"] == "values":
        x = keras.ops.expand_dims(keras.ops.cast(documents, "float32"), -1)
    for layer in recipe["model"]["layers"]:
        x = _layer(layer, task)(x)
    return keras.Model(documents, x)


def _layer(layer: dict[str, Any], task: dict[str, Any]) -> Any:
    kind = layer["type"]
    if kind == "embedding":
        return keras.layers.Embedding(task["embedding_rows"], layer["units"])
    if kind == "dropout":
        return keras.layers.Dropout(layer["rate"])
    if kind == "dense":
        units = task["classes"] if layer["units"] == "classes" else layer["units"]
        linear = task["logits"] and layer["activation"] == "sigmoid"
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
    """Copy hoiquy's weights; rows of an embedding that it does not have stay as they are."""
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


def _layer_alone(task: dict[str, Any]) -> Callable[[], object]:
    """Forward and backward of one recurrent layer, compiled, with all of its gradients."""
    rng = np.random.default_rng(1)
    shape = (task["batch"], task["time"], task["inputs"])
    x = rng.standard_normal(shape, np.float32) / np.float32(task["inputs"] ** 0.5)
    d_y = rng.standard_normal((task["batch"], task["units"]), np.float32)
    if task["cell"] == "simple_rnn":
        layer = keras.layers.SimpleRNN(task["units"], activation=task["activation"])
    else:
        layer = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[task["cell"]](task["units"])
    layer.build(shape)
    backends = {"jax": _jax_gradients, "tensorflow": _tensorflow_gradients}
    return backends[keras.config.backend()](layer, x, d_y, task["wants_d_x"])


def _jax_gradients(layer: Any, x: Any, d_y: Any, wants_d_x: bool) -> Callable[[], object]:
    jax: Any = __import__("jax")
    x, d_y = jax.device_put(x), jax.device_put(d_y)
    weights = [variable.value for variable in layer.trainable_variables]
    others = [variable.value for variable in layer.non_trainable_variables]

    def product(weights: Any, x: Any, d_y: Any) -> Any:
        y, _ = layer.stateless_call(weights, others, x)
        return (y * d_y).sum()

    gradients = jax.jit(jax.grad(product, argnums=(0, 1) if wants_d_x else 0))
    return lambda: jax.block_until_ready(gradients(weights, x, d_y))


def _tensorflow_gradients(layer: Any, x: Any, d_y: Any, wants_d_x: bool) -> Callable[[], object]:
    x, d_y = tf.constant(x), tf.constant(d_y)
    weights = [variable.value for variable in layer.trainable_variables]

    def gradients(x: Any, d_y: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        sources = [*weights, x] if wants_d_x else weights
        return tape.gradient(y, sources, output_gradients=d_y)

    compiled = tf.function(gradients)  # without XLA, as for training
    return lambda: [np.asarray(gradient) for gradient in compiled(x, d_y)]
