"""Compiles or loads the fast kernels in the background while a script prepares its data."""

import sys
from functools import cache

from hoiquy.events import Event, Preparing
from hoiquy.training.kernel_compilation import finish_compiling, start_compiling


@cache
def start_kernels() -> None:
    """Start compiling the kernels, once in the life of a machine, or loading them."""
    start_compiling()


@cache
def await_kernels() -> None:
    """Wait until the kernels are compiled, with a line on standard error if that takes time."""
    finish_compiling(_report)


def _report(event: Event) -> None:
    if event == Preparing("kernels"):
        print("hoiquy: compiling the kernels, once on this machine", file=sys.stderr, flush=True)
    elif event == Preparing("plain kernels"):
        print("hoiquy: this processor runs the plain kernels, which are slow", file=sys.stderr)
