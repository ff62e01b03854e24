"""Random models in Keras and here: outputs, gradients, five steps of an optimizer, History.

HOIQUY_KERAS_PAIRS=3000 pytest tests/keras_front/keras/test_keras_random_models.py tries so many;
HOIQUY_KERAS_FIRST is the first seed.
"""

import os
from typing import Any

import keras
import numpy as np
import pytest

import hoiquy.keras
from against_keras import GRADIENT_ERROR, OUTPUT_ERROR, assert_close
from keras_pairs import weights_of
from keras_steps import KerasSteps, one
from random_keras_models import Builder
from random_keras_training import Plan

MODELS = int(os.environ.get("HOIQUY_KERAS_PAIRS", 25))
FIRST = int(os.environ.get("HOIQUY_KERAS_FIRST", 0))
STEP_ERROR = 1e-4
EVERY = 8  # one of so many models is also trained by `fit`
pytestmark = pytest.mark.filterwarnings("ignore:Layer .* does not support masking")


def models_of(seed: int) -> tuple[Any, Any, Plan]:
    """Keras' model, ours with the same weights, none of them zero, and how to train them."""
    builder, same = Builder(keras, seed), Builder(hoiquy.keras, seed)
    theirs, ours = builder.build(), same.build()
    assert builder.heads == same.heads
    rng = np.random.default_rng(seed)
    for variable in theirs.weights:
        moved = np.asarray(variable.value) + rng.normal(0, 0.1, variable.shape)
        variable.assign(np.abs(moved) if "variance" in variable.name else moved)
    ours.set_weights(weights_of(theirs))
    return theirs, ours, Plan(seed, builder.inputs, builder.heads)


def train_ours(model: Any, plan: Plan, batch: Any) -> float:
    found = model.train_on_batch(
        one(batch.inputs), one(batch.targets), one(batch.weights),
        class_weight=plan.class_weight, return_dict=True,
    )  # fmt: skip
    return float(found["loss"])


@pytest.mark.parametrize("seed", range(FIRST, FIRST + MODELS))
def test_outputs_gradients_and_five_steps_are_the_same(seed: int) -> None:
    theirs, ours, plan = models_of(seed)
    start = weights_of(theirs)
    plan.compile(keras, theirs)
    steps = KerasSteps(theirs, plan)
    first = steps(plan.batches[0])

    plan.compile(hoiquy.keras, ours, hoiquy.keras.optimizers.SGD(1.0))
    loss = train_ours(ours, plan, plan.batches[0])
    assert_close(loss, first.loss, OUTPUT_ERROR, "loss")
    trained = {id(variable) for variable in theirs.trainable_variables}
    trained_start = [
        array
        for array, variable in zip(start, theirs.weights, strict=True)
        if id(variable) in trained
    ]
    moved = [np.asarray(variable.value) for variable in ours.trainable_weights]
    for before, after, gradient, variable in zip(
        trained_start, moved, first.gradients, theirs.trainable_variables, strict=True
    ):
        assert_close(before - after, gradient, GRADIENT_ERROR, f"gradient of {variable.path}")
    ours.set_weights(start)
    plan.compile(hoiquy.keras, ours)
    if not any(
        isinstance(each, keras.layers.BatchNormalization) for each in theirs._flatten_layers()
    ):
        outputs = ours.predict_on_batch(one(plan.batches[0].inputs))
        for i, output in enumerate(first.outputs):
            found = outputs if len(first.outputs) == 1 else outputs[i]
            assert_close(found, output, OUTPUT_ERROR, f"output {i}")
    for number, batch in enumerate(plan.batches):
        expected = first.loss if number == 0 else steps(batch).loss
        ours.reset_metrics()
        assert_close(train_ours(ours, plan, batch), expected, STEP_ERROR, f"loss of step {number}")
    for array, variable, our in zip(
        weights_of(theirs), theirs.weights, weights_of(ours), strict=True
    ):
        assert_close(our, array, STEP_ERROR, f"{variable.path} after {plan.optimizer}")


@pytest.mark.parametrize("seed", range(FIRST, FIRST + MODELS, EVERY))
def test_histories_are_the_same(seed: int) -> None:
    theirs, ours, plan = models_of(seed)
    histories = []
    for k, model in ((keras, theirs), (hoiquy.keras, ours)):
        plan.compile(k, model, metrics=plan.metrics())
        parts = [plan.joined(start, 2) for start in (0, 2)]
        data = [tuple(one(arrays) for arrays in part) for part in parts]
        history = model.fit(
            *data[0][:2], sample_weight=data[0][2], class_weight=plan.class_weight,
            validation_data=data[1], batch_size=6, epochs=2, shuffle=False, verbose=0,
        )  # fmt: skip
        histories.append(history.history)
    theirs, ours = histories
    assert list(theirs) == list(ours)
    for key, values in theirs.items():
        np.testing.assert_allclose(ours[key], values, rtol=1e-4, atol=1e-5, err_msg=key)
