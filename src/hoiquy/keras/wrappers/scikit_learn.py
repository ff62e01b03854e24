"""`keras.wrappers.scikit_learn` of Keras 1 and 2: a function builds the model.

Parameters are those of the function, and those of `fit`, `predict` and `evaluate`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin

from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.usage import record_used
from hoiquy.keras.wrappers.estimator import (
    KerasEstimator,
    arguments_of,
    parameters_of,
    takes_any,
)
from hoiquy.keras.wrappers.targets import as_model_takes, chosen, class_indices, of_both_classes

__all__ = ["BaseWrapper", "KerasClassifier", "KerasRegressor"]

_METHODS = ("fit", "predict", "evaluate")


class BaseWrapper(KerasEstimator):
    """What KerasClassifier and KerasRegressor have in common.

    Attributes:
        model: The model that `fit` built and trained.
    """

    def __init__(self, build_fn: Any = None, **sk_params: Any) -> None:
        """Keep the parameters.

        Args:
            build_fn: A function that returns a compiled model.
            **sk_params: Arguments of the function, and of the model's fit, predict and evaluate.

        Raises:
            KerasTypeError: A parameter is none of these, or build_fn is missing.
        """
        record_used(f"wrappers.scikit_learn.{type(self).__name__}")
        if build_fn is None and not callable(self):
            raise KerasTypeError(f"{type(self).__name__} needs build_fn, which returns a model")
        self._check({"build_fn": build_fn, **sk_params})
        self._params = {"build_fn": build_fn, **sk_params}

    @property
    def sk_params(self) -> dict[str, Any]:
        """The parameters but build_fn."""
        return {name: value for name, value in self._params.items() if name != "build_fn"}

    def _function(self, params: Mapping[str, Any]) -> Any:
        build = params["build_fn"]
        return self.__call__ if build is None else build

    def _check(self, params: Mapping[str, Any]) -> None:
        build = self._function(params)
        of_methods = {name for method in _METHODS for name in arguments_of(method)}
        known = ["build_fn", *parameters_of(build), *sorted(of_methods)]
        for name in params:
            if name not in known and not takes_any(build):
                raise unknown_argument(type(self).__name__, name, known)

    def _of(self, method: str) -> dict[str, Any]:
        return {name: self._params[name] for name in arguments_of(method) if name in self._params}

    def _fit(self, x: Any, y: AnyArray, classes: int, kwargs: Mapping[str, Any]) -> Any:
        build = self._function(self._params)
        given = self.sk_params
        if not takes_any(build):
            given = {name: given[name] for name in parameters_of(build) if name in given}
        self.model_ = self.model = build(**given)
        targets = as_model_takes(self.model, y, classes) if classes else y
        return self.model.fit(x, targets, **{**self._of("fit"), **kwargs})

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Build a model, train it and return its `History`.

        Args:
            x: Inputs (rows, …).
            y: Targets (rows, …).
            **kwargs: Arguments of the model's fit.
        """
        return self._fit(x, np.asarray(y), 0, kwargs)


class KerasClassifier(ClassifierMixin, BaseWrapper):
    """A classifier around a model.

    Attributes:
        classes_: The labels, in the order of the columns of `predict_proba`.
    """

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """As `BaseWrapper.fit`; y holds labels (rows,) or is one-hot (rows, classes)."""
        self.classes_, targets = class_indices(y)
        self.n_classes_ = len(self.classes_)
        return self._fit(x, targets, self.n_classes_, kwargs)

    def predict(self, x: Any, **kwargs: Any) -> AnyArray:
        """The label of each row; (rows, 1) of a model with one output."""
        indices = chosen(self._outputs(x, **kwargs))
        labels: AnyArray = self.classes_[indices]
        return labels

    def predict_proba(self, x: Any, **kwargs: Any) -> AnyArray:
        """The probabilities (rows, classes)."""
        return of_both_classes(self._outputs(x, **kwargs))

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """The accuracy, as the model's metric computes it. Raises KerasError without that."""
        if "model_" not in self.__dict__:
            raise KerasTypeError(f"{type(self).__name__} is not fitted yet: call fit first")
        labels = np.asarray(y)
        is_matrix = labels.ndim == 2 and labels.shape[1] > 1
        targets = labels if is_matrix else np.searchsorted(self.classes_, labels.ravel())
        targets = as_model_takes(self.model, targets, self.n_classes_)
        found = self.model.evaluate(
            x, targets, return_dict=True, **{**self._of("evaluate"), **kwargs}
        )
        for name in ("accuracy", "acc"):
            if name in found:
                return float(found[name])
        raise KerasError(
            'the model has no accuracy to score: pass metrics=["accuracy"] to model.compile'
        )


class KerasRegressor(RegressorMixin, BaseWrapper):
    """A regressor around a model."""

    def predict(self, x: Any, **kwargs: Any) -> AnyArray:
        """The numbers of each row; (rows,) of a model with one output."""
        return _squeezed(self._outputs(x, **kwargs))

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Minus the loss, so that more is better."""
        if "model_" not in self.__dict__:
            raise KerasTypeError(f"{type(self).__name__} is not fitted yet: call fit first")
        options = {**self._of("evaluate"), **kwargs}
        return -float(self.model.evaluate(x, np.asarray(y), return_dict=True, **options)["loss"])


def _squeezed(outputs: AnyArray) -> AnyArray:
    return outputs[..., 0] if outputs.shape[-1] == 1 else outputs
