"""Tracebacks of a program that start at its first line, as if Python ran it directly."""

import sys
import traceback
from pathlib import Path
from types import TracebackType

from hoiquy.keras.errors import NotSupportedError

_FOLDER = Path(__file__).parent
_IMPORT_HOOK = str(_FOLDER.with_name("import_hook"))
_OWN_FILES = {
    "<frozen runpy>",
    str(_FOLDER.with_name("__main__.py")),
    *(str(file) for file in _FOLDER.glob("*.py")),
}


def hide_own_frames() -> None:
    """Leave out of the traceback that Python prints at its end what ran before the program.

    Python itself prints it and sets the exit code, so that both are as without hoiquy. The
    program's own `sys.excepthook`, if any, is called.
    """
    shown = sys.excepthook

    def excepthook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        trace = _from_the_program(trace)
        if isinstance(error, NotSupportedError):
            _cut_at_import_hook(trace)
        error.__traceback__ = trace
        if shown is sys.__excepthook__ and trace is not None and _in_notebook(trace):
            traceback.print_exception(error)  # finds the lines of cells, which are in no file
        else:
            shown(kind, error, trace)

    sys.excepthook = excepthook


def _from_the_program(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename in _OWN_FILES:
        trace = trace.tb_next
    return trace


def _cut_at_import_hook(trace: TracebackType | None) -> None:
    """End the traceback at the line that uses a stand-in."""
    while trace is not None:
        inner = trace.tb_next
        if inner is not None and inner.tb_frame.f_code.co_filename.startswith(_IMPORT_HOOK):
            trace.tb_next = None
        trace = trace.tb_next


def _in_notebook(trace: TracebackType) -> bool:
    return ".ipynb, cell " in trace.tb_frame.f_code.co_filename
