"""Ctrl-C and SIGTERM while a training runs: noted, and obeyed when the step is done.

A second one stops at once, as if nobody had listened.
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
    """While it is entered, `wish` tells which signal has come; None if none has.

    Signals reach the main thread only; elsewhere nothing is listened to.
    """

    def __init__(self) -> None:
        self.wish: str | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._note)
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

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.wish is not None:
            raise KeyboardInterrupt
        self.wish = _SIGNALS[signal.Signals(number)]


@contextmanager
def gone_on_with(again: str) -> Iterator[None]:
    """Have StoppedError name what goes on with the whole, not with the one run that was stopped."""
    try:
        yield
    except StoppedError as stop:
        what = str(stop).partition("; resume with")[0]
        raise StoppedError(f"{what}; resume with: {again}") from stop
