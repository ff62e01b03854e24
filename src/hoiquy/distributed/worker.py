"""A process that computes for a training elsewhere: how it joins, and how long it stays."""

import os
import platform
import socket
from contextlib import ExitStack, closing, suppress

import numpy as np

from hoiquy.distributed.handshake import Invitation, admitted, join
from hoiquy.distributed.inbox import Inbox
from hoiquy.distributed.member import Member
from hoiquy.distributed.replica import read_state
from hoiquy.distributed.wire import FAILED, Connection, LostError, Message
from hoiquy.errors import InputError
from hoiquy.nn.kernels import kernel_kind
from hoiquy.nn.shards import shard_pool
from hoiquy.runs.environment import exact_facts
from hoiquy.training.kernel_compilation import finish_compiling

PATIENCE_SECONDS = 300.0  # for a process that is silent in the middle of a step
JOINING_SECONDS = 180.0  # kernels may have to be compiled first


def work(invitation: Invitation) -> None:
    """Join a training and compute for it, until its first process ends the connection.

    Raises InputError if this process would not compute the same bits, LostError if there is no
    such training.
    """
    finish_compiling()
    token = invitation.token
    with ExitStack() as stack:
        address = invitation.host, invitation.port
        control = stack.enter_context(closing(_joined(address, token, "the training")))
        with socket.create_server((control.socket.getsockname()[0], 0)) as listener:
            control.send(_introduction(listener.getsockname()[1]))
            beginning = control.receive()
            if beginning.kind == "refused":
                raise InputError(str(beginning.facts["reason"]))
            inbox = stack.enter_context(Inbox())
            inbox.listen(control)
            after = _worker_after(beginning, token)
            if after is not None:
                stack.callback(after.close)
            before = control
            if not beginning.facts["first"]:
                before = _worker_before(listener, token, inbox)
                inbox.listen(before)
        _serve(beginning, inbox, (control, before, after), invitation.threads)


def _serve(
    beginning: Message,
    inbox: Inbox,
    links: tuple[Connection, Connection, Connection | None],
    threads: int,
) -> None:
    """Do step after step."""
    try:
        recipe, state = read_state(beginning)
        with shard_pool(threads) as pool:
            member = Member(recipe, state, pool, inbox, *links)
            while True:
                member.step()
    except LostError:
        return  # the training is over, or begins anew with others
    except Exception as error:  # whatever it is, the training has to hear of it
        with suppress(LostError):
            links[0].send(Message(FAILED, {"reason": f"{type(error).__name__}: {error}"}))


def _worker_after(beginning: Message, token: str) -> Connection | None:
    if beginning.facts["after"] is None:
        return None
    host, port = beginning.facts["after"]
    return _joined((host, port), token, "the worker after")


def _joined(address: tuple[str, int], token: str, name: str) -> Connection:
    try:
        connected = socket.create_connection(address, timeout=PATIENCE_SECONDS)
    except OSError as error:
        raise LostError(f"{name} is not at {address[0]}:{address[1]}: {error}") from error
    try:
        join(connected, token, JOINING_SECONDS)
    except LostError:
        connected.close()
        raise
    return Connection(connected, name, PATIENCE_SECONDS)


def _worker_before(listener: socket.socket, token: str, inbox: Inbox) -> Connection:
    """Wait for it, as long as the training is there."""
    listener.settimeout(0.5)
    while (guest := admitted(listener, token)) is None:
        inbox.check()
    return Connection(guest, "the worker before", PATIENCE_SECONDS)


def _introduction(port: int) -> Message:
    """What the training has to know of this process; port: where the worker before may connect."""
    facts = {
        "exact": exact_facts(kernel_kind(np.float32)),
        "port": port,
        "name": f"the worker on {platform.node()}, process {os.getpid()}",
    }
    return Message("hello", facts)
