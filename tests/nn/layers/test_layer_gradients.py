"""Every gradient of every layer by central differences, and proof that wrong ones are rejected."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from every_layer import DROPPING, EVERY, POOLING, RECURRENT, UNITS, build, inputs_for, masks
from numpy.random import Generator
from numpy.typing import NDArray

from gradients import assert_layer_gradients
from hoiquy.nn.layers import Context

Array = NDArray[np.float64]
MASKS = [name for name, mask in masks().items() if mask is not None]
MASKED = [(name, mask) for name in [*RECURRENT, *POOLING] for mask in MASKS]
MASKED += [(name, "holes") for name in DROPPING if name.endswith(", drops")]


def no_rng() -> None:
    return None


def fixed_rng() -> Generator:
    return np.random.default_rng(11)


@pytest.mark.parametrize("name", EVERY)
def test_gradients(name: str) -> None:
    rng = np.random.default_rng(1)
    new_rng = fixed_rng if name in DROPPING else no_rng
    assert_layer_gradients(build(name, rng), inputs_for(name, rng), None, new_rng, rng)


@pytest.mark.parametrize(("name", "mask_name"), MASKED)
def test_gradients_with_a_mask(name: str, mask_name: str) -> None:
    rng = np.random.default_rng(2)
    new_rng = fixed_rng if name in DROPPING else no_rng
    mask = masks()[mask_name]
    assert_layer_gradients(build(name, rng), inputs_for(name, rng), mask, new_rng, rng)


@pytest.mark.parametrize("name", ["lstm, sequences", "gru, last", "simple_rnn tanh, last"])
def test_the_first_layer_computes_no_gradient_of_its_input(name: str) -> None:
    rng = np.random.default_rng(3)
    layer, x = build(name, rng), inputs_for(name, rng)
    y, backward = layer.forward(x, None, None)
    d_y = rng.standard_normal(y.shape)
    _, wanted = backward(d_y)
    call = layer.call([x], [None], Context(wants_d_inputs=False))
    (d_x,), gradients = call.backward([d_y])
    assert d_x is None
    for key, gradient in wanted.items():
        np.testing.assert_array_equal(gradients[key], gradient)


class Tampered:
    """A layer one of whose gradients is spoilt on the way out."""

    def __init__(self, layer: Any, name: str, spoil: Callable[[Array], Array]) -> None:
        self.layer, self.name, self.spoil = layer, name, spoil
        self.parameters = layer.parameters

    def forward(self, *arguments: Any) -> tuple[Array, Callable[[Array], Any]]:
        y, backward = self.layer.forward(*arguments)

        def tampered_backward(d_y: Array) -> tuple[Array, dict[str, Array]]:
            d_x, gradients = backward(d_y)
            gradients = {**gradients, "x": d_x}
            gradients[self.name] = self.spoil(gradients[self.name])
            return gradients.pop("x"), gradients

        return y, tampered_backward


def zeroed(gradient: Array) -> Array:
    return np.zeros_like(gradient)


def one_entry_zeroed(gradient: Array) -> Array:
    spoilt = gradient.copy()
    spoilt.flat[spoilt.size // 2] = 0
    return spoilt


def first_gates_swapped(gradient: Array) -> Array:
    spoilt = gradient.copy()
    spoilt[..., :UNITS] = gradient[..., UNITS : 2 * UNITS]
    spoilt[..., UNITS : 2 * UNITS] = gradient[..., :UNITS]
    return spoilt


def assert_rejected(name: str, spoilt: str, spoil: Callable[[Array], Array]) -> None:
    rng = np.random.default_rng(4)
    tampered = Tampered(build(name, rng), spoilt, spoil)
    with pytest.raises(AssertionError, match=f"gradient of {spoilt}"):
        assert_layer_gradients(tampered, inputs_for(name, rng), None, no_rng, rng)


@pytest.mark.parametrize("spoil", [zeroed, one_entry_zeroed])
@pytest.mark.parametrize("spoilt", ["x", "kernel", "recurrent_kernel", "bias"])
@pytest.mark.parametrize("name", ["simple_rnn tanh, last", "lstm, last", "gru, sequences"])
def test_the_checker_rejects_a_zeroed_gradient(
    name: str, spoilt: str, spoil: Callable[[Array], Array]
) -> None:
    assert_rejected(name, spoilt, spoil)


@pytest.mark.parametrize("spoilt", ["kernel", "recurrent_kernel", "bias"])
@pytest.mark.parametrize("name", ["lstm, last", "gru, sequences"])
def test_the_checker_rejects_swapped_gates(name: str, spoilt: str) -> None:
    assert_rejected(name, spoilt, first_gates_swapped)


def test_the_checker_rejects_a_gradient_that_forgets_what_was_dropped() -> None:
    class ForgetsItsMask(Tampered):
        def forward(self, x: Array, mask: Any, rng: Any) -> tuple[Array, Callable[[Array], Any]]:
            return self.layer.forward(x, mask, rng)[0], lambda d_y: (d_y, {})

    rng = np.random.default_rng(5)
    forgetful = ForgetsItsMask(build("dropout", rng), "x", zeroed)
    with pytest.raises(AssertionError, match="gradient of x"):
        assert_layer_gradients(forgetful, inputs_for("dropout", rng), None, fixed_rng, rng)
