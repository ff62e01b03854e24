"""Ctrl-C where nothing is left to save: at once, and with the way to go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hoiquy.errors import StoppedError
from hoiquy.runs.files import RECIPE


@contextmanager
def resumable(run: Path, how: str | None = None) -> Iterator[None]:
    """Turn Ctrl-C into StoppedError, which names the command that goes on, `how` if given."""
    try:
        yield
    except KeyboardInterrupt as stop:
        if how is None and not (run / RECIPE).exists():  # it has not begun
            raise StoppedError(
                "stopped by Ctrl-C; nothing is kept, begin anew with the same command"
            ) from stop
        command = how or f"hoiquy resume {run}"
        raise StoppedError(f"stopped by Ctrl-C; resume with: {command}") from stop


@contextmanager
def nothing_kept(command: str) -> Iterator[None]:
    """Turn Ctrl-C into StoppedError, which says to begin anew."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise StoppedError(
            f"stopped by Ctrl-C; nothing is kept, begin anew with: {command}"
        ) from stop
