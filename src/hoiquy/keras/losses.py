"""Keras' losses: their classes, functions and names."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hoiquy.keras.configured import Configured, serialized
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.registry import Registry
from hoiquy.nn import losses as nn

Shape = tuple[int | None, ...]

_REDUCTIONS: dict[Any, str] = {"auto": "sum_over_batch_size", None: "none"}


class Reduction:
    """Keras 2's names of reductions."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


def _arguments(name: str, **settings: Any) -> dict[str, Any]:
    return {**settings, "reduction": "sum_over_batch_size", "name": name, "dtype": None}


class Loss(Configured):
    """A loss; called with targets and predictions, it returns the loss of the batch."""

    MODULE = "keras.losses"
    OMITTED: ClassVar[tuple[str, ...]] = ("dtype",)
    ARGUMENTS: ClassVar[Mapping[str, Any]] = _arguments("loss")
    name: str
    reduction: str

    def _check(self) -> None:
        if self.NN is None:
            raise NotSupportedError(
                "losses of the script's own are not supported yet; use one of keras.losses"
            )
        self.reduction = _REDUCTIONS.get(self.reduction, self.reduction)
        if self.reduction not in nn.REDUCTIONS:
            expected = ", ".join(nn.REDUCTIONS)
            raise KerasError(f"reduction {self.reduction!r} is unknown; expected one of {expected}")
        self.name = self.name or str(self.ARGUMENTS["name"])
        if getattr(self, "axis", -1) != -1:
            raise NotSupportedError(f"{type(self).__name__}: only axis=-1, the last, is supported")

    def __call__(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Any:
        """The loss of a batch, a float32 number; an array with reduction="none"."""
        predictions = np.asarray(y_pred, np.float32)
        values = self.make().values(predictions, np.asarray(y_true)).values
        weights = None if sample_weight is None else np.asarray(sample_weight)
        if self.reduction == "none":
            return nn.weighted_values(values, weights, None)
        return np.float32(nn.reduced(values, weights, None, self.reduction)[0])  # type: ignore[arg-type]

    def call(self, y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[Any]:
        """The values before they are reduced."""
        predictions = np.asarray(y_pred, np.float32)
        return np.asarray(self.make().values(predictions, np.asarray(y_true)).values)


class LossFunction:
    """A loss as a function: `mean_squared_error(y_true, y_pred)` returns its values."""

    def __init__(self, name: str, kind: type[Loss]) -> None:
        self.__name__ = self.name = name
        self._kind = kind

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, **settings: Any) -> NDArray[Any]:
        """The values of a batch, one for each row of the last axis."""
        return self._kind(**settings).call(y_true, y_pred)

    def make(self) -> nn.Loss:
        """The loss of `hoiquy.nn`, named as this function."""
        loss: nn.Loss = self._kind(name=self.name).make()
        return loss

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


class MeanSquaredError(Loss):
    """The mean of (p - t)²."""

    NN = nn.MeanSquaredError
    ARGUMENTS = _arguments("mean_squared_error")


class MeanAbsoluteError(Loss):
    """The mean of |p - t|."""

    NN = nn.MeanAbsoluteError
    ARGUMENTS = _arguments("mean_absolute_error")


class MeanAbsolutePercentageError(Loss):
    """The mean of 100 |p - t| / |t|."""

    NN = nn.MeanAbsolutePercentageError
    ARGUMENTS = _arguments("mean_absolute_percentage_error")


class MeanSquaredLogarithmicError(Loss):
    """The mean of (log(1 + p) - log(1 + t))²."""

    NN = nn.MeanSquaredLogarithmicError
    ARGUMENTS = _arguments("mean_squared_logarithmic_error")


class CosineSimilarity(Loss):
    """Minus the cosine of the angle between predictions and targets."""

    NN = nn.CosineSimilarity
    ARGUMENTS = _arguments("cosine_similarity", axis=-1)


class Huber(Loss):
    """Half the squared error up to delta, from there linear."""

    NN = nn.Huber
    ARGUMENTS = _arguments("huber_loss", delta=1.0)


class LogCosh(Loss):
    """The mean of log(cosh(p - t))."""

    NN = nn.LogCosh
    ARGUMENTS = _arguments("log_cosh")


class Hinge(Loss):
    """The mean of max(1 - t p, 0)."""

    NN = nn.Hinge
    ARGUMENTS = _arguments("hinge")


class SquaredHinge(Loss):
    """The mean of max(1 - t p, 0)²."""

    NN = nn.SquaredHinge
    ARGUMENTS = _arguments("squared_hinge")


class CategoricalHinge(Loss):
    """The hinge loss of one-hot targets."""

    NN = nn.CategoricalHinge
    ARGUMENTS = _arguments("categorical_hinge")


class KLDivergence(Loss):
    """The Kullback-Leibler divergence."""

    NN = nn.KLDivergence
    ARGUMENTS = _arguments("kl_divergence")


class Poisson(Loss):
    """The mean of p - t log p."""

    NN = nn.Poisson
    ARGUMENTS = _arguments("poisson")


class BinaryCrossentropy(Loss):
    """Binary cross-entropy, for one label or several independent ones."""

    NN = nn.BinaryCrossentropy
    ARGUMENTS = _arguments("binary_crossentropy", from_logits=False, label_smoothing=0.0, axis=-1)


class BinaryFocalCrossentropy(Loss):
    """Binary cross-entropy that weighs well-predicted labels less."""

    NN = nn.BinaryFocalCrossentropy
    ARGUMENTS = _arguments(
        "binary_focal_crossentropy", apply_class_balancing=False, alpha=0.25, gamma=2.0,
        from_logits=False, label_smoothing=0.0, axis=-1,
    )  # fmt: skip


class CategoricalCrossentropy(Loss):
    """Cross-entropy with one-hot targets."""

    NN = nn.CategoricalCrossentropy
    ARGUMENTS = _arguments(
        "categorical_crossentropy", from_logits=False, label_smoothing=0.0, axis=-1
    )


class CategoricalFocalCrossentropy(Loss):
    """Categorical cross-entropy that weighs well-predicted classes less."""

    NN = nn.CategoricalFocalCrossentropy
    ARGUMENTS = _arguments(
        "categorical_focal_crossentropy", alpha=0.25, gamma=2.0, from_logits=False,
        label_smoothing=0.0, axis=-1,
    )  # fmt: skip

    def nn_settings(self) -> dict[str, Any]:
        settings = super().nn_settings()
        alpha = settings["alpha"]
        return {**settings, "alpha": alpha if np.ndim(alpha) == 0 else tuple(alpha)}


class SparseCategoricalCrossentropy(Loss):
    """Cross-entropy with class indices as targets."""

    NN = nn.SparseCategoricalCrossentropy
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {
        "from_logits": False,
        "ignore_class": None,
        "reduction": "sum_over_batch_size",
        "axis": -1,
        "name": "sparse_categorical_crossentropy",
        "dtype": None,
    }


mean_squared_error = LossFunction("mean_squared_error", MeanSquaredError)
mean_absolute_error = LossFunction("mean_absolute_error", MeanAbsoluteError)
mean_absolute_percentage_error = LossFunction(
    "mean_absolute_percentage_error", MeanAbsolutePercentageError
)
mean_squared_logarithmic_error = LossFunction(
    "mean_squared_logarithmic_error", MeanSquaredLogarithmicError
)
cosine_similarity = LossFunction("cosine_similarity", CosineSimilarity)
huber = LossFunction("huber", Huber)
log_cosh = LossFunction("log_cosh", LogCosh)
hinge = LossFunction("hinge", Hinge)
squared_hinge = LossFunction("squared_hinge", SquaredHinge)
categorical_hinge = LossFunction("categorical_hinge", CategoricalHinge)
kl_divergence = LossFunction("kl_divergence", KLDivergence)
poisson = LossFunction("poisson", Poisson)
binary_crossentropy = LossFunction("binary_crossentropy", BinaryCrossentropy)
binary_focal_crossentropy = LossFunction("binary_focal_crossentropy", BinaryFocalCrossentropy)
categorical_crossentropy = LossFunction("categorical_crossentropy", CategoricalCrossentropy)
categorical_focal_crossentropy = LossFunction(
    "categorical_focal_crossentropy", CategoricalFocalCrossentropy
)
sparse_categorical_crossentropy = LossFunction(
    "sparse_categorical_crossentropy", SparseCategoricalCrossentropy
)

# Older and short names.
mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
bce = BCE = binary_crossentropy
kld = KLD = kullback_leibler_divergence = kl_divergence
huber_loss = huber
logcosh = log_cosh
cosine = cosine_proximity = cosine_similarity

_FUNCTIONS = {name: value for name, value in globals().items() if isinstance(value, LossFunction)}
_CLASSES = [
    value
    for value in globals().values()
    if isinstance(value, type) and issubclass(value, Loss) and value is not Loss
]
_REGISTRY = Registry("loss", (Loss, LossFunction), _CLASSES, _FUNCTIONS)


def get(identifier: Any) -> Loss | LossFunction | None:
    """The loss of a name, class, configuration or object. Raises KerasError if it is unknown."""
    found: Loss | LossFunction | None = _REGISTRY.get(identifier)
    return found


def serialize(loss: Any) -> Any:
    """The configuration of a loss."""
    return serialized(loss)


def deserialize(config: Any, custom_objects: Any = None) -> Loss | LossFunction | None:
    """The loss of a configuration. Raises KerasError if it is malformed."""
    found: Loss | LossFunction | None = _REGISTRY.deserialize(config)
    return found


def to_nn(loss: Loss | LossFunction | None) -> nn.Loss | None:
    """The loss of `hoiquy.nn`."""
    return None if loss is None else loss.make()


def resolve(identifier: Any, targets: Shape, predictions: Shape) -> nn.Loss | None:
    """The loss that `compile` takes for an output; "crossentropy" depends on the shapes.

    Raises KerasError if it is unknown, NotSupportedError for functions of the script.
    """
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        return nn.resolve_crossentropy(targets, predictions)
    return to_nn(get(identifier))
