"""The epoch loop: the same bits everywhere, every number its own key, honest measures."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hoiquy.events import EpochFinished, Event, Preparing, StepFinished, TrainingStarted
from hoiquy.nn.model import Model
from hoiquy.system.keyed_random import Purpose, keyed_generator
from hoiquy.text import Vocabulary
from hoiquy.training import gradients as batch_steps
from hoiquy.training import loop as training
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Split
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.loop import fit
from hoiquy.training.model_building import build_model
from hoiquy.training.state import TrainingState
from miniatures import EVERY_KIND, NUM_WORDS, miniature, prepared, trained_bits, word_order_dataset

WITHOUT_DROPOUT = ["model.layers.1.rate=0", "model.layers.2.dropout=0", "model.layers.3.rate=0"]


@pytest.mark.usefixtures("many_shards")
@pytest.mark.parametrize("name", EVERY_KIND)
def test_the_same_bits_on_any_number_of_threads(name: str) -> None:
    one = trained_bits(name, threads=1)
    for threads in (2, 4, 8, 16):
        assert trained_bits(name, threads=threads) == one, threads


@pytest.mark.process
def test_the_same_bits_in_a_fresh_process() -> None:
    script = (
        "import json; from miniatures import EVERY_KIND, trained_bits\n"
        "print(json.dumps({name: trained_bits(name, threads=3) for name in EVERY_KIND}))"
    )
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    fresh = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "5"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert json.loads(fresh.stdout) == {name: trained_bits(name, threads=1) for name in EVERY_KIND}


def test_other_seeds_give_other_bits() -> None:
    recipe = miniature("bai3")
    data = prepared(recipe)
    one, other = (fit(recipe.with_settings([f"training.seed={seed}"]), data) for seed in (1, 2))
    assert one.history[0].loss != other.history[0].loss


@pytest.mark.usefixtures("many_shards")
def test_no_two_random_numbers_share_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[tuple[int, ...]] = []

    def recording(*key: int) -> np.random.Generator:
        keys.append(key)
        return keyed_generator(*key)  # type: ignore[arg-type]

    for module in (batch_steps, training):
        monkeypatch.setattr(module, "keyed_generator", recording)
    recipe = miniature("bai3", "training.seed=7")
    fit(recipe, prepared(recipe))  # 99 documents: steps of 80 and 19, of 10 and 3 shards
    shuffles = [(7, Purpose.SHUFFLE, epoch) for epoch in (1, 2)]
    drops = [
        (7, Purpose.DROPOUT, epoch, step, shard, layer)
        for epoch in (1, 2)
        for step, shards in ((1, 10), (2, 3))
        for shard in range(shards)
        for layer in range(5)
    ]
    assert sorted(keys) == sorted(shuffles + drops)


@pytest.mark.parametrize("layer", ["simple_rnn", "lstm", "gru"])
@pytest.mark.parametrize("bidirectional", ["true", "false"])
def test_layers_of_one_unit_can_be_trained(layer: str, bidirectional: str) -> None:
    recurrent = f"{{type='{layer}', units=1, bidirectional={bidirectional}}}"
    recipe = miniature("bai5").with_settings(
        [
            "model.layers=[{type='embedding', units=1}, " + recurrent + ", "
            "{type='dense', units=1, activation='tanh'}, "
            "{type='dense', units='classes', activation='sigmoid'}]"
        ]
    )
    fitted = fit(recipe, prepared(recipe))
    beginning = TrainingState.initial(recipe, prepared(recipe)).model.parameters
    for name, array in fitted.parameters.items():
        assert np.isfinite(array).all() and np.any(array != beginning[name]), name


@pytest.mark.parametrize("layer", ["lstm", "gru"])
def test_what_no_bag_of_words_can_learn(layer: str) -> None:
    """Which of two words comes first decides; both classes hold the same words."""
    data = word_order_dataset(300, np.random.default_rng(1))
    by_class = [
        sorted(" ".join(sorted(text.split())) for text in np.array(data.train.texts)[rows])
        for rows in (data.train.labels == 0, data.train.labels == 1)
    ]
    assert by_class[0] == by_class[1]
    recipe = miniature("bai3" if layer == "lstm" else "bai5").with_settings(
        [
            *WITHOUT_DROPOUT, "model.layers.2.units=16", "model.layers.2.kernel_l2=0",
            "model.layers.2.recurrent_l2=0", "training.batch_size=32", "training.epochs=8",
        ]
    )  # fmt: skip
    unseen = word_order_dataset(200, np.random.default_rng(2)).train
    ready = prepare(recipe, replace(data, test=unseen))
    fitted = fit(recipe, ready)
    assert fitted.score(ready.test).accuracy >= 0.95


def test_events_come_in_order_and_count_right() -> None:
    told: list[Event | str] = []
    recipe = miniature("bai3", "training.batch_size=40")
    data = prepared(recipe)  # 110 documents: 99 to train on, so 40 + 40 + 19

    def after_step(state: TrainingState) -> None:
        position = state.position
        told.append(f"after step {position.epoch}, {position.step}")

    fitted = fit(recipe, data, FitCallbacks(told.append, after_step))
    if isinstance(told[0], Preparing):  # only where the kernels are not compiled yet
        assert told.pop(0) == Preparing("kernels")
    kinds = [event if isinstance(event, str) else type(event) for event in told]
    assert kinds == [
        TrainingStarted,
        StepFinished, "after step 1, 1", StepFinished, "after step 1, 2",
        StepFinished, "after step 1, 3", "after step 2, 0", EpochFinished,
        StepFinished, "after step 2, 1", StepFinished, "after step 2, 2",
        StepFinished, "after step 2, 3", "after step 3, 0", EpochFinished,
    ]  # fmt: skip
    assert told[0] == TrainingStarted("bai3", epochs=2, steps_per_epoch=3, documents=99)
    finished = [event for event in told if isinstance(event, StepFinished)]
    assert [(at.epoch, at.step) for at in finished] == [(e, s) for e in (1, 2) for s in (1, 2, 3)]
    ended = [event for event in told if isinstance(event, EpochFinished)]
    assert all(event.seconds > 0 and event.documents_per_second > 0 for event in ended)
    records = [event.record for event in ended]
    assert records == fitted.history and [record.epoch for record in records] == [1, 2]
    for record, last in zip(records, finished[2::3], strict=True):
        assert (record.loss, record.accuracy) == (last.loss, last.accuracy)
        assert round(record.accuracy * 99, 6).is_integer()


def naive_loss(model: Model, split: Split) -> float:
    """Mean cross-entropy plus l2 times the sum of squares, from the outputs alone."""
    rows = np.arange(len(split))
    p = model.probabilities(split.indices(rows)).astype(np.float64)
    hot = split.targets(rows)
    entropy = -(hot * np.log(p) + (1 - hot) * np.log(1 - p)).mean()
    squares = [
        float(np.square(model.parameters[name].astype(np.float64)).sum())
        for name in ("lstm/kernel", "lstm/recurrent_kernel")
    ]
    return float(entropy + 0.01 * sum(squares))


def test_losses_include_the_penalty() -> None:
    recipe = miniature("bai3", *WITHOUT_DROPOUT, "training.epochs=1", "training.batch_size=200")
    data = prepared(recipe)
    words = len(data.vocabulary.words)
    untrained = build_model(recipe, vocabulary_size=words, classes=2, seed=recipe.training.seed)
    assert untrained.penalty() > 0.05
    fitted = fit(recipe, data)
    record = fitted.history[0]
    assert record.loss == pytest.approx(naive_loss(untrained, data.train), rel=1e-5)
    assert record.val_loss == pytest.approx(naive_loss(fitted.model, data.validation), rel=1e-5)
    scores = fitted.score(data.validation)
    assert (scores.loss, scores.accuracy) == (record.val_loss, record.val_accuracy)
    right = scores.probabilities.argmax(axis=1) == data.validation.labels
    assert scores.accuracy == right.mean()


def test_rows_that_nothing_reaches_change_no_bit() -> None:
    recipe = miniature("bai3")
    data = prepared(recipe)
    words = data.vocabulary.words + tuple(f"unread{number}" for number in range(20))
    longer = replace(data, vocabulary=Vocabulary(words, NUM_WORDS))
    one, other = fit(recipe, data), fit(recipe, longer)
    assert other.model.unreachable_parameter_count == one.model.unreachable_parameter_count + 20 * 6
    for name, array in one.parameters.items():
        assert array.tobytes() == other.parameters[name].tobytes()
