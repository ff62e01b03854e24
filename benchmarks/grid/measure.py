"""One cell: prepare all participants, check that they compute the same, take turns.

The workers live as long as the grid, since starting a library takes longer than many a cell. One
that fails or takes too long has no times in that cell and is started again for the next one.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grid.cell import EMBEDDING, GATES, WORDS, Cell
from grid.inputs import write_inputs
from grid.participants import fits
from hoiquy.errors import HoiquyError
from peers.libraries import Peer
from peers.results import CaseResult, Participant
from peers.rounds import PAUSE_SECONDS, TOLERANCE, Method, largest_difference
from peers.worker import Worker, own_variables, peer_variables

LIMIT_SECONDS = 90.0  # for preparing, for the first steps, which compile, or for a turn
WARM_UP_STEPS = 3
# After three steps of Adam outputs differ more: its first steps have the same size for small and
# large gradients, so that a rounding error in a gradient near zero becomes a whole step.
TRAINED_TOLERANCE = 5e-2
_TURN_SECONDS, _MOST_STEPS = 0.1, 10  # of a turn of the fastest participant
_SKIP_BELOW_SECONDS = 0.5  # a longer step fills the caches anew by itself
_CELL_SECONDS, _FEWEST_ROUNDS = 45.0, 3
# Settings of the user that would keep a library from taking its kernels for this processor.
_CHOICES_OF_KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "DNNL_MAX_CPU_ISA")


@dataclass(frozen=True)
class GridCase:
    """What is timed in a cell.

    what: step (a training step), predict (the prediction of a batch) or layer (forward and backward
        of the recurrent layer alone).
    """

    what: str
    cell: Cell
    drawn: bool  # of the design, or one of the fixed cells

    @property
    def label(self) -> str:
        return self.cell.label


@dataclass
class CellResult(CaseResult):
    """Times of one cell; hoiquy is the first participant."""

    case: GridCase
    participants: list[Participant] = field(default_factory=list)

    @property
    def measured(self) -> list[Participant]:
        """Those with times."""
        return [one for one in self.participants if not one.problem and one.milliseconds]


@dataclass(frozen=True)
class Turns:
    """How often each participant steps."""

    rounds: int
    skip: int  # untimed steps at the beginning of a turn
    count: int


class GridWorkers:
    """hoiquy's and the peers' workers; a context manager that ends them."""

    def __init__(self, peers: Sequence[Peer], method: Method) -> None:
        self.peers = peers
        self.method = method
        self._workers: dict[str, Worker] = {}

    def __enter__(self) -> "GridWorkers":
        return self

    def __exit__(self, *_: object) -> None:
        for name in [*self._workers]:
            self.end(name)

    def worker(self, peer: Peer) -> Worker:
        """The peer's worker, started if there is none."""
        if peer.name not in self._workers:
            threads = self.method.threads
            python = self.method.pythons[peer.name]
            variables = peer_variables(threads, peer.variables)
            if python == Path(sys.executable):
                variables = own_variables(threads) | dict(peer.variables)
            for name in _CHOICES_OF_KERNELS:
                variables.pop(name, None)
            self._workers[peer.name] = Worker(peer.title, python, peer.worker, variables)
        return self._workers[peer.name]

    def find(self, name: str) -> Worker:
        """A started worker. Raises HoiquyError if it has ended."""
        if name not in self._workers:
            raise HoiquyError(f"{name} ended in an earlier measurement of this cell")
        return self._workers[name]

    def end(self, name: str) -> None:
        if name in self._workers:
            with self._workers.pop(name):
                pass


def measure_cell(cell: Cell, results: Sequence[CellResult], workers: GridWorkers) -> None:
    """Measure what the results of one cell want, each in turn, round by round.

    Raises HoiquyError if hoiquy itself fails; a peer's failure is noted in the results.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hoiquy-grid-")))
        write_inputs(folder / "documents.npz", cell)
        prepared, problems = _prepare_all(cell, results[0].case.what, workers, folder)
        for result in results:
            result.participants = [
                Participant(one.name, one.title, "full", one.versions, problem=one.problem)
                for one in [*(one for one, _ in prepared), *problems]
            ]
        for result in results:
            _take_turns(result, workers)


def _prepare_all(
    cell: Cell, what: str, workers: GridWorkers, folder: Path
) -> tuple[list[tuple[Participant, Worker]], list[Participant]]:
    """Prepared, compiled and checked workers, and the participants that failed."""
    task = asdict(cell) | {
        "gates": GATES[cell.kind],
        "words": WORDS,
        "embedding": EMBEDDING,
        "documents": str(folder / "documents.npz"),
        "weights": str(folder / "weights.npz"),
    }
    prepared: list[tuple[Participant, Worker]] = []
    failed: list[Participant] = []
    expected: list[Any] = []
    for peer in [peer for peer in workers.peers if fits(peer, cell)]:
        one = Participant(peer.name, peer.title, "full")
        worker = workers.worker(peer)
        try:
            answer = worker.ask(LIMIT_SECONDS, do="prepare", task=task)
            one.versions = answer["versions"]
            if peer.is_checked:
                outputs = _outputs_before_and_after(worker, what, folder)
                expected = expected or outputs
                _check(one.title, outputs, expected)
        except HoiquyError as error:
            workers.end(peer.name)
            if not prepared:
                raise
            one.problem = str(error)
            failed.append(one)
            continue
        prepared.append((one, worker))
    return prepared, failed


def _outputs_before_and_after(worker: Worker, what: str, folder: Path) -> list[Any]:
    """Outputs with the initial weights, and after the first steps, which compile."""
    outputs = []
    path = folder / "probabilities.npy"
    for steps in (0, WARM_UP_STEPS):
        if steps:
            worker.ask(LIMIT_SECONDS, do="turn", what=what, skip=steps, count=0)
        worker.ask(LIMIT_SECONDS, do="probabilities", path=str(path))
        outputs.append(np.load(path))
    return outputs


def _check(title: str, outputs: Sequence[Any], expected: Sequence[Any]) -> None:
    """Raise HoiquyError unless outputs are hoiquy's, before and after the first steps."""
    limits = (TOLERANCE, TRAINED_TOLERANCE)
    for when, found, wanted, limit in zip(
        ("", f" after {WARM_UP_STEPS} steps"), outputs, expected, limits, strict=True
    ):
        difference = largest_difference(found, wanted)
        if not difference <= limit:  # NaN too
            raise HoiquyError(
                f"{title} does not compute the same function as hoiquy: outputs{when} "
                f"differ by {difference:.2g}, allowed {limit}"
            )


def _take_turns(result: CellResult, workers: GridWorkers) -> None:
    """All rounds of one result, in an order that is rotated from round to round."""
    taking_part = [one for one in result.participants if not one.problem]
    trial = [_turn(one, Turns(1, 0, 1), result, workers) for one in taking_part]
    turns = plan_turns([times[0] / 1e3 for times in trial if times], workers.method.rounds)
    for number in range(turns.rounds):
        first = number % len(taking_part)
        for one in [*taking_part[first:], *taking_part[:first]]:
            if not one.problem:
                time.sleep(PAUSE_SECONDS)
                one.milliseconds.append(_turn(one, turns, result, workers))


def _turn(one: Participant, turns: Turns, result: CellResult, workers: GridWorkers) -> list[float]:
    """Milliseconds of the steps of a turn.

    A peer that fails has no times in this cell, and is started again for the next one. Raises
    HoiquyError if hoiquy fails.
    """
    what, skip, count = result.case.what, turns.skip, turns.count
    try:
        answer = workers.find(one.name).ask(
            LIMIT_SECONDS, do="turn", what=what, skip=skip, count=count
        )
    except HoiquyError as error:
        if one is result.participants[0]:
            raise
        one.problem = str(error)
        workers.end(one.name)
        return []
    return list(answer["milliseconds"])


def plan_turns(seconds: Sequence[float], rounds: int) -> Turns:
    """Steps of a turn and rounds, from the seconds of a step of each participant.

    Short steps are taken more often. A cell that would take too long gets fewer rounds, three at
    least unless fewer are wanted.
    """
    fastest, slowest = min(seconds), max(seconds)
    skip = 1 if slowest < _SKIP_BELOW_SECONDS else 0
    count = int(np.clip(_TURN_SECONDS / fastest, 1, _MOST_STEPS))
    count = count if skip else 1
    round_seconds = sum(seconds) * (skip + count) + PAUSE_SECONDS * len(seconds)
    affordable = max(int(_CELL_SECONDS / round_seconds), _FEWEST_ROUNDS)
    return Turns(min(rounds, affordable), skip, count)
