"""Members are compared on the documents that all have predicted."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.losses.output import log_softmax
from hoiquy.workflows.ensemble.members import Members

LABELS = np.random.default_rng(0).integers(0, 2, 400)


def predictions(
    signal: float, seed: int, known: slice = slice(None), labels: NDArray[np.int64] = LABELS
) -> NDArray[np.float64]:
    margins = np.random.default_rng(seed).normal(size=(len(labels), 2))
    margins[np.arange(len(labels)), labels] += signal
    found = np.full(margins.shape, np.nan)
    found[known] = log_softmax(margins)[known]
    return found


def members(*added: tuple[str, str, NDArray[np.float64]]) -> Members:
    found = Members(LABELS)
    for member, folder, log_p in added:
        found.add(member, Path("members") / folder, log_p)
    return found


def test_an_ensemble_is_fitted_where_all_members_have_predicted() -> None:
    found = members(
        ("linear", "linear", predictions(1.0, 1)),
        ("gru", "gru-1", predictions(1.0, 2, slice(0, 100))),
        ("gru", "gru-2", predictions(1.0, 3, slice(100, 150))),
    )
    ensemble = found.ensemble("accuracy", ["linear", "gru"])
    assert ensemble.held_out.documents == 150
    linear, gru = ensemble.members
    assert (linear.kind, linear.models) == ("linear", ["linear"])
    assert (gru.kind, gru.models) == ("network", ["gru-1", "gru-2"])
    assert linear.weight > 0 and gru.weight > 0


def test_models_that_held_out_the_same_documents_are_averaged() -> None:
    one, two = predictions(1.0, 1), predictions(1.0, 2)
    apart = members(("gru", "gru-1", one), ("gru", "gru-2", two)).ensemble("log_loss", ["gru"])
    mean = members(("gru", "gru-1", (one + two) / 2)).ensemble("log_loss", ["gru"])
    assert np.isclose(apart.members[0].weight, mean.members[0].weight)
    assert apart.held_out == mean.held_out


def test_only_networks_that_lower_the_log_loss_are_worth_it_the_best_first() -> None:
    found = members(
        ("linear", "linear", predictions(1.0, 1)),
        ("useless", "useless-1", predictions(0.0, 2)),
        ("fair", "fair-1", predictions(0.8, 3)),
        ("good", "good-1", predictions(2.0, 4)),
    )
    assert found.worth(["useless", "fair", "good"]) == ["good", "fair"]


def test_a_copy_of_the_linear_classifier_is_worth_nothing() -> None:
    linear = predictions(1.0, 1)
    found = members(("linear", "linear", linear), ("copy", "copy-1", linear.copy()))
    assert found.worth(["copy"]) == []
    assert found.worth([]) == []


def test_the_linear_classifier_is_measured_where_all_members_have_predicted() -> None:
    linear = predictions(1.0, 1)
    found = members(
        ("linear", "linear", linear), ("gru", "gru-1", predictions(1.0, 2, slice(0, 100)))
    )
    correct = linear.argmax(axis=1) == LABELS
    assert correct[:100].mean() != correct.mean()
    assert found.linear_accuracy(["linear", "gru"]) == correct[:100].mean()
