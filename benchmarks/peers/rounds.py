"""Measure a case: start the workers, check that they compute the same function, take turns.

In each round every participant has one turn, in an order that rotates from round to round. Before
a turn there is a pause, in which threads that another library left spinning fall asleep. Each
worker is a new process, so that its peak memory is that of this case.
"""

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import HoiquyError
from peers.cases import Case, write_documents
from peers.libraries import Peer
from peers.results import HOIQUY, CaseResult, Participant
from peers.worker import Worker, own_variables, peer_variables

TOLERANCE = 1e-4  # of probabilities
PAUSE_SECONDS = 0.3
_WARM_UP_STEPS = 2  # after the first, which may compile


@dataclass(frozen=True)
class Method:
    """How a run measures. pythons: the interpreter for each participant's name."""

    rounds: int
    threads: int
    pythons: dict[str, Path]


Seats = list[tuple[Participant, Worker]]


def measure_case(case: Case, peers: Sequence[Peer], method: Method, result: CaseResult) -> None:
    """Measure one case into `result`, round by round, so that an interrupted run keeps rounds.

    Raises HoiquyError if a worker fails or does not compute the same function as hoiquy.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hoiquy-bench-")))
        write_documents(folder / "documents.npz", case)
        seats = _start_all(case, peers, method, folder, stack)
        _check_agreement(case, seats, folder)
        for _, worker in seats:
            worker.ask(do="turn", skip=1, count=_WARM_UP_STEPS)
        result.participants = [participant for participant, _ in seats]
        for number in range(method.rounds):
            first = number % len(seats)
            for participant, worker in [*seats[first:], *seats[:first]]:
                time.sleep(PAUSE_SECONDS)
                answer = worker.ask(do="turn", skip=case.skipped, count=case.steps)
                participant.milliseconds.append(answer["milliseconds"])
                participant.peak_bytes = answer["peak_bytes"]


def _start_all(
    case: Case, peers: Sequence[Peer], method: Method, folder: Path, stack: ExitStack
) -> Seats:
    """Start and prepare all participants; hoiquy first, whose weights the others load."""
    own = Participant(HOIQUY, HOIQUY, "cut")
    chosen = [(own, "hoiquy_worker", own_variables(method.threads))]
    for peer in peers:
        if peer.trains or case.what != "training":
            variables = peer_variables(method.threads, peer.variables)
            for embedding in case.embeddings:
                participant = Participant(peer.name, peer.title, embedding)
                chosen.append((participant, peer.worker, variables))
    names = [participant.name for participant, _, _ in chosen]
    seats = []
    for one, script, variables in chosen:
        worker = Worker(one.title, method.pythons[one.name], script, variables)
        seats.append((one, stack.enter_context(worker)))
        task = case.task(folder, one.embedding)
        if "onnxruntime" not in names:
            del task["onnx"]
        one.versions = worker.ask(do="prepare", task=task)["versions"]
    return seats


def _check_agreement(case: Case, seats: Seats, folder: Path) -> None:
    """Raise HoiquyError unless all participants give hoiquy's probabilities."""
    path = folder / "probabilities.npy"
    expected = None
    for one, worker in seats:
        worker.ask(do="probabilities", path=str(path))
        found = np.load(path)
        expected = found if expected is None else expected
        difference = largest_difference(found, expected)
        if not difference <= TOLERANCE:  # NaN too
            raise HoiquyError(
                f"{one.title} does not compute the same function as hoiquy for {case.label} "
                f"({case.what}): probabilities differ by {difference:.2g}, allowed {TOLERANCE}; "
                f"leave {one.name} out of --against, or repair its worker"
            )


def largest_difference(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """Infinite for arrays of different shapes, NaN where one has a NaN."""
    return float(np.abs(found - expected).max()) if found.shape == expected.shape else np.inf
