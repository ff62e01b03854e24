"""Compile the kernels, once per machine, in a subprocess while documents are read."""

import atexit
import os
import subprocess
from threading import Lock

import numpy as np

from hoiquy.events import Listener, Preparing, ignore
from hoiquy.nn.kernels import kernel_kind, must_compile
from hoiquy.nn.kernels.select import processor_is_supported
from hoiquy.system.subprocesses import Process, module_command, start_process

MODULE = "hoiquy.nn.kernels.fast.compile_all"
_PATIENCE_SECONDS = 10  # for the process to end


class _Compilation:
    """The compiling process, started once at most."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: Process | None = None
        self._tried = False
        self._needed = True

    def is_needed(self) -> bool:
        """Whether anything is to be compiled; a "no" is cached."""
        self._needed = self._needed and must_compile(np.float32)
        return self._needed

    def start(self) -> bool:
        """Start the process if needed; True if it is running."""
        with self._lock:
            if not self._tried and self.is_needed():
                self._tried = True
                self._process = _start_process()
            return self._process is not None and self._process.poll() is None

    def wait(self) -> None:
        """Wait for the process to end; its result is in the cache folder."""
        with self._lock:
            if self._process is not None:
                self._process.wait()
                _close(self._process)
                self._process = None

    def end(self) -> None:
        """Stop the process."""
        process, self._process = self._process, None
        if process is not None:
            _close(process)
            try:
                process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start_compiling(on_event: Listener = ignore) -> None:
    """Start compiling in the background, if needed."""
    if _compilation.start():
        from hoiquy.nn.kernels.fast.cache import usable_folder

        on_event(Preparing("kernels", _DAMAGED if usable_folder().exists() else ""))


def finish_compiling(on_event: Listener = ignore) -> None:
    """Wait until the kernels are compiled; report if the processor cannot run them.

    If that failed (for example on a full disk), each is compiled when first called.
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
            stdin=subprocess.PIPE,  # closes when this process ends in any way
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
