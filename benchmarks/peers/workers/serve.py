"""Answer JSON lines on standard input: prepare a task, take turns at it.

    python serve.py WORKER

WORKER is a module of this folder with two functions: `versions()` gives {"package": "version"},
and `prepare(task)` gives (step, probabilities). `step()` does the measured work once, or `step` is
a dictionary of several such functions by name; `probabilities()` returns (documents, classes) for
the first documents of the task. Requests: {"do": "prepare", "task": {…}},
{"do": "turn", "skip": 1, "count": 2, "what": NAME}, the name only of several functions, and
{"do": "probabilities", "path": "x.npy"}. All libraries are timed here, in the same way.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import numpy as np


def main() -> None:
    answers = _own_channel()
    _limit_processors(int(os.environ["HOIQUY_BENCH_THREADS"]))
    worker = step = probabilities = None
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {}
        try:
            worker = worker or importlib.import_module(sys.argv[1])
            if request["do"] == "prepare":
                step = probabilities = None  # frees the model of an earlier task
                step, probabilities = worker.prepare(request["task"])
                answer["versions"] = worker.versions()
            elif request["do"] == "turn":
                work = step[request["what"]] if isinstance(step, dict) else step
                answer["milliseconds"] = _turn(work, request["skip"], request["count"])
                answer["peak_bytes"] = _peak_bytes()
            elif request["do"] == "probabilities":
                assert probabilities is not None
                np.save(request["path"], np.asarray(probabilities(), np.float32))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"}
        print(json.dumps(answer), file=answers, flush=True)


def _turn(step: Any, skip: int, count: int) -> list[float]:
    """Milliseconds of each of `count` steps, after `skip` untimed ones."""
    for _ in range(skip):
        step()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def _own_channel() -> TextIO:
    """Keep standard output for answers; what libraries print goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def _limit_processors(threads: int) -> None:
    """Give the process as many processors as threads: some libraries know no other limit."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def _peak_bytes() -> int:
    """The highest resident memory of this process; 0 outside Linux.

    `ru_maxrss` would count the parent's memory from before the exec.
    """
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    main()
