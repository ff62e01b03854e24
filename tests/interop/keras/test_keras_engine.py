"""Training on Keras: it learns, tells what it does, and scores as hoiquy does."""

import importlib.util
import math
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from itertools import pairwise

import keras
import numpy as np
import pytest

from hoiquy.errors import InputError, MissingExtraError, TrainingError
from hoiquy.events import EpochFinished, Event, StepFinished, TrainingStarted
from hoiquy.interop.keras import (
    FittedKeras,
    build_keras_model,
    engine_name,
    fit_keras,
    get_keras_parameters,
    set_keras_parameters,
)
from hoiquy.interop.keras import backend as keras_backend
from hoiquy.nn.kernels import Array
from hoiquy.nn.shards import shard_pool
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.history import EpochRecord
from hoiquy.training.early_stopping import best_epoch
from hoiquy.training.encoding.prepare import prepare
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.loop import fit
from hoiquy.training.model_building import build_model
from hoiquy.training.scoring import Scores, score
from hoiquy.training.state import TrainingState
from miniatures import miniature, with_output, word_order_dataset

EPOCHS, BATCH = 15, 32
RECIPE = miniature(
    "bai5", "model.layers.1.rate=0.1", "model.layers.2.dropout=0.1",
    "model.layers.2.kernel_l2=1e-4", "model.layers.2.recurrent_l2=1e-4", "model.layers.3.rate=0.1",
    f"training.epochs={EPOCHS}", f"training.batch_size={BATCH}", "training.learning_rate=0.02",
)  # fmt: skip


def prepared_for(recipe: Recipe, pairs: int = 150) -> Prepared:
    return prepare(recipe, word_order_dataset(pairs, np.random.default_rng(4)))


@dataclass
class Listening:
    """A training, and all that was told while it ran, in order."""

    recipe: Recipe
    prepared: Prepared
    told: list[Event | str] = field(default_factory=list)
    saved: list[dict[str, Array]] = field(default_factory=list)

    def after_epoch(self, parameters: dict[str, Array], history: list[EpochRecord]) -> None:
        self.told.append(f"after epoch {len(history)}")
        self.saved.append(parameters)

    def fit(self) -> FittedKeras:
        return fit_keras(self.recipe, self.prepared, self.told.append, self.after_epoch)


@pytest.fixture(scope="module")
def training() -> Listening:
    return Listening(RECIPE, prepared_for(RECIPE))


@pytest.fixture(scope="module")
def fitted(training: Listening) -> FittedKeras:
    return training.fit()


def test_it_learns_the_order_of_words(fitted: FittedKeras, training: Listening) -> None:
    assert fitted.score(training.prepared.test).accuracy > 0.95
    assert fitted.history[-1].val_accuracy > 0.9
    assert fitted.history[-1].loss < fitted.history[0].loss


def test_it_tells_every_step_and_epoch_in_order(fitted: FittedKeras, training: Listening) -> None:
    documents = len(training.prepared.train)
    steps = -(-documents // BATCH)
    assert training.told[0] == TrainingStarted(RECIPE.name, EPOCHS, steps, documents)
    of_epoch = steps + 2
    assert len(training.told) == 1 + EPOCHS * of_epoch
    for epoch, record in enumerate(fitted.history, start=1):
        begin = 1 + (epoch - 1) * of_epoch
        *step_events, saving, finished = training.told[begin : begin + of_epoch]
        assert [(e.epoch, e.step) for e in step_events if isinstance(e, StepFinished)] == [
            (epoch, step) for step in range(1, steps + 1)
        ]
        assert saving == f"after epoch {epoch}"
        assert isinstance(finished, EpochFinished) and finished.record == record
        assert finished.seconds > 0 and finished.documents_per_second > 0
        last = step_events[-1]
        assert isinstance(last, StepFinished)
        assert (record.loss, record.accuracy) == pytest.approx((last.loss, last.accuracy), rel=1e-6)


def test_the_history_has_a_record_an_epoch(fitted: FittedKeras, training: Listening) -> None:
    assert [record.epoch for record in fitted.history] == list(range(1, EPOCHS + 1))
    assert [record.learning_rate for record in fitted.history] == [0.02] * EPOCHS
    scores, last = fitted.score(training.prepared.validation), fitted.history[-1]
    assert (last.val_loss, last.val_accuracy) == pytest.approx((scores.loss, scores.accuracy))


def test_every_epoch_hands_out_the_weights_of_that_epoch(
    fitted: FittedKeras, training: Listening
) -> None:
    kernels = [parameters["gru/kernel"] for parameters in training.saved]
    assert all(np.any(a != b) for a, b in pairwise(kernels))
    for name, value in fitted.parameters.items():
        np.testing.assert_array_equal(training.saved[-1][name], value)


def test_hoiquy_scores_the_same_with_the_same_parameters(
    fitted: FittedKeras, training: Listening
) -> None:
    assert_same_scores(fitted, training.prepared)


def test_a_softmax_learns_and_scores_as_in_hoiquy() -> None:
    recipe = with_output(RECIPE, "softmax").with_settings(["training.epochs=4"])
    prepared = prepared_for(recipe)
    fitted = fit_keras(recipe, prepared)
    assert fitted.history[-1].loss < fitted.history[0].loss
    scores = assert_same_scores(fitted, prepared)
    np.testing.assert_allclose(scores.probabilities.sum(axis=1, dtype=np.float64), 1, atol=1e-6)


def assert_same_scores(fitted: FittedKeras, prepared: Prepared) -> Scores:
    """Keras' scores of the test documents, which must be hoiquy's with the same weights."""
    split = prepared.test
    words = len(prepared.vocabulary.words)
    ours = build_model(fitted.recipe, vocabulary_size=words, classes=2, seed=1)
    parameters = fitted.parameters
    assert parameters.keys() == ours.parameters.keys()
    for name, parameter in ours.parameters.items():
        parameter[...] = parameters[name]
    with shard_pool() as pool:
        our_scores = score(ours, split, pool)
    their_scores = fitted.score(split)
    assert their_scores.probabilities.dtype == np.float32
    np.testing.assert_allclose(their_scores.probabilities, our_scores.probabilities, atol=1e-5)
    assert their_scores.accuracy == our_scores.accuracy
    assert their_scores.loss == pytest.approx(our_scores.loss, rel=1e-5)
    return their_scores


def test_the_seed_decides_the_result_and_may_have_63_bits() -> None:
    layers = [
        {"type": "embedding", "units": 3},
        {"type": "dropout", "rate": 0.5},
        {"type": "pooling"},
        {"type": "dense", "units": "classes", "activation": "sigmoid"},
    ]
    tables = {
        "name": "pooled", "data": {"max_length": 5}, "model": {"layers": layers},
        "training": {"seed": 2**63 - 1, "epochs": 1, "batch_size": 16},
    }  # fmt: skip
    recipe = Recipe.model_validate(tables)
    prepared = prepared_for(recipe, pairs=20)
    first, again = (fit_keras(recipe, prepared).parameters for _ in range(2))
    for name, value in first.items():
        np.testing.assert_array_equal(value, again[name])


def test_saturated_outputs_are_a_tie_that_the_first_class_wins(
    fitted: FittedKeras, training: Listening
) -> None:
    before = fitted.parameters
    all_first = replace(training.prepared.test, labels=np.zeros_like(training.prepared.test.labels))
    # Both outputs are 1 in float32, although the second logit is larger.
    saturated = {
        "dense/kernel": np.zeros_like(before["dense/kernel"]),
        "dense/bias": np.array([40, 41], np.float32),
    }
    set_keras_parameters(fitted.model, before | saturated)
    scores = fitted.score(all_first)
    set_keras_parameters(fitted.model, before)
    assert scores.accuracy == 1


def test_a_loss_that_is_no_number_ends_the_training() -> None:
    wild = miniature("bai1", "training.learning_rate=10.0", "training.epochs=40")
    wild = wild.with_settings(["data.max_length=60"])
    with pytest.raises(TrainingError, match=r"^the loss is (nan|inf) at epoch \d+, step \d+: try"):
        fit_keras(wild, prepared_for(wild, pairs=50))


def test_the_engine_has_the_name_of_its_backend(fitted: FittedKeras) -> None:
    assert engine_name() == fitted.engine_name == "keras (jax)"


def test_a_backend_that_cannot_train_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.config, "backend", lambda: "numpy")
    with pytest.raises(InputError, match="backend numpy cannot train"):
        fit_keras(RECIPE, prepared_for(RECIPE, pairs=5))


def test_without_keras_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)  # `import keras` fails
    with pytest.raises(MissingExtraError) as caught:
        fit_keras(RECIPE, prepared_for(RECIPE, pairs=5))
    assert "pip install 'hoiquy[keras]'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_any_backend_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"hoiquy\[keras\]"):
        engine_name()


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        ({"torch", "jax", "tensorflow"}, "tensorflow"),
        ({"torch", "jax"}, "jax"),
        ({"torch"}, "torch"),
    ],
)
def test_the_first_backend_that_is_installed_is_chosen(
    installed: set[str], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {name: importlib.util.find_spec("json") for name in installed}
    monkeypatch.setattr(importlib.util, "find_spec", found.get)
    assert keras_backend._first_backend() == chosen


def run_python(code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=False, env=os.environ | environment,
    )  # fmt: skip


def test_an_unknown_backend_is_one_line_too() -> None:
    code = """
from hoiquy.errors import MissingExtraError
from hoiquy.interop.keras import engine_name
try:
    engine_name()
except MissingExtraError as error:
    print(error)
"""
    done = run_python(code, KERAS_BACKEND="nonsense")
    assert done.stdout.startswith("Keras cannot be imported with KERAS_BACKEND=nonsense"), done
    assert done.stdout.count("\n") == 1


def test_hoiquy_does_not_import_keras_on_its_own() -> None:
    code = """
import sys
import hoiquy, hoiquy.training, hoiquy.interop, hoiquy.interop.keras
print({"keras", "jax", "tensorflow", "torch"} & set(sys.modules))
"""
    assert run_python(code).stdout == "set()\n"


@pytest.mark.parametrize(
    "schedule",
    [
        "{type='exponential', decay_rate=0.9}",
        "{type='cosine', warmup_epochs=1, final_fraction=0.1}",
        "{type='plateau', patience=1, factor=0.5}",
    ],
)
def test_schedule_clipping_and_early_stopping_are_those_of_the_recipe(schedule: str) -> None:
    recipe = RECIPE.with_settings(
        [
            "training.epochs=20", "training.learning_rate=0.2", "training.clip_norm=0.5",
            f"training.schedule={schedule}",
            "training.early_stopping={patience=2, restore_best=true}",
        ]
    )  # fmt: skip
    data = prepared_for(recipe, pairs=50)
    fitted = fit_keras(recipe, data)
    best = best_epoch(fitted.history, recipe.training.early_stopping)
    assert len(fitted.history) == best + 2 < 20
    assert fitted.score(data.validation).loss == pytest.approx(fitted.history[best - 1].val_loss)
    optimizer = fitted.model.optimizer
    assert optimizer.global_clipnorm == 0.5
    steps = math.ceil(len(data.train) / BATCH)
    if "plateau" in schedule:
        assert float(optimizer.learning_rate) == pytest.approx(fitted.history[-1].learning_rate)
    else:  # it counts steps by itself
        assert int(optimizer.iterations) == len(fitted.history) * steps
        for record in fitted.history:
            theirs = optimizer._learning_rate(record.epoch * steps - 1)
            assert record.learning_rate == pytest.approx(float(theirs), rel=1e-5)


def test_class_weights_mean_what_they_mean_to_keras() -> None:
    """An epoch of one step from the same weights, on either engine."""
    recipe = RECIPE.with_settings(
        [
            "training.epochs=1", "training.batch_size=1000", "model.layers.1.rate=0",
            "model.layers.2.dropout=0", "model.layers.3.rate=0",
        ]
    )  # fmt: skip
    data = prepared_for(recipe, pairs=40)
    words = len(data.vocabulary.words)
    losses = []
    for weights in ("none", "{neg=3}"):
        weighted = recipe.with_settings([f"training.class_weight={weights}"])
        theirs = fit_keras(weighted, data)
        keras.utils.set_random_seed(recipe.training.seed)  # as fit_keras: the same fresh weights
        fresh = build_keras_model(weighted, vocabulary_size=words, classes=2, logits=True)
        state = TrainingState.initial(weighted, data)
        for name, array in get_keras_parameters(fresh, recipe, vocabulary_size=words).items():
            state.model.parameters[name][...] = array
        ours = fit(weighted, data, state=state)
        for measure in ("loss", "accuracy", "val_loss", "val_accuracy"):
            expected = getattr(theirs.history[0], measure)
            assert getattr(ours.history[0], measure) == pytest.approx(expected, rel=1e-5), measure
        for name, array in ours.parameters.items():
            np.testing.assert_allclose(array, theirs.parameters[name], atol=1e-4)
        losses.append(ours.history[0].loss)
    assert losses[1] > 1.5 * losses[0]
