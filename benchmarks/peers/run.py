"""A whole run: environments, every case in turn, and what is kept when it stops early."""

import datetime
import os
import platform
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from hoiquy.bench.cases import Case
from hoiquy.bench.environments import ensure_environment
from hoiquy.bench.peers import Peer
from hoiquy.bench.results import CaseResult, Results
from hoiquy.bench.rounds import Method, measure_case
from hoiquy.bench.worker import own_variables

from hoiquy.nn.kernels import must_compile
from hoiquy.nn.shards import default_threads
from hoiquy.runs.environment import processor_name
from hoiquy.training.kernel_compilation import finish_compiling

Say = Callable[[str], None]


def make_method(peers: Sequence[Peer], rounds: int, pause_seconds: float, say: Say) -> Method:
    """Make or find the peers' environments and settle how to measure. Raises HoiquyError."""
    threads = default_threads()
    pythons = {peer.name: ensure_environment(peer, say) for peer in peers}
    if must_compile(np.float32):
        say("hoiquy's kernels are compiled first (once on this machine, about half a minute)")
        finish_compiling()
    variables = own_variables(threads)
    return Method(rounds, pause_seconds, threads, sys.executable, variables, pythons)


def empty_results(method: Method) -> Results:
    """Results without a case yet: the machine, the date and the settings."""
    machine: dict[str, Any] = {
        "processor": processor_name(),
        "cpu_count": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    settings = {
        "threads": method.threads,
        "rounds": method.rounds,
        "pause_seconds": method.pause_seconds,
    }
    return Results(machine, settings)


def run_cases(
    cases: Sequence[Case],
    peers: Sequence[Peer],
    method: Method,
    results: Results,
    status: Say,
    after_case: Callable[[CaseResult], None],
) -> None:
    """Measure every case into `results`, which has all that was done if this is interrupted.

    `status` is told what is going on, `after_case` gets each case when it is whole.
    """
    for number, case in enumerate(cases, start=1):
        result = CaseResult(
            case.what,
            case.label,
            case.recipe.name,
            case.layer["batch"] if case.kind == "layer" else case.batch_size,
            case.recipe.data.max_length,
            case.axis,
            case.size,
            case.flops,
        )
        results.cases.append(result)
        told = partial(_tell, status, f"{number}/{len(cases)} {case.what} {case.label}")
        measure_case(case, peers, method, result, told)
        after_case(result)


def _tell(status: Say, title: str, text: str) -> None:
    status(f"{title}: {text}")
