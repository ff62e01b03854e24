"""One training, test or prediction step over the shards of a batch."""

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.graph import Graph, Pass
from hoiquy.nn.kernels import Array, Gradient, Mask, RowGradient, add_gradient, add_gradients
from hoiquy.nn.layers import ActivityRegularization, Context
from hoiquy.nn.optimizers import Optimizer
from hoiquy.nn.shards import LARGEST_SHARD, ShardPool, shard_pool
from hoiquy.nn.whole_batch import WholeBatch
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.arrays.computed import Computed, joined, joined_masks
from hoiquy.training.arrays.data import AnyArray, Batch
from hoiquy.training.arrays.objective import Measures, Objective, with_logits
from hoiquy.training.arrays.output_losses import OutputLosses
from hoiquy.training.arrays.reached_rows import ReachedRows
from hoiquy.training.shard_plan import nested_layers, planned_rows, step_work, time_steps
from hoiquy.training.tables import with_tables
from hoiquy.training.tree_sum import TreeSum

_ROWS_AT_ONCE = 512
# Parts of a prediction: so many, more of many rows, and fewer where one would be less than so many
# operations.
_PARTS, _PART_WORK = 4, 5e7


class _ShardScores(NamedTuple):
    """Of one shard: its part of each output's loss, and what the batch's scores need of it."""

    losses: list[float]
    outputs: list[Array]
    masks: tuple[Mask | None, ...]
    penalty: float


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
        self._with_logits, activations = with_logits(self.graph, self.objectives)
        self._losses = OutputLosses(self.objectives, activations)
        # Whether the constants of the losses need the forward passes of the whole batch; the first
        # batch shows whether outputs have masks.
        self._needs_all_passes = True
        self._reach = ReachedRows(self.graph, self.optimizer)
        self._pool: ShardPool | None = None
        self._waiting: ShardPool | None = None
        layers = nested_layers(self.graph.layers)
        self._penalises_outputs = any(isinstance(one, ActivityRegularization) for one in layers)

    @contextmanager
    def threads(self) -> Iterator[ShardPool]:
        """The threads of the steps within the block; nested blocks share them."""
        if self._pool is not None:
            yield self._pool
            return
        if self._waiting is not None:
            self._waiting.close()
            self._waiting = None
        with shard_pool() as self._pool:
            try:
                yield self._pool
            finally:
                self._pool = None

    @contextmanager
    def _threads_of_one_batch(self) -> Iterator[ShardPool]:
        """As `threads`, but outside of other blocks they wait for the next batch."""
        if self._pool is not None:
            yield self._pool
            return
        if self._waiting is None:
            self._waiting = ShardPool()
            weakref.finalize(self, self._waiting.close)
        with self._waiting.computing():
            yield self._waiting

    def train_batch(self, batch: Batch) -> dict[str, float]:
        """One step of the optimizer; returns the running logs. Raises ShapeError, DataError."""
        self._reach.extend(batch.inputs)
        self.steps += 1
        with self._threads_of_one_batch() as pool:
            shards, gradients = self._shards_of(batch, pool)
            losses = [sum(of_output) for of_output in zip(*(s.losses for s in shards), strict=True)]
            penalties = [shard.penalty for shard in shards]
            loss = self._with_penalty(losses, penalties, gradients)
            self.optimizer.update(self.graph.trained_parameters, gradients, pool)
        self._constrain()
        predictions = self._losses.activated(joined([shard.outputs for shard in shards]))
        masks = joined_masks([shard.masks for shard in shards])
        self.measures.add(loss, losses, predictions, masks, batch)
        return self.measures.logs()

    def _shards_of(
        self, batch: Batch, pool: ShardPool
    ) -> tuple[list[_ShardScores], dict[str, Gradient]]:
        """Forward and backward passes of all shards; the gradients are added."""
        self._check_rows(batch.rows)
        rows = planned_rows(self.graph, batch.rows, time_steps(self.graph, batch.inputs))
        whole = WholeBatch(batch.rows, pool, rows, self.graph.couples_rows)
        passes: list[Pass] = []
        sums = TreeSum(_added)

        def forward(shard: int, rows: slice) -> Pass:
            return self._training_pass(batch, whole, shard, rows)

        def run(shard: int, rows: slice) -> _ShardScores:
            own = passes[shard] if passes else forward(shard, rows)
            constants = whole.once("losses", lambda: self._losses.constants(batch, passes or [own]))
            losses, d_outputs = self._losses.of_shard(batch, rows, own, constants)
            sums.put(shard, self._with_logits.backward(own, d_outputs)[1])
            return _ShardScores(losses, [*own.outputs], own.masks, sum(own.penalties))

        tasks = list(enumerate(whole.slices))
        if self._needs_all_passes:
            passes = list(pool.starmap(forward, tasks))
        try:
            scores = list(pool.starmap(run, tasks))
        except InputError:
            outputs = passes[0].outputs if passes else forward(*tasks[0]).outputs
            self._losses.refuse_targets(batch, outputs)
            raise
        has_masks = any(mask is not None for mask in scores[0].masks)
        self._needs_all_passes = has_masks or self._losses.depend_on_outputs
        return scores, with_tables(sums.total(), pool)

    def test_batch(self, batch: Batch) -> dict[str, float]:
        """Score a batch without training; returns the running logs."""
        return self.score(batch, self.compute(batch.inputs))

    def score(self, batch: Batch, computed: Computed) -> dict[str, float]:
        """Score a batch whose outputs were computed; returns the running logs."""
        losses, predictions = self._losses.of_batch(batch, computed)
        loss = self._with_penalty(losses, [computed.penalty])
        self.measures.add(loss, losses, predictions, computed.masks, batch)
        return self.measures.logs()

    def predict_batch(self, inputs: Sequence[AnyArray]) -> list[Array]:
        """The outputs for some rows."""
        return self._losses.activated(self.compute(inputs).outputs)

    def compute(self, inputs: Sequence[AnyArray]) -> Computed:
        """The outputs for some rows, without what is random in training."""
        self._check_rows(len(inputs[0]))
        whole = WholeBatch(len(inputs[0]))
        work = step_work(self.graph, whole.rows, time_steps(self.graph, inputs))[0] / 3

        def run(shard: int, rows: slice) -> Computed:
            context = Context(None, rows, wants_d_inputs=False, wants_backward=False, batch=whole)
            forward = self._with_logits.forward([x[rows] for x in inputs], context=context)
            return Computed([*forward.outputs], [*forward.masks], sum(forward.penalties))

        with self._threads_of_one_batch() as pool:
            # Not by threads: BLAS, of plain kernels, rounds by the number of rows.
            parts = min(max(_PARTS, whole.rows // LARGEST_SHARD), 1 + int(work / _PART_WORK))
            if self.graph.needs_whole_batch:
                parts = 1
            shards = list(pool.map(run, whole.rows, -(-whole.rows // parts)))
        masks = joined_masks([shard.masks for shard in shards])
        penalty = sum(shard.penalty for shard in shards)
        return Computed(joined([shard.outputs for shard in shards]), masks, penalty)

    @property
    def rows_at_once(self) -> int | None:
        """How many rows `compute` best gets, if several batches may be computed as one."""
        one_by_one = self.graph.couples_rows or self.graph.fixed_batch_size is not None
        return None if one_by_one or self._penalises_outputs else _ROWS_AT_ONCE

    def _check_rows(self, rows: int) -> None:
        """Raise ShapeError for a batch of the wrong size for a stateful network."""
        fixed = self.graph.fixed_batch_size
        if fixed is not None and rows != fixed:
            raise ShapeError(
                f"the batch has {rows} rows, but a stateful layer was built for {fixed}: use "
                f"batch_size={fixed} and a multiple of {fixed} rows"
            )

    def activated(self, outputs: Sequence[Array]) -> list[Array]:
        """As `OutputLosses.activated`."""
        return self._losses.activated(outputs)

    def _training_pass(self, batch: Batch, whole: WholeBatch, shard: int, rows: slice) -> Pass:
        rngs = partial(keyed_generator, self.seed, Purpose.ARRAY_STEP, self.steps, shard)
        context = Context(None, rows, wants_d_inputs=False, batch=whole)
        return self._with_logits.forward([x[rows] for x in batch.inputs], rngs, context=context)

    def _with_penalty(
        self,
        losses: Sequence[float],
        of_outputs: Sequence[float],
        gradients: dict[str, Gradient] | None = None,
    ) -> float:
        """The loss with penalties of what is trained, whose gradients are added."""
        total = self._losses.weighted(losses) + sum(of_outputs)
        parameters = self.graph.trained_parameters
        for name, regularizer in self.graph.penalties.items():
            if name not in parameters:
                continue
            total += regularizer.penalty(parameters[name])
            if gradients is not None and name in gradients:
                of_penalty = regularizer.gradient(parameters[name])
                own = gradients[name]
                if isinstance(own, RowGradient):
                    of_penalty[own.rows] += own.values
                    gradients[name] = of_penalty
                else:
                    add_gradient(own, of_penalty)
        return total

    def _constrain(self) -> None:
        for name, constraint in self.graph.constraints.items():
            parameter = self.graph.parameters[name]
            parameter[...] = constraint.project(parameter)


def _added(one: dict[str, Gradient], other: dict[str, Gradient]) -> dict[str, Gradient]:
    add_gradients(one, other)
    return one
