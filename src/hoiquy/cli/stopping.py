"""Ctrl-C where nothing is left to save: at once, and with the way to go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hoiquy.errors import StoppedError


@contextmanager
def resumable(run: Path) -> Iterator[None]:
    """Turn Ctrl-C into StoppedError, which names the command that goes on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise StoppedError(f"stopped by Ctrl-C; go on with: hoiquy resume {run}") from stop
