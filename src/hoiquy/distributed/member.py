"""A worker's part of each step."""

from dataclasses import dataclass

from hoiquy.distributed.inbox import Inbox
from hoiquy.distributed.parts import Part
from hoiquy.distributed.pieces import gradient_message, joined, pieces, read_gradient
from hoiquy.distributed.wire import Connection, Message
from hoiquy.nn.kernels import add_gradient
from hoiquy.nn.model import ShardResult
from hoiquy.nn.shards import ShardPool
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.state import TrainingState

IDLE = "idle"  # the kind of message that comes instead of a part of a batch with too few shards


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
