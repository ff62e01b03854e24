"""Compiling the kernels, once on a machine, in a process of its own while documents are read.

Where they are compiled already, a thread loads them meanwhile.
"""

import atexit
import os
import subprocess
from threading import Lock, Thread

import numpy as np

from hoiquy.events import Listener, Preparing, ignore
from hoiquy.nn.kernels import kernel_kind, must_compile
from hoiquy.nn.kernels.select import processor_is_supported
from hoiquy.system.subprocesses import Process, module_command, start_process

MODULE = "hoiquy.nn.kernels.fast.compile_all"
_PATIENCE_SECONDS = 10  # for a process that was told to end


class _Compilation:
    """The process that compiles for this one, if there is one; started once at most."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: Process | None = None
        self._tried = False
        self._needed = True

    def is_needed(self) -> bool:
        """Whether anything is to be compiled; once nothing is, that is not looked up again."""
        self._needed = self._needed and must_compile(np.float32)
        return self._needed

    def start(self) -> bool:
        """Start it unless nothing is to be compiled; True if it is running."""
        with self._lock:
            if not self._tried and self.is_needed():
                self._tried = True
                self._process = _start_process()
            return self._process is not None and self._process.poll() is None

    def wait(self) -> None:
        """Wait for its end. Whether it did its work shows in the cache folder."""
        with self._lock:
            if self._process is not None:
                self._process.wait()
                _close(self._process)
                self._process = None

    def end(self) -> None:
        """Make it end before its time."""
        process, self._process = self._process, None
        if process is not None:
            _close(process)
            try:
                process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start_compiling(on_event: Listener = ignore) -> None:
    """Begin to compile what is to be compiled, and say so; it goes on meanwhile."""
    if _compilation.start():
        from hoiquy.nn.kernels.fast.cache import usable_folder

        on_event(Preparing("kernels", _DAMAGED if usable_folder().exists() else ""))
    elif kernel_kind(np.float32) == "fast" and not _compilation.is_needed():
        Thread(target=_load, name="load kernels").start()


def _load() -> None:
    from hoiquy.nn.kernels.fast.compile_all import call_all_kernels

    call_all_kernels()


def finish_compiling(on_event: Listener = ignore) -> None:
    """Wait until the kernels are compiled; tell where the processor has to do without them.

    Where that failed (a full disk, say) they are compiled when they are first called, and kept for
    this process alone.
    """
    if _compilation.start() or _compilation.is_needed():
        on_event(Preparing("kernels"))
    _compilation.wait()
    if not processor_is_supported() and kernel_kind(np.float32) == "plain":
        on_event(Preparing("plain kernels"))


_DAMAGED = "the compiled kernels are damaged: compiling them again"


def _start_process() -> Process | None:
    from hoiquy.nn.kernels.fast.cache import usable_folder

    try:
        return start_process(
            module_command(MODULE, os.fspath(usable_folder())),
            stdin=subprocess.PIPE,  # its end tells the process that this one has ended, however
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def _close(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()


_compilation = _Compilation()
atexit.register(_compilation.end)
