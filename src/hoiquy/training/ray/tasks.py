"""Calls as Ray tasks: so many at once, stopped in good order, again where a worker has died."""

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
    """The value in Ray's store, once for all calls that it is an argument of."""
    import ray

    return ray.put(value)


def run_tasks(
    function: Callable[..., T],
    calls: Sequence[tuple[Any, ...]],
    at_once: int,
    on_result: Callable[[int, T], None] = lambda number, result: None,
    meanwhile: Callable[[Sequence[int]], None] = lambda under_way: None,
) -> list[T]:
    """Call a function of a module with each of these arguments, at most `at_once` at a time.

    Each call has one processor and takes one thread. on_result: hears of each result, with the
    number of its call, when it is there; meanwhile: every second or so, of the calls under way.

    Raises what the function raises, and StoppedError after Ctrl-C or SIGTERM; the calls under way
    then get what Ctrl-C is to a process, and are waited for; a second Ctrl-C does not wait. Raises
    HoiquyError if the worker of one call has died more than RETRIES times.
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
                for answer in done:
                    number = running.pop(answer)
                    results[number] = _result(answer)
                    on_result(number, results[number])
                if interruption.signal_name:
                    raise StoppedError(f"stopped by {interruption.signal_name}")
        finally:
            _stop(list(running))
    return [results[number] for number in range(len(calls))]


def _call(function: Callable[..., T], *arguments: Any) -> T:
    """In a worker: call the function."""
    take_one_thread()
    return function(*arguments)


def take_one_thread() -> None:
    """In a worker: as many as the processors that a task has."""
    os.environ["HOIQUY_THREADS"] = "1"


def _result(answer: Any) -> Any:
    import ray

    with own_errors():
        return ray.get(answer)


@contextmanager
def own_errors() -> Iterator[None]:
    """Have errors from workers come out as what they were there.

    Raises HoiquyError where a worker has died too often.
    """
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
    """Tell tasks to end, and wait until they have."""
    import ray

    for answer in running:
        ray.cancel(answer)
    while running:
        _, running = ray.wait(running, num_returns=len(running), timeout=_LOOK_SECONDS)
