"""Calls as Ray tasks, limited in number, stopped cleanly, repeated if a worker dies."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from hoiquy.errors import HoiquyError, StoppedError
from hoiquy.system.signals import Interruption
from hoiquy.training.ray.nodes import first_lines

RETRIES = 3  # of a task whose worker has died
_LOOK_SECONDS = 1.0

T = TypeVar("T")


def shared(value: T) -> Any:
    """Put a value into Ray's store, once for all calls."""
    import ray

    return ray.put(value)


def run_tasks(
    function: Callable[..., T],
    calls: Sequence[tuple[Any, ...]],
    at_once: int,
    on_result: Callable[[int, T], None] = lambda number, result: None,
    meanwhile: Callable[[Sequence[int]], None] = lambda under_way: None,
) -> list[T]:
    """Call a function of a module with each tuple of arguments, one processor and thread each.

    Args:
        function: of a module.
        calls: its arguments.
        at_once: the most calls at a time.
        on_result: called with the number and the result of each finished call.
        meanwhile: called about every second with the numbers of running calls.

    Raises:
        StoppedError: after Ctrl-C or SIGTERM; running calls are interrupted and waited for. A
            second Ctrl-C does not wait.
        HoiquyError: a worker has died more than RETRIES times, or the function raised it.
    """
    import ray

    task = ray.remote(num_cpus=1, max_retries=RETRIES)(_call)
    waiting = deque(enumerate(calls))
    running: dict[Any, int] = {}
    results: dict[int, T] = {}
    with Interruption() as interruption:
        try:
            while waiting or running:
                while waiting and len(running) < at_once:
                    number, arguments = waiting.popleft()
                    running[task.remote(function, *arguments)] = number
                done, _ = ray.wait(list(running), timeout=_LOOK_SECONDS)
                meanwhile(sorted(running.values()))
                for reference in done:
                    number = running.pop(reference)
                    with own_errors():
                        results[number] = ray.get(reference)
                    on_result(number, results[number])
                if interruption.signal_name:
                    raise StoppedError(
                        f"stopped by {interruption.signal_name}", interruption.exit_code
                    )
        finally:
            _stop(list(running))
    return [results[number] for number in range(len(calls))]


def _call(function: Callable[..., T], *arguments: Any) -> T:
    """In a worker: call the function."""
    take_one_thread()
    return function(*arguments)


def take_one_thread() -> None:
    """In a worker: use one thread, as a task has one processor."""
    os.environ["HOIQUY_THREADS"] = "1"


@contextmanager
def own_errors() -> Iterator[None]:
    """Raise errors from workers unchanged; HoiquyError if a worker has died too often."""
    import ray

    try:
        yield
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        raise HoiquyError(
            f"a worker has died {RETRIES + 1} times, or its machine has: {first_lines(error)}"
        ) from error


def _stop(running: list[Any]) -> None:
    """Cancel tasks, and wait until they have ended."""
    import ray

    for reference in running:
        ray.cancel(reference)
    while running:
        _, running = ray.wait(running, num_returns=len(running), timeout=_LOOK_SECONDS)
