"""Random models of Keras and of ours go through files to the other library.

HOIQUY_KERAS_PAIRS=40 pytest tests/keras_front/keras/test_keras_random_files.py tries so many;
HOIQUY_KERAS_FIRST is the first seed.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import hoiquy.keras
from against_keras import OUTPUT_ERROR, assert_close
from keras_pairs import weights_of
from keras_steps import one
from random_keras_models import Builder
from random_keras_training import Plan

MODELS = int(os.environ.get("HOIQUY_KERAS_PAIRS", 2))
FIRST = int(os.environ.get("HOIQUY_KERAS_FIRST", 0))
# Masks that Keras writes as operations.
SEEDS = [*range(FIRST, FIRST + MODELS), *([] if "HOIQUY_KERAS_PAIRS" in os.environ else [7])]
pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings(
        "ignore:__array__:DeprecationWarning",
        "ignore:Layer .* does not support masking",
        "ignore:Layer .*was passed an input with a mask",
        "ignore:The structure of `inputs` does",
        "ignore:You are using a softmax over axis",
        "ignore:.*a softmax of one unit",
    ),
]


def compiled_pair(seed: int) -> tuple[Any, Any, Plan]:
    """Both models with the same weights, compiled and trained for one step each."""
    keras.utils.set_random_seed(seed)
    builder, same = Builder(keras, seed), Builder(hoiquy.keras, seed)
    theirs, ours = builder.build(), same.build()
    rng = np.random.default_rng(seed)
    for variable in theirs.weights:
        moved = np.asarray(variable.value) + rng.normal(0, 0.1, variable.shape)
        variable.assign(np.abs(moved) if "variance" in variable.name else moved)
    ours.set_weights(weights_of(theirs))
    plan = Plan(seed, builder.inputs, builder.heads)
    plan.compile(keras, theirs)
    plan.compile(hoiquy.keras, ours)
    batch = plan.batches[0]
    for model in (theirs, ours):
        model.run_eagerly = True  # which is faster than to compile one step
        model.train_on_batch(one(batch.inputs), one(batch.targets), one(batch.weights))
    return theirs, ours, plan


def outputs_of(model: Any, x: Any) -> list[Any]:
    found = model(x)
    return [np.asarray(y) for y in (found if isinstance(found, list | tuple) else [found])]


def moments(model: Any) -> list[Any]:
    """The state of the optimizer, of either library."""
    if hasattr(model.optimizer, "nn"):
        from hoiquy.keras.saving.optimizer_state import optimizer_arrays

        return optimizer_arrays(model)
    return [np.asarray(variable.value) for variable in model.optimizer.variables]


def assert_same(found: Any, model: Any, x: Any, what: str, with_state: bool = False) -> None:
    for i, (y, expected) in enumerate(zip(outputs_of(found, x), outputs_of(model, x), strict=True)):
        assert_close(y, expected, OUTPUT_ERROR, f"{what}: output {i}")
    if with_state:
        for i, (state, expected) in enumerate(zip(moments(found), moments(model), strict=True)):
            assert_close(state, expected, OUTPUT_ERROR, f"{what}: array {i} of the optimizer")


@pytest.mark.parametrize("seed", SEEDS)
def test_files_go_both_ways(seed: int, tmp_path: Path) -> None:
    theirs, ours, plan = compiled_pair(seed)
    x = one(plan.batches[0].inputs)
    ways: list[tuple[str, Any, Callable[..., Any]]] = [
        ("theirs", theirs, hoiquy.keras.models.load_model),
        ("ours", ours, keras.models.load_model),
        ("own", ours, hoiquy.keras.models.load_model),
    ]
    for name, model, load in ways:
        for ending in (".keras", ".h5"):
            path = tmp_path / f"{name}{ending}"
            model.save(path)
            # Real Keras does not read the optimizer of an HDF5 file before the first step.
            with_state = ending == ".keras" or load is not keras.models.load_model
            assert_same(load(path), model, x, path.name, with_state)


@pytest.mark.parametrize("seed", SEEDS)
def test_json_and_weights_go_both_ways(seed: int, tmp_path: Path) -> None:
    theirs, ours, plan = compiled_pair(seed)
    x = one(plan.batches[0].inputs)
    for name, model, other in (("theirs", theirs, hoiquy.keras), ("ours", ours, keras)):
        path = tmp_path / f"{name}.weights.h5"
        model.save_weights(path)
        built = other.models.model_from_json(model.to_json())
        built.load_weights(path)
        assert_same(built, model, x, path.name)
    ours.save_weights(tmp_path / "w.h5")
    for kind, model in ((keras, theirs), (hoiquy.keras, ours)):
        clone = kind.models.clone_model(model)
        clone.load_weights(tmp_path / "w.h5")
        assert_same(clone, ours, x, "w.h5")
