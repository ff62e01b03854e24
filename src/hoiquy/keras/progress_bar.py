"""Keras' progress bar: a line that is redrawn on terminals and in notebooks, else printed once."""

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from hoiquy.keras.messages import print_message

_WIDTH = 20
_REFRESH = 0.1  # seconds
_BOLD, _GREEN, _WHITE, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


def can_redraw() -> bool:
    """Whether standard output shows a line that is redrawn: a terminal, a notebook, PyCharm."""
    is_terminal = bool(getattr(sys.stdout, "isatty", lambda: False)())
    return is_terminal or "ipykernel" in sys.modules or "PYCHARM_HOSTED" in os.environ


class ProgressBar:
    """The line of one epoch, evaluation or prediction.

    target: the number of steps, None if it is unknown.
    verbose: 0 prints nothing, 1 a bar, 2 one line at the end. Where a line cannot be redrawn, 1
        also prints once, at the end.
    """

    def __init__(self, target: int | None, verbose: int) -> None:
        self._target = target or None
        self._verbose = verbose
        self._redraws = verbose == 1 and can_redraw()
        self._start = time.perf_counter()
        self._first_step_end: float | None = None
        self._next_draw = 0.0
        self._drawn_width = 0

    def update(self, step: int, values: Mapping[str, Any]) -> None:
        """Show `step` finished steps, at most some times a second."""
        now = time.perf_counter()
        if self._first_step_end is None:
            self._first_step_end = now
        if self._redraws and now >= self._next_draw:
            self._next_draw = now + _REFRESH
            self._draw(step, values, now, is_last=False)

    def finish(self, step: int, values: Mapping[str, Any]) -> None:
        """Print the last state, and end the line."""
        now = time.perf_counter()
        self._target = self._target or step
        if self._verbose == 1:
            self._draw(self._target, values, now, is_last=True)
        elif self._verbose == 2:
            line = f"{_counted(step, self._target)} - {now - self._start:.0f}s"
            line += f" - {_per_step(self._step_time(step, now))}{_listed(values)}"
            print_message(line)
        self._drawn_width = 0

    def close(self) -> None:
        """End the line of a bar that was interrupted."""
        if self._drawn_width:
            print_message("")
        self._drawn_width = 0

    def _draw(self, step: int, values: Mapping[str, Any], now: float, is_last: bool) -> None:
        per_step = self._step_time(step, now)
        if self._target is None:
            count, bar = f"{step:7d}/Unknown", ""
        else:
            count, bar = _counted(step, self._target), self._bar(step / self._target)
        if self._target is None or is_last:
            duration = f"{now - self._start:.0f}s"
        else:
            duration = _clock(per_step * (self._target - step))
        tail = f" {_per_step(per_step)}{_listed(values)}"
        width = len(f"{count}{' ' * _WIDTH if bar else ''}  {duration}{tail}")
        if self._redraws:
            count, duration = f"{_BOLD}{count}{_PLAIN}", f"{_BOLD}{duration}{_PLAIN}"
        line = " ".join(part for part in (count, bar, duration) if part) + tail
        if self._redraws:
            line = "\r" + line + " " * max(0, self._drawn_width - width)
        print_message(line, end="\n" if is_last else "")
        self._drawn_width = width

    def _bar(self, share: float) -> str:
        done = min(_WIDTH, int(_WIDTH * share))
        if not self._redraws:
            return "━" * _WIDTH
        return f"{_GREEN}{'━' * done}{_PLAIN}{_WHITE}{'━' * (_WIDTH - done)}{_PLAIN}"

    def _step_time(self, step: int, now: float) -> float:
        """Seconds per step, without the first one, which may compile, where there are others."""
        if step > 1 and self._first_step_end is not None:
            return (now - self._first_step_end) / (step - 1)
        return (now - self._start) / max(step, 1)


def _counted(step: int, target: int) -> str:
    return f"{step:{len(str(target))}d}/{target}"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    if whole > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if whole > 60 else f"{whole}s"


def _per_step(seconds: float) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/step"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/step"
    return f"{seconds * 1e6:.0f}us/step"


def _listed(values: Mapping[str, Any]) -> str:
    """Metrics as in " - loss: 0.6931"."""
    parts = []
    for name, value in values.items():
        number = float(np.mean(value))
        parts.append(
            f" - {name}: {number:.4f}" if abs(number) > 1e-3 else f" - {name}: {number:.4e}"
        )
    return "".join(parts)
