"""Norms of gradients: by layer, without the penalty, and never a number that JSON does not have."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from hoiquy.nn.shards import shard_pool
from hoiquy.training.gradient_norms import MOST, gradient_norms, record_gradients
from hoiquy.training.gradients import batch_gradients
from hoiquy.training.loop import fit
from hoiquy.training.state import TrainingState
from miniatures import LAB, miniature, prepared


def test_it_is_the_norm_of_all_parameters_of_a_layer_without_the_penalty() -> None:
    recipe = miniature("bai3")
    documents = prepared(recipe)
    state = TrainingState.initial(recipe, documents)
    rows = np.arange(40)
    indices, targets = documents.train.indices(rows), documents.train.targets(rows)
    with shard_pool() as pool:
        with_penalty = batch_gradients(state.model, indices, targets, pool, None).gradients
        found = gradient_norms(state.model, with_penalty)
        for layer in state.model.layers:
            layer.penalties.clear()
        without = batch_gradients(state.model, indices, targets, pool, None).gradients
    assert list(found) and set(found) == {"embedding", "lstm", "dense"}
    for layer, norm in found.items():
        parts = [g.ravel() for name, g in without.items() if name.startswith(f"{layer}/")]
        assert norm == pytest.approx(np.linalg.norm(np.concatenate(parts)), rel=1e-3)
    kernel = with_penalty["lstm/kernel"] - without["lstm/kernel"]
    assert np.linalg.norm(kernel) > found["lstm"] / 10  # the penalty would have shown


def test_the_first_step_and_the_largest_of_all_are_kept() -> None:
    recipe = miniature("bai5")
    state = TrainingState.initial(recipe, prepared(recipe))
    gradients = {name: np.ones_like(array) for name, array in state.model.parameters.items()}
    for step, factor in enumerate((2, 5, 3)):
        record_gradients(state, {name: factor * array for name, array in gradients.items()})
        state.position.step = step + 1
    dense = float(np.sqrt(sum(g.size for name, g in gradients.items() if "dense" in name)))
    assert state.position.gradient_norms["dense"] == pytest.approx(2 * dense, rel=1e-5)
    assert state.position.largest_gradient_norms["dense"] == pytest.approx(5 * dense, rel=1e-5)
    assert "embedding" in state.position.gradient_norms
    assert "embedding" not in state.position.largest_gradient_norms  # it would take too long


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_what_is_no_number_counts_as_very_large(value: float) -> None:
    recipe = miniature("bai1")
    state = TrainingState.initial(recipe, prepared(recipe))
    parameters = state.model.parameters
    with np.errstate(over="ignore", invalid="ignore"):
        record_gradients(
            state, {name: np.full_like(array, value) for name, array in parameters.items()}
        )
    assert set(state.position.gradient_norms.values()) == {MOST}
    assert "Infinity" not in json.dumps(asdict(state.position))


@pytest.mark.parametrize("name", LAB)
def test_they_do_not_depend_on_the_number_of_threads(name: str) -> None:
    recipe = miniature(name, "training.batch_size=110")
    documents = prepared(recipe, documents=160)
    one, four = (fit(recipe, documents, threads=threads).history for threads in (1, 4))
    assert one == four
    assert all(record.gradient_norms and record.largest_gradient_norms for record in one)
