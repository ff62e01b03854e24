"""Work on texts in processes of their own, where one interpreter would be too slow for all cores.

Not `multiprocessing`: it would run a user's own script again in each process. A process reads
pickles from its standard input and answers each on its standard output (`worker.py`); it ends when
its input does, so also when this process is killed.
"""

import pickle
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from hoiquy.errors import HoiquyError
from hoiquy.system.subprocesses import Process, module_command, start_process

T = TypeVar("T")

MODULE = "hoiquy.text.worker"


@contextmanager
def in_processes(
    work: Callable[[Sequence[str]], T], count: int
) -> Iterator[Callable[[Sequence[str]], T]]:
    """`work` as a function that has one of `count` processes do it; call it in as many threads.

    work: can be pickled. What it raises is raised here. Raises HoiquyError if a process cannot be
    started, or is killed. All have ended when the `with` block has.
    """
    processes: list[Process] = []
    free: SimpleQueue[Process] = SimpleQueue()

    def run(texts: Sequence[str]) -> T:
        process = free.get()
        try:
            answer: T = _answer(process, list(texts))
            return answer
        finally:
            free.put(process)  # also one that has ended: the next to take it is told, too

    try:
        for _ in range(count):
            processes.append(_started())
        for process in processes:  # when all have begun to start: a pipe takes less than `work`
            with suppress(BrokenPipeError):  # whoever waits for its answer will say so
                _send(process, work)
            free.put(process)
        yield run
    finally:
        for process in processes:
            process.kill()  # it holds nothing that would be lost
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was still to be written has no reader any more
                    pipe and pipe.close()


def _started() -> Process:
    try:
        return start_process(
            module_command(MODULE),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0,  # a terminal's Ctrl-C is for the first process, which ends this one
        )
    except OSError as error:
        raise HoiquyError(
            f"no process can be started to read texts: {error.strerror or error}; "
            f"HOIQUY_THREADS=1 does without"
        ) from error


def _answer(process: Process, texts: list[str]) -> Any:
    assert process.stdout is not None
    try:
        _send(process, texts)
        answer = pickle.load(process.stdout)
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        code = process.wait()
        raise HoiquyError(
            f"process {process.pid}, which read texts, has ended with code {code}: killed, perhaps "
            f"for want of memory; begin again, HOIQUY_THREADS=1 does without such processes"
        ) from error
    if isinstance(answer, Exception):
        raise answer
    return answer


def _send(process: Process, what: Any) -> None:
    assert process.stdin is not None
    pickle.dump(what, process.stdin, pickle.HIGHEST_PROTOCOL)
    process.stdin.flush()
