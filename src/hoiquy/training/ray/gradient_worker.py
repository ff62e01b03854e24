"""One worker of a data-parallel training: a Ray actor with a copy of the model."""

import os
import platform
from contextlib import ExitStack
from copy import deepcopy
from itertools import chain

import numpy as np

from hoiquy.nn.kernels import Gradient, kernel_kind
from hoiquy.nn.model import ShardResult
from hoiquy.nn.shards import shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.environment import exact_facts
from hoiquy.training.gradients import summed
from hoiquy.training.kernel_compilation import finish_compiling
from hoiquy.training.ray.shares import Share
from hoiquy.training.state import TrainingState


class GradientWorker:
    """Computes gradients of its shares, and makes the same updates as every other worker.

    Ray runs the calls in the order in which the coordinator submits them. Arguments from Ray's
    object store are read-only views of shared memory, hence the copies.
    """

    def __init__(self, threads: int) -> None:
        finish_compiling()
        self._open = ExitStack()  # until the process ends
        self._pool = self._open.enter_context(shard_pool(threads))
        self._results: list[ShardResult] = []

    def describe(self) -> tuple[str, dict[str, str]]:
        """A name for messages, and the `exact_facts` of this process."""
        name = f"the worker on {platform.node()} (process {os.getpid()})"
        return name, exact_facts(kernel_kind(np.float32))

    def load(self, recipe: Recipe, state: TrainingState) -> None:
        """Copy the coordinator's recipe and training state."""
        self._recipe, self._state = recipe, deepcopy(state)

    def compute(self, share: Share, updates: int) -> None:
        """Compute the gradients of each shard of a share, and keep them for `add`.

        updates: how many the model has had. Raises RuntimeError if the copy differs.
        """
        done = self._state.optimizer.step
        if done != updates:
            raise RuntimeError(f"the worker has made {done} of {updates} updates")
        self._results = list(deepcopy(share).results(self._recipe, self._state, self._pool))

    def add(self, computed: None, sums: ShardResult | None) -> ShardResult:
        """Add the results of `compute`, shard by shard, to the sum over all shards before.

        computed: the result of `compute`, so that its error becomes an error of the sum. sums: the
        sum that the worker before has returned; None at the first worker.
        """
        before = [] if sums is None else [deepcopy(sums)]
        results, self._results = self._results, []
        return summed(chain(before, results))

    def update(self, gradients: dict[str, Gradient], learning_rate: float) -> None:
        """Make one step of the optimizer."""
        self._state.optimizer.learning_rate = learning_rate
        self._state.update(gradients)
