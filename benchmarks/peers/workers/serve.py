"""Answer JSON lines on standard input: prepare a task, take turns at it.

    python serve.py WORKER THREADS

Requests: {"do": "prepare", "task": {…}}, {"do": "turn", "skip": 1, "count": 2},
{"do": "probabilities", "path": "x.npy"}. Answers: an object, which has "error" if it failed.
Times are taken here, the same way for all.
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
    worker_name, threads = sys.argv[1], int(sys.argv[2])
    answers = _own_channel()
    _limit_processors(threads)
    os.environ["HOIQUY_BENCH_THREADS"] = str(threads)
    worker: Any = None
    step: Any = None
    probabilities: Any = None
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {}
        try:
            worker = worker or importlib.import_module(worker_name)
            if request["do"] == "prepare":
                step = probabilities = None  # what was there before may be freed
                step, probabilities = worker.prepare(request["task"])
                answer["versions"] = worker.versions()
            elif request["do"] == "turn":
                answer["milliseconds"] = _turn(step, request["skip"], request["count"])
                answer["peak_bytes"] = _peak_bytes()
            elif request["do"] == "probabilities":
                np.save(request["path"], np.asarray(probabilities(), np.float32))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"}
        print(json.dumps(answer), file=answers, flush=True)


def _turn(step: Any, skip: int, count: int) -> list[float]:
    """Milliseconds of each of `count` steps, after `skip` that fill the caches again."""
    for _ in range(skip):
        step()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def _own_channel() -> TextIO:
    """Keep the real standard output for answers; what libraries print goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def _limit_processors(threads: int) -> None:
    """Give the process no more processors than threads: some libraries know no other limit."""
    if hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, mine[:threads])


def _peak_bytes() -> int:
    """The most memory that this process has had resident.

    Linux: VmHWM. `ru_maxrss` would count the parent's memory from before this program started.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        import resource  # not on Windows

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main()
