"""Steps on arrays: the gradients are those of the loss, whatever the shards and the threads."""

from typing import Any

import numpy as np
import pytest

from gradients import assert_gradients
from hoiquy.nn.graph import Graph, Node, Tensor
from hoiquy.nn.layers import LSTM, Dense, Dropout, Embedding, Layer
from hoiquy.nn.losses import BinaryCrossentropy, Loss, MeanSquaredError
from hoiquy.nn.metrics.streaming import BinaryAccuracy
from hoiquy.nn.optimizers import SGD, Adam
from hoiquy.nn.regularizers import L1L2
from hoiquy.training.arrays import (
    Arrays,
    Batch,
    FitListener,
    Objective,
    Trainer,
    Validation,
    evaluate,
    fit,
    predict,
)

ROWS, TIME, WORDS = 70, 6, 11  # three shards


def layers(dtype: Any, rate: float, mask_zero: bool) -> list[Layer]:
    rng = np.random.default_rng(1)
    chain: list[Layer] = [
        Embedding("embedding", input_dim=40, output_dim=3, mask_zero=mask_zero),
        Dropout("dropout", rate=rate),
        LSTM("lstm", units=4, return_sequences=mask_zero),
        Dense("dense", units=1, activation="sigmoid"),
    ]
    shape: tuple[int | None, ...] = (None, TIME)
    for layer in chain:
        layer.build([shape], rng, dtype)
        (shape,) = layer.output_shapes([shape])
        for array in layer.parameters.values():
            array[...] = rng.normal(0, 0.7, array.shape)
    chain[2].penalties["kernel"] = L1L2(l1=0.01, l2=0.02)
    chain[0].penalties["embeddings"] = L1L2(l2=0.01)
    return chain


def trainer(
    dtype: Any = np.float32, rate: float = 0.3, mask_zero: bool = False, optimizer: Any = None,
    loss: Loss | None = None,
) -> Trainer:  # fmt: skip
    graph = Graph.chain((None, TIME), layers(dtype, rate, mask_zero))
    objective = Objective("dense", loss or BinaryCrossentropy(), 1.0, [BinaryAccuracy()])
    return Trainer(graph, [objective], optimizer or Adam(0.01), seed=3)


def data(rows: int = ROWS, in_time: bool = False, dtype: Any = np.float32) -> Batch:
    rng = np.random.default_rng(2)
    x = rng.integers(0, WORDS, (rows, TIME)).astype(np.int32)
    shape = (rows, TIME, 1) if in_time else (rows, 1)
    targets = rng.integers(0, 2, shape).astype(dtype)
    return Batch([x], [targets], [rng.uniform(0.5, 2, rows)])


@pytest.mark.parametrize("mask_zero", [False, True])
def test_gradients_are_those_of_the_loss_of_the_batch(mask_zero: bool) -> None:
    """Over shards, with weights of the rows, a mask of the output, penalties."""
    batch = data(in_time=mask_zero, dtype=np.float64)

    def loss() -> float:
        return trainer(np.float64, 0.0, mask_zero, SGD(0.0)).test_batch(batch)["loss"]

    one = trainer(np.float64, 0.0, mask_zero, SGD(1.0))
    before = {name: array.copy() for name, array in one.graph.parameters.items()}
    assert one.train_batch(batch)["loss"] == pytest.approx(loss(), rel=1e-12)
    gradients = {name: before[name] - array for name, array in one.graph.parameters.items()}
    fixed = trainer(np.float64, 0.0, mask_zero, SGD(0.0))
    assert_gradients(
        lambda: loss_of(fixed, batch), fixed.graph.parameters, gradients, np.random.default_rng(4)
    )


def loss_of(one: Trainer, batch: Batch) -> float:
    one.measures.reset()
    return one.test_batch(batch)["loss"]


@pytest.mark.usefixtures("many_shards")
@pytest.mark.parametrize("kernels", ["fast", "plain"])
def test_the_bits_do_not_depend_on_the_threads(
    kernels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIQUY_KERNELS", kernels)
    monkeypatch.setattr("hoiquy.training.arrays.trainer._PART_WORK", 1.0)
    results = []
    for threads in ("1", "3", "16"):
        monkeypatch.setenv("HOIQUY_THREADS", threads)
        one = trainer()
        fit(one, Arrays(data()), batch_size=33, epochs=range(3))
        (predictions,) = predict(one, Arrays(data(rows=16)), batch_size=50)
        results.append((one.graph.parameters, one.measures.logs(), predictions))
    one, *others = results
    for other in others:
        for name, array in one[0].items():
            assert array.tobytes() == other[0][name].tobytes(), name
        assert one[1] == other[1]
        assert one[2].tobytes() == other[2].tobytes()


def test_rows_of_an_embedding_that_no_batch_reached_cost_nothing_and_change_nothing() -> None:
    """The result is that of full gradients, bit for bit; a later batch may reach more rows."""
    limited, full = trainer(), trainer()
    full._reach._limited.clear()
    for one in (limited, full):
        for penalised in one.graph.layers:
            penalised.penalties.clear()
        fit(one, Arrays(data()), batch_size=32, epochs=range(2))
        further = data()
        further.inputs[0][:] += 20
        fit(one, Arrays(further), batch_size=32, epochs=range(1))
    reached = limited.graph.layers[0].reached  # type: ignore[attr-defined]
    assert reached.rows.max() == WORDS + 19
    assert full.graph.layers[0].reached is None  # type: ignore[attr-defined]
    for name, array in full.graph.parameters.items():
        assert array.tobytes() == limited.graph.parameters[name].tobytes(), name


def test_losses_of_several_outputs_are_weighted_and_reported() -> None:
    rng = np.random.default_rng(5)
    first, second = Dense("first", units=2), Dense("second", units=1, activation="sigmoid")
    for layer in (first, second):
        layer.build([(None, 3)], rng)
    nodes = [Node(first, (Tensor(-1, 0),)), Node(second, (Tensor(-1, 1),))]
    graph = Graph([(None, 3), (None, 3)], nodes, [Tensor(0, 0), Tensor(1, 0)])
    objectives = [
        Objective("first", MeanSquaredError(), 0.25),
        Objective("second", BinaryCrossentropy(), 2.0, [BinaryAccuracy()]),
    ]
    x = [rng.normal(size=(40, 3)).astype(np.float32) for _ in range(2)]
    targets = [rng.normal(size=(40, 2)), rng.integers(0, 2, (40, 1))]
    batch = Batch(x, targets, [None, None])
    one = Trainer(graph, objectives, SGD(0.1), seed=1)
    logs = one.test_batch(batch)
    assert list(logs) == ["loss", "first_loss", "second_loss", "second_binary_accuracy"]
    assert logs["loss"] == pytest.approx(0.25 * logs["first_loss"] + 2 * logs["second_loss"])
    for _ in range(30):
        one.train_batch(batch)
    assert loss_of(one, batch) < logs["loss"]


class Recorder(FitListener):
    def __init__(self, stop_after: int | None = None) -> None:
        self.events: list[str] = []
        self._stop_after = stop_after

    def on_epoch_begin(self, epoch: int) -> None:
        self.events.append(f"epoch {epoch}")

    def on_batch_end(self, step: int, logs: Any) -> None:
        self.events.append(f"step {step}")
        self.stop_training = self._stop_after == step

    def on_test_batch_end(self, step: int, logs: Any) -> None:
        self.events.append(f"test {step}")

    def on_epoch_end(self, epoch: int, logs: Any) -> None:
        self.events.append(" ".join(sorted(logs)))


def test_epochs_steps_and_validation() -> None:
    listener, one = Recorder(), trainer()
    validation = Validation(Arrays(data(10)), batch_size=8, steps=1, every=2)
    fit(
        one, Arrays(data()), batch_size=32, epochs=range(1, 3), steps_per_epoch=2,
        validation=validation, listener=listener,
    )  # fmt: skip
    assert listener.events == [
        "epoch 1", "step 0", "step 1", "test 0",
        "binary_accuracy loss val_binary_accuracy val_loss",
        "epoch 2", "step 0", "step 1", "binary_accuracy loss",
    ]  # fmt: skip
    assert one.steps == 4  # the last one began the rows again


def test_a_listener_stops_the_training() -> None:
    listener = Recorder(stop_after=1)
    fit(trainer(), Arrays(data()), batch_size=16, epochs=range(5), listener=listener)
    assert listener.events == ["epoch 0", "step 0", "step 1", "binary_accuracy loss"]


def test_batches_may_come_from_anywhere() -> None:
    """The same steps from a list of batches; an iterator that ends ends the training."""
    whole = Arrays(data())
    one, other, listener = trainer(), trainer(), Recorder()
    fit(one, whole, batch_size=32, epochs=range(2), shuffle=False)
    fit(other, list(whole.batches(32)), epochs=range(2))
    for name, array in one.graph.parameters.items():
        assert array.tobytes() == other.graph.parameters[name].tobytes()
    fit(trainer(), iter(list(whole.batches(32))), epochs=range(9), steps_per_epoch=2,
        listener=listener)  # fmt: skip
    assert sum(event.startswith("step") for event in listener.events) == 3


def test_evaluation_and_prediction_do_not_depend_on_the_batches() -> None:
    one, whole = trainer(), Arrays(data())
    together, apart = (evaluate(one, whole, batch_size=size) for size in (70, 7))
    assert together == pytest.approx(apart, rel=1e-6)
    (first,), (second,) = (predict(one, whole, batch_size=size) for size in (70, 7))
    assert first.tobytes() == second.tobytes()
    assert first.shape == (ROWS, 1) and first.min() > 0 and first.max() < 1


def test_saturated_outputs_still_learn() -> None:
    """Where probabilities round to 0 and 1, the loss comes from the logits."""
    layer = Dense("dense", units=1, activation="sigmoid")
    layer.build([(None, 1)], np.random.default_rng(1))
    layer.parameters["kernel"][...] = 200
    graph = Graph.chain((None, 1), [layer])
    one = Trainer(graph, [Objective("dense", BinaryCrossentropy())], SGD(1.0), seed=1)
    batch = Batch([np.ones((4, 1), np.float32)], [np.zeros((4, 1))], [None])
    assert one.train_batch(batch)["loss"] == pytest.approx(200)
    assert layer.parameters["kernel"][0, 0] == pytest.approx(199)
