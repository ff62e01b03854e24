"""Early stopping: what Keras' EarlyStopping does, told by the history alone."""

import numpy as np
import pytest

from epoch_records import records
from hoiquy.recipe.training import EarlyStopping
from hoiquy.training.early_stopping import best_epoch, stops_early
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.loop import fit
from hoiquy.training.state import TrainingState
from miniatures import miniature, prepared


def test_no_epoch_is_the_best_of_none() -> None:
    assert best_epoch([], EarlyStopping()) == 0
    assert not stops_early([], EarlyStopping(patience=1))


@pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy"])
def test_the_best_epoch_is_the_first_of_equals(monitor: str) -> None:
    found = best_epoch(records([0.5, 0.25, 0.25, 0.3]), EarlyStopping(monitor=monitor))
    assert found == 2


def test_an_improvement_must_exceed_min_delta() -> None:
    history = records([0.5, 0.45, 0.38])
    assert best_epoch(history, EarlyStopping(min_delta=0.1)) == 3
    assert best_epoch(history[:2], EarlyStopping(min_delta=0.1)) == 1


def test_without_patience_it_never_stops() -> None:
    assert not stops_early(records([0.1, *[0.9] * 50]), EarlyStopping())


def test_training_stops_and_ends_with_the_best_weights() -> None:
    recipe = miniature(
        "bai3", "training.epochs=60", "training.learning_rate=0.05",
        "training.early_stopping.patience=2", "training.early_stopping.restore_best=true",
    )  # fmt: skip
    data = prepared(recipe)
    of_epoch: list[dict[str, np.ndarray]] = []

    def keep(state: TrainingState) -> None:
        if state.position.step == 0:
            of_epoch.append({name: a.copy() for name, a in state.model.parameters.items()})

    fitted = fit(recipe, data, FitCallbacks(after_step=keep))
    best = best_epoch(fitted.history, recipe.training.early_stopping)
    assert len(fitted.history) == best + 2 < 60
    for name, array in fitted.parameters.items():
        np.testing.assert_array_equal(array, of_epoch[best - 1][name])
    last = of_epoch[-1]
    assert any(np.any(array != last[name]) for name, array in fitted.parameters.items())
