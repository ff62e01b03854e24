"""Compiles or loads the fast kernels in the background while a script prepares its data."""

from functools import cache

from hoiquy.events import Event, Preparing
from hoiquy.keras.messages import print_note
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
        print_note("compiling the kernels, once on this machine")
    elif event == Preparing("plain kernels"):
        print_note("this processor runs the plain kernels, which are slow")
