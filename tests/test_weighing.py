"""How much the layers and the wide part count: chosen on validation documents, in place."""

from dataclasses import replace

import numpy as np
import pytest

from hoiquy.inference import Inference
from hoiquy.model import Model
from hoiquy.parallel import shard_pool
from hoiquy.preparation import Prepared
from hoiquy.stacking import log_loss, log_probabilities
from hoiquy.training_state import TrainingState
from hoiquy.weighing import weigh_parts
from miniatures import miniature, prepared


def trained(*settings: str) -> tuple[Model, Prepared]:
    """Random weights; the labels of the data set are random, too."""
    recipe = miniature("fast", "data.validation_fraction=0.5", *settings)
    documents = prepared(recipe, documents=200)
    model = TrainingState.beginning(recipe, documents).model
    rng = np.random.default_rng(2)
    for array in model.parameters.values():
        array[...] = rng.normal(0, 0.5, array.shape)
    return model, documents


def validation_logits(model: Model, documents: Prepared) -> np.ndarray:
    with shard_pool() as pool:
        return Inference.of(model, 7).read(documents.validation, pool)


def weighed(model: Model, documents: Prepared) -> None:
    with shard_pool() as pool:
        weigh_parts(model, documents.validation, pool)


def loss(model: Model, documents: Prepared) -> float:
    probabilities = 1 / (1 + np.exp(-validation_logits(model, documents).astype(np.float64)))
    labels = documents.validation.labels
    return log_loss([log_probabilities(probabilities)], [1.0], labels)[0]


def test_a_part_that_knows_nothing_is_hardly_heard() -> None:
    """The labels are what the wide part says of the documents."""
    model, documents = trained()
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


def test_nothing_but_the_two_parts_last_weights_changes() -> None:
    model, documents = trained()
    logits = validation_logits(model, documents)
    documents.validation.labels[:] = logits.argmax(axis=1)
    before = {name: array.copy() for name, array in model.parameters.items()}
    weighed(model, documents)
    moved = {name for name, array in model.parameters.items() if (array != before[name]).any()}
    assert moved == {"dense/kernel", "dense/bias", "wide/weights"}


def test_a_model_without_a_wide_part_stays_as_it_is() -> None:
    model, documents = trained("model.wide=false")
    before = {name: array.copy() for name, array in model.parameters.items()}
    weighed(model, documents)
    for name, array in model.parameters.items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("label", [0, 1])
def test_validation_documents_of_one_class_give_numbers(label: int) -> None:
    model, documents = trained()
    documents.validation.labels[:] = label
    weighed(model, documents)
    assert all(np.isfinite(array).all() for array in model.parameters.values())


def test_a_model_that_is_wrong_of_the_only_document_stays_as_it_is() -> None:
    """Else both parts would get no weight: every answer would be 0.5."""
    model, documents = trained()
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
