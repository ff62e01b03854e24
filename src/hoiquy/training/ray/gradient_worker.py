"""One worker of a data-parallel training: a Ray actor with a copy of the model."""

import os
import platform
from contextlib import ExitStack
from copy import deepcopy

import numpy as np

from hoiquy.nn.kernels import Gradient, kernel_kind
from hoiquy.nn.model import ShardResult
from hoiquy.nn.shards import shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.environment import exact_facts
from hoiquy.training.gradients import added
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.ray.shares import Share
from hoiquy.training.state import TrainingState
from hoiquy.training.tree_sum import TreeSum

Partial = dict[tuple[int, int], ShardResult]  # as of a TreeSum


def total(sums: Partial) -> ShardResult:
    """The sum over all shards of a batch, given what the last worker has returned."""
    return TreeSum(added, deepcopy(sums)).total()


class GradientWorker:
    """Computes gradients of its shares, and makes the same updates as every other worker.

    Ray runs the calls in the order in which the coordinator submits them. Arguments from Ray's
    object store are read-only views of shared memory, hence the copies.
    """

    def __init__(self, threads: int) -> None:
        finish_compiling()
        self._open = ExitStack()  # until the process ends
        self._pool = self._open.enter_context(shard_pool(threads))
        self._sums: Partial = {}

    def describe(self) -> tuple[str, dict[str, str]]:
        """A name for messages, and the `exact_facts` of this process."""
        name = f"the worker on {platform.node()} (process {os.getpid()})"
        return name, exact_facts(kernel_kind(np.float32))

    def load(self, recipe: Recipe, state: TrainingState) -> None:
        """Copy the coordinator's recipe and training state."""
        self._recipe, self._state = recipe, deepcopy(state)

    def compute(self, share: Share, updates: int) -> None:
        """Compute the gradients of the shards of a share, and keep their sums for `add`.

        updates: how many the model has had. Raises RuntimeError if the copy differs.
        """
        done = self._state.optimizer.step
        if done != updates:
            raise RuntimeError(f"the worker has made {done} of {updates} updates")
        self._sums = deepcopy(share).sums(self._recipe, self._state, self._pool).partial

    def add(self, computed: None, before: Partial) -> Partial:
        """Add the sums of `compute` to those of the shards before.

        computed: the result of `compute`, so that its error becomes an error of the sum. before:
        what the worker before has returned.
        """
        sums = TreeSum(added, deepcopy(before))
        for place, result in self._sums.items():
            sums.put_partial(place, result)
        self._sums = {}
        return sums.partial

    def update(self, gradients: dict[str, Gradient], learning_rate: float) -> None:
        """Make one step of the optimizer."""
        self._state.optimizer.learning_rate = learning_rate
        self._state.update(gradients)
