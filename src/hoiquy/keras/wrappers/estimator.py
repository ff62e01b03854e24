"""Estimators of scikit-learn that build a model by a function of the script."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Self

from sklearn.base import BaseEstimator

from hoiquy.keras.errors import KerasTypeError
from hoiquy.keras.models.training import Training
from hoiquy.keras.tensors import AnyArray


class KerasEstimator(BaseEstimator):
    """Parameters by name, which searches set, and a model built anew by each `fit`.

    Attributes:
        model_: The model; set by `fit`.
    """

    _params: dict[str, Any]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name."""
        return dict(self._params)

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:  # noqa: N803 (scikit-learn's name)
        shown = ", ".join(f"{name}={value!r}" for name, value in self._params.items())
        return f"{type(self).__name__}({shown})"

    def __getattr__(self, name: str) -> Any:
        params = self.__dict__.get("_params", {})
        if name in params:
            return params[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Raises:
            KerasTypeError: There is no such parameter.
        """
        self._check({**self._params, **params})
        self._params.update(params)
        return self

    def _check(self, params: Mapping[str, Any]) -> None:
        """Raise KerasTypeError for parameters that nothing takes."""

    def _outputs(self, X: Any, **kwargs: Any) -> AnyArray:  # noqa: N803
        """What the model predicts. Raises KerasTypeError before `fit`."""
        if "model_" not in self.__dict__:
            raise KerasTypeError(f"{type(self).__name__} is not fitted yet: call fit first")
        outputs: AnyArray = self.model_.predict(X, **{**self._of("predict"), **kwargs})
        return outputs

    def _of(self, method: str) -> dict[str, Any]:
        """The parameters for a method of the model."""
        raise NotImplementedError


def parameters_of(function: Callable[..., Any]) -> list[str]:
    """The names of a function's arguments."""
    return list(inspect.signature(function).parameters)


def takes_any(function: Callable[..., Any]) -> bool:
    """Whether a function has **kwargs."""
    kinds = [one.kind for one in inspect.signature(function).parameters.values()]
    return inspect.Parameter.VAR_KEYWORD in kinds


def arguments_of(method: str) -> list[str]:
    """The arguments of fit, predict or evaluate, in all releases."""
    older = ["nb_epoch"] if method == "fit" else []
    names = parameters_of(getattr(Training, method))
    return [name for name in names if name not in ("self", "x", "y", "kwargs")] + older
