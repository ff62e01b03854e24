"""BatchNormalization in training: gradients through the moments, and the moving averages."""

from typing import Any

import numpy as np
import pytest

from gradients import assert_layer_gradients
from hoiquy.errors import ShapeError
from hoiquy.nn.layers import BatchNormalization, Dense, Layer, TimeDistributed
from other_layers import OfOneInput

SEQUENCE = (5, 6, 3)
SETTINGS: list[dict[str, Any]] = [{}, {"axis": 1}, {"center": False}, {"scale": False}]


def rng_of(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def built(shape: tuple[int, ...] = SEQUENCE, **settings: Any) -> BatchNormalization:
    layer = BatchNormalization("batch_normalization", **settings)
    layer.build([(None, *shape[1:])], rng_of(), np.float64)
    for array in layer.parameters.values():
        array[...] = rng_of(2).normal(size=array.shape)
    return layer


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("settings", SETTINGS)
def test_gradients_in_training(settings: dict[str, Any], masked: bool) -> None:
    rng = rng_of(3)
    x = rng.normal(2, 3, SEQUENCE)
    mask = rng.random(SEQUENCE[:2]) < 0.7 if masked else None
    assert_layer_gradients(built(**settings), x, mask, rng_of, rng)


def test_gradients_in_training_step_by_step() -> None:
    rng = rng_of(3)
    layer = TimeDistributed("steps", layer=built((5, 3)))
    whole = OfOneInput("whole", layer.parameters, layer=layer, shapes=(SEQUENCE[1:],))
    assert_layer_gradients(whole, rng.normal(2, 3, SEQUENCE), None, rng_of, rng)


def test_a_batch_is_normalised_and_the_moving_averages_follow() -> None:
    x = rng_of(4).normal(2, 3, SEQUENCE)
    layer = built(center=False, scale=False, momentum=0.75)
    y, _ = layer.forward(x, None, rng_of())
    np.testing.assert_allclose(y.mean(axis=(0, 1)), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=(0, 1)), 1, atol=1e-3)
    np.testing.assert_allclose(layer.state["moving_mean"], x.mean(axis=(0, 1)) / 4)
    np.testing.assert_allclose(layer.state["moving_variance"], 0.75 + x.var(axis=(0, 1)) / 4)
    before = {key: array.copy() for key, array in layer.state.items()}
    layer.forward(x, None, None)
    for key, array in before.items():
        np.testing.assert_array_equal(layer.state[key], array)


def test_masked_steps_do_not_count() -> None:
    x = rng_of(5).normal(2, 3, SEQUENCE)
    mask = np.arange(6) < np.array([[6], [2], [3], [1], [4]])
    layer = built()
    y, _ = layer.forward(x, mask, rng_of())
    x[np.logical_not(mask)] = 99
    np.testing.assert_array_equal(built().forward(x, mask, rng_of())[0][mask], y[mask])


def test_a_frozen_layer_keeps_its_moving_averages() -> None:
    x = rng_of(6).normal(2, 3, SEQUENCE)
    layer = built()
    layer.trainable = False
    assert not layer.couples_rows
    y, _ = layer.forward(x, None, rng_of())
    np.testing.assert_array_equal(y, layer.forward(x, None, None)[0])
    assert not layer.state["moving_mean"].any()


def test_rows_are_coupled_also_within_other_layers() -> None:
    assert built().couples_rows
    assert TimeDistributed("steps", layer=built((5, 3))).couples_rows
    assert not TimeDistributed("steps", layer=Dense("dense", units=2)).couples_rows


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (BatchNormalization("layer", axis=0), (None, 3)),
        (BatchNormalization("layer", axis=2), (None, 3)),
        (BatchNormalization("layer"), (None, None)),
        (BatchNormalization("layer", axis=1), (None, None, 3)),
    ],
)
def test_wrong_shapes_are_refused(layer: Layer, shape: tuple[int | None, ...]) -> None:
    with pytest.raises(ShapeError, match=r"layer: the input has shape .* expected ."):
        layer.build([shape], rng_of())
