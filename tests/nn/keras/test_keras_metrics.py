"""Every metric against real Keras on JAX, on batches with and without weights."""

from typing import Any

import keras
import numpy as np
import pytest
from keras.src.backend import set_keras_mask
from keras.src.trainers.compile_utils import get_metric

from hoiquy.nn.metrics.streaming import METRICS, resolve_accuracy
from metric_cases import CASES, ROWS, Case, draw, metric_of, title

VALUE_NAMES = {  # what Keras calls the value of each
    "PrecisionAtRecall": "recall",
    "RecallAtPrecision": "precision",
    "SensitivityAtSpecificity": "specificity",
    "SpecificityAtSensitivity": "sensitivity",
}


def twin(case: Case) -> Any:
    settings = {VALUE_NAMES.get(case[0], k) if k == "value" else k: v for k, v in case[1].items()}
    return getattr(keras.metrics, case[0])(**settings)


@pytest.mark.parametrize("case", CASES, ids=title)
def test_results(case: Case) -> None:
    """After a batch without weights, and after another with weights."""
    rng = np.random.default_rng(12)
    ours, theirs = metric_of(case), twin(case)
    for weights in (None, rng.random(ROWS).astype(np.float32)):
        targets, predictions = draw(case[2], rng), draw(case[3], rng)
        ours.update(targets, predictions, weights)
        theirs.update_state(targets, predictions, weights)
        np.testing.assert_allclose(ours.result(), theirs.result(), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("case", CASES, ids=title)
def test_names(case: Case) -> None:
    keras.backend.clear_session(free_memory=False)  # which counts names
    assert metric_of(case).name == twin(case).name


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["SparseCategoricalAccuracy", "SparseCategoricalCrossentropy"])
def test_masked_steps(name: str, weighted: bool) -> None:
    rng = np.random.default_rng(3)
    predictions = rng.dirichlet(np.ones(5), (6, 4)).astype(np.float32)
    targets, mask = rng.integers(0, 5, (6, 4)), rng.random((6, 4)) < 0.6
    weights = rng.random((6, 4)).astype(np.float32) if weighted else None
    ours, theirs = METRICS[name](), getattr(keras.metrics, name)()
    ours.update(targets, predictions, weights, mask)
    given = keras.ops.convert_to_tensor(predictions)
    set_keras_mask(given, keras.ops.convert_to_tensor(mask))
    theirs.update_state(targets, given, weights)
    assert ours.result() == pytest.approx(float(theirs.result()), rel=1e-6)


@pytest.mark.parametrize(
    ("targets", "predictions"),
    [((6,), (6, 1)), ((6, 1), (6, 1)), ((6,), (6, 3)), ((6, 1), (6, 3)), ((6, 3), (6, 3)),
     ((6, 2), (6, 2, 3)), ((6, 2, 1), (6, 2, 3)), ((6, 2), (6, 2, 1))],
)  # fmt: skip
def test_accuracy_is_resolved(targets: Any, predictions: Any) -> None:
    rng = np.random.default_rng(1)
    wanted = rng.integers(0, 2, targets)
    given = rng.random(predictions).astype(np.float32)
    theirs = get_metric("acc", wanted, given)
    ours = resolve_accuracy(targets, predictions, "acc")
    assert type(ours).__name__ == type(theirs).__name__ and ours.name == theirs.name == "acc"
    ours.update(wanted, given)
    theirs.update_state(wanted, given)
    assert ours.result() == pytest.approx(float(theirs.result()))
