"""The team that a command asks for, and what it is placed on."""

from collections.abc import Iterator
from contextlib import contextmanager

from hoiquy.distributed.crew import Started
from hoiquy.distributed.handshake import Invitation
from hoiquy.distributed.team import Team, threads_here
from hoiquy.distributed.worker import work
from hoiquy.errors import InputError
from hoiquy.training.ray.placement import PlacedCalls, own_address
from hoiquy.training.ray.session import LOCAL, ray_session


@contextmanager
def opened_team(processes: int, ray: str | None) -> Iterator[Team | None]:
    """A team of so many processes, this one among them; None for one process.

    ray: None for processes on this machine, else where Ray places the others, as of `ray_session`.
    Raises InputError for a number that is none, and as `ray_session` does.
    """
    if processes < 1:
        raise InputError(f"workers={processes}: expected 1 or more")
    if ray is None:
        yield Team(processes) if processes > 1 else None
        return
    if processes == 1:
        raise InputError("--ray places the workers of a training: say --workers 2 or more with it")
    with ray_session(ray, cpus=(processes - 1) * threads_here(processes)):
        yield Team(processes, _placed, own_address(), shares_machine=ray == LOCAL)


def _placed(invitation: Invitation, count: int) -> Started:
    return PlacedCalls(work, invitation, count, invitation.threads)
