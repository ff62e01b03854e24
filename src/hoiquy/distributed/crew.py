"""The workers of a training, as its first process sees them: gathered, told, and sent home."""

import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from hoiquy.distributed.handshake import Invitation, admitted
from hoiquy.distributed.inbox import Inbox
from hoiquy.distributed.wire import Connection, LostError, Message
from hoiquy.distributed.worker import JOINING_SECONDS, PATIENCE_SECONDS
from hoiquy.errors import InputError
from hoiquy.nn.kernels import kernel_kind
from hoiquy.runs.environment import changes_since, exact_facts

_POLL_SECONDS = 0.2


class Started(Protocol):
    """Workers that have been started somewhere."""

    def failure(self) -> str | None:
        """Why one of them has ended, if one has."""

    def end(self) -> None:
        """See that all have ended; their connections are closed already."""


class Launch(Protocol):
    """Starts workers, of which each is to call `worker.work` with the invitation."""

    def __call__(self, invitation: Invitation, count: int) -> Started: ...


@dataclass
class Crew:
    """Workers that have the training's state; the first gets the sum from this process."""

    workers: list[Connection]
    inbox: Inbox
    patience: float
    ending: ExitStack

    def take(self, worker: int) -> Message:
        """The next message of a worker. Raises LostError if it, or another one, is gone."""
        return self.inbox.take(self.workers[worker], self.patience)

    def close(self) -> None:
        self.ending.close()


def gathered(
    launch: Launch, count: int, host: str, threads: int, state: Message,
    patience: float = PATIENCE_SECONDS,
) -> Crew:  # fmt: skip
    """Start workers, wait until all have joined, and give them the state.

    host: the address of this machine that they reach it at. Raises LostError if they do not come;
    InputError if one would not compute the same bits.
    """
    with ExitStack() as stack:
        with socket.create_server((host, 0)) as listener:  # later nobody can come any more
            invitation = Invitation(host, listener.getsockname()[1], secrets.token_hex(32), threads)
            started = launch(invitation, count)
            stack.callback(started.end)
            crew = Crew([], stack.enter_context(Inbox()), patience, stack)
            addresses = list(_welcomed(crew, listener, invitation.token, started, count))
        for number, worker in enumerate(crew.workers):
            after = addresses[number + 1] if number + 1 < count else None
            worker.send(replace(state, facts={**state.facts, "first": number == 0, "after": after}))
        crew.ending = stack.pop_all()
    return crew


def _welcomed(
    crew: Crew, listener: socket.socket, token: str, started: Started, count: int
) -> Iterator[tuple[str, int]]:
    """Take workers into the crew as they come; yields where each is reached by the one before."""
    deadline = time.monotonic() + JOINING_SECONDS
    listener.settimeout(_POLL_SECONDS)
    while len(crew.workers) < count:
        if (guest := admitted(listener, token)) is not None:
            worker = Connection(guest, "a worker", crew.patience)
            crew.inbox.listen(worker)
            crew.workers.append(worker)
            hello = crew.inbox.take(worker, JOINING_SECONDS)
            yield guest.getpeername()[0], _introduced(worker, hello)
        crew.inbox.check()
        if (reason := started.failure()) is not None:
            raise LostError(f"a worker could not begin: {reason}")
        if time.monotonic() > deadline:
            came = len(crew.workers)
            raise LostError(f"{came} of {count} workers came within {JOINING_SECONDS:g} seconds")


def _introduced(worker: Connection, hello: Message) -> int:
    """Its port for the worker before. Raises InputError if it would not compute the same bits."""
    worker.name = str(hello.facts["name"])
    here = exact_facts(kernel_kind(np.float32))
    if changes := changes_since(here, hello.facts["exact"]):
        reason = f"{worker.name} would not give the same bits: {', '.join(changes)}"
        worker.send(Message("refused", {"reason": reason}))
        raise InputError(f"{reason}; install the same versions there, or train without it")
    return int(hello.facts["port"])
