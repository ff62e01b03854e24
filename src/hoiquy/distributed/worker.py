"""A process that computes for a training elsewhere: its shards, its part of the sum, updates."""

import os
import platform
import socket
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass

import numpy as np

from hoiquy.compilation import finish_compiling
from hoiquy.distributed.handshake import Invitation, admitted, join
from hoiquy.distributed.inbox import Inbox
from hoiquy.distributed.parts import Part
from hoiquy.distributed.pieces import gradient_message, joined, pieces, read_gradient
from hoiquy.distributed.replica import read_state
from hoiquy.distributed.wire import Connection, LostError, Message
from hoiquy.environment import exact_facts
from hoiquy.errors import InputError
from hoiquy.kernels import add_gradient, kernel_kind
from hoiquy.model import ShardResult
from hoiquy.parallel import ShardPool, shard_pool
from hoiquy.recipe import Recipe
from hoiquy.training_state import TrainingState

PATIENCE_SECONDS = 300.0  # for a process that is silent in the middle of a step
IDLE = "idle"  # the kind of message that comes instead of a part of a batch with too few shards
JOINING_SECONDS = 180.0  # kernels may have to be compiled first


def work(invitation: Invitation) -> None:
    """Join a training and compute for it, until its first process ends the connection.

    Raises InputError if this process would not compute the same bits, LostError if there is no
    such training.
    """
    finish_compiling()
    address = (invitation.host, invitation.port)
    with ExitStack() as stack:
        control = stack.enter_context(closing(_joined(address, invitation.token, "the training")))
        here = control.socket.getsockname()[0]
        listener = stack.enter_context(socket.create_server((here, 0)))
        control.send(_introduction(listener.getsockname()[1]))
        beginning = control.receive()
        if beginning.kind == "refused":
            raise InputError(str(beginning.facts["reason"]))
        recipe, state = read_state(beginning)
        inbox = stack.enter_context(Inbox())
        inbox.listen(control)
        before, after = control, None
        if beginning.facts["after"] is not None:
            host, port = beginning.facts["after"]
            after = stack.enter_context(
                closing(_joined((host, port), invitation.token, "the next"))
            )
        if not beginning.facts["first"]:
            before = _worker_before(listener, invitation.token, inbox)
            inbox.listen(before)
        pool = stack.enter_context(shard_pool(invitation.threads))
        member = Member(recipe, state, pool, inbox, control, before, after)
        try:
            while True:
                member.step()
        except LostError:
            return  # the training is over, or begins anew with others
        except Exception as error:  # whatever it is, the training has to hear of it
            with suppress(LostError):
                control.send(Message("failed", {"reason": f"{type(error).__name__}: {error}"}))


@dataclass
class Member:
    """A worker that has joined. The sum comes from the one before, and goes to the one after."""

    recipe: Recipe
    state: TrainingState
    pool: ShardPool
    inbox: Inbox
    control: Connection  # to the training's first process
    before: Connection
    after: Connection | None

    def step(self) -> None:
        """Compute this worker's shards of a batch, add them to the sum, and do the update."""
        task = self.inbox.take(self.control)
        if task.kind != IDLE:
            part = Part.read(task)
            results = list(part.results(self.recipe, self.state, self.pool))
            onward = self.control if part.is_last else self.after
            assert onward is not None
            self._add(results, onward)
        self._update()

    def _add(self, results: list[ShardResult], onward: Connection) -> None:
        """Take the sum over all shards before, one piece after the other, and pass it on."""
        sums = self.inbox.take(self.before).facts
        loss_sum, correct = sums["loss_sum"], sums["correct"]
        for result in results:
            loss_sum += result.loss_sum
            correct += result.correct
        onward.send(Message("sums", {"loss_sum": loss_sum, "correct": correct}))
        for piece in pieces(self.state.model.parameters):
            gradient = read_gradient(self.inbox.take(self.before))
            for result in results:
                add_gradient(gradient, piece.of(result.gradients[piece.name]))
            onward.send(gradient_message(gradient))

    def _update(self) -> None:
        """Take the whole batch's gradients, give them on, and move the weights along them."""
        optimizer, parameters = self.state.optimizer, self.state.model.parameters
        optimizer.learning_rate = self._passed_on().facts["learning_rate"]
        parts = ((piece, read_gradient(self._passed_on())) for piece in pieces(parameters))
        optimizer.update(parameters, joined(parts))

    def _passed_on(self) -> Message:
        message = self.inbox.take(self.before)
        if self.after is not None:
            self.after.send(message)
        return message


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
