"""Dense: rows that do not depend on each other, memory order, logits, wrong shapes."""

from typing import Any

import numpy as np
import pytest

from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.layers import Activation, Dense, Layer, Softmax

RNG = np.random.default_rng(2)


def built(shape: tuple[int, ...], **settings: Any) -> Dense:
    layer = Dense("dense", **{"units": 5, **settings})
    layer.build([shape], RNG)
    for array in layer.parameters.values():
        array[...] = RNG.normal(size=array.shape)
    return layer


@pytest.mark.parametrize("activation", ["linear", "sigmoid", "softmax", "gelu"])
@pytest.mark.parametrize("shape", [(33, 20), (33, 7, 20)])
def test_the_bits_of_a_row_do_not_depend_on_the_others(
    shape: tuple[int, ...], activation: str
) -> None:
    layer = built(shape, activation=activation)
    x = RNG.normal(size=shape).astype(np.float32)
    y, _ = layer.forward(x, None, None)
    for rows in (slice(0, 1), slice(3, 20), slice(30, 33)):
        assert layer.forward(x[rows], None, None)[0].tobytes() == y[rows].tobytes()


def test_sequences_in_time_first_memory_give_the_same_bits_in_time_first_memory() -> None:
    layer = built((None, 7, 4), activation="tanh")
    x, d_y = (RNG.normal(size=(3, 7, n)).astype(np.float32) for n in (4, 5))
    y, backward = layer.forward(x, None, None)
    time_first = np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1)
    same_y, same_backward = layer.forward(time_first, None, None)
    assert y.flags.c_contiguous
    assert same_y.swapaxes(0, 1).flags.c_contiguous
    assert y.tobytes() == same_y.tobytes()
    (d_x, gradients), (same_d_x, same_gradients) = backward(d_y), same_backward(d_y)
    np.testing.assert_allclose(same_d_x, d_x, rtol=0, atol=1e-5)
    for name in gradients:
        np.testing.assert_allclose(same_gradients[name], gradients[name], rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("layer", "final"),
    [
        (built((None, 4), activation="sigmoid"), "sigmoid"),
        (built((None, 4), activation="softmax"), "softmax"),
        (Activation("last", activation="sigmoid"), "sigmoid"),
        (Softmax("last"), "softmax"),
    ],
)
def test_the_logits_layer_is_the_layer_without_its_last_activation(
    layer: Layer, final: str
) -> None:
    logits_layer = layer.logits_layer()
    assert logits_layer is not None
    assert layer.final_activation == final
    assert logits_layer.parameters is layer.parameters or not layer.parameters
    x = RNG.normal(size=(3, 4)).astype(np.float32)
    logits = logits_layer.forward(x, None, None)[0]
    again = Activation("again", activation=final).forward(logits, None, None)[0]
    np.testing.assert_allclose(layer.forward(x, None, None)[0], again, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "layer", [built((None, 4), activation="tanh"), Softmax("over time", axis=1), Activation("none")]
)
def test_other_layers_have_no_logits_layer(layer: Layer) -> None:
    assert layer.logits_layer() is None


def test_integers_are_taken_as_numbers() -> None:
    layer = built((None, 4))
    x = RNG.integers(0, 9, (3, 4))
    y, _ = layer.forward(x, None, None)  # type: ignore[arg-type]
    np.testing.assert_array_equal(y, layer.forward(x.astype(np.float32), None, None)[0])


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"dense: .*\(None, None\), expected a known last dim"):
        built((None, None))  # type: ignore[arg-type]
    layer = built((None, 4))
    with pytest.raises(ShapeError, match=r"dense: .*\(None, 3\), expected a last dimension of 4"):
        layer.output_shapes([(None, 3)])
    with pytest.raises(ShapeError, match=r"dense: kernel has shape \(4, 5\).* need \(3, 5\)"):
        layer.build([(None, 3)], RNG)


def test_an_unknown_activation_is_refused() -> None:
    with pytest.raises(InputError, match="'rleu'"):
        built((None, 4), activation="rleu").forward(np.ones((1, 4), np.float32), None, None)
