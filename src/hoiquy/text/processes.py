"""Worker processes for work on texts that the interpreter lock would serialise.

Not `multiprocessing`, which runs the user's script again in each process. A worker (`worker.py`)
reads pickles from its standard input and writes results to its standard output. It ends when its
input does, so also when this process is killed.
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
    """Yield a function that runs `work` in one of `count` processes; call it in as many threads.

    `work` must be picklable; its exceptions are raised here. Leaving the `with` block ends all
    processes. Raises HoiquyError if a process cannot be started, or is killed.
    """
    processes: list[Process] = []
    free: SimpleQueue[Process] = SimpleQueue()

    def run(texts: Sequence[str]) -> T:
        process = free.get()
        try:
            result: T = _request(process, list(texts))
            return result
        finally:
            free.put(process)  # a dead one too, so that the next caller fails as well

    try:
        for _ in range(count):
            processes.append(_started())
        for process in processes:  # after all starts: `work` may fill the pipe
            with suppress(BrokenPipeError):  # `_request` reports it
                _send(process, work)
            free.put(process)
        yield run
    finally:
        for process in processes:
            process.kill()  # it has no state to save
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # closing flushes to a dead process
                    pipe and pipe.close()


def _started() -> Process:
    try:
        return start_process(
            module_command(MODULE),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C reaches the parent only, which ends this one
        )
    except OSError as error:
        raise HoiquyError(
            f"cannot start a process to read texts: {error.strerror or error}; set "
            f"HOIQUY_THREADS=1 to read them in this process"
        ) from error


def _request(process: Process, texts: list[str]) -> Any:
    assert process.stdout is not None
    try:
        _send(process, texts)
        result = pickle.load(process.stdout)
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        code = process.wait()
        raise HoiquyError(
            f"process {process.pid}, which read texts, ended with code {code}, perhaps killed for "
            f"lack of memory; try again, with HOIQUY_THREADS=1 to read texts in this process"
        ) from error
    if isinstance(result, Exception):
        raise result
    return result


def _send(process: Process, value: Any) -> None:
    assert process.stdin is not None
    pickle.dump(value, process.stdin, pickle.HIGHEST_PROTOCOL)
    process.stdin.flush()
