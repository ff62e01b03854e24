"""Records what a program uses of `hoiquy.keras`, for the report at its end.

Layers, models and the other parts call the `record_…` functions. All of them may be called from
any thread. The record belongs to the process; `clear` empties it.
"""

import os
import sys
import threading
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hoiquy.keras.messages import print_note
from hoiquy.messages import default_language, format_number, translated

_PACKAGE = str(Path(__file__).parents[1]) + os.sep


class IgnoredArgumentWarning(UserWarning):
    """An argument that cannot change a result was given and has no effect."""


@dataclass
class Usage:
    """What was recorded so far.

    Attributes:
        used: How often each public name was used, such as "layers.LSTM".
        ignored: The reason by name and argument, such as ("LSTM", "unroll").
        slow: Why a layer runs on plain kernels, by layer and reason; the number of times.
        raised: How often each unsupported name was used, which raised an error.
        calls: How often each timed operation ran, such as "fit".
        seconds: How long these calls took together.
    """

    used: Counter[str] = field(default_factory=Counter)
    ignored: dict[tuple[str, str], str] = field(default_factory=dict)
    slow: Counter[tuple[str, str]] = field(default_factory=Counter)
    raised: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


_usage = Usage()
_lock = threading.Lock()
_timing = threading.local()


def record_used(name: str) -> None:
    """Count one use of a public name, such as "layers.LSTM" or "Model.fit"."""
    with _lock:
        _usage.used[name] += 1


def record_ignored(name: str, argument: str, reason: str) -> None:
    """Record an argument without effect, and warn the first time.

    Args:
        name: The class or function, such as "LSTM" or "Model.fit".
        argument: The argument's name, such as "unroll".
        reason: Why it cannot change a result: one clause without a full stop.

    Warns:
        IgnoredArgumentWarning: Once per name and argument, at the caller's line outside hoiquy.
    """
    with _lock:
        is_new = (name, argument) not in _usage.ignored
        _usage.ignored.setdefault((name, argument), reason)
    if is_new:
        warn(translated(f"{name} ignores {argument}: {reason}"), IgnoredArgumentWarning)


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the caller's line outside hoiquy."""
    warnings.warn(message, category, stacklevel=_frames_inside_hoiquy())


def record_slow(layer: str, reason: str) -> None:
    """Record that a layer runs on plain kernels, and print it once on standard error.

    Args:
        layer: The class, such as "LSTM".
        reason: What the fast kernels do not cover, such as "activation='relu'".
    """
    with _lock:
        is_new = (layer, reason) not in _usage.slow
        _usage.slow[layer, reason] += 1
    if is_new:
        print_note(f"{layer} runs on plain kernels (slow): {reason}")


def record_raised(name: str) -> None:
    """Count one use of a name that is not supported and therefore raised an error."""
    with _lock:
        _usage.raised[name] += 1


@contextmanager
def timed(operation: str) -> Iterator[None]:
    """Count and time an operation such as "fit"; inside another one it is part of that one."""
    if getattr(_timing, "active", False):
        yield
        return
    _timing.active = True
    start = time.perf_counter()
    try:
        yield
    finally:
        _timing.active = False
        with _lock:
            _usage.calls[operation] += 1
            _usage.seconds[operation] += time.perf_counter() - start


def clear() -> None:
    """Forget everything recorded so far; warnings and notes appear again."""
    global _usage
    with _lock:
        _usage = Usage()


def report() -> None:
    """Print what was used, slow, ignored and not supported so far."""
    print(report_text())


def report_text() -> str:
    """Return what was used, slow, ignored and not supported so far, as text of several lines.

    It is in the default language.
    """
    with _lock:
        sections = {
            "Used": _counted(_usage.used),
            "Time": [
                f"{operation}: {_calls(_usage.calls[operation])}, {_seconds(seconds)}"
                for operation, seconds in _usage.seconds.items()
            ],
            "Slow (plain kernels)": [
                f"{layer}: {reason}{_times(number)}"
                for (layer, reason), number in _usage.slow.items()
            ],
            "Ignored (cannot change results)": [
                f"{name}, {argument}: {translated(reason)}"
                for (name, argument), reason in _usage.ignored.items()
            ],
            "Not supported (raised an error)": _counted(_usage.raised),
        }
    lines = [translated("hoiquy.keras report")]
    for title, entries in sections.items():
        lines += [f"{translated(title)}: {'' if entries else translated('none')}".rstrip()]
        lines += [f"  {entry}" for entry in entries]
    return "\n".join(lines)


def _counted(counter: Counter[str]) -> list[str]:
    """Names with their counts, most frequent first."""
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return [f"{name}{_times(number)}" for name, number in ordered]


def _times(number: int) -> str:
    return "" if number == 1 else f" ({translated(f'{number:,} times')})"


def _calls(number: int) -> str:
    return translated("1 call" if number == 1 else f"{number:,} calls")


def _seconds(seconds: float) -> str:
    return f"{format_number(seconds, 'decimal2', default_language())} {translated('s')}"


def _frames_inside_hoiquy() -> int:
    """The `stacklevel`, for a warning of the caller, of the innermost frame outside hoiquy."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level
