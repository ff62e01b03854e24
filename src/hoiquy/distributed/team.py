"""The steps of a training by several processes: the first one's part, and what it does if one dies.

Each process computes the shards of its own. This one adds its own up and sends the sum to the next,
which adds its own one by one, and so on: ((s0 + s1) + s2) + …, as a single process adds them. The
last sends the sum back, and all get it to do the same update.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from math import ceil

from hoiquy.distributed.crew import Crew, Launch, gathered
from hoiquy.distributed.local import LocalWorkers
from hoiquy.distributed.member import IDLE
from hoiquy.distributed.parts import parts_of
from hoiquy.distributed.pieces import gradient_message, joined, pieces, read_gradient
from hoiquy.distributed.replica import state_message
from hoiquy.distributed.wire import LostError, Message
from hoiquy.distributed.worker import PATIENCE_SECONDS
from hoiquy.errors import HoiquyError, TrainingError
from hoiquy.events import Listener, Preparing, WorkerLost
from hoiquy.nn.kernels import Gradient
from hoiquy.nn.model import ShardResult
from hoiquy.nn.shards import ShardPool, default_threads, shard_pool, shard_slices
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.gradients import (
    BatchResult,
    OneProcess,
    Steps,
    summed,
    with_penalty,
)
from hoiquy.training.state import TrainingState

MOST_LOSSES = 3  # of workers in one step; then this process goes on alone


@dataclass(frozen=True)
class Team:
    """How many processes train, this one among them, and where the others are started.

    host: the address of this machine that they reach it at. shares_machine: they are on it, too,
    and share its threads. patience: seconds after which a worker that is silent in the middle of a
    step counts as lost.
    """

    processes: int
    launch: Launch = LocalWorkers
    host: str = "127.0.0.1"
    shares_machine: bool = True
    patience: float = PATIENCE_SECONDS

    @property
    def processes_here(self) -> int:
        return self.processes if self.shares_machine else 1

    def threads(self, recipe: Recipe) -> int:
        """Of each process: no more than it has shards of a batch, on a machine of its own."""
        if self.shares_machine:
            return threads_here(self.processes)
        shards = len(shard_slices(recipe.training.batch_size))
        return min(default_threads(), ceil(shards / self.processes))

    @contextmanager
    def open(
        self, recipe: Recipe, prepared: Prepared, state: TrainingState, pool: ShardPool,
        on_event: Listener,
    ) -> Iterator[Steps]:  # fmt: skip
        """Steps of all of them, as `training.fit` wants them. The workers end with them.

        Raises TrainingError if no worker can begin, InputError if one would not give the same bits.
        """
        on_event(Preparing("workers"))
        threads = self.threads(recipe)
        with shard_pool(threads) as own:
            steps = TeamSteps(
                self, threads, OneProcess(recipe, state, pool), own, prepared, on_event
            )
            try:
                steps.gather()
            except (LostError, OSError) as error:
                raise TrainingError(f"{error}; without --workers one process trains") from error
            with closing(steps):
                yield steps


@dataclass
class TeamSteps:
    """The steps of a team. Between two of them, all that the workers know is in the state here."""

    team: Team
    threads: int
    alone: OneProcess  # what does it all if too many are lost, on all threads
    pool: ShardPool  # for this process's part
    prepared: Prepared
    on_event: Listener
    _crew: Crew | None = None
    _is_alone: bool = False

    @property
    def state(self) -> TrainingState:
        """Of this process, and by every step's end of all."""
        return self.alone.state

    def gather(self) -> Crew:
        """Have workers that hold the state as it is now. Raises as `crew.gathered`."""
        team = self.team
        state = state_message(self.alone.recipe, self.prepared, self.state)
        self._crew = gathered(
            team.launch, team.processes - 1, team.host, self.threads, state, team.patience
        )
        return self._crew

    def close(self) -> None:
        if self._crew is not None:
            self._crew.close()
            self._crew = None

    def gradients(self, batch: Batch) -> BatchResult:
        """As of one process; done again, with new workers, if one is lost on the way."""
        for left in reversed(range(MOST_LOSSES)):
            if self._is_alone:
                break
            try:
                return self._computed(self._crew or self.gather(), batch)
            except (LostError, HoiquyError, OSError) as error:
                self.close()
                self._is_alone = left == 0
                self.on_event(WorkerLost(str(error), self._is_alone))
        return self.alone.gradients(batch)

    def update(self, gradients: dict[str, Gradient]) -> None:
        """This process does it in any case; whoever joins later gets what came of it."""
        optimizer, crew = self.state.optimizer, self._crew
        try:
            if crew is not None:
                rate = {"learning_rate": optimizer.learning_rate}
                crew.workers[0].send(Message("update", rate))
                self._send(crew, gradients)
        except LostError as error:
            self.close()
            self.on_event(WorkerLost(str(error), alone=False))
        optimizer.update(self.state.model.parameters, gradients)

    def _computed(self, crew: Crew, batch: Batch) -> BatchResult:
        """Have everyone compute their shards, and the sum made. Raises LostError."""
        parts = parts_of(batch, self.state.position.epoch, self.team.processes)
        tasks = [part.message() for part in parts[1:]]
        tasks += [Message(IDLE)] * (len(crew.workers) - len(tasks))
        for worker, task in zip(crew.workers, tasks, strict=True):
            worker.send(task)
        sums = summed(parts[0].results(self.alone.recipe, self.state, self.pool))
        if len(parts) > 1:
            sums = self._summed_by_all(crew, sums, last=len(parts) - 2)
        return with_penalty(self.state.model, len(batch.rows), sums)

    def _summed_by_all(self, crew: Crew, sums: ShardResult, last: int) -> ShardResult:
        """Send this process's sum on its way, and take what comes back from the last worker."""
        first = {"loss_sum": sums.loss_sum, "correct": sums.correct}
        crew.workers[0].send(Message("sums", first))
        self._send(crew, sums.gradients)
        facts = crew.take(last).facts
        all_pieces = pieces(self.state.model.parameters)
        total = joined((piece, read_gradient(crew.take(last))) for piece in all_pieces)
        in_order = {name: total[name] for name in sums.gradients}  # norms are added up in it
        return ShardResult(facts["loss_sum"], facts["correct"], in_order)

    def _send(self, crew: Crew, gradients: dict[str, Gradient]) -> None:
        """Give them to the first worker, which gives them on."""
        for piece in pieces(self.state.model.parameters):
            crew.workers[0].send(gradient_message(piece.of(gradients[piece.name])))


def threads_here(processes: int) -> int:
    """Of each of so many processes on this machine."""
    return max(1, default_threads() // processes)
