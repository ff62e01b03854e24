"""Calls that each hold a place on the cluster, for as long as whoever made them needs them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hoiquy.errors import HoiquyError, InputError
from hoiquy.training.ray.nodes import first_lines

_ENDING_SECONDS = 10.0  # for a call that has been told elsewhere to end


class PlacedCalls:
    """So many calls of a function with the same argument, each on `cpus` processors of its own.

    Within a `ray_session`. A call that dies is not made again: whoever made it has to know. Raises
    HoiquyError if Ray is gone, and InputError if it is too small for them: it would let them wait.
    """

    def __init__(self, function: Callable[[Any], None], argument: Any, count: int, cpus: int):
        import ray

        call = ray.remote(num_cpus=cpus, max_retries=0)(function)
        try:
            _check_room(count, cpus)
            self._answers = [call.remote(argument) for _ in range(count)]
        except HoiquyError:
            raise
        except Exception as error:  # whatever its connection dies of
            raise HoiquyError(f"Ray takes no work any more: {first_lines(error)}") from error

    def failure(self) -> str | None:
        """Why a call has ended, if one has."""
        import ray

        try:
            ended, _ = ray.wait(self._answers, timeout=0)
            ray.get(ended)
        except Exception as error:  # of the function, of the machine, of Ray
            return first_lines(getattr(error, "cause", None) or error)
        return "it has ended" if ended else None

    def end(self) -> None:
        """See that they end, which they have been told to; those that do not are killed."""
        import ray

        with suppress(ray.exceptions.RayError):
            count = len(self._answers)
            _, left = ray.wait(self._answers, num_returns=count, timeout=_ENDING_SECONDS)
            for answer in left:
                ray.cancel(answer, force=True)


def _check_room(count: int, cpus: int) -> None:
    """Raise InputError unless so many calls have room at once, were nothing else there."""
    import ray

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    places = sum(int(resources.get("CPU", 0)) // cpus for resources in nodes)
    if places < count:
        raise InputError(
            f"this Ray has room for {places} of {count} workers with {cpus} processors each: say "
            f"fewer --workers, or a smaller HOIQUY_THREADS"
        )


def own_address() -> str:
    """This machine's, as the other nodes reach it."""
    import ray

    return str(ray.util.get_node_ip_address())
