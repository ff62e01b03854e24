"""Keras' metrics as functions of targets and predictions, which return a value for each row."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hoiquy.keras.metrics import classes
from hoiquy.keras.metrics.base import Metric
from hoiquy.nn.metrics.streaming import MeanMetric


class MetricFunction:
    """A metric as a function, such as `binary_accuracy(y_true, y_pred)`."""

    def __init__(self, kind: type[Metric], name: str) -> None:
        self.__name__ = self.name = name
        self._kind = kind

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, **settings: Any) -> NDArray[Any]:
        """The values of a batch, float32."""
        metric = self._kind(**settings).nn
        assert isinstance(metric, MeanMetric)
        values = metric.sample_values(np.asarray(y_true), np.asarray(y_pred, np.float32))
        numbers = np.asarray(values, np.float32)
        if self._kind is classes.BinaryAccuracy:  # the mean over the labels of a row
            return np.asarray(numbers.mean(axis=-1))
        return numbers

    def metric(self) -> Metric:
        """The metric, named as this function."""
        return self._kind(name=self.name)

    def serialized(self) -> dict[str, Any]:
        """Keras 3's configuration of a function."""
        return {
            "module": "builtins",
            "class_name": "function",
            "config": self.name,
            "registered_name": "function",
        }

    def __repr__(self) -> str:
        return f"<function {self.name}>"


binary_accuracy = MetricFunction(classes.BinaryAccuracy, "binary_accuracy")
categorical_accuracy = MetricFunction(classes.CategoricalAccuracy, "categorical_accuracy")
sparse_categorical_accuracy = MetricFunction(
    classes.SparseCategoricalAccuracy, "sparse_categorical_accuracy"
)
top_k_categorical_accuracy = MetricFunction(
    classes.TopKCategoricalAccuracy, "top_k_categorical_accuracy"
)
sparse_top_k_categorical_accuracy = MetricFunction(
    classes.SparseTopKCategoricalAccuracy, "sparse_top_k_categorical_accuracy"
)
