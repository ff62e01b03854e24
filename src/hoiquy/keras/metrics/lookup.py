"""Finds metrics by name, and what "accuracy" means for an output."""

from collections.abc import Mapping
from typing import Any

from hoiquy.keras import losses
from hoiquy.keras.configured import serialized
from hoiquy.keras.losses import Loss, LossFunction
from hoiquy.keras.losses.base import ScriptLossFunction
from hoiquy.keras.metrics import aggregates, classes, mean_losses
from hoiquy.keras.metrics.base import Direction, Metric
from hoiquy.keras.metrics.functions import MetricFunction
from hoiquy.keras.registry import Registry
from hoiquy.nn.losses import output_kind
from hoiquy.nn.metrics import streaming

Shape = tuple[int | None, ...]

_CLASSES: dict[str, type[Metric]] = {
    name: getattr(module, name)
    for module in (aggregates, classes, mean_losses)
    for name in module.__all__
}
_ALIASES: dict[str, Any] = {
    "acc": classes.Accuracy,
    "bce": mean_losses.BinaryCrossentropy,
    "mse": mean_losses.MeanSquaredError,
    "mae": mean_losses.MeanAbsoluteError,
    "mape": mean_losses.MeanAbsolutePercentageError,
    "msle": mean_losses.MeanSquaredLogarithmicError,
    "kld": mean_losses.KLDivergence,
    "kullback_leibler_divergence": mean_losses.KLDivergence,
    "logcosh": mean_losses.LogCoshError,
    "log_cosh": mean_losses.LogCoshError,
    "rmse": classes.RootMeanSquaredError,
    "cosine": classes.CosineSimilarity,
    "cosine_proximity": classes.CosineSimilarity,
    "top_k_accuracy": classes.TopKCategoricalAccuracy,
    "huber": losses.huber,
    "huber_loss": losses.huber,
}
_ALIASES |= {name.upper(): _ALIASES[name] for name in ("bce", "mse", "mae", "mape", "msle", "kld")}
_REGISTRY = Registry(
    "metric", (Metric, MetricFunction, LossFunction, Loss, ScriptLossFunction),
    _CLASSES.values(), _ALIASES, from_script=ScriptLossFunction,
)  # fmt: skip
_ACCURACIES: dict[str, type[Metric]] = {
    "binary": classes.BinaryAccuracy,
    "categorical": classes.CategoricalAccuracy,
    "sparse": classes.SparseCategoricalAccuracy,
}
_CROSSENTROPIES: dict[str, type[Metric]] = {
    "binary": mean_losses.BinaryCrossentropy,
    "categorical": mean_losses.CategoricalCrossentropy,
    "sparse": mean_losses.SparseCategoricalCrossentropy,
}
_BY_SHAPE = {
    "accuracy": _ACCURACIES,
    "acc": _ACCURACIES,
    "crossentropy": _CROSSENTROPIES,
    "ce": _CROSSENTROPIES,
}


def get(identifier: Any) -> Any:
    """The metric of a name, class, configuration, object or function of the script.

    A function of this package is returned unchanged. Raises KerasError if it is unknown.
    """
    return _REGISTRY.get(identifier)


def resolve(identifier: Any, targets: Shape, predictions: Shape) -> Metric:
    """The metric that `compile` takes for an output, with the name that logs have.

    Args:
        identifier: A name, metric, class, configuration, or function of `keras.metrics` or
            `keras.losses`. Names stay as they are written: "acc" is logged as "acc".
        targets: The shape of the targets, on which "accuracy" and "crossentropy" depend.
        predictions: The shape of the output.

    Raises:
        KerasError: It is unknown.
    """
    if isinstance(identifier, str):
        kinds = _BY_SHAPE.get(identifier.lower())
        if kinds is not None:
            return kinds[output_kind(targets, predictions)](name=identifier)
        return resolve_name(identifier, identifier)
    found = get(identifier)
    if isinstance(found, MetricFunction):
        return found.metric()
    if isinstance(found, LossFunction | Loss | ScriptLossFunction):
        return mean_losses.MeanMetricWrapper(found)
    resolved: Metric = found
    return resolved


def resolve_name(identifier: str, name: str) -> Metric:
    """The metric that is found by one name, with another one. Raises KerasError."""
    found = _REGISTRY.find(identifier)
    if isinstance(found, type):
        metric: Metric = found(name=name)
        return metric
    return mean_losses.MeanMetricWrapper(found, name=name)


def direction_of(metric: Any) -> Direction | None:
    """Whether larger or smaller values of a metric are better, where Keras knows it.

    metric: of this package or of `hoiquy.nn`.
    """
    if isinstance(metric, streaming.MeanOfLoss):
        return "down"
    kind = type(metric) if isinstance(metric, Metric) else _CLASSES.get(type(metric).__name__)
    return None if kind is None else kind.direction


def to_nn(metric: Any) -> streaming.Metric:
    """The metric of `hoiquy.nn` that a resolved metric counts with."""
    counted: streaming.Metric = metric.nn
    return counted


def serialize(metric: Any) -> Any:
    """The configuration of a metric."""
    return serialized(metric)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The metric of a configuration. Raises KerasError if it is malformed."""
    if isinstance(config, Mapping) and config.get("class_name") == "MeanMetricWrapper":
        settings = config.get("config")
        if isinstance(settings, Mapping) and isinstance(settings.get("fn"), str):  # of Keras 2
            return resolve_name(settings["fn"], str(settings.get("name") or settings["fn"]))
    return _REGISTRY.deserialize(config)
