"""Keras' losses: their classes, functions and names."""

from hoiquy.keras.losses import classes, functions
from hoiquy.keras.losses.base import Loss, LossFunction, Reduction
from hoiquy.keras.losses.classes import *  # noqa: F403
from hoiquy.keras.losses.functions import *  # noqa: F403
from hoiquy.keras.losses.lookup import deserialize, get, resolve, serialize, to_nn

__all__ = [
    "Loss", "LossFunction", "Reduction", "deserialize", "get", "resolve", "serialize", "to_nn",
]  # fmt: skip
__all__ += classes.__all__
__all__ += functions.__all__
