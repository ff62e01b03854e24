"""The epoch loop: the same bits on any machine, honest numbers, and an end that leaves nothing."""

import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from miniatures import LAB, NUM_WORDS, miniature, prepared, trained_bits, word_order_dataset

from hoiquy import training
from hoiquy.errors import TrainingError
from hoiquy.events import EpochFinished, Event, Preparing, StepFinished, TrainingStarted
from hoiquy.model import Model, build_model
from hoiquy.preparation import Prepared, Split, prepare
from hoiquy.recipe import Recipe
from hoiquy.text import Vocabulary
from hoiquy.training import fit

UNDROPPED = [f"model.layers.{at}" for at in (1, 2, 3)]
WITHOUT_DROPOUT = [f"{UNDROPPED[0]}.rate=0", f"{UNDROPPED[1]}.dropout=0", f"{UNDROPPED[2]}.rate=0"]


@pytest.mark.parametrize("name", LAB)
def test_the_same_bits_on_any_number_of_threads(name: str) -> None:
    one = trained_bits(name, threads=1)
    assert trained_bits(name, threads=2) == one
    assert trained_bits(name, threads=5) == one


def test_the_same_bits_in_a_fresh_process() -> None:
    script = (
        "import json; from miniatures import LAB, trained_bits\n"
        "print(json.dumps({name: trained_bits(name, threads=3) for name in LAB}))"
    )
    fresh = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTHONHASHSEED": "5"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert json.loads(fresh.stdout) == {name: trained_bits(name, threads=1) for name in LAB}


def test_other_seeds_give_other_bits() -> None:
    recipe = miniature("bai3")
    data = prepared(recipe)
    one, other = (fit(recipe.with_settings([f"training.seed={seed}"]), data) for seed in (1, 2))
    assert one.history[0].loss != other.history[0].loss


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

    def after_epoch(parameters: object, history: list[object]) -> None:
        told.append(f"after epoch {len(history)}")

    fitted = fit(recipe, data, told.append, after_epoch)
    kinds = [event if isinstance(event, str) else type(event) for event in told]
    steps = [StepFinished] * 3
    assert kinds == [
        Preparing, TrainingStarted,
        *steps, "after epoch 1", EpochFinished,
        *steps, "after epoch 2", EpochFinished,
    ]  # fmt: skip
    assert told[1] == TrainingStarted("bai3", epochs=2, steps_per_epoch=3, documents=99)
    finished = [event for event in told if isinstance(event, StepFinished)]
    assert [(at.epoch, at.step) for at in finished] == [(e, s) for e in (1, 2) for s in (1, 2, 3)]
    records = [event.record for event in told if isinstance(event, EpochFinished)]
    assert records == fitted.history and [record.epoch for record in records] == [1, 2]
    for record, last in zip(records, finished[2::3], strict=True):
        assert (record.loss, record.accuracy) == (last.loss, last.accuracy)
        assert round(record.accuracy * 99, 6).is_integer()
        assert record.seconds > 0 and record.documents_per_second > 0


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
    assert other.model.dead_parameter_count == one.model.dead_parameter_count + 20 * 6
    for name, array in one.parameters.items():
        assert array.tobytes() == other.parameters[name].tobytes()


def exploding() -> Recipe:
    return miniature(
        "bai1", "training.learning_rate=10", "data.max_length=80", "training.epochs=4"
    )


@pytest.mark.parametrize("kernels", ["", "plain"])
def test_a_loss_that_explodes_is_an_error_that_says_where(
    kernels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIQUY_KERNELS", kernels)
    recipe = exploding()
    with pytest.raises(TrainingError, match=r"epoch \d+, step \d+.*learning_rate than 10"):
        fit(recipe, prepared(recipe))


def test_a_last_step_that_explodes_is_an_error_too() -> None:
    """No step follows that would notice; without a look at the validation loss this run passes."""
    recipe = exploding().with_settings(["training.epochs=1", "training.batch_size=200"])
    with pytest.raises(TrainingError, match=r"epoch 1\b.*learning_rate than 10"):
        fit(recipe, prepared(recipe))


def poisoned_build(recipe: Recipe, **options: int) -> Model:
    model = build_model(recipe, **options)
    model.parameters["lstm/recurrent_kernel"][3, 5] = math.nan
    return model


def test_nan_weights_are_noticed_at_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "build_model", poisoned_build)
    recipe = miniature("bai3")
    with pytest.raises(TrainingError, match=r"loss is nan at epoch 1, step 1:.*0\.01"):
        fit(recipe, prepared(recipe))


def interrupt(event: Event) -> None:
    if isinstance(event, StepFinished) and (event.epoch, event.step) == (2, 1):
        raise KeyboardInterrupt


def be_interrupted(data: Prepared, recipe: Recipe) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, data, interrupt, threads=3)


def fail(data: Prepared, recipe: Recipe) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "build_model", poisoned_build)
        with pytest.raises(TrainingError):
            fit(recipe, data, threads=3)


@pytest.mark.parametrize("end", [be_interrupted, fail])
def test_an_early_end_leaves_no_threads(end: Callable[[Prepared, Recipe], None]) -> None:
    recipe = miniature("bai3")
    data = prepared(recipe)
    before = threading.enumerate()
    end(data, recipe)
    assert threading.enumerate() == before


def test_an_interrupt_keeps_what_was_saved_so_far() -> None:
    recipe = miniature("bai3")
    data = prepared(recipe)
    saved: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, data, interrupt, lambda parameters, history: saved.append(len(history)))
    assert saved == [1]
