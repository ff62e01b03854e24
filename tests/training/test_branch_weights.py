"""How much the layers and the wide part count: chosen on validation documents, in place."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiquy.nn.losses import OUTPUTS
from hoiquy.nn.model import Model
from hoiquy.nn.shards import shard_pool
from hoiquy.training.branch_weights import fit_branch_weights
from hoiquy.training.encoding.prepared import Prepared
from hoiquy.training.inference import Inference
from hoiquy.training.loop import _class_shares
from hoiquy.training.stacking import fit_stacking_weights, log_loss
from hoiquy.training.state import TrainingState
from miniatures import miniature, prepared, with_output


@pytest.fixture(params=OUTPUTS)
def activation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def trained(activation: str, *settings: str) -> tuple[Model, Prepared]:
    """Random weights; the labels of the data set are random, too."""
    recipe = miniature("fast", "data.validation_fraction=0.5", *settings)
    recipe = with_output(recipe, activation)
    documents = prepared(recipe, documents=200)
    model = TrainingState.initial(recipe, documents).model
    rng = np.random.default_rng(2)
    for array in model.parameters.values():
        array[...] = rng.normal(0, 0.5, array.shape)
    return model, documents


def validation_logits(model: Model, documents: Prepared) -> np.ndarray:
    with shard_pool() as pool:
        return Inference.of(model, 7).logits_of(documents.validation, pool)


def weighed(model: Model, documents: Prepared) -> None:
    with shard_pool() as pool:
        fit_branch_weights(model, documents.validation, pool)


def loss(model: Model, documents: Prepared) -> float:
    log_p = model.output.log_probabilities(validation_logits(model, documents))
    return log_loss([log_p], [1.0], documents.validation.labels)[0]


def test_a_part_that_knows_nothing_is_hardly_heard(activation: str) -> None:
    """The labels are what the wide part says of the documents."""
    model, documents = trained(activation)
    assert model.wide is not None
    validation = documents.validation
    x, _ = model.inputs(validation.indices(np.arange(len(validation))))
    validation.labels[:] = model.wide.forward(x, None, None)[0].argmax(axis=1)
    before = {name: array.copy() for name, array in model.parameters.items()}
    worse = loss(model, documents)
    weighed(model, documents)
    of_layers = model.parameters["dense/kernel"] / before["dense/kernel"]
    changed = before["wide/weights"] != 0
    of_wide = model.parameters["wide/weights"][changed] / before["wide/weights"][changed]
    assert np.ptp(of_layers) < 1e-5 and np.ptp(of_wide) < 1e-5  # one weight for all of a part
    assert of_layers.mean() < 0.5 < 1 < of_wide.mean()
    assert loss(model, documents) < worse


def test_nothing_but_the_two_parts_last_weights_changes(activation: str) -> None:
    model, documents = trained(activation)
    logits = validation_logits(model, documents)
    documents.validation.labels[:] = logits.argmax(axis=1)
    before = {name: array.copy() for name, array in model.parameters.items()}
    weighed(model, documents)
    moved = {name for name, array in model.parameters.items() if (array != before[name]).any()}
    assert moved == {"dense/kernel", "dense/bias", "wide/weights"}


def test_a_model_without_a_wide_part_stays_as_it_is(activation: str) -> None:
    model, documents = trained(activation, "model.wide=false")
    before = {name: array.copy() for name, array in model.parameters.items()}
    weighed(model, documents)
    for name, array in model.parameters.items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("label", [0, 1])
def test_validation_documents_of_one_class_give_numbers(activation: str, label: int) -> None:
    model, documents = trained(activation)
    documents.validation.labels[:] = label
    weighed(model, documents)
    assert all(np.isfinite(array).all() for array in model.parameters.values())


def test_a_model_that_is_wrong_of_the_only_document_stays_as_it_is(activation: str) -> None:
    """Else both parts would get no weight: every answer would be 0.5."""
    model, documents = trained(activation)
    one = replace(documents, validation=documents.validation.part(0, 1))
    wide = model.wide
    assert wide is not None
    wide.parameters["weights"][...] = 0
    model.parameters["dense/bias"][...] = (-9, 9)
    one.validation.labels[:] = 0
    before = {name: array.copy() for name, array in model.parameters.items()}
    weighed(model, one)
    for name, array in model.parameters.items():
        np.testing.assert_array_equal(array, before[name])


def logits_of_parts(model: Model, documents: Prepared) -> list[np.ndarray]:
    with shard_pool() as pool:
        parts = [Inference.of(part, 7) for part in model.branches()]
        return [part.logits_of(documents.validation, pool) for part in parts]


def test_a_softmax_is_weighed_by_its_own_likelihood() -> None:
    """The weights make the labels most probable under the model that weighs its branches so."""
    model, documents = trained("softmax")
    parts = logits_of_parts(model, documents)
    log_p = [model.output.log_probabilities(one) for one in parts]
    labels = documents.validation.labels
    rng = np.random.default_rng(6)
    noisy = parts[0] + 2 * parts[1] + rng.gumbel(0, 4, parts[0].shape)
    labels[:] = noisy.argmax(axis=1)  # so that neither weight is 0
    weights = fit_stacking_weights(log_p, labels)
    assert min(weights) > 0.01
    weighed(model, documents)
    assert loss(model, documents) == pytest.approx(log_loss(log_p, weights, labels)[0], rel=1e-4)
    average = sum(weight * one for weight, one in zip(weights, parts, strict=True))
    np.testing.assert_allclose(validation_logits(model, documents), average, rtol=1e-4, atol=1e-4)
    for around in ((1.2, 1), (0.8, 1), (1, 1.2), (1, 0.8)):
        other = np.multiply(weights, around)
        assert log_loss(log_p, other, labels)[0] > loss(model, documents) - 1e-4


@given(
    seed=st.integers(0, 2**16), classes=st.integers(2, 9),
    ends=st.tuples(*[st.floats(0, 20)] * 4), at=st.floats(0, 1),
)  # fmt: skip
def test_the_weights_of_softmax_branches_are_a_convex_problem(
    seed: int, classes: int, ends: tuple[float, ...], at: float
) -> None:
    """Between any two weightings the loss lies below the line that joins them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 5, (2, 12, classes)).astype(np.float32)
    labels = rng.integers(0, classes, 12).astype(np.int32)
    log_p = [OUTPUTS["softmax"].log_probabilities(one) for one in logits]
    one, other = np.array(ends[:2]), np.array(ends[2:])

    def of(weights: np.ndarray) -> float:
        return log_loss(log_p, weights, labels)[0]

    line = at * of(one) + (1 - at) * of(other)
    assert of(at * one + (1 - at) * other) <= line + 1e-9 * (1 + line)


def test_a_model_that_knows_nothing_predicts_the_most_frequent_class() -> None:
    """Labels by chance, four of five of the second class; without their shares, it would waver."""
    model, documents = trained("softmax")
    rng = np.random.default_rng(7)
    labels = documents.validation.labels
    labels[:] = rng.random(len(labels)) < 0.8
    shares = np.array([0.2, 0.8])
    with shard_pool() as pool:
        fit_branch_weights(model, documents.validation, pool, shares)
    probabilities = model.output.probabilities(validation_logits(model, documents))
    assert (probabilities.argmax(axis=1) == 1).mean() > 0.95
    assert probabilities[:, 1].mean() == pytest.approx(labels.mean(), abs=0.05)


def test_shares_are_weighed_as_a_third_part() -> None:
    """The weighted model is the one whose likelihood the weights were fitted for."""
    model, documents = trained("softmax")
    parts = [Inference.of(part, 7) for part in model.branches()]
    labels, shares = documents.validation.labels, np.array([0.3, 0.7])
    labels[:] = np.random.default_rng(7).random(len(labels)) < 0.8
    with shard_pool() as pool:
        log_p = [
            model.output.log_probabilities(part.logits_of(documents.validation, pool))
            for part in parts
        ]
        fit_branch_weights(model, documents.validation, pool, shares)
    log_p.append(np.tile(np.log(shares), (len(documents.validation), 1)))
    weights = fit_stacking_weights(log_p, labels)
    expected = log_loss(log_p, weights, labels)[0]
    assert weights[2] > 0
    assert loss(model, documents) == pytest.approx(expected, rel=1e-5)


def test_weighted_classes_keep_their_weights() -> None:
    """The shares would take back what `class_weight` asks for."""
    recipe = miniature("fast", "training.class_weight=balanced", "training.epochs=1")
    plain = recipe.with_settings(["training.class_weight=none"])
    documents = prepared(recipe)
    assert _class_shares(recipe, documents) is None
    assert _class_shares(with_output(plain, "sigmoid"), documents) is None
    counts = np.bincount(documents.train.labels) + 1
    np.testing.assert_allclose(_class_shares(plain, documents), counts / counts.sum())


@pytest.mark.parametrize("count", [1, 19, 20])
def test_hardly_any_validation_documents_change_nothing(activation: str, count: int) -> None:
    """All of them may be right by chance, and the weights then be large."""
    model, documents = trained(activation)
    few = replace(documents, validation=documents.validation.part(0, count))
    before = {name: array.copy() for name, array in model.parameters.items()}
    weighed(model, few)
    same = all(np.array_equal(array, before[name]) for name, array in model.parameters.items())
    assert same == (count < 20)
