"""A cell of the grid in Keras code: on hoiquy.keras if HOIQUY_BENCH_KERAS is hoiquy, or on Keras 3.

`prepare` builds what a user would write. hoiquy also draws the weights, which all others load.
"""

import os
from collections.abc import Callable
from importlib import metadata
from itertools import cycle
from typing import Any

import numpy as np

IS_HOIQUY = os.environ.get("HOIQUY_BENCH_KERAS") == "hoiquy"

if IS_HOIQUY:
    import hoiquy.keras as keras
else:
    import keras

    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(
            int(os.environ["HOIQUY_BENCH_THREADS"])
        )

layers = keras.layers


def versions() -> dict[str, str]:
    if IS_HOIQUY:
        return {name: metadata.version(name) for name in ("hoiquy", "numpy", "llvmlite")}
    backend = keras.config.backend()
    module: Any = __import__(backend)
    return {"keras": keras.__version__, backend: module.__version__, "numpy": np.__version__}


def prepare(task: dict[str, Any]) -> tuple[dict[str, Callable[[], object]], Callable[[], Any]]:
    keras.backend.clear_session()  # the models of earlier cells
    model = build(task)
    if IS_HOIQUY:
        np.savez(task["weights"], *drawn_weights(model))
    with np.load(task["weights"]) as arrays:
        model.set_weights([arrays[name] for name in arrays])
    with np.load(task["documents"]) as arrays:
        batches, targets = arrays["batches"], arrays["targets"]
    turns = cycle(zip(batches, targets, strict=True))
    steps: dict[str, Callable[[], object]] = {
        "step": lambda: model.train_on_batch(*next(turns)),
        "predict": lambda: model.predict_on_batch(batches[0]),
    }
    return steps, steps["predict"]


def build(task: dict[str, Any]) -> Any:
    model = keras.Sequential([keras.Input((task["length"],), dtype="int32")])
    model.add(layers.Embedding(task["words"], task["embedding"], mask_zero=task["masked"]))
    for number in range(task["layers"]):
        last = number == task["layers"] - 1
        layer = getattr(layers, task["kind"])(task["units"], return_sequences=not last)
        model.add(layers.Bidirectional(layer) if task["bidirectional"] else layer)
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy")
    return model


def drawn_weights(model: Any) -> list[Any]:
    """Normal weights with outputs that differ from document to document, and no zero biases.

    With Keras' own initial values all outputs are near 0.5: a wrong mask would hardly show.
    """
    rng = np.random.default_rng(1)
    rows, *others = [rng.standard_normal(array.shape) for array in model.get_weights()]
    scales = [0.1 if array.ndim == 1 or len(array) == 2 else len(array) ** -0.5 for array in others]
    scaled = [array * scale for array, scale in zip(others, scales, strict=True)]
    return [array.astype(np.float32) for array in (rows, *scaled)]
