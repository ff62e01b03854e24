"""Ctrl-C and SIGTERM while a training runs: it stops after the present step.

A second signal raises KeyboardInterrupt at once.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from hoiquy.errors import StoppedError

_SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


class Interruption:
    """Within its `with` block, `signal_name` is the signal that was received, or None.

    Signals reach the main thread only; in other threads no handler is installed. Of two that are
    nested, the inner one starts with the signal of the outer one, and hands its own out at its end.
    """

    def __init__(self) -> None:
        self.signal_name: str | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._outer: Interruption | None = None

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._record)
            outer = getattr(self._before[signal.SIGINT], "__self__", None)
            if isinstance(outer, Interruption):
                self._outer, self.signal_name = outer, outer.signal_name
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
        if self._outer is not None:
            self._outer.signal_name = self.signal_name

    @property
    def exit_code(self) -> int:
        """The exit code of a process that stops because of the signal, as shells have it."""
        by_name = {name: number for number, name in _SIGNALS.items()}
        return 128 + by_name.get(self.signal_name or "", signal.SIGINT)

    def _record(self, number: int, frame: FrameType | None) -> None:
        if self.signal_name is not None:
            raise KeyboardInterrupt
        self.signal_name = _SIGNALS[signal.Signals(number)]


@contextmanager
def with_resume_hint(command: str) -> Iterator[None]:
    """Replace the resume hint of a StoppedError, which is that of one run, by this command."""
    try:
        yield
    except StoppedError as stop:
        what = str(stop).partition("; resume with")[0]
        raise StoppedError(f"{what}; resume with: {command}", stop.exit_code) from stop
