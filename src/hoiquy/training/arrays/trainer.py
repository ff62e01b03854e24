"""One training, test or prediction step over the shards of a batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.activations import activation_of
from hoiquy.nn.graph import Graph, Pass
from hoiquy.nn.kernels import Array, Gradient, Mask, add_gradient, add_gradients
from hoiquy.nn.layers import ActivityRegularization, Context
from hoiquy.nn.losses.base import LossValues
from hoiquy.nn.losses.reduction import BatchConstants, batch_constants, value_scale, weighted_sum
from hoiquy.nn.optimizers import Optimizer
from hoiquy.nn.shards import SHARD_ROWS, ShardPool, shard_pool, shard_slices
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.arrays.computed import Computed, joined, joined_mask, merged
from hoiquy.training.arrays.data import AnyArray, Batch
from hoiquy.training.arrays.objective import Measures, Objective, with_logits
from hoiquy.training.arrays.reached_rows import ReachedRows, nested_layers

# A batch up to this size is cut into smaller shards: two threads have work at Keras' default batch
# of 32. Results depend on the sizes.
_SMALL_BATCH = 64
_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class _ShardGradients:
    """Of one shard: its part of each output's loss, its predictions, its part of the gradients."""

    losses: list[float]
    predictions: list[Array]
    gradients: dict[str, Gradient]


@dataclass
class Trainer:
    """A graph with the losses, metrics and optimizer that it is trained with.

    graph: the network.
    objectives: one for each output.
    optimizer: updates the parameters that are not frozen.
    seed: of dropout and of the order of the rows.
    steps: training steps so far; the random numbers of a step depend on its number.
    fits: how often `fit` has begun.
    """

    graph: Graph
    objectives: list[Objective]
    optimizer: Optimizer
    seed: int
    steps: int = 0
    fits: int = 0
    measures: Measures = field(init=False)

    def __post_init__(self) -> None:
        self.measures = Measures(self.objectives)
        self._with_logits, self._activations = with_logits(self.graph, self.objectives)
        self._reach = ReachedRows(self.graph, self.optimizer)
        self._pool: ShardPool | None = None
        layers = nested_layers(self.graph.layers)
        self._penalises_outputs = any(isinstance(one, ActivityRegularization) for one in layers)

    @contextmanager
    def threads(self) -> Iterator[ShardPool]:
        """The threads of the steps within the block; nested blocks share them."""
        if self._pool is not None:
            yield self._pool
            return
        with shard_pool() as pool:
            self._pool = pool
            try:
                yield pool
            finally:
                self._pool = None

    def train_batch(self, batch: Batch) -> dict[str, float]:
        """One step of the optimizer; returns the running logs. Raises ShapeError, DataError."""
        self._reach.extend(batch.inputs)
        self.steps += 1
        with self.threads() as pool:
            slices = self._shards(batch.rows)
            tasks = [(batch, shard, rows) for shard, rows in enumerate(slices)]
            passes = list(pool.starmap(self._training_pass, tasks))
            constants = self._constants(batch, passes)

            def backward(rows: slice, forward: Pass) -> _ShardGradients:
                return self._shard_gradients(batch, rows, forward, constants)

            try:
                shards = list(pool.starmap(backward, list(zip(slices, passes, strict=True))))
            except InputError:
                self._refuse_targets(batch, passes)  # with the shapes of the whole batch
                raise
            losses, gradients = _summed(shards, len(self.objectives))
            loss = self._with_penalty(losses, [sum(one.penalties) for one in passes], gradients)
            self.optimizer.update(self.graph.trained_parameters, gradients)
        self._constrain()
        predictions = joined([shard.predictions for shard in shards])
        self.measures.add(loss, losses, predictions, self._masks(passes), batch)
        return self.measures.logs()

    def test_batch(self, batch: Batch) -> dict[str, float]:
        """Score a batch without training; returns the running logs."""
        return self.score(batch, self.compute(batch.inputs))

    def score(self, batch: Batch, computed: Computed) -> dict[str, float]:
        """Score a batch whose outputs were computed; returns the running logs."""
        losses, predictions = [], self.activated(computed.outputs)
        for i, objective in enumerate(self.objectives):
            target, weights = batch.targets[i], batch.weights[i]
            if objective.loss is None or target is None:
                losses.append(0.0)
                continue
            values, _ = self._loss_values(i, computed.outputs[i], target)
            mask = merged(computed.masks[i], objective.loss.target_mask(predictions[i], target))
            of_batch = batch_constants(values.shape, weights, mask, objective.loss.reduction)
            losses.append(weighted_sum(values, value_scale(values, weights, mask, of_batch)))
        loss = self._with_penalty(losses, [computed.penalty])
        self.measures.add(loss, losses, predictions, computed.masks, batch)
        return self.measures.logs()

    def _masks(self, passes: Sequence[Pass]) -> list[Mask | None]:
        """The mask of each output."""
        return [joined_mask([one.masks[i] for one in passes]) for i in range(len(self.objectives))]

    def predict_batch(self, inputs: Sequence[AnyArray]) -> list[Array]:
        """The outputs for some rows."""
        return self.activated(self.compute(inputs).outputs)

    def compute(self, inputs: Sequence[AnyArray]) -> Computed:
        """The outputs for some rows, without what is random in training."""
        self._check_rows(len(inputs[0]))

        def run(shard: int, rows: slice) -> Computed:
            context = Context(
                None, rows, wants_d_inputs=False, wants_backward=False, batch_size=len(inputs[0])
            )
            forward = self._with_logits.forward([x[rows] for x in inputs], context=context)
            return Computed([*forward.outputs], [*forward.masks], sum(forward.penalties))

        with self.threads() as pool:
            shards = list(pool.map(run, len(inputs[0])))
        masks = [
            joined_mask(of_shards) for of_shards in zip(*(s.masks for s in shards), strict=True)
        ]
        penalty = sum(shard.penalty for shard in shards)
        return Computed(joined([shard.outputs for shard in shards]), masks, penalty)

    @property
    def rows_at_once(self) -> int | None:
        """How many rows `compute` best gets, if several batches may be computed as one."""
        one_by_one = self.graph.couples_rows or self.graph.fixed_batch_size is not None
        return None if one_by_one or self._penalises_outputs else _ROWS_AT_ONCE

    def _shards(self, rows: int) -> list[slice]:
        """The shards of a training batch; their sizes depend on its rows alone."""
        self._check_rows(rows)
        if self.graph.couples_rows:
            return [slice(0, rows)]
        return shard_slices(rows, SHARD_ROWS if rows > _SMALL_BATCH else SHARD_ROWS // 2)

    def _check_rows(self, rows: int) -> None:
        """Raise ShapeError for a batch of the wrong size for a stateful network."""
        fixed = self.graph.fixed_batch_size
        if fixed is not None and rows != fixed:
            raise ShapeError(
                f"the batch has {rows} rows, but a stateful layer was built for {fixed}: use "
                f"batch_size={fixed} and a multiple of {fixed} rows"
            )

    def activated(self, outputs: Sequence[Array]) -> list[Array]:
        """The outputs, with the final activation where they are logits."""
        return [
            y if activation is None else np.asarray(activation_of(activation).function(y))
            for y, activation in zip(outputs, self._activations, strict=True)
        ]

    def _training_pass(self, batch: Batch, shard: int, rows: slice) -> Pass:
        rngs = partial(keyed_generator, self.seed, Purpose.ARRAY_STEP, self.steps, shard)
        context = Context(None, rows, wants_d_inputs=False, batch_size=batch.rows)
        return self._with_logits.forward([x[rows] for x in batch.inputs], rngs, context=context)

    def _refuse_targets(self, batch: Batch, passes: Sequence[Pass]) -> None:
        """Raise the error of the targets that a loss does not take, if they are the cause."""
        for i, (objective, target) in enumerate(zip(self.objectives, batch.targets, strict=True)):
            if objective.loss is not None and target is not None:
                y = passes[0].outputs[i]
                objective.loss.values(np.zeros((batch.rows, *y.shape[1:]), y.dtype), target)

    def _constants(self, batch: Batch, passes: Sequence[Pass]) -> list[BatchConstants | None]:
        """For each output with a loss and targets."""
        return [self._constants_of(i, batch, passes) for i in range(len(self.objectives))]

    def _constants_of(self, i: int, batch: Batch, passes: Sequence[Pass]) -> BatchConstants | None:
        loss, target, weights = self.objectives[i].loss, batch.targets[i], batch.weights[i]
        if loss is None or target is None:
            return None
        predicted = (batch.rows, *passes[0].outputs[i].shape[1:])
        shape = loss.values_shape(predicted, target.shape)
        mask = joined_mask([one.masks[i] for one in passes])
        if getattr(loss, "ignore_class", None) is not None:
            outputs = np.concatenate([one.outputs[i] for one in passes])
            mask = merged(mask, loss.target_mask(outputs, target))
        return batch_constants(shape, weights, mask, loss.reduction)

    def _shard_gradients(
        self, batch: Batch, rows: slice, forward: Pass,
        constants: Sequence[BatchConstants | None],
    ) -> _ShardGradients:  # fmt: skip
        losses: list[float] = []
        d_outputs: list[Array | None] = []
        for i, (objective, y) in enumerate(zip(self.objectives, forward.outputs, strict=True)):
            of_batch, target, weights = constants[i], batch.targets[i], batch.weights[i]
            if objective.loss is None or of_batch is None or target is None:
                losses.append(0.0)
                d_outputs.append(None)
                continue
            values, backward = self._loss_values(i, y, target[rows])
            mask = merged(forward.masks[i], objective.loss.target_mask(y, target[rows]))
            scale = value_scale(values, None if weights is None else weights[rows], mask, of_batch)
            losses.append(weighted_sum(values, scale))
            d_outputs.append(backward(scale * scale.dtype.type(objective.loss_weight)))
        _, gradients = self._with_logits.backward(forward, d_outputs)
        return _ShardGradients(losses, self.activated(forward.outputs), gradients)

    def _loss_values(self, i: int, y: Array, target: AnyArray) -> LossValues:
        """The loss of an output, of logits where that is what the graph with logits gives."""
        loss = self.objectives[i].loss
        assert loss is not None
        if self._activations[i] is None:
            return loss.values(y, target)
        return loss.values_from_logits(y, target)

    def _with_penalty(
        self,
        losses: Sequence[float],
        of_outputs: Sequence[float],
        gradients: dict[str, Gradient] | None = None,
    ) -> float:
        """The loss with penalties of what is trained, whose gradients are added."""
        weighted = zip(losses, self.objectives, strict=True)
        total = sum(loss * objective.loss_weight for loss, objective in weighted)
        total += sum(of_outputs)
        parameters = self.graph.trained_parameters
        for name, regularizer in self.graph.penalties.items():
            if name not in parameters:
                continue
            total += regularizer.penalty(parameters[name])
            if gradients is not None and name in gradients:
                of_penalty = regularizer.gradient(parameters[name])
                own = gradients[name]
                if isinstance(own, np.ndarray) and len(own) < len(of_penalty):
                    of_penalty[: len(own)] += own
                    gradients[name] = of_penalty
                else:
                    add_gradient(own, of_penalty)
        return total

    def _constrain(self) -> None:
        for name, constraint in self.graph.constraints.items():
            parameter = self.graph.parameters[name]
            parameter[...] = constraint.project(parameter)


def _summed(
    shards: Sequence[_ShardGradients], outputs: int
) -> tuple[list[float], dict[str, Gradient]]:
    """Sums in the order of the shards, on which their bits depend."""
    losses, gradients = [0.0] * outputs, dict[str, Gradient]()
    for shard in shards:
        losses = [total + loss for total, loss in zip(losses, shard.losses, strict=True)]
        add_gradients(gradients, shard.gradients)
    return losses, gradients
