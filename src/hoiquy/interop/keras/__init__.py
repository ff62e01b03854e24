"""Keras 3: build models from recipes, copy weights, and train.

Keras is an optional package, imported when one of these functions is called.
"""

from hoiquy.interop.keras.backend import engine_name
from hoiquy.interop.keras.engine import FittedKeras, fit_keras
from hoiquy.interop.keras.model import build_keras_model
from hoiquy.interop.keras.parameters import get_keras_parameters, set_keras_parameters

__all__ = [
    "FittedKeras",
    "build_keras_model",
    "engine_name",
    "fit_keras",
    "get_keras_parameters",
    "set_keras_parameters",
]
