"""Training of graph recipes: equal to chains, the same bits on any threads and when resumed."""

from typing import Any

import numpy as np
import pytest

from branches import branching_recipe
from hoiquy.nn.optimizers import OPTIMIZERS
from hoiquy.recipe.recipe import Recipe, validate_recipe
from hoiquy.training.fit_callbacks import FitCallbacks
from hoiquy.training.inference import Inference
from hoiquy.training.loop import FittedModel, fit
from hoiquy.training.memory_estimate import estimate_memory
from hoiquy.training.model_building import build_model
from hoiquy.training.state import TrainingState
from miniatures import miniature, prepared

MASKED = {"type": "embedding", "units": 6, "mask_zero": True}
OUTPUT = {"type": "dense", "activation": "softmax"}


class _KilledError(Exception):
    """Stands for the end of the process."""


def bits(fitted: FittedModel) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in fitted.parameters.items()}


def resumed(recipe: Recipe, at_step: int) -> FittedModel:
    """Train to a step, and go on from the saved state in a new model."""
    documents = prepared(recipe)
    saved: dict[str, Any] = {}

    def after_step(state: TrainingState) -> None:
        if state.optimizer.step == at_step and not saved:
            saved["facts"] = state.facts()
            saved["arrays"] = {name: array.copy() for name, array in state.arrays().items()}
            raise _KilledError

    with pytest.raises(_KilledError):
        fit(recipe, documents, FitCallbacks(after_step=after_step))
    state = TrainingState.initial(recipe, documents)
    state.restore(saved["facts"], saved["arrays"])
    return fit(recipe, documents, state=state)


def test_branches_train_to_the_same_bits_on_any_threads_and_resumed() -> None:
    recipe = branching_recipe(early_stopping={"restore_best": True})
    documents = prepared(recipe)
    one = fit(recipe, documents, threads=1)
    assert "batch_normalization/moving_mean" in one.parameters
    assert one.parameters["batch_normalization/moving_mean"].any()
    assert bits(fit(recipe, documents, threads=3)) == bits(one)
    for step in (1, 3):
        again = resumed(recipe, step)
        assert bits(again) == bits(one)
        assert again.history == one.history
    norms = np.linalg.norm(one.parameters["conv1d/kernel"], axis=0)
    np.testing.assert_allclose(norms, 1, atol=1e-5)  # the constraint


@pytest.mark.parametrize("kind", sorted(OPTIMIZERS))
def test_every_optimizer_resumes_exactly(kind: str) -> None:
    settings = {"sgd": {"momentum": 0.9}, "rmsprop": {"centered": True, "momentum": 0.5}}
    optimizer = {"type": kind, **settings.get(kind, {})}
    recipe = branching_recipe(MASKED, {"type": "gru", "units": 4}, OUTPUT, optimizer=optimizer)
    whole = fit(recipe, prepared(recipe))
    assert bits(resumed(recipe, 2)) == bits(whole)


def test_a_frozen_layer_stays() -> None:
    frozen = {**MASKED, "trainable": False, "embeddings_regularizer": "l2"}
    recipe = branching_recipe(frozen, {"type": "gru", "units": 4}, OUTPUT)
    trained = fit(recipe, prepared(recipe)).parameters["embedding/embeddings"]
    words = len(prepared(recipe).vocabulary.words)
    initial = build_model(recipe, vocabulary_size=words, classes=2, seed=1)
    np.testing.assert_array_equal(trained, initial.parameters["embedding/embeddings"])
    assert initial.penalty() == 0  # as in Keras, only what is trained is penalised
    assert bits(resumed(recipe, 2)) == bits(fit(recipe, prepared(recipe)))


@pytest.mark.parametrize("name", ["bai2", "bai4", "bai5"])
def test_a_chain_written_as_a_graph_is_the_same_network(name: str) -> None:
    chain = miniature(name)
    tables = chain.model_dump()
    names = chain.model.names()
    for position, table in enumerate(tables["model"]["layers"]):
        table["inputs"] = [names[position - 1] if position else "input"]
    tables["pretraining"] = None
    graph = validate_recipe({k: v for k, v in tables.items() if v is not None}, "graph")
    assert chain.model.is_chain and not graph.model.is_chain
    documents = prepared(chain)
    one, other = fit(chain, documents), fit(graph, documents)
    assert bits(one) == bits(other)
    np.testing.assert_allclose(
        [record.val_loss for record in one.history],
        [record.val_loss for record in other.history], rtol=1e-5,
    )  # fmt: skip


def test_masked_steps_of_a_graph_are_computed_as_those_of_a_chain() -> None:
    """A chain skips columns of padding; a graph must not, and gets the same logits."""
    layers = [MASKED, {"type": "gru", "units": 5, "return_sequences": True}, {"type": "pooling"},
              OUTPUT]  # fmt: skip
    chain = branching_recipe(*layers)
    graph = branching_recipe({**MASKED, "inputs": ["input"]}, *layers[1:])
    indices = np.array([[0, 0, 0, 5, 6], [0, 0, 0, 0, 7], [0, 0, 0, 0, 0]], np.int32)
    logits = [
        Inference.of(build_model(r, vocabulary_size=20, classes=2, seed=3), 12).logits(indices)
        for r in (chain, graph)
    ]
    np.testing.assert_allclose(logits[0], logits[1], atol=1e-6)


def test_a_backward_layer_does_not_begin_late() -> None:
    layers = [{"type": "embedding", "units": 4}, {"type": "lstm", "units": 3}, OUTPUT]
    recipe = branching_recipe(layers[0], {**layers[1], "go_backwards": True}, OUTPUT)
    assert recipe.model.is_chain
    model = build_model(recipe, vocabulary_size=20, classes=2, seed=3)
    indices = np.array([[0] * 7 + [5, 6, 9, 4, 8]], np.int32)
    np.testing.assert_allclose(
        Inference.of(model, 12).logits(indices), model.logits(indices), atol=1e-6
    )


def test_label_smoothing_is_that_of_keras() -> None:
    """(1 - s) t + s / n for a softmax of n classes, s / 2 for sigmoids."""
    recipe = branching_recipe(MASKED, {"type": "gru", "units": 4}, OUTPUT)
    output = build_model(recipe, vocabulary_size=9, classes=3, seed=1).output
    logits = np.array([[1.0, 2.0, -1.0]], np.float32)
    log_p = logits - np.log(np.exp(logits).sum())
    smooth = np.array([[0.1 / 3, 0.9 + 0.1 / 3, 0.1 / 3]])
    losses, gradient = output.losses(logits, np.array([[0, 1, 0]], np.float32))
    np.testing.assert_allclose(losses, -(smooth * log_p).sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(gradient, np.exp(log_p) - smooth, atol=1e-6)


def test_memory_is_estimated_for_branches() -> None:
    recipe = branching_recipe()
    estimate = estimate_memory(recipe, 40, 2, 2, "plain")
    model = build_model(recipe, vocabulary_size=40, classes=2, seed=1)
    assert estimate.weights == 3 * 4 * sum(array.size for array in model.arrays.values())
