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
from keras_steps import KerasSteps, Step, one
from random_keras_models import ACTIVATION_OF_HEAD, Array, Builder
from random_keras_training import Batch, Plan

MODELS = int(os.environ.get("HOIQUY_KERAS_PAIRS", 4))
FIRST = int(os.environ.get("HOIQUY_KERAS_FIRST", 0))
# Masks and states, a shared normalisation, a frozen penalty, equal maxima: each was once another
# result.
TELLING = [] if "HOIQUY_KERAS_PAIRS" in os.environ else [15, 134, 262, 3219]
SEEDS = [*range(FIRST, FIRST + MODELS), *TELLING]
STEP_ERROR = 1e-4
NOISE = 3e-5  # of gradients
CLIPPED = 1e-6  # Keras on JAX clips probabilities nearer to 0 and 1 than 1e-7
EVERY = 8  # one of so many models is also trained by `fit`
pytestmark = pytest.mark.filterwarnings(
    "ignore:Layer .* does not support masking",
    "ignore:You are using a softmax over axis",
    "ignore:.*a softmax of one unit",
)


def models_of(seed: int) -> tuple[Any, Any, Plan]:
    """Keras' model, ours with the same weights, none of them zero, and how to train them."""
    keras.utils.set_random_seed(seed)
    builder, same = Builder(keras, seed), Builder(hoiquy.keras, seed)
    theirs, ours = builder.build(), same.build()
    assert builder.heads == same.heads
    rng = np.random.default_rng(seed)
    for variable in theirs.weights:
        moved = np.asarray(variable.value) + rng.normal(0, 0.1, variable.shape)
        variable.assign(np.abs(moved) if "variance" in variable.name else moved)
    ours.set_weights(weights_of(theirs))
    return theirs, ours, Plan(seed, builder.inputs, builder.heads)


def train_ours(model: Any, plan: Plan, batch: Batch) -> float:
    found = model.train_on_batch(
        one(batch.inputs), one(batch.targets), one(batch.weights),
        class_weight=plan.class_weight, return_dict=True,
    )  # fmt: skip
    return float(found["loss"])


def listed(outputs: Any) -> list[Any]:
    return outputs if isinstance(outputs, list) else [outputs]


def arrays_of(variables: list[Any]) -> list[Any]:
    return [np.array(variable.value) for variable in variables]


def assert_same_outputs(ours: Any, outputs: list[Array], batch: Batch) -> None:
    found = listed(ours.predict_on_batch(one(batch.inputs)))
    for i, (our, output) in enumerate(zip(found, outputs, strict=True)):
        assert_close(our, output, OUTPUT_ERROR, f"output {i}")


def assert_same_gradients(ours: Any, theirs: Any, plan: Plan, step: Step) -> None:
    """By a step of SGD(1.0) of ours."""
    before = arrays_of(ours.trainable_weights)
    plan.compile(hoiquy.keras, ours, hoiquy.keras.optimizers.SGD(1.0))
    loss = train_ours(ours, plan, plan.batches[0])
    assert_close(loss, step.loss, OUTPUT_ERROR, "loss")
    for old, new, gradient, variable in zip(
        before, arrays_of(ours.trainable_weights), step.gradients, theirs.trainable_variables,
        strict=True,
    ):  # fmt: skip
        assert_close(old - new, gradient, GRADIENT_ERROR, f"gradient of {variable.path}")


def is_clipped(step: Step, plan: Plan) -> bool:
    """Whether the loss and its gradients differ by Keras' clipping of probabilities."""
    return any(
        head.kind in ACTIVATION_OF_HEAD and bool((np.abs(y - 0.5) > 0.5 - CLIPPED).any())
        for head, y in zip(plan.heads, step.outputs, strict=True)
    )


def assert_same_weights(ours: Any, theirs: Any, steps: list[Step], what: str) -> None:
    """After some steps; ours take those of Keras' whose gradients are nothing but rounding.

    Optimizers scale the smallest gradients up, as of a bias before a normalisation.
    """
    rounding = {}
    for i, variable in enumerate(theirs.trainable_variables):
        sizes = np.abs([step.gradients[i] for step in steps])
        largest = sizes.max(axis=0)
        rounding[variable.path] = (sizes[-1] <= NOISE) & (largest > 0)
        if any(end in variable.path for end in ("bias", "beta")):  # 0 for Keras alone
            rounding[variable.path] |= largest <= NOISE
    weights = []
    for variable, our, their in zip(
        theirs.weights, weights_of(ours), steps[-1].weights, strict=True
    ):
        weights.append(np.where(rounding.get(variable.path, False), their, our))
        assert_close(weights[-1], their, STEP_ERROR, f"{variable.path} after {what}")
    ours.set_weights(weights)


@pytest.mark.parametrize("seed", SEEDS)
def test_outputs_gradients_and_five_steps_are_the_same(seed: int) -> None:
    theirs, ours, plan = models_of(seed)
    start = weights_of(theirs)
    plan.compile(keras, theirs)
    train = KerasSteps(theirs, plan)
    steps = [train(batch) for batch in plan.batches]
    assert_same_gradients(ours, theirs, plan, steps[0])
    ours.set_weights(start)
    plan.compile(hoiquy.keras, ours)
    differs = any(isinstance(e, keras.layers.BatchNormalization) for e in theirs._flatten_layers())
    if not differs:  # in training from inference
        assert_same_outputs(ours, steps[0].outputs, plan.batches[0])
    for number, (batch, step) in enumerate(zip(plan.batches, steps, strict=True)):
        ours.reset_metrics()
        if is_clipped(step, plan):
            return
        what = f"step {number} of {plan.optimizer}"
        assert_close(train_ours(ours, plan, batch), step.loss, STEP_ERROR, f"loss of {what}")
        assert_same_weights(ours, theirs, steps[: number + 1], what)
    if differs:
        ours.set_weights(weights_of(theirs))
        outputs = theirs.predict_on_batch(one(plan.batches[0].inputs))
        assert_same_outputs(ours, listed(outputs), plan.batches[0])


@pytest.mark.parametrize("seed", SEEDS[::EVERY])
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
    by_step = any(head.steps is not None for head in plan.heads)
    for key, values in theirs.items():
        if by_step and "loss" not in key and not key.startswith("val_"):
            continue  # on JAX, unlike TensorFlow, Keras loses the mask of outputs in training
        np.testing.assert_allclose(ours[key], values, rtol=1e-4, atol=1e-5, err_msg=key)
