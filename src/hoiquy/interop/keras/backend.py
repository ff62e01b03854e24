"""Import Keras on demand, with an installed backend."""

import importlib.util
import os
import sys
from typing import Any

from hoiquy.errors import InputError, MissingExtraError

TRAINING_BACKENDS = ("tensorflow", "jax", "torch")

_INSTALL = "pip install 'hoiquy[keras]'"


def load_keras() -> Any:
    """Import and return Keras 3.

    If KERAS_BACKEND is unset it is set to the first installed of TensorFlow, JAX and PyTorch,
    because Keras' default is TensorFlow whether installed or not.
    Raises MissingExtraError if Keras 3 or its backend is not installed.
    """
    backend = os.environ.get("KERAS_BACKEND", "")
    if not backend and "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = _first_backend()
    try:
        import keras
    except (ImportError, ValueError) as error:  # ValueError: unknown KERAS_BACKEND
        reason = " ".join(str(error).split())
        setting = f" with KERAS_BACKEND={backend}" if backend else ""
        raise MissingExtraError(
            f"Keras cannot be imported{setting} ({reason}): {_INSTALL}"
        ) from error
    if int(keras.__version__.split(".")[0]) < 3:
        raise MissingExtraError(f"Keras {keras.__version__} is too old, 3 is needed: {_INSTALL}")
    return keras


def engine_name() -> str:
    """Return the engine's name for result.json, such as "keras (jax)".

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
