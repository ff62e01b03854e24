"""Calls that each hold a place on the cluster, for as long as whoever made them needs them."""

from collections.abc import Callable
from typing import Any

from hoiquy.cluster.nodes import first_lines

_ENDING_SECONDS = 10.0  # for a call that has been told elsewhere to end


class PlacedCalls:
    """So many calls of a function with the same argument, each on `cpus` processors of its own.

    Within a `ray_session`. A call that dies is not made again: whoever made it has to know.
    """

    def __init__(self, function: Callable[[Any], None], argument: Any, count: int, cpus: int):
        import ray

        call = ray.remote(num_cpus=cpus, max_retries=0)(function)
        self._answers = [call.remote(argument) for _ in range(count)]

    def failure(self) -> str | None:
        """Why a call has ended, if one has."""
        import ray

        ended, _ = ray.wait(self._answers, timeout=0)
        for answer in ended:
            try:
                ray.get(answer)
            except Exception as error:  # of the function, or of the machine
                return first_lines(getattr(error, "cause", None) or error)
            return "it has ended"
        return None

    def end(self) -> None:
        """See that they end, which they have been told to; those that do not are killed."""
        import ray

        count = len(self._answers)
        _, left = ray.wait(self._answers, num_returns=count, timeout=_ENDING_SECONDS)
        for answer in left:
            ray.cancel(answer, force=True)


def own_address() -> str:
    """This machine's, as the other nodes reach it."""
    import ray

    return str(ray.util.get_node_ip_address())
