"""Turn Ctrl-C outside the training loop into a message that says how to continue."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hoiquy.errors import CTRL_C, StoppedError
from hoiquy.runs.files import RECIPE

RERUN = "stopped; finished work is kept: rerun the same command to continue"


def exit_code_of(stop: KeyboardInterrupt | StoppedError) -> int:
    """The exit code of the program that was stopped."""
    return stop.exit_code if isinstance(stop, StoppedError) else CTRL_C


@contextmanager
def resumable(run: Path, command: str | None = None) -> Iterator[None]:
    """Turn Ctrl-C into StoppedError with the command to continue (default: `hoiquy resume`)."""
    try:
        yield
    except KeyboardInterrupt as stop:
        if command is None and not (run / RECIPE).exists():  # the run folder is still empty
            raise StoppedError(
                "stopped by Ctrl-C; nothing was saved: rerun the same command"
            ) from stop
        command = command or f"hoiquy resume {run}"
        raise StoppedError(f"stopped by Ctrl-C; resume with: {command}") from stop


@contextmanager
def nothing_kept(command: str) -> Iterator[None]:
    """Turn Ctrl-C into StoppedError for a command that must start over."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise StoppedError(
            f"stopped by Ctrl-C; nothing was saved: start over with: {command}"
        ) from stop
