"""Compile every fast kernel into the cache: `python -m hoiquy.nn.kernels.fast.compile_all`.

`training.kernel_compilation` runs it with a folder as its argument while documents are read. Then
it ends when its standard input is closed, so that it does not outlive its parent, and removes its
temporary folder. It starts further processes, each of which compiles a share of the kernels.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hoiquy.nn.kernels.fast.cache import CacheBuilder, is_complete, usable_folder
from hoiquy.nn.kernels.fast.compiled import KERNELS
from hoiquy.nn.kernels.fast.object_code import compile_kernel, file_name
from hoiquy.nn.kernels.processors import available_processors

Worker = subprocess.Popen[bytes]

_MODULE = "hoiquy.nn.kernels.fast.compile_all"
_MOST_PROCESSES = 4  # as many as kernels that take long


def compile_all(destination: Path, watched: bool = False) -> None:
    """Compile all fast kernels into `destination`. Raises OSError.

    watched: exit at once when standard input is closed.
    """
    if is_complete(destination):
        return
    builder, workers = CacheBuilder(destination), list[Worker]()

    def give_up() -> None:
        for worker in workers:
            worker.kill()
            _wait(worker)  # or it might write into the folder while that is removed
        builder.abandon()

    if watched:
        _exit_with_input(give_up)
    try:
        _compile_in_processes(builder.folder, min(available_processors(), _MOST_PROCESSES), workers)
        builder.finish()
    except BaseException:
        give_up()
        raise


def compile_share(folder: Path, share: int, shares: int) -> None:
    """Compile a share of the kernels into `folder`, unless they are there. Raises OSError."""
    for kernel in KERNELS[share::shares]:  # those that take longest come first
        file = folder / file_name(kernel.name)
        if not file.exists():
            part = file.with_suffix(".part")
            part.write_bytes(compile_kernel(kernel.name, kernel.parameters))
            part.rename(file)


def _compile_in_processes(folder: Path, shares: int, workers: list[Worker]) -> None:
    """Append the processes that are started to `workers`."""
    with suppress(OSError):  # no further processes: the last line compiles everything
        for share in range(1, shares):
            workers.append(_start_worker(folder, share, shares))
    compile_share(folder, 0, shares)
    for worker in workers:
        _wait(worker)
    compile_share(folder, 0, 1)  # what they have not compiled


def _start_worker(folder: Path, share: int, shares: int) -> Worker:
    command = [sys.executable, "-P", "-m", _MODULE, os.fspath(folder), str(share), str(shares)]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,  # closes when this process ends in any way
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def _wait(worker: Worker) -> None:
    worker.wait()
    assert worker.stdin is not None
    worker.stdin.close()


def _exit_with_input(tidy: Callable[[], None]) -> None:
    def watch() -> None:
        os.read(0, 1)  # not through sys.stdin, whose lock would be held while Python exits
        tidy()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Compile all kernels, or with FOLDER SHARE SHARES as arguments a share of them."""
    match sys.argv[1:]:
        case []:
            compile_all(usable_folder())
        case [folder]:
            compile_all(Path(folder), watched=True)
        case [folder, share, shares]:
            _exit_with_input(lambda: None)
            compile_share(Path(folder), int(share), int(shares))


if __name__ == "__main__":
    main()
