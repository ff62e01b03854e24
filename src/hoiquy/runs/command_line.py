"""The command line that a run records, apart from `environment.py`: every command imports it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_command_line: ContextVar[tuple[str, ...]] = ContextVar("command_line", default=())


@contextmanager
def recorded_command_line(command: Sequence[str]) -> Iterator[None]:
    """Record a command line in the runs that start within."""
    token = _command_line.set(tuple(command))
    try:
        yield
    finally:
        _command_line.reset(token)


def command_line() -> tuple[str, ...]:
    """The program and its arguments as typed; empty in a Python program."""
    return _command_line.get()
