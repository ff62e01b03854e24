"""Runs an example for Keras and records what its models learn, score and predict.

`python example_records.py SCRIPT FILE` does so on the Keras of that Python and writes FILE.
"""

import pickle
import runpy
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

_RECORDED = ("fit", "evaluate", "predict")
_RANDOM = ("Dropout", "SpatialDropout1D")


@dataclass
class Record:
    """What a script did with its models.

    weights: of each model, before its first `fit`.
    results: what each call of fit, evaluate and predict gave, in order.
    """

    weights: list[list[Any]] = field(default_factory=list)
    results: list[tuple[str, Any]] = field(default_factory=list)


def run_script(script: Path, keras: Any, given: list[list[Any]] | None = None) -> Record:
    """Run a script and record it.

    Dropout has the rate 0 and batches keep their order, as both differ between libraries.

    Args:
        script: The file.
        keras: The module that the script's imports find: Keras or hoiquy.keras.
        given: Weights for each model, before its first `fit`; None for its own.
    """
    with recording(keras, given) as record, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runpy.run_path(str(script), run_name="__main__")
    return record


@contextmanager
def recording(keras: Any, given: list[list[Any]] | None) -> Iterator[Record]:
    """Replace methods of models and of dropout layers by ones that record."""
    record, models, within = Record(), [], []
    dropouts = [getattr(keras.layers, name) for name in _RANDOM]
    saved = [(keras.Model, name, getattr(keras.Model, name)) for name in _RECORDED]
    saved += [(layer, "__init__", layer.__init__) for layer in dropouts]

    def begin(model: Any) -> None:
        if not any(model is one for one in models):
            if given is not None:
                model.set_weights(given[len(models)])
            record.weights.append([np.asarray(variable.value) for variable in model.weights])
            models.append(model)

    def recorded(name: str, method: Any) -> Any:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            if within:  # validation in fit
                return method(self, *args, **kwargs)
            if name == "fit":
                begin(self)
                kwargs["shuffle"] = False
            within.append(name)
            try:
                found = method(self, *args, **kwargs)
            finally:
                within.pop()
            record.results.append((name, dict(found.history) if name == "fit" else found))
            return found

        return call

    def without_dropout(method: Any) -> Any:
        return lambda self, rate, *args, **kwargs: method(self, 0.0, *args, **kwargs)

    for owner, name, method in saved:
        make = recorded(name, method) if name in _RECORDED else without_dropout(method)
        setattr(owner, name, make)
    try:
        yield record
    finally:
        for owner, name, method in saved:
            setattr(owner, name, method)


@contextmanager
def tensorflow_keras() -> Iterator[None]:
    """`tensorflow.keras` as TensorFlow has it, and nothing else of TensorFlow."""
    import keras._tf_keras.keras as keras_of_tensorflow
    from keras.src.utils.module_utils import tensorflow

    _ = tensorflow.available  # which Keras looks up once: it must not take this for TensorFlow
    module: Any = ModuleType("tensorflow")
    module.keras, module.__path__ = keras_of_tensorflow, []
    before = {name for name in sys.modules if name.startswith("tensorflow.")}
    sys.modules.update({"tensorflow": module, "tensorflow.keras": keras_of_tensorflow})
    try:
        yield
    finally:
        for name in [*sys.modules]:
            if name == "tensorflow" or (name.startswith("tensorflow.") and name not in before):
                del sys.modules[name]


def main() -> None:
    import keras

    record = run_script(Path(sys.argv[1]), keras)
    Path(sys.argv[2]).write_bytes(pickle.dumps((record.weights, record.results)))


if __name__ == "__main__":
    main()
