"""Dropout means the same in hoiquy and in Keras: what is dropped, for how long, and the scale.

The numbers themselves come from other generators, so the masks are made visible instead: the cells
get weights with which every state is a known function of the factor that its input was given.
"""

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from hoiquy.interop.keras import build_keras_model, set_keras_parameters
from hoiquy.nn.kernels import Array
from hoiquy.nn.model import Model
from hoiquy.recipe.recipe import Recipe
from hoiquy.training.model_building import build_model

RATE, GAIN = 0.4, 0.5
TIME, BATCH, UNITS = 4, 64, 16
CELLS = ["simple_rnn", "lstm", "gru"]


def both(layer: dict[str, Any]) -> tuple[Model, Any]:
    """A model whose layer 1 is `layer`, from both builders."""
    layers = [
        {"type": "embedding", "units": UNITS},
        layer,
        {"type": "pooling"},
        {"type": "dense", "units": "classes", "activation": "sigmoid"},
    ]
    recipe = Recipe.model_validate(
        {"name": "d", "data": {"max_length": TIME}, "model": {"layers": layers}}
    )
    return (
        build_model(recipe, vocabulary_size=9, classes=2, seed=1),
        build_keras_model(recipe, vocabulary_size=9, classes=2),
    )


def training_outputs(ours: Model, theirs: Any, name: str) -> list[Array]:
    """What layer 1 makes of ones, while training: (time, batch, features) of each engine."""
    our_y, _ = ours.layers[1].forward(
        np.ones((BATCH, TIME, UNITS), np.float32), None, np.random.default_rng(2)
    )
    keras.utils.set_random_seed(3)
    their_y = theirs.get_layer(name)(np.ones((BATCH, TIME, UNITS), np.float32), training=True)
    return [our_y.swapaxes(0, 1), np.asarray(their_y).swapaxes(0, 1)]


def make_masks_visible(cell: str, parameters: dict[str, Array]) -> None:
    """Let state j be tanh(GAIN * input j) (LSTM: tanh of it), with no memory of the step before."""
    position = {"simple_rnn": 0, "lstm": 2, "gru": 2}[cell]  # of the candidate among the gates
    candidate = slice(position * UNITS, (position + 1) * UNITS)
    for name, parameter in parameters.items():
        if name.startswith(("dense", "embedding")):
            continue
        parameter[...] = 0
        if name.endswith("/kernel"):
            parameter[:, candidate] = GAIN * np.eye(UNITS)
        elif name.endswith("/bias") and cell == "lstm":
            parameter[...] = np.repeat([20, -20, 0, 20], UNITS)  # write all, keep none, show all
        elif name.endswith("/bias") and cell == "gru":
            parameter[0, :UNITS] = -20  # keep none


def factors(cell: str, hidden: Array) -> NDArray[np.float64]:
    before = np.arctanh(hidden.astype(np.float64))
    if cell == "lstm":
        before = np.arctanh(before)
    return before / GAIN


def assert_is_inverted_dropout(found: NDArray[np.float64]) -> None:
    kept = found > 0.5
    np.testing.assert_allclose(found, np.where(kept, 1 / (1 - RATE), 0), atol=1e-4)
    deviation = np.sqrt(RATE * (1 - RATE) / found.size)
    assert abs(1 - kept.mean() - RATE) < 4 * deviation


def assert_is_one_mask_per_sequence(found: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(found, np.broadcast_to(found[0], found.shape), atol=1e-4)
    assert_is_inverted_dropout(found[0])
    assert len(np.unique(found[0].round(1), axis=0)) > BATCH / 2, "documents share a mask"


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_drops_inputs_with_one_mask_per_sequence(cell: str) -> None:
    layer = {"type": cell, "units": UNITS, "dropout": RATE, "return_sequences": True}
    ours, theirs = both(layer)
    make_masks_visible(cell, ours.parameters)
    set_keras_parameters(theirs, ours.parameters)
    for hidden in training_outputs(ours, theirs, cell):
        assert_is_one_mask_per_sequence(factors(cell, hidden))


def test_the_two_directions_have_masks_of_their_own() -> None:
    layer = {"type": "lstm", "units": UNITS, "dropout": RATE, "return_sequences": True}
    ours, theirs = both(layer | {"bidirectional": True})
    make_masks_visible("lstm", ours.parameters)
    set_keras_parameters(theirs, ours.parameters)
    for hidden in training_outputs(ours, theirs, "bidirectional"):
        found = factors("lstm", hidden)
        assert_is_one_mask_per_sequence(found[:, :, :UNITS])
        assert_is_one_mask_per_sequence(found[:, :, UNITS:])
        assert np.abs(found[:, :, :UNITS] - found[:, :, UNITS:]).max() > 1


def test_a_dropout_layer_drops_each_number_on_its_own() -> None:
    ours, theirs = both({"type": "dropout", "rate": RATE})
    for y in training_outputs(ours, theirs, "dropout"):
        found = y.astype(np.float64)
        assert_is_inverted_dropout(found)
        assert np.abs(found - found[0]).max() > 1
