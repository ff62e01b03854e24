"""Fit, evaluate and predict: the loops over epochs and batches."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from hoiquy.nn.kernels import Array
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.training.arrays.computed import Computed
from hoiquy.training.arrays.data import Arrays, Batch, BatchSource, shuffled
from hoiquy.training.arrays.listener import FitListener
from hoiquy.training.arrays.trainer import Trainer
from hoiquy.training.kernel_compilation import finish_compiling

Data = Arrays | BatchSource


def fit(
    trainer: Trainer,
    data: Data,
    *,
    batch_size: int = 32,
    epochs: range = range(1),
    steps_per_epoch: int | None = None,
    shuffle: bool = True,
    validation: "Validation | None" = None,
    listener: FitListener | None = None,
) -> None:
    """Train for some epochs.

    Args:
        trainer: What to train, and how.
        data: Arrays, cut into batches here, or batches.
        batch_size: Rows of a batch of arrays.
        epochs: Their numbers, from 0.
        steps_per_epoch: Steps after which an epoch ends. Arrays begin again where they end;
            batches go on where the last epoch stopped.
        shuffle: Whether arrays are taken in another random order each epoch.
        validation: Scored after epochs.
        listener: Told of every step; may stop the training.

    Raises:
        ShapeError: Arrays do not fit the network.
        DataError: Values that the network or a loss does not take.
    """
    listener = listener or FitListener()
    finish_compiling()
    trainer.fits += 1
    source = _Epochs(trainer, data, batch_size, shuffle, steps_per_epoch)
    logs: dict[str, float] = {}
    with trainer.threads():
        listener.stop_training = False
        listener.on_train_begin()
        for epoch in epochs:
            trainer.measures.reset()
            listener.on_epoch_begin(epoch)
            for step, batch in enumerate(source.batches(epoch)):
                listener.on_batch_begin(step)
                logs = trainer.train_batch(batch)
                listener.on_batch_end(step, logs)
                if listener.stop_training:
                    break
            if validation is not None and validation.is_due(epoch):
                scores = evaluate(
                    trainer, validation.data, batch_size=validation.batch_size or batch_size,
                    steps=validation.steps, listener=listener,
                )  # fmt: skip
                logs = logs | {f"val_{name}": value for name, value in scores.items()}
            listener.on_epoch_end(epoch, logs)
            if listener.stop_training or source.ended:
                break
        listener.on_train_end(logs)


def evaluate(
    trainer: Trainer,
    data: Data,
    *,
    batch_size: int = 32,
    steps: int | None = None,
    listener: FitListener | None = None,
) -> dict[str, float]:
    """The loss and metrics over some data, in order and without dropout.

    Args:
        trainer: As in `fit`.
        data: As in `fit`.
        batch_size: Rows of a batch of arrays; metrics do not depend on it but for rounding.
        steps: How many batches; by default all.
        listener: Told of every step.
    """
    listener = listener or FitListener()
    finish_compiling()
    logs: dict[str, float] = {}
    with trainer.threads():
        trainer.measures.reset()
        listener.on_test_begin()
        for step, (batch, computed) in enumerate(_computed(trainer, data, batch_size, steps)):
            listener.on_test_batch_begin(step)
            logs = trainer.score(batch, computed)
            listener.on_test_batch_end(step, logs)
        listener.on_test_end(logs)
    return logs


def predict(
    trainer: Trainer,
    data: Data,
    *,
    batch_size: int = 32,
    steps: int | None = None,
    listener: FitListener | None = None,
) -> list[Array]:
    """The outputs for some data, in order; arguments as in `evaluate`."""
    listener = listener or FitListener()
    finish_compiling()
    parts: list[Sequence[Array]] = []
    with trainer.threads():
        listener.on_predict_begin()
        for step, (_, computed) in enumerate(_computed(trainer, data, batch_size, steps)):
            listener.on_predict_batch_begin(step)
            parts.append(trainer.activated(computed.outputs))
            listener.on_predict_batch_end(step)
        listener.on_predict_end()
    return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]


class Validation:
    """What is scored after an epoch, and after which ones.

    Args:
        data: As in `fit`.
        batch_size: Rows of a batch of arrays; that of the training by default.
        steps: How many batches; by default all.
        every: After every so many epochs, or after the epochs of these numbers, from 1.
    """

    def __init__(
        self,
        data: Data,
        batch_size: int | None = None,
        steps: int | None = None,
        every: int | Sequence[int] = 1,
    ) -> None:
        self.data, self.batch_size, self.steps, self._every = data, batch_size, steps, every

    def is_due(self, epoch: int) -> bool:
        """Whether to score after this epoch, counted from 0."""
        if isinstance(self._every, int):
            return (epoch + 1) % self._every == 0
        return epoch + 1 in self._every


class _Epochs:
    """The batches of each epoch."""

    def __init__(
        self, trainer: Trainer, data: Data, size: int, shuffle: bool, steps: int | None
    ) -> None:
        self._trainer, self._data, self._size = trainer, data, size
        self._shuffle, self._steps = shuffle, steps
        self._going_on: Iterator[Batch] | None = None
        self.ended = False

    def batches(self, epoch: int) -> Iterator[Batch]:
        if self._steps is None:
            yield from self._pass(epoch)
            return
        for _ in range(self._steps):
            batch = self._next(epoch)
            if batch is None:
                return
            yield batch

    def _next(self, epoch: int) -> Batch | None:
        """The batch after the last one, from the beginning again where the data ends."""
        if self._going_on is not None and (batch := next(self._going_on, None)) is not None:
            return batch
        is_iterator = not isinstance(self._data, Arrays) and iter(self._data) is self._data
        if self._going_on is not None and is_iterator:
            self.ended = True
            return None
        self._going_on = self._pass(epoch)
        return next(self._going_on, None)

    def _pass(self, epoch: int) -> Iterator[Batch]:
        order = None
        if isinstance(self._data, Arrays) and self._shuffle:
            trainer = self._trainer
            rng = keyed_generator(trainer.seed, Purpose.ARRAY_ORDER, trainer.fits, epoch)
            order = shuffled(self._data.rows, rng)
        return _batches(self._data, self._size, order)


def _batches(data: Data, size: int, order: "np.ndarray | None" = None) -> Iterator[Batch]:
    return iter(data.batches(size, order) if isinstance(data, Arrays) else data)


def _computed(
    trainer: Trainer, data: Data, size: int, steps: int | None
) -> Iterator[tuple[Batch, Computed]]:
    """Batches with their outputs; those of small batches of arrays are computed several at once."""
    several = trainer.rows_at_once
    if not isinstance(data, Arrays) or data.is_padded or several is None or size >= several:
        for batch in islice(_batches(data, size), steps):
            yield batch, trainer.compute(batch.inputs)
        return
    rows = data.rows if steps is None else min(data.rows, steps * size)
    several -= several % size
    for begin in range(0, rows, several):
        together = data.take(slice(begin, min(begin + several, rows)))
        computed = trainer.compute(together.inputs)
        for first in range(0, together.rows, size):
            some = slice(first, first + size)
            yield Arrays(together).take(some), computed.rows(some)
