"""The losses of a network's outputs, for the shards of a batch and for a whole batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hoiquy.nn.activations import activation_of
from hoiquy.nn.graph import Pass
from hoiquy.nn.kernels import Array
from hoiquy.nn.losses.base import LossValues
from hoiquy.nn.losses.reduction import BatchConstants, batch_constants, value_scale, weighted_sum
from hoiquy.training.arrays.computed import Computed, joined_mask, merged
from hoiquy.training.arrays.data import AnyArray, Batch
from hoiquy.training.arrays.objective import Objective


class WholeLoss(NamedTuple):
    """A loss that is computed of the whole batch at once, and its gradient."""

    value: float
    gradient: Array


Constants = list[BatchConstants | WholeLoss | None]


@dataclass(frozen=True)
class OutputLosses:
    """What the outputs are trained for.

    objectives: one for each output.
    activations: of outputs that are logits, the activation that makes probabilities of them.
    """

    objectives: Sequence[Objective]
    activations: Sequence[str | None]

    @property
    def depend_on_outputs(self) -> bool:
        """Whether the constants of a batch depend on the outputs of all its rows."""
        losses = (objective.loss for objective in self.objectives)
        return any(
            getattr(loss, "ignore_class", None) is not None or getattr(loss, "couples_rows", False)
            for loss in losses
        )

    def activated(self, outputs: Sequence[Array]) -> list[Array]:
        """The outputs, with the final activation where they are logits."""
        return [
            y if activation is None else np.asarray(activation_of(activation).function(y))
            for y, activation in zip(outputs, self.activations, strict=True)
        ]

    def constants(self, batch: Batch, passes: Sequence[Pass]) -> Constants:
        """What the loss of a row depends on beside the row, for outputs with a loss and targets.

        passes: of all shards; of any one shard if there are no masks and not `depend_on_outputs`.
        """
        return [self._constants_of(i, batch, passes) for i in range(len(self.objectives))]

    def of_shard(
        self, batch: Batch, rows: slice, forward: Pass, constants: Constants
    ) -> tuple[list[float], list[Array | None]]:
        """The shard's part of the loss of each output, and the gradients of its outputs."""
        losses: list[float] = []
        d_outputs: list[Array | None] = []
        for i, (objective, y) in enumerate(zip(self.objectives, forward.outputs, strict=True)):
            of_batch, target, weights = constants[i], batch.targets[i], batch.weights[i]
            if objective.loss is None or of_batch is None or target is None:
                losses.append(0.0)
                d_outputs.append(None)
                continue
            if isinstance(of_batch, WholeLoss):
                losses.append(of_batch.value if rows.start == 0 else 0.0)
                d_outputs.append(of_batch.gradient[rows])
                continue
            values, backward = self._values(i, y, target[rows])
            mask = merged(forward.masks[i], objective.loss.target_mask(y, target[rows]))
            scale = value_scale(values, None if weights is None else weights[rows], mask, of_batch)
            losses.append(weighted_sum(values, scale))
            d_outputs.append(backward(scale * scale.dtype.type(objective.loss_weight)))
        return losses, d_outputs

    def of_batch(self, batch: Batch, computed: Computed) -> tuple[list[float], list[Array]]:
        """The loss of each output, and the predictions, of a batch whose outputs were computed."""
        losses, predictions = [], self.activated(computed.outputs)
        for i, objective in enumerate(self.objectives):
            target, weights = batch.targets[i], batch.weights[i]
            if objective.loss is None or target is None:
                losses.append(0.0)
                continue
            values, _ = self._values(i, computed.outputs[i], target)
            mask = merged(computed.masks[i], objective.loss.target_mask(predictions[i], target))
            of_batch = batch_constants(values.shape, weights, mask, objective.loss.reduction)
            losses.append(weighted_sum(values, value_scale(values, weights, mask, of_batch)))
        return losses, predictions

    def weighted(self, losses: Sequence[float]) -> float:
        """The sum of the losses with their weights."""
        pairs = zip(losses, self.objectives, strict=True)
        return sum(loss * objective.loss_weight for loss, objective in pairs)

    def refuse_targets(self, batch: Batch, outputs: Sequence[Array]) -> None:
        """Raise the error of the targets that a loss does not take, if there are such.

        outputs: of any shard; the error names the shape of the whole batch.
        """
        for objective, target, y in zip(self.objectives, batch.targets, outputs, strict=True):
            if objective.loss is not None and target is not None:
                objective.loss.values(np.zeros((batch.rows, *y.shape[1:]), y.dtype), target)

    def _constants_of(
        self, i: int, batch: Batch, passes: Sequence[Pass]
    ) -> BatchConstants | WholeLoss | None:
        loss, target, weights = self.objectives[i].loss, batch.targets[i], batch.weights[i]
        if loss is None or target is None:
            return None
        if getattr(loss, "couples_rows", False):
            return self._whole_loss(i, batch, passes)
        predicted = (batch.rows, *passes[0].outputs[i].shape[1:])
        shape = loss.values_shape(predicted, target.shape)
        mask = joined_mask([one.masks[i] for one in passes])
        if getattr(loss, "ignore_class", None) is not None:
            outputs = np.concatenate([one.outputs[i] for one in passes])
            mask = merged(mask, loss.target_mask(outputs, target))
        return batch_constants(shape, weights, mask, loss.reduction)

    def _whole_loss(self, i: int, batch: Batch, passes: Sequence[Pass]) -> WholeLoss:
        loss, target, weights = self.objectives[i].loss, batch.targets[i], batch.weights[i]
        assert loss is not None and target is not None
        values, backward = self._values(
            i, np.concatenate([one.outputs[i] for one in passes]), target
        )
        mask = joined_mask([one.masks[i] for one in passes])
        of_batch = batch_constants(values.shape, weights, mask, loss.reduction)
        scale = value_scale(values, weights, mask, of_batch)
        gradient = backward(scale * scale.dtype.type(self.objectives[i].loss_weight))
        return WholeLoss(weighted_sum(values, scale), gradient)

    def _values(self, i: int, y: Array, target: AnyArray) -> LossValues:
        """The loss of an output, of logits where that is what the graph with logits gives."""
        loss = self.objectives[i].loss
        assert loss is not None
        if self.activations[i] is None:
            return loss.values(y, target)
        return loss.values_from_logits(y, target)
