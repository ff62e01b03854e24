"""Keras' optimizers."""

from hoiquy.keras.optimizers import legacy, schedules
from hoiquy.keras.optimizers.base import Optimizer
from hoiquy.keras.optimizers.classes import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lion,
    Nadam,
    RMSprop,
)
from hoiquy.keras.optimizers.lookup import deserialize, get, serialize, to_nn

adadelta, adagrad, adam, adamax = Adadelta, Adagrad, Adam, Adamax  # of Keras 1 and 2
nadam, rmsprop, sgd = Nadam, RMSprop, SGD

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lion", "Nadam", "Optimizer",
    "RMSprop", "adadelta", "adagrad", "adam", "adamax", "deserialize", "get", "legacy", "nadam",
    "rmsprop", "schedules", "serialize", "sgd", "to_nn",
]  # fmt: skip
