"""Keras' metrics as functions of targets and predictions, which return a value for each row."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hoiquy.keras.concrete import as_tensor
from hoiquy.keras.configured import NamedFunction
from hoiquy.keras.metrics import classes
from hoiquy.keras.metrics.base import Metric
from hoiquy.keras.tensors import EagerTensor
from hoiquy.nn.metrics.streaming import MeanMetric

__all__ = [
    "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
    "sparse_top_k_categorical_accuracy", "top_k_categorical_accuracy",
]  # fmt: skip


class MetricFunction(NamedFunction):
    """A metric as a function, such as `binary_accuracy(y_true, y_pred)`."""

    def __init__(self, kind: type[Metric]) -> None:
        super().__init__(kind.name)
        self._kind = kind

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, **settings: Any) -> EagerTensor:
        """The values of a batch, float32."""
        metric = self._kind(**settings).nn
        assert isinstance(metric, MeanMetric)
        values = metric.sample_values(np.asarray(y_true), np.asarray(y_pred, np.float32))
        numbers = np.asarray(values, np.float32)
        if self._kind is classes.BinaryAccuracy:  # the mean over the labels of a row
            numbers = np.asarray(numbers.mean(axis=-1))
        return as_tensor(numbers)

    def metric(self) -> Metric:
        """The metric, named as this function."""
        return self._kind(name=self.name)


binary_accuracy = MetricFunction(classes.BinaryAccuracy)
categorical_accuracy = MetricFunction(classes.CategoricalAccuracy)
sparse_categorical_accuracy = MetricFunction(classes.SparseCategoricalAccuracy)
top_k_categorical_accuracy = MetricFunction(classes.TopKCategoricalAccuracy)
sparse_top_k_categorical_accuracy = MetricFunction(classes.SparseTopKCategoricalAccuracy)
