"""Trains a graph of layers on arrays: fit, evaluate and predict on batches, as Keras does."""

from hoiquy.training.arrays.data import Arrays, Batch, BatchSource, PaddedRows
from hoiquy.training.arrays.fit import Validation, evaluate, fit, predict
from hoiquy.training.arrays.listener import FitListener
from hoiquy.training.arrays.objective import Objective
from hoiquy.training.arrays.trainer import Trainer

__all__ = [
    "Arrays", "Batch", "BatchSource", "FitListener", "Objective", "PaddedRows", "Trainer",
    "Validation", "evaluate", "fit", "predict",
]  # fmt: skip
