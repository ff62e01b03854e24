"""What `compile` sets: optimizer, losses and metrics, resolved once data are seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hoiquy.keras import losses, metrics
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.structures import flatten
from hoiquy.keras.tensors import Shape
from hoiquy.nn.losses import BinaryCrossentropy, Loss, resolve_crossentropy
from hoiquy.nn.metrics.streaming import Metric
from hoiquy.training.arrays import Objective

_BY_SHAPE = ("accuracy", "acc", "crossentropy", "ce")  # data decide what these are


@dataclass
class Compiled:
    """The arguments of `compile`, as given.

    optimizer: as `optimizers.get` returns it.
    objectives: of each output, once the shapes of targets are known.
    """

    optimizer: Any
    loss: Any = None
    loss_weights: Any = None
    metrics: Any = None
    weighted_metrics: Any = None
    objectives: list[Objective] | None = field(default=None, init=False)
    _binary: list[bool] | None = field(default=None, init=False)

    def check(self) -> None:
        """Raise KerasError for unknown names already in `compile`."""
        for given in flatten(self.loss):
            if given is not None and not (isinstance(given, str) and given.lower() in _BY_SHAPE):
                losses.get(given)
        for given in flatten([self.metrics, self.weighted_metrics]):
            if given is not None and not (isinstance(given, str) and given.lower() in _BY_SHAPE):
                metrics.get(given)

    def binary_outputs(self, names: Sequence[str]) -> list[bool]:
        """Which outputs have a binary cross-entropy, whose targets lie between 0 and 1."""
        if self._binary is None:
            self._binary = self._find_binary(names)
        return self._binary

    def _find_binary(self, names: Sequence[str]) -> list[bool]:
        given = per_output(self.loss, names, "loss", broadcast=True)
        return [
            each is not None
            and not (isinstance(each, str) and each.lower() in _BY_SHAPE)
            and isinstance(_loss(each, None, ()), BinaryCrossentropy)
            for each in given
        ]

    def resolve(
        self, names: Sequence[str], predictions: Sequence[Shape], targets: Sequence[Shape | None]
    ) -> list[Objective]:
        """Losses and metrics of each output; the first data decide what "accuracy" means.

        Args:
            names: Of the outputs.
            predictions: Shapes of the outputs.
            targets: Shapes of the targets; None where an output has none.

        Raises:
            KerasError: A loss or a metric does not belong to an output, or is unknown.
        """
        if self.objectives is not None:
            return self.objectives
        given_losses = per_output(self.loss, names, "loss", broadcast=True)
        weights = per_output(self.loss_weights, names, "loss_weights", broadcast=False)
        plain = _metrics_per_output(self.metrics, names, "metrics")
        weighted = _metrics_per_output(self.weighted_metrics, names, "weighted_metrics")
        objectives = []
        for i, name in enumerate(names):
            shapes = targets[i], predictions[i]
            of_rows = [_metric(each, *shapes) for each in plain[i]]
            with_weights = [_metric(each, *shapes) for each in weighted[i]]
            _distinguish(of_rows, with_weights)
            weight = 1.0 if weights[i] is None else float(weights[i])
            loss = _loss(given_losses[i], *shapes)
            objectives.append(Objective(name, loss, weight, of_rows, with_weights))
        self.objectives = objectives
        return objectives


def per_output(given: Any, names: Sequence[str], argument: str, broadcast: bool) -> list[Any]:
    """What belongs to each output: from one value, a list, or a dictionary by output."""
    if given is None:
        return [None] * len(names)
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise KerasError(
                f"compile: {argument} names {unknown[0]!r}; the outputs are {', '.join(names)}"
            )
        return [given.get(name) for name in names]
    if isinstance(given, list | tuple):
        if len(given) != len(names):
            raise KerasError(
                f"compile: {argument} has {len(given)} entries, the model has {len(names)} outputs"
            )
        return list(given)
    if len(names) > 1 and not broadcast:
        raise KerasTypeError(f"compile: {argument}={given!r}, expected a list or a dictionary")
    return [given] * len(names)


def _metrics_per_output(given: Any, names: Sequence[str], argument: str) -> list[list[Any]]:
    """The metrics of each output; a plain list of another length holds for all of them."""
    if given is None:
        return [[] for _ in names]
    if isinstance(given, Mapping) and len(names) == 1 and set(given) != set(names):
        given = flatten(given)
    if isinstance(given, Mapping):
        return [_listed(each) for each in per_output(given, names, argument, broadcast=False)]
    if not isinstance(given, list | tuple):
        given = [given]
    if len(names) == 1:
        return [_listed(flatten(given))]
    is_nested = any(isinstance(each, list | tuple) for each in given)
    if len(given) == len(names):
        return [_listed(each) for each in given]
    if is_nested:
        raise KerasError(
            f"compile: {argument} has {len(given)} entries, the model has {len(names)} outputs"
        )
    return [_listed(given) for _ in names]


def _distinguish(metrics_of_rows: Sequence[Metric], weighted: Sequence[Metric]) -> None:
    """Rename metrics of one name as Keras does: accuracy_1, accuracy_2; weighted_accuracy."""
    counts: dict[str, int] = {}
    for is_weighted, group in ((False, metrics_of_rows), (True, weighted)):
        for metric in group:
            if is_weighted and metric.name in counts:
                metric.name = f"weighted_{metric.name}"
            count = counts.get(metric.name, 0)
            counts[metric.name] = count + 1
            if count:
                metric.name = f"{metric.name}_{count}"


def _listed(metrics_of_output: Any) -> list[Any]:
    return [each for each in flatten(metrics_of_output) if each is not None]


def _loss(given: Any, target: Shape | None, prediction: Shape) -> Loss | None:
    if given is None:
        return None
    if isinstance(given, str) and given.lower() in _BY_SHAPE:
        return None if target is None else resolve_crossentropy(target, prediction)
    loss = losses.get(given)
    return None if loss is None else loss.make()


def _metric(given: Any, target: Shape | None, prediction: Shape) -> Metric:
    if target is None:
        raise KerasError(f"the metric {given!r} needs targets: give y")
    metric: Metric = metrics.to_nn(metrics.resolve(given, target, prediction))
    return metric
