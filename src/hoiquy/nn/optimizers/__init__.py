"""Keras 3's optimizers and schedules; parameters are updated in place."""

from hoiquy.nn.optimizers.adam import Adam, Adamax, AdamW, Lion, Nadam
from hoiquy.nn.optimizers.base import Optimizer
from hoiquy.nn.optimizers.clipping import clip_by_global_norm
from hoiquy.nn.optimizers.descent import SGD, Adadelta, Adagrad, Ftrl, RMSprop
from hoiquy.nn.optimizers.schedules import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
    Schedule,
)

OPTIMIZERS: dict[str, type[Optimizer]] = {
    kind.__name__.lower(): kind
    for kind in (SGD, RMSprop, Adam, AdamW, Nadam, Adamax, Adagrad, Adadelta, Ftrl, Lion)
}

__all__ = [
    "OPTIMIZERS", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "CosineDecay",
    "CosineDecayRestarts", "ExponentialDecay", "Ftrl", "InverseTimeDecay", "Lion", "Nadam",
    "Optimizer", "PiecewiseConstantDecay", "PolynomialDecay", "RMSprop", "Schedule",
    "clip_by_global_norm",
]  # fmt: skip
