"""A training that cannot go on says where and why; one that is stopped leaves nothing behind."""

import math
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hoiquy.errors import TrainingError
from hoiquy.events import Event, StepFinished
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.runs.folder import load_run
from hoiquy.training import state as training_state
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.loop import check_loss, fit
from hoiquy.training.model_building import build_model
from hoiquy.workflows.train import resume, train
from miniatures import miniature, prepared, random_dataset


def exploding() -> Recipe:
    return miniature("bai1", "training.learning_rate=10", "data.max_length=80", "training.epochs=4")


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
    monkeypatch.setattr(training_state, "build_model", poisoned_build)
    recipe = miniature("bai3")
    with pytest.raises(TrainingError, match=r"loss is nan at epoch 1, step 1:.*0\.01"):
        fit(recipe, prepared(recipe))


def interrupt(event: Event) -> None:
    if isinstance(event, StepFinished) and (event.epoch, event.step) == (2, 1):
        raise KeyboardInterrupt


def be_interrupted(data: Prepared, recipe: Recipe) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, data, FitCallbacks(interrupt), threads=3)


def fail(data: Prepared, recipe: Recipe) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_state, "build_model", poisoned_build)
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
        fit(recipe, data, FitCallbacks(interrupt, lambda state: saved.append(len(state.history))))
    assert saved[-1] == 1


def test_the_folder_keeps_the_last_good_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models: list[Model] = []

    def keeping(recipe: Recipe, **options: int) -> Model:
        models.append(build_model(recipe, **options))
        return models[-1]

    def poison(event: Event) -> None:
        if isinstance(event, StepFinished) and (event.epoch, event.step) == (2, 1):
            models[-1].parameters["lstm/kernel"][0, 0] = math.nan

    monkeypatch.setattr(training_state, "build_model", keeping)
    recipe, data = miniature("bai3", "training.batch_size=32"), random_dataset()
    with pytest.raises(TrainingError, match=r"loss is nan at epoch 2, step 2") as caught:
        train(data, recipe, tmp_path / "run", on_event=poison, checkpoint_seconds=1e9)
    run = load_run(tmp_path / "run")
    assert (run.result.status, run.result.epochs) == ("interrupted", 1)
    assert f"{run.folder} keeps the weights of epoch 1" in str(caught.value)
    assert "training.clip_norm=1" in str(caught.value)
    assert all(np.isfinite(array).all() for array in run.weights().values())
    assert resume(run.folder, data=data).result.status == "complete"


@pytest.mark.parametrize("loss", [math.nan, math.inf, 2e4])
def test_a_loss_that_is_no_number_or_explodes(loss: float) -> None:
    with pytest.raises(TrainingError, match="try a smaller"):
        check_loss(miniature("bai3"), "loss", loss, "here", first_loss=0.7)


def test_a_large_loss_may_begin_large() -> None:
    check_loss(miniature("bai1"), "loss", 2e4, "here", first_loss=30.0)
