"""The loss and the metrics of one output, and the running means that a fit reports."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hoiquy.nn.graph import Graph
from hoiquy.nn.kernels import Array, Mask
from hoiquy.nn.losses import Loss
from hoiquy.nn.metrics.streaming import Metric
from hoiquy.training.arrays.data import Batch


@dataclass
class Objective:
    """What one output is trained for and judged by.

    name: of the output, a prefix of its logs where there are several outputs.
    loss: None if the output is not trained.
    loss_weight: the factor of this loss in the sum over the outputs.
    metrics: of all rows alike.
    weighted_metrics: with sample weights.
    """

    name: str
    loss: Loss | None
    loss_weight: float = 1.0
    metrics: list[Metric] = field(default_factory=list)
    weighted_metrics: list[Metric] = field(default_factory=list)


class RunningMean:
    """A mean over batches, weighted by their rows."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._sum, self._rows = 0.0, 0

    def add(self, value: float, rows: int) -> None:
        self._sum += value * rows
        self._rows += rows

    @property
    def value(self) -> float:
        return self._sum / self._rows if self._rows else 0.0


class Measures:
    """The running loss and metrics of all outputs, under the names of Keras' logs."""

    def __init__(self, objectives: Sequence[Objective]) -> None:
        self.objectives = objectives
        self._loss = RunningMean()
        self._losses = [RunningMean() for _ in objectives]

    def reset(self) -> None:
        for mean in (self._loss, *self._losses):
            mean.reset()
        for objective in self.objectives:
            for metric in (*objective.metrics, *objective.weighted_metrics):
                metric.reset()

    def add(
        self, loss: float, losses: Sequence[float], predictions: Sequence[Array],
        masks: Sequence[Mask | None], batch: Batch,
    ) -> None:  # fmt: skip
        """Add a batch.

        Args:
            loss: With penalties.
            losses: Of each output, without its weight in the sum.
            predictions: Of each output, (rows, ...).
            masks: Of each output; steps that do not count are left out of metrics, too.
            batch: Its rows.
        """
        self._loss.add(loss, batch.rows)
        for mean, value in zip(self._losses, losses, strict=True):
            mean.add(value, batch.rows)
        for objective, prediction, mask, target, weights in zip(
            self.objectives, predictions, masks, batch.targets, batch.weights, strict=True
        ):
            if target is None:
                continue
            for metric in objective.metrics:
                metric.update(target, prediction, None, mask)
            for metric in objective.weighted_metrics:
                metric.update(target, prediction, weights, mask)

    def logs(self) -> dict[str, float]:
        """Keras' names: those of an output begin with its name where there are several."""
        logs = {"loss": self._loss.value}
        several = len(self.objectives) > 1
        if sum(objective.loss is not None for objective in self.objectives) > 1:
            for objective, mean in zip(self.objectives, self._losses, strict=True):
                if objective.loss is not None:
                    logs[f"{objective.name}_loss"] = mean.value
        for objective in self.objectives:
            prefix = f"{objective.name}_" if several else ""
            for metric in (*objective.metrics, *objective.weighted_metrics):
                logs[prefix + metric.name] = _logged(metric.result())
        return logs


def _logged(result: Any) -> Any:
    """A number, or an array for a metric of each class or threshold."""
    return float(result) if np.ndim(result) == 0 else np.asarray(result, np.float32)


def with_logits(graph: Graph, objectives: Sequence[Objective]) -> tuple[Graph, list[str | None]]:
    """The graph with logits for outputs where the loss is computed from them.

    A loss of probabilities after a sigmoid or softmax is exact from the logits, also where the
    probabilities round to 0 or 1; Keras on TensorFlow does the same.

    Returns:
        The graph, and for each output the activation that turns its logits into probabilities;
        None for an output that stays as it is.
    """
    nodes, activations = list(graph.nodes), list[str | None]()
    taken = [tensor for node in graph.nodes for tensor in node.inputs]
    for tensor, objective in zip(graph.outputs, objectives, strict=True):
        is_last = tensor.node >= 0 and tensor not in taken and graph.outputs.count(tensor) == 1
        activation, logits = None, None
        if is_last and not getattr(objective.loss, "from_logits", False):
            layer = graph.nodes[tensor.node].layer
            activation = None if objective.loss is None else objective.loss.fused_activation
            if activation is not None and layer.final_activation == activation:
                logits = layer.logits_layer()
        if logits is not None:
            nodes[tensor.node] = replace(graph.nodes[tensor.node], layer=logits)
        activations.append(None if logits is None else activation)
    return replace(graph, nodes=nodes), activations
