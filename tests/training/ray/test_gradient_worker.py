"""Workers in this process, which get read-only arrays as from Ray, give the bits of one process."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pytest
from data_parallel_recipes import DOCUMENTS, bits, every_setting

from hoiquy.events import Listener
from hoiquy.nn.kernels import Gradient
from hoiquy.nn.optimizers import Adam
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.encoding.batches import Batch
from hoiquy.training.encoding.prepare import Prepared, prepare
from hoiquy.training.gradients import BatchResult, Steps, with_penalty
from hoiquy.training.loop import fit
from hoiquy.training.ray.gradient_worker import GradientWorker, Partial, total
from hoiquy.training.ray.shares import shares_of
from hoiquy.training.shard_plan import planned_rows
from hoiquy.training.state import TrainingState
from miniatures import prepared
from several_labels import dataset as dataset_of_labels
from several_labels import recipe as recipe_of_labels

T = TypeVar("T")

pytestmark = pytest.mark.usefixtures("many_shards")


def sent(value: T) -> T:
    """The value as Ray gives it to another process: a copy whose arrays are read-only."""
    buffers: list[pickle.PickleBuffer] = []
    content = pickle.dumps(value, 5, buffer_callback=buffers.append)
    copies = [bytes(buffer.raw()) for buffer in buffers]
    copy: T = pickle.loads(content, buffers=copies)
    return copy


@dataclass
class WorkersHere:
    """What `RayWorkers` does, without Ray; also the steps."""

    count: int

    @contextmanager
    def start(self, recipe: Recipe, state: TrainingState, on_event: Listener) -> Iterator[Steps]:
        self.state = state
        self.workers = [GradientWorker(1) for _ in range(self.count)]
        for worker in self.workers:
            worker.load(recipe, sent(state))
        yield self

    def gradients(self, batch: Batch) -> BatchResult:
        rows = planned_rows(self.state.model.graph, *batch.indices.shape)
        shares = shares_of(batch, self.state.position.epoch, self.count, rows)
        sums: Partial = {}
        for worker, share in zip(self.workers, shares, strict=False):
            worker.compute(sent(share), self.state.optimizer.step)
            sums = worker.add(None, sent(sums))
        return with_penalty(self.state.model, total(sent(sums)), len(batch.rows))

    def update(self, gradients: dict[str, Gradient]) -> None:
        optimizer = self.state.optimizer
        for worker in self.workers:
            worker.update(sent(gradients), optimizer.learning_rate)
        optimizer.update(self.state.model.parameters, gradients)


@pytest.mark.parametrize("name", ["bai1", "bai2", "bai3", "bai4", "bai5", "strong"])
@pytest.mark.parametrize("count", [1, 3])
def test_fifty_steps_by_workers_give_the_bits_of_one_process(name: str, count: int) -> None:
    recipe = every_setting(name, epochs=25)
    data = prepared(recipe, DOCUMENTS)
    assert bits(fit(recipe, data, workers=WorkersHere(count))) == bits(fit(recipe, data))


@pytest.mark.parametrize("soft", [False, True])
def test_float64_plain_kernels_and_soft_targets(soft: bool) -> None:
    recipe = every_setting("bai5", epochs=2)
    data = prepared(recipe, DOCUMENTS)
    if soft:
        answers = np.random.default_rng(1).dirichlet([1, 1], len(data.train)).astype(np.float32)
        data = replace(data, train=replace(data.train, soft=answers))
    one = fit(recipe, data, state=double_precision(recipe, data))
    two = fit(recipe, data, state=double_precision(recipe, data), workers=WorkersHere(2))
    assert one.parameters["gru/kernel"].dtype == np.float64
    assert bits(one) == bits(two)


def double_precision(recipe: Recipe, data: Prepared) -> TrainingState:
    state = TrainingState.initial(recipe, data)
    for layer in state.model.layers:
        for name, array in layer.parameters.items():
            layer.parameters[name] = array.astype(np.float64)
    state.model.dtype = np.float64
    return TrainingState(state.model, Adam(0.01))


def test_several_labels_by_workers_give_the_bits_of_one_process() -> None:
    labels = recipe_of_labels().with_settings(["training.batch_size=80"])
    data = prepare(labels, dataset_of_labels(train=100, test=10))
    assert data.multilabel
    assert bits(fit(labels, data, workers=WorkersHere(2))) == bits(fit(labels, data))


def test_a_worker_that_has_missed_an_update_does_not_compute() -> None:
    recipe = every_setting("bai3", epochs=1)
    data = prepared(recipe, DOCUMENTS)
    worker, rows = GradientWorker(1), np.arange(40)
    worker.load(recipe, TrainingState.initial(recipe, data))
    batch = Batch(2, rows, data.train.indices(rows), data.train.targets(rows))
    with pytest.raises(RuntimeError, match="the worker has made 0 of 1 updates"):
        worker.compute(shares_of(batch, 1, 1, 8)[0], updates=1)
