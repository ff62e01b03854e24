"""Few documents are gone through more often: `training.min_steps`."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hoiquy
from hoiquy.events import Event, StepFinished
from hoiquy.recipe.recipe import load_recipe
from hoiquy.runs.folder import load_recipe_of
from hoiquy.server.served_runs import ServedRuns
from hoiquy.training.schedules import learning_rate
from hoiquy.workflows.verify import retrain
from miniatures import miniature, random_dataset

SETTINGS = ("training.epochs=1", "training.min_steps=7")  # of 2 steps an epoch: 4 epochs


@given(st.integers(1, 100_000), st.integers(0, 5000), st.integers(1, 9), st.integers(1, 300))
def test_as_many_epochs_as_that_takes(documents: int, least: int, epochs: int, batch: int) -> None:
    recipe = load_recipe("bai3").with_settings(
        {"training.epochs": epochs, "training.min_steps": least, "training.batch_size": batch}
    )
    found = recipe.for_documents(documents).training.epochs
    steps = math.ceil(documents / batch)
    assert epochs <= found <= 10 * epochs
    assert found * steps >= least or found == 10 * epochs
    assert found == epochs or (found - 1) * steps < least


def test_the_recipes_are_as_they_were_where_documents_are_many() -> None:
    for name in ("fast", "strong", "best"):
        recipe = load_recipe(name)
        assert recipe.for_documents(22_500) == recipe
        assert recipe.for_documents(8000).training.epochs == 8
        assert recipe.for_documents(20).training.epochs == 30


def test_who_says_how_many_epochs_gets_so_many() -> None:
    recipe = load_recipe("fast")
    assert recipe.with_settings(["training.epochs=5"]).for_documents(10).training.epochs == 5
    both = recipe.with_settings(["training.min_steps=20", "training.epochs=5"])
    assert both.for_documents(10).training.epochs == 20


def test_a_run_has_them_and_says_so(tmp_path: Path) -> None:
    recipe, data = miniature("strong", *SETTINGS), random_dataset()
    told: list[Event] = []
    run = hoiquy.train(data, recipe, tmp_path / "run", on_event=told.append)
    assert [record.epoch for record in run.history] == [1, 2, 3, 4]
    assert sum(isinstance(event, StepFinished) for event in told) == 8
    assert run.recipe.training.epochs == 4
    (row,) = ServedRuns(tmp_path).rows()
    assert (row.epochs_done, row.epochs) == (4, 4)
    # the cosine goes down over all of them
    last = learning_rate(run.recipe.training, 3.5, list(run.history))
    assert run.history[-1].learning_rate == pytest.approx(last)
    assert load_recipe_of(run.folder) == recipe  # what was asked for
    assert retrain(run.folder, data) == []  # type: ignore[arg-type]


def test_the_estimator_has_them() -> None:
    recipe, data = miniature("strong", *SETTINGS), random_dataset()
    classifier = hoiquy.RecurrentClassifier(recipe)
    classifier.fit(list(data.train.texts), data.train.labels)
    assert len(classifier.history_) == 4
