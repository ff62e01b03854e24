"""Data-parallel training on Ray actors, with the same bits as training in one process.

Each worker computes its share of a batch. The sum of the gradients goes from worker to worker
through Ray's object store, and each adds its shards one by one: ((s0 + s1) + s2) + …, in the order
of one process. The coordinator, which is the command's process, makes the update and sends the
gradients to all workers for the same update.
"""

import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

import numpy as np

from hoiquy.errors import InputError, TrainingError
from hoiquy.events import Listener, Preparing, WorkersChanged
from hoiquy.nn.kernels import Gradient, kernel_kind
from hoiquy.nn.model import ShardResult
from hoiquy.nn.shards import default_threads, shard_slices
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.environment import changes_since, exact_facts
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.gradients import BatchResult, Steps, with_penalty
from hoiquy.training.ray.gradient_worker import GradientWorker, total
from hoiquy.training.ray.nodes import first_lines
from hoiquy.training.ray.session import LOCAL, Spread, ray_session
from hoiquy.training.ray.shares import shares_of
from hoiquy.training.shard_plan import planned_rows
from hoiquy.training.state import TrainingState

MAX_FAILURES = 5  # of one step; a machine that dies may cause two
START_SECONDS = 180.0  # for a worker to start: its machine may have to compile the kernels
STEP_SECONDS = 300.0  # after which the workers of a step count as hung
_POLL_SECONDS = 2.0


@dataclass(frozen=True)
class RayWorkers:
    """The workers of a training, to be started within a `ray_session`."""

    count: int
    is_local: bool  # they share this machine and its threads

    @property
    def count_here(self) -> int:
        """The number of workers known to run on this machine."""
        return self.count if self.is_local else 0

    def threads(self, recipe: Recipe) -> int:
        """The threads of each worker, at most one for each of its shards."""
        available = default_threads() // (self.count if self.is_local else 1)
        shards = len(shard_slices(recipe.training.batch_size))
        return max(1, min(available, ceil(shards / self.count)))

    @contextmanager
    def start(self, recipe: Recipe, state: TrainingState, on_event: Listener) -> Iterator[Steps]:
        """Start the workers; they end with the context.

        Raises:
            InputError: Ray is too small, or a worker would not compute the same bits.
            TrainingError: A worker does not start.
        """
        from ray.exceptions import RayError

        on_event(Preparing("workers"))
        threads = self.threads(recipe)
        places = _places(threads)
        if places < self.count:
            raise InputError(
                f"this Ray has room for {places} of {self.count} workers with {threads} processors "
                f"each: choose fewer --workers, or a smaller HOIQUY_THREADS"
            )
        with closing(RaySteps(recipe, state, self.count, threads, on_event)) as steps:
            try:
                steps.start()
            except RayError as error:
                raise TrainingError(f"cannot start the workers: {_reason(error)}") from error
            yield steps


@dataclass
class RaySteps:
    """Steps of a training by Ray actors, which all have this state between steps."""

    recipe: Recipe
    state: TrainingState
    count: int
    threads: int
    on_event: Listener
    actors: list[Any] = field(default_factory=list)

    def start(self) -> None:
        """Start as many workers as have room, and send them the state.

        Raises RayError if one fails, TrainingError if none starts in time, InputError if one would
        not compute the same bits.
        """
        import ray

        actor = ray.remote(num_cpus=self.threads, scheduling_strategy="SPREAD")(GradientWorker)
        self.actors = [actor.remote(self.threads) for _ in range(self.count)]
        started = self._await_start([actor.describe.remote() for actor in self.actors])
        if not started:
            raise TrainingError(f"no worker has started within {START_SECONDS:g} seconds")
        if len(started) < self.count:
            line = f"{len(started)} of {self.count} workers have started: training with these"
            self.on_event(WorkersChanged(line))
            for waiting in set(range(self.count)) - started.keys():
                ray.kill(self.actors[waiting])
            self.actors = [self.actors[number] for number in started]
            self.count = len(started)
        here = exact_facts(kernel_kind(np.float32))
        for name, there in started.values():
            if changes := changes_since(here, there):
                raise InputError(
                    f"{name} would not compute the same bits: {', '.join(changes)}; install the "
                    f"same versions there, or train without it"
                )
        state = ray.put(replace(self.state, history=[], best={}))
        for worker in self.actors:
            worker.load.remote(self.recipe, state)

    def _await_start(self, descriptions: list[Any]) -> dict[int, tuple[str, dict[str, str]]]:
        """Wait for workers; their descriptions by number."""
        import ray

        deadline = time.monotonic() + START_SECONDS
        ready: list[Any] = []
        # Once Ray notices that a machine has died, its room is gone.
        while len(ready) < min(self.count, _places(self.threads)) and time.monotonic() < deadline:
            ready, _ = ray.wait(descriptions, num_returns=self.count, timeout=_POLL_SECONDS)
        return {descriptions.index(description): ray.get(description) for description in ready}

    def gradients(self, batch: Batch) -> BatchResult:
        """Compute a batch; if a worker fails, start all again and repeat the step.

        Raises TrainingError if that fails too often.
        """
        from ray.exceptions import RayError

        reason = ""
        for _ in range(MAX_FAILURES):
            try:
                if not self.actors:
                    self.start()
                sums = self._sums(batch)
            except RayError as error:
                self.close()
                reason = _reason(error)
                self.on_event(WorkersChanged(f"{reason}; repeating the step"))
            else:
                return with_penalty(self.state.model, sums, len(batch.rows))
        raise TrainingError(f"the workers have failed {MAX_FAILURES} times in one step: {reason}")

    def _sums(self, batch: Batch) -> ShardResult:
        """Have all workers compute their shares in parallel, and add in order."""
        import ray

        epoch, updates = self.state.position.epoch, self.state.optimizer.step
        rows = planned_rows(self.state.model.graph, *batch.indices.shape)
        shares = shares_of(batch, epoch, len(self.actors), rows)
        workers = self.actors[: len(shares)]
        computed = [
            worker.compute.remote(share, updates)
            for worker, share in zip(workers, shares, strict=True)
        ]
        sums: Any = {}
        for worker, done in zip(workers, computed, strict=True):
            sums = worker.add.remote(done, sums)
        return total(ray.get(sums, timeout=STEP_SECONDS))

    def update(self, gradients: dict[str, Gradient]) -> None:
        """Make the step here, and have all workers make it."""
        import ray

        optimizer = self.state.optimizer
        try:
            shared = ray.put(gradients)
            for worker in self.actors:
                worker.update.remote(shared, optimizer.learning_rate)
        except ray.exceptions.RayError as error:  # workers without the update are useless
            self.close()
            self.on_event(WorkersChanged(_reason(error)))
        self.state.update(gradients)

    def close(self) -> None:
        """End the workers."""
        import ray

        for worker in self.actors:
            ray.kill(worker)
        self.actors = []


@contextmanager
def ray_workers(ray: str | None, workers: int | None) -> Iterator[RayWorkers | None]:
    """Connect to Ray for a training on `workers`, by default one per machine; None without `ray`.

    Raises InputError for workers without `ray` or fewer than one, and as `ray_session`.
    """
    if ray is None:
        if workers is not None:
            raise InputError(
                f"--workers {workers} needs --ray: without Ray, one process trains on all "
                f"processors (HOIQUY_THREADS), to the same weights"
            )
        yield None
        return
    Spread.from_options(ray, workers)
    with ray_session(ray, cpus=max(default_threads(), workers or 1)):
        machines = sum(processors > 0 for processors in _processors())
        yield RayWorkers(workers or machines, is_local=ray == LOCAL)


def _processors() -> list[int]:
    """The processors of each machine of the cluster."""
    import ray

    alive = (node for node in ray.nodes() if node["Alive"])
    return [int(node["Resources"].get("CPU", 0)) for node in alive]


def _places(threads: int) -> int:
    """The number of workers that fit at once, if nothing else runs."""
    return sum(processors // threads for processors in _processors())


def _reason(error: Exception) -> str:
    """A line for people: which worker has died, or which error it has raised."""
    import ray

    if isinstance(error, ray.exceptions.GetTimeoutError):
        return f"the workers have not responded for {STEP_SECONDS:g} seconds"
    if "creation task" in str(error):
        return str(error).strip().splitlines()[-1]
    if isinstance(error, ray.exceptions.RayActorError):
        dead = re.search(r"\bpid: (\d+).*?\bip: (\S+)", str(error), re.DOTALL)
        where = f"the worker on {dead[2]} (process {dead[1]})" if dead else "a worker"
        return f"{where} has died"
    cause = getattr(error, "cause", None)
    return f"a worker failed: {type(cause).__name__}: {cause}" if cause else first_lines(error)
