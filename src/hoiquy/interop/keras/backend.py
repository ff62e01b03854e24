"""Keras, imported only when something needs it, on a backend that is there."""

import importlib.util
import os
import sys
from typing import Any

from hoiquy.errors import InputError, MissingExtraError

TRAINING_BACKENDS = ("tensorflow", "jax", "torch")

_INSTALL = "pip install 'hoiquy[keras]'"


def load_keras() -> Any:
    """Import and return Keras 3.

    The backend is what KERAS_BACKEND says. Where it says nothing, the first of TensorFlow, JAX and
    PyTorch that is installed is chosen, and KERAS_BACKEND is set for this process: Keras' own
    default is TensorFlow, there or not. Keras that is imported already keeps its backend.
    Raises MissingExtraError if Keras 3 or its backend is not installed.
    """
    wish = os.environ.get("KERAS_BACKEND", "")
    if not wish and "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = _first_backend()
    try:
        import keras
    except (ImportError, ValueError) as error:  # ValueError: KERAS_BACKEND names nothing known
        reason = " ".join(str(error).split())
        asked = f" with KERAS_BACKEND={wish}" if wish else ""
        raise MissingExtraError(
            f"Keras cannot be imported{asked} ({reason}): {_INSTALL}"
        ) from error
    if int(keras.__version__.split(".")[0]) < 3:
        raise MissingExtraError(f"Keras {keras.__version__} is too old, 3 is needed: {_INSTALL}")
    return keras


def engine_name() -> str:
    """Return what a run's result calls this engine, such as "keras (jax)".

    Raises MissingExtraError as `load_keras` does, InputError for a backend that cannot train.
    """
    backend = load_keras().config.backend()
    if backend not in TRAINING_BACKENDS:
        expected = ", ".join(TRAINING_BACKENDS)
        raise InputError(f"the Keras backend {backend} cannot train; KERAS_BACKEND: {expected}")
    return f"keras ({backend})"


def _first_backend() -> str:
    for name in TRAINING_BACKENDS:
        if importlib.util.find_spec(name) is not None:
            return name
    expected = ", ".join(TRAINING_BACKENDS)
    raise MissingExtraError(f"Keras needs one of {expected}, and none is installed: {_INSTALL}")
