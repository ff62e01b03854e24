"""Measuring a case: start the workers, see that they compute the same, take turns.

In each round everyone has one turn, in an order that is rotated from round to round. Before a turn
there is a pause: threads that another library left spinning have gone to sleep by then. Each
worker is a fresh process, so that its peak memory is that of this case.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hoiquy.bench.cases import Case
from hoiquy.bench.documents import write_documents
from hoiquy.bench.peers import Peer
from hoiquy.bench.results import HOIQUY, CaseResult, Participant
from hoiquy.bench.worker import Worker, WorkerError, peer_variables, start_worker

from hoiquy.errors import HoiquyError

SGEMM_SIZE = 1536
Say = Callable[[str], None]
TOLERANCE = 1e-4  # of probabilities
_WARM_UP_STEPS = 2  # after the first, which may compile


@dataclass(frozen=True)
class Method:
    """How a run measures."""

    rounds: int
    pause_seconds: float
    threads: int
    own_python: str
    own_variables: dict[str, str]
    pythons: dict[str, Path]  # interpreter of each peer's environment, by name


@dataclass
class _Seat:
    """A participant and the worker that works for it."""

    participant: Participant
    worker: Worker


def measure_case(
    case: Case,
    peers: Sequence[Peer],
    method: Method,
    result: CaseResult,
    status: Say,
) -> None:
    """Measure one case into `result`, round by round: what is there when it stops early counts.

    Raises HoiquyError if a worker fails or its network does not compute what hoiquy's does.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hoiquy-bench-")))
        if case.kind != "layer":
            write_documents(folder / "documents.npz", case.recipe, case.batches, case.batch_size)
        seats = _seat_all(case, peers, method, folder, stack, status)
        sgemm = _start_own("sgemm", "numpy_worker", method, stack)
        sgemm.ask(do="prepare", task={"size": SGEMM_SIZE})
        if case.kind != "layer":
            _check_agreement(case, seats, folder)
        for seat in seats:
            status(f"{seat.participant.title} warms up")
            seat.worker.ask(do="turn", skip=1, count=_WARM_UP_STEPS)
        result.participants = [seat.participant for seat in seats]
        for number in range(method.rounds):
            _run_round(case, seats, method, number, status)
            result.sgemm_gflops.append(_sgemm_rate(sgemm, method))


def _run_round(case: Case, seats: list[_Seat], method: Method, number: int, status: Say) -> None:
    first = number % len(seats)
    for seat in [*seats[first:], *seats[:first]]:
        status(f"round {number + 1} of {method.rounds}: {seat.participant.title}")
        time.sleep(method.pause_seconds)
        answer = seat.worker.ask(do="turn", skip=case.skip, count=case.count)
        seat.participant.milliseconds.append(answer["milliseconds"])
        seat.participant.peak_bytes = answer["peak_bytes"]


def _sgemm_rate(worker: Worker, method: Method) -> float:
    time.sleep(method.pause_seconds)
    times = worker.ask(do="turn", skip=1, count=3)["milliseconds"]
    return float(2 * SGEMM_SIZE**3 / (np.median(times) * 1e6))


def _seat_all(
    case: Case,
    peers: Sequence[Peer],
    method: Method,
    folder: Path,
    stack: ExitStack,
    status: Say,
) -> list[_Seat]:
    """Start and prepare everyone; hoiquy first, whose weights the others load."""
    status("hoiquy gets ready")
    own = _start_own(HOIQUY, "hoiquy_worker", method, stack)
    answer = own.ask(do="prepare", task=case.task(folder, None))
    seats = [_Seat(Participant(HOIQUY, HOIQUY, "reachable", answer["versions"]), own)]
    for peer in peers:
        if case.kind not in peer.kinds:
            continue
        for embedding in case.embeddings:
            status(f"{peer.title} gets ready")
            worker = stack.enter_context(
                start_worker(
                    peer.title,
                    method.pythons[peer.name],
                    peer.worker,
                    method.threads,
                    peer_variables(method.threads, peer.variables),
                )
            )
            answer = worker.ask(do="prepare", task=case.task(folder, embedding))
            participant = Participant(peer.name, peer.title, embedding, answer["versions"])
            seats.append(_Seat(participant, worker))
    return seats


def _start_own(title: str, script: str, method: Method, stack: ExitStack) -> Worker:
    return stack.enter_context(
        start_worker(title, method.own_python, script, method.threads, method.own_variables)
    )


def _check_agreement(case: Case, seats: list[_Seat], folder: Path) -> None:
    """Raise HoiquyError unless all give hoiquy's probabilities.

    How fast something else is computed would say nothing.
    """
    path = folder / "probabilities.npy"
    seats[0].worker.ask(do="probabilities", path=str(path))
    expected = np.load(path)
    for seat in seats[1:]:
        seat.worker.ask(do="probabilities", path=str(path))
        found = np.load(path)
        if found.shape != expected.shape:
            raise WorkerError(
                f"{seat.participant.title} gives probabilities of shape {found.shape} for "
                f"{case.label}, hoiquy {expected.shape}: they do not compute the same"
            )
        difference = float(np.abs(found - expected).max())
        if not difference <= TOLERANCE:  # NaN too
            raise HoiquyError(
                f"{seat.participant.title} does not compute what hoiquy computes for {case.label} "
                f"({case.kind}): probabilities differ by {difference:.2g}, {TOLERANCE} is allowed; "
                f"leave {seat.participant.name} out of --against, or mend its worker"
            )
