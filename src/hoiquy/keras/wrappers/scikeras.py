"""KerasClassifier and KerasRegressor with the parameters of the package scikeras.

Routed parameters, such as `model__units`, `fit__epochs` and `optimizer__learning_rate`, go to the
function that builds the model, to a method of the model, or to the optimizer.
"""

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin

from hoiquy.keras import optimizers
from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.models.cloning import clone_model
from hoiquy.keras.models.model import Model
from hoiquy.keras.tensors import AnyArray
from hoiquy.keras.usage import record_used
from hoiquy.keras.utils.random_seed import set_random_seed
from hoiquy.keras.wrappers.estimator import (
    KerasEstimator,
    arguments_of,
    parameters_of,
    takes_any,
)
from hoiquy.keras.wrappers.targets import as_model_takes, chosen, class_indices, of_both_classes

__all__ = ["BaseWrapper", "KerasClassifier", "KerasRegressor"]

_DEFAULTS: dict[str, Any] = {
    "model": None, "build_fn": None, "warm_start": False, "random_state": None,
    "optimizer": "rmsprop", "loss": None, "metrics": None, "batch_size": None,
    "validation_batch_size": None, "verbose": 1, "callbacks": None, "validation_split": 0.0,
    "shuffle": True, "run_eagerly": False, "epochs": 1,
}  # fmt: skip
_ROUTES = ("model", "fit", "predict", "compile", "optimizer", "loss", "metrics", "callbacks")


class BaseWrapper(KerasEstimator):
    """What KerasClassifier and KerasRegressor have in common.

    Attributes:
        model_: The model that `fit` built and trained.
        history_: The values of each epoch by name.
        initialized_: Whether there is a model.
    """

    _more_defaults: ClassVar[Mapping[str, Any]] = {}
    history_: dict[str, list[Any]]

    def __init__(self, model: Any = None, **params: Any) -> None:
        """Keep the parameters.

        Args:
            model: A function that returns a model, compiled or not, or a model, which is copied.
            **params: As in scikeras; unknown ones go to the function.

        Raises:
            KerasTypeError: The model is missing, or neither a function nor a model.
        """
        record_used(f"wrappers.{type(self).__name__}")
        self._params = {**_DEFAULTS, **self._more_defaults, "model": model, **params}
        self._check(self._params)

    def _check(self, params: Mapping[str, Any]) -> None:
        build = params["model"] if params["model"] is not None else params["build_fn"]
        if not (isinstance(build, Model) or callable(build)):
            kind = type(build).__name__
            raise KerasTypeError(
                f"{type(self).__name__}: model is {kind}, expected a function that returns a model"
            )
        known = self._known()
        known += [] if isinstance(build, Model) else parameters_of(build)
        for name in params:
            route, separator, _ = name.partition("__")
            if separator and route in _ROUTES:
                continue
            if name not in known and (isinstance(build, Model) or not takes_any(build)):
                raise unknown_argument(type(self).__name__, name, known)

    @property
    def initialized_(self) -> bool:
        """Whether `fit` has built a model."""
        return "model_" in self.__dict__

    @property
    def current_epoch(self) -> int:
        """How many epochs the model was trained."""
        return len(self.history_.get("loss", [])) if self.initialized_ else 0

    def _routed(self, route: str) -> dict[str, Any]:
        start = f"{route}__"
        return {k.removeprefix(start): v for k, v in self._params.items() if k.startswith(start)}

    def _of(self, method: str) -> dict[str, Any]:
        given = {name: self._params[name] for name in arguments_of(method) if name in self._params}
        return {k: v for k, v in given.items() if v is not None} | self._routed(method)

    def _built(self, meta: Mapping[str, Any]) -> Any:
        """A new model, compiled."""
        build = self._params["model"] if self._params["model"] is not None else self.build_fn
        if self.random_state is not None:
            set_random_seed(int(self.random_state))
        if isinstance(build, Model):
            model = clone_model(build)
            settings = build.compiled_settings
            if settings is not None:
                model.compile(
                    optimizers.deserialize(build.optimizer.serialized()), settings.loss,
                    metrics=settings.metrics, loss_weights=settings.loss_weights,
                )  # fmt: skip
        else:
            names, own = parameters_of(build), dict(self._params)
            own |= {"meta": dict(meta), "compile_kwargs": self._compile_arguments()}
            given = {name: own[name] for name in names if name in own}
            if takes_any(build):
                plain = {k: v for k, v in self._params.items() if "__" not in k}
                given |= {k: v for k, v in plain.items() if k not in self._known()}
            model = build(**{**given, **self._routed("model")})
        if not model.compiled:
            if self.loss is None and "loss" not in self._routed("compile"):
                raise KerasError(
                    f"{type(self).__name__}: the model is not compiled: pass loss=…, or call "
                    "compile in the function"
                )
            model.compile(**self._compile_arguments())
        return model

    def _known(self) -> list[str]:
        """The parameters beside those of the function."""
        return [*_DEFAULTS, *self._more_defaults]

    def _compile_arguments(self) -> dict[str, Any]:
        """What `compile` is given."""
        optimizer, settings = self.optimizer, self._routed("optimizer")
        if settings or inspect.isclass(optimizer):
            kind = optimizer if inspect.isclass(optimizer) else type(optimizers.get(optimizer))
            optimizer = kind(**settings)
        return {
            "optimizer": optimizer,
            "loss": self.loss,
            "metrics": self.metrics,
            **self._routed("compile"),
        }

    def _train(
        self, x: Any, targets: AnyArray, classes: int, kwargs: Mapping[str, Any],
        epochs: int | None = None, keeps: bool = False,
    ) -> Self:  # fmt: skip
        """Train a model anew, or, where `keeps`, the one that is there."""
        inputs = np.asarray(x) if not isinstance(x, dict | list | tuple) else x
        shape = getattr(inputs, "shape", (0,))
        self.n_features_in_ = shape[-1] if len(shape) > 1 else 1
        if not (keeps and self.initialized_):
            meta = {
                "n_features_in_": self.n_features_in_, "X_shape_": shape,
                "n_classes_": classes or None, "n_outputs_": 1,
                "n_outputs_expected_": targets.shape[1] if targets.ndim > 1 else 1,
                "target_type_": _kind_of(targets, classes),
            }  # fmt: skip
            self.model_, self.history_ = self._built(meta), {}
        given = as_model_takes(self.model_, targets, classes) if classes else targets
        options = {**self._of("fit"), **kwargs}
        options |= {} if epochs is None else {"epochs": epochs}
        found = self.model_.fit(inputs, given, **options).history
        self.history_ = {key: [*self.history_.get(key, []), *v] for key, v in found.items()}
        return self


class KerasClassifier(ClassifierMixin, BaseWrapper):
    """A classifier around a model.

    Attributes:
        classes_: The labels, in the order of the columns of `predict_proba`.
    """

    _more_defaults: ClassVar[Mapping[str, Any]] = {"class_weight": None}

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> Self:  # noqa: N803
        """Build a model and train it.

        Args:
            X: Inputs (rows, …).
            y: Labels (rows,), or one-hot (rows, classes).
            sample_weight: Factors of the loss (rows,).
            **kwargs: Arguments of the model's fit.
        """
        self.classes_, targets = class_indices(y)
        self.n_classes_ = len(self.classes_)
        kwargs = {**kwargs, **self._weights(targets, sample_weight)}
        return self._train(X, targets, self.n_classes_, kwargs, keeps=self.warm_start)

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:  # noqa: N803
        """Train for one epoch more."""
        if not self.initialized_:
            self.classes_, targets = class_indices(y)
            self.classes_ = self.classes_ if classes is None else np.unique(classes)
            self.n_classes_ = len(self.classes_)
        labels = np.asarray(y)
        targets = labels if labels.ndim == 2 else np.searchsorted(self.classes_, labels)
        return self._train(X, targets, self.n_classes_, {}, epochs=1, keeps=True)

    def _weights(self, targets: AnyArray, sample_weight: Any) -> dict[str, Any]:
        """The weights of rows and classes, as `fit` takes them."""
        weights: dict[str, Any] = {} if sample_weight is None else {"sample_weight": sample_weight}
        given = self.class_weight
        if given == "balanced":
            counts = np.bincount(targets)
            given = dict(enumerate(len(targets) / (len(counts) * counts)))
        elif given is not None:
            places = {label: i for i, label in enumerate(self.classes_.tolist())}
            given = {places[label]: weight for label, weight in given.items()}
        return weights | ({} if given is None else {"class_weight": given})

    def _of(self, method: str) -> dict[str, Any]:
        return {k: v for k, v in super()._of(method).items() if k != "class_weight"}

    def predict(self, X: Any, **kwargs: Any) -> AnyArray:  # noqa: N803
        """The label of each row."""
        indices = chosen(self._outputs(X, **kwargs))
        labels: AnyArray = self.classes_[indices.reshape(len(indices))]
        return labels

    def predict_proba(self, X: Any, **kwargs: Any) -> AnyArray:  # noqa: N803
        """The probabilities (rows, classes)."""
        return of_both_classes(self._outputs(X, **kwargs))


class KerasRegressor(RegressorMixin, BaseWrapper):
    """A regressor around a model."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> Self:  # noqa: N803
        """Build a model and train it; as `KerasClassifier.fit`, on numbers (rows, …)."""
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        targets = np.asarray(y, np.float32)
        return self._train(X, targets, 0, {**kwargs, **weights}, keeps=self.warm_start)

    def partial_fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        """Train for one epoch more."""
        return self._train(X, np.asarray(y, np.float32), 0, {}, epochs=1, keeps=True)

    def predict(self, X: Any, **kwargs: Any) -> AnyArray:  # noqa: N803
        """The numbers of each row; (rows,) of a model with one output."""
        outputs = self._outputs(X, **kwargs)
        return outputs[..., 0] if outputs.shape[-1] == 1 else outputs


def _kind_of(targets: AnyArray, classes: int) -> str:
    """As scikit-learn names the kinds of targets."""
    if not classes:
        return "continuous" if targets.ndim == 1 else "continuous-multioutput"
    if targets.ndim == 2:
        return "multilabel-indicator"
    return "binary" if classes == 2 else "multiclass"
