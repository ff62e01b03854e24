"""Training by the same code in Keras and here: logs, weights and scores."""

from typing import Any

import numpy as np
import pytest

from keras_pairs import Build, layer, pair, sequential, weights_of

RNG = np.random.default_rng(2)
# Batches of 32 and 8, in training, in validation and in evaluation: Keras compiles each size.
WORDS = RNG.integers(1, 30, (40, 6))
WORDS[::2, 4:] = 0
BINARY = (WORDS[:, 0] > 15).astype(int)
CLASSES = WORDS[:, 1] % 3
NUMBERS = RNG.standard_normal(40)


def classifier(units: int, activation: str | None) -> Build:
    return sequential(
        lambda k: k.Input((6,)), layer("Embedding", 30, 5, mask_zero=True), layer("GRU", 4),
        layer("Dense", units, activation=activation),
    )  # fmt: skip


def steps(activation: str | None) -> Build:
    """One output of each step, for targets without a last axis."""
    return sequential(
        lambda k: k.Input((6,)), layer("Embedding", 30, 5), layer("GRU", 4, return_sequences=True),
        layer("Dense", 1, activation=activation),
    )  # fmt: skip


def two_outputs(k: Any) -> Any:
    x = k.Input((6,), name="a")
    h = k.layers.LSTM(4)(k.layers.Embedding(30, 5)(x))
    p = k.layers.Dense(1, activation="sigmoid", name="p")(h)
    return k.Model(x, [p, k.layers.Dense(3, activation="softmax", name="q")(h)])


TWO_LOSSES = ["binary_crossentropy", "sparse_categorical_crossentropy"]
CASES: dict[str, tuple[Build, dict[str, Any], Any, dict[str, Any]]] = {
    "accuracy": (
        classifier(1, "sigmoid"), {"loss": "binary_crossentropy", "metrics": ["accuracy"]}, BINARY,
        {},
    ),
    "acc": (
        classifier(1, "sigmoid"),
        {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["acc", "mae"]}, BINARY,
        {"validation_split": 0.2},
    ),
    "class weights": (
        classifier(3, "softmax"),
        {"optimizer": "sgd", "loss": TWO_LOSSES[1], "metrics": ["accuracy"]}, CLASSES,
        {"class_weight": {0: 1.0, 1: 3.0}},
    ),
    "sample weights": (
        classifier(3, "softmax"),
        {"loss": "categorical_crossentropy", "metrics": ["accuracy"],
         "weighted_metrics": ["mae"]},
        np.eye(3)[CLASSES], {"sample_weight": np.abs(NUMBERS)},
    ),
    "regression": (
        classifier(1, None), {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}, NUMBERS,
        {"validation_data": (WORDS[:8], NUMBERS[:8])},
    ),
    "a number a step": (
        steps(None), {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}, WORDS / 30,
        {"sample_weight": np.abs(NUMBERS), "validation_split": 0.2},
    ),
    "a label a step": (
        steps("sigmoid"), {"loss": "binary_crossentropy", "metrics": ["accuracy"]}, WORDS % 2, {},
    ),
    "penalties": (
        sequential(
            lambda k: k.Input((6,)), layer("Embedding", 30, 5, embeddings_regularizer="l2"),
            layer("LSTM", 4, recurrent_regularizer="l1", activity_regularizer="l2"),
            layer("Dense", 1, activity_regularizer="l1", kernel_constraint="non_neg"),
        ),
        {"optimizer": "adam", "loss": "mse"}, NUMBERS, {},
    ),
    "lists": (
        two_outputs,
        {"loss": TWO_LOSSES, "loss_weights": [1.0, 0.5], "metrics": [["accuracy"], ["accuracy"]]},
        [BINARY, CLASSES], {"validation_split": 0.2},
    ),
    "dictionaries": (
        two_outputs,
        {"loss": dict(zip("pq", TWO_LOSSES, strict=True)), "metrics": {"q": "accuracy"}},
        {"p": BINARY, "q": CLASSES}, {},
    ),
}  # fmt: skip


# What random models show as well.
SLOW = {"accuracy", "class weights", "sample weights", "regression"}
NAMES = [pytest.param(n, marks=pytest.mark.slow if n in SLOW else []) for n in CASES]


def first(targets: Any, rows: int) -> Any:
    """The first rows of an array, or of arrays in a list or in a dictionary."""
    if isinstance(targets, dict):
        return {name: array[:rows] for name, array in targets.items()}
    return [array[:rows] for array in targets] if isinstance(targets, list) else targets[:rows]


@pytest.mark.parametrize("name", NAMES)
def test_history_weights_and_scores_are_the_same(name: str) -> None:
    build, settings, y, options = CASES[name]
    results = []
    for model in pair(build):
        model.compile(**settings)
        history = model.fit(WORDS, y, epochs=2, shuffle=False, verbose=0, **options).history
        scores = model.evaluate(WORDS, y, verbose=0)
        step = model.train_on_batch(WORDS[:32], first(y, 32))
        by_name = model.evaluate(WORDS, y, verbose=0, return_dict=True)
        results.append((dict(history), scores, step, by_name, weights_of(model)))
    theirs, ours = results
    assert list(theirs[0]) == list(ours[0])
    for key, values in theirs[0].items():
        np.testing.assert_allclose(values, ours[0][key], rtol=3e-4, err_msg=key)
    for scores, our_scores in zip(theirs[1:3], ours[1:3], strict=True):
        np.testing.assert_allclose(scores, our_scores, rtol=3e-4)
    assert list(theirs[3]) == list(ours[3])
    for weights, our_weights in zip(theirs[4], ours[4], strict=True):
        np.testing.assert_allclose(weights, our_weights, atol=5e-4)


@pytest.mark.parametrize("settings", [{}, {"loss_weights": [0.5]}])
def test_masked_steps_count_neither_in_the_loss_nor_in_metrics(settings: dict[str, Any]) -> None:
    build = sequential(
        lambda k: k.Input((6,)), layer("Embedding", 30, 5, mask_zero=True),
        layer("GRU", 4, return_sequences=True), layer("Dense", 3, activation="softmax"),
    )  # fmt: skip
    scores = []
    for model in pair(build):
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], **settings)
        scores.append(model.evaluate(WORDS, WORDS % 3, verbose=0))
    np.testing.assert_allclose(*scores, rtol=1e-5)
    right = share_right(model)
    history = model.fit(WORDS, WORDS % 3, batch_size=40, shuffle=False, verbose=0).history
    assert history["accuracy"][0] == pytest.approx(right, abs=1e-6)


def share_right(model: Any) -> float:
    """The share of unmasked steps whose class is predicted."""
    right = model.predict(WORDS, verbose=0).argmax(axis=-1) == WORDS % 3
    return float(right[WORDS > 0].mean())
