"""Compiled code sees addresses: nothing that does not fit may get past the Python functions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from cells import CELLS, Array, random_weights

from hoiquy.errors import ShapeError
from hoiquy.kernels.fast import adam, embedding

TIME, BATCH, INPUTS, UNITS = 4, 3, 5, 6

every_cell = pytest.mark.parametrize("name", CELLS)


@pytest.fixture(autouse=True)
def compiled_code_is_out_of_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that is missing fails its test instead of writing over somebody's memory."""

    def forbidden(*arguments: Any) -> None:
        raise AssertionError("arrays that do not fit reached the compiled code")

    for cell in CELLS.values():
        monkeypatch.setattr(cell.module, "_forward", forbidden)
        monkeypatch.setattr(cell.module, "_backward", forbidden)
    monkeypatch.setattr(embedding, "_scatter_add", forbidden)
    monkeypatch.setattr(adam, "_update", forbidden)


def good(name: str) -> dict[str, Array]:
    rng = np.random.default_rng(1)
    weights = random_weights(CELLS[name].gates, INPUTS, UNITS, rng)
    x = rng.standard_normal((TIME, BATCH, INPUTS)).astype(np.float32)
    return {"x": x, "mask": np.ones((TIME, BATCH), bool), **weights._asdict()}


def forward(name: str, arrays: dict[str, Array]) -> Any:
    weights = random_weights(CELLS[name].gates, INPUTS, UNITS, np.random.default_rng(1))
    weights = weights._replace(**{key: arrays[key] for key in weights._fields})
    return CELLS[name].fast[0](arrays["x"], weights, arrays["mask"], **CELLS[name].options)


SPOILT: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "x without time": ("x", lambda x: x[0]),
    "x with an axis too many": ("x", lambda x: x[None]),
    "x with an input too few": ("x", lambda x: x[:, :, 1:]),
    "x of float64": ("x", lambda x: x.astype(np.float64)),
    "x of integers": ("x", lambda x: x.astype(np.int32)),
    "x of the other byte order": ("x", lambda x: x.astype(x.dtype.newbyteorder())),
    "a mask the wrong way round": ("mask", lambda mask: mask.T),
    "a mask with a step too few": ("mask", lambda mask: mask[1:]),
    "a mask of one axis": ("mask", lambda mask: mask[:, 0]),
    "a mask of numbers": ("mask", lambda mask: mask.astype(np.float64)),
    "a kernel with a row too few": ("kernel", lambda w: w[1:]),
    "a kernel with a column too few": ("kernel", lambda w: w[:, 1:]),
    "a kernel of float64": ("kernel", lambda w: w.astype(np.float64)),
    "a flat kernel": ("kernel", lambda w: w.ravel()),
    "a recurrent kernel with a row too few": ("recurrent_kernel", lambda w: w[1:]),
    "a recurrent kernel with a column too few": ("recurrent_kernel", lambda w: w[:, 1:]),
    "a recurrent kernel of float64": ("recurrent_kernel", lambda w: w.astype(np.float64)),
    "a bias that is too short": ("bias", lambda b: b[..., 1:]),
    "a bias with an axis too many": ("bias", lambda b: b[None]),
    "a bias of float64": ("bias", lambda b: b.astype(np.float64)),
}


@pytest.mark.parametrize("spoilt", SPOILT)
@every_cell
def test_forward_refuses(name: str, spoilt: str) -> None:
    key, change = SPOILT[spoilt]
    arrays = good(name)
    with pytest.raises(ShapeError):
        forward(name, {**arrays, key: change(arrays[key])})


@pytest.mark.parametrize("bias", [(3 * UNITS,), (1, 3 * UNITS)])
def test_the_gru_refuses_a_single_bias(bias: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError):
        forward("gru", {**good("gru"), "bias": np.zeros(bias, np.float32)})


def passed_forward(name: str, monkeypatch: pytest.MonkeyPatch, units: int = UNITS) -> Any:
    """The weights, and what a forward pass saves (made up: the compiled code is left out)."""
    cell = CELLS[name]
    weights = random_weights(cell.gates, INPUTS, units, np.random.default_rng(1))
    x = np.zeros((TIME, BATCH, INPUTS), np.float32)
    with monkeypatch.context() as patch:
        patch.setattr(cell.module, "_forward", lambda *arguments: None)
        return weights, cell.fast[0](x, weights, None, **cell.options)[1]


@pytest.mark.parametrize(
    "shape",
    [
        (TIME, BATCH, UNITS + 1),
        (TIME, BATCH + 1, UNITS),
        (TIME + 1, BATCH, UNITS),
        (BATCH, UNITS - 1),
        (BATCH - 1, UNITS),
        (UNITS,),
        (1, TIME, BATCH, UNITS),
    ],
)
@every_cell
def test_backward_refuses_a_gradient_that_does_not_fit(
    name: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, saved = passed_forward(name, monkeypatch)
    with pytest.raises(ShapeError):
        CELLS[name].fast[1](np.zeros(shape, np.float32), weights, saved)


@every_cell
def test_backward_refuses_a_gradient_of_float64(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    weights, saved = passed_forward(name, monkeypatch)
    with pytest.raises(ShapeError):
        CELLS[name].fast[1](np.zeros((BATCH, UNITS)), weights, saved)


@pytest.mark.parametrize(("inputs", "units"), [(INPUTS, 16), (INPUTS, 1), (INPUTS + 8, UNITS)])
@every_cell
def test_backward_refuses_the_weights_of_another_layer(
    name: str, inputs: int, units: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, saved = passed_forward(name, monkeypatch, UNITS if units != 1 else 16)
    other = random_weights(CELLS[name].gates, inputs, units, np.random.default_rng(2))
    with pytest.raises(ShapeError):
        CELLS[name].fast[1](np.zeros((BATCH, units), np.float32), other, saved)


INDICES = np.array([[0, 1, 2], [3, 1, 0]], np.int32)
D_Y = np.ones((2, 3, UNITS), np.float32)


@pytest.mark.parametrize(
    ("indices", "d_y"),
    [
        (INDICES, D_Y[:1]),
        (INDICES, D_Y[:, :2]),
        (INDICES, D_Y[:, :, 0]),
        (INDICES[0], D_Y[0]),
        (INDICES[0], D_Y[0, :, 0]),
        (INDICES, D_Y[..., None]),
        (INDICES, D_Y.astype(np.float64)),
        (INDICES.astype(np.float32), D_Y),
        (INDICES - 1, D_Y),
        (INDICES + 1, D_Y),
    ],
)
def test_embedding_backward_refuses(indices: Array, d_y: Array) -> None:
    with pytest.raises(ShapeError):
        embedding.embedding_backward(indices, d_y, 4)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    "spoil",
    [
        lambda array: array[:-1],
        lambda array: array.T,
        lambda array: array.astype(np.float64),
        lambda array: np.repeat(array, 2, axis=1)[:, ::2],
    ],
)
def test_adam_refuses(place: int, spoil: Callable[[Array], Array]) -> None:
    arrays: list[Array] = list(np.ones((4, 2, 3), np.float32))
    arrays[place] = spoil(arrays[place])
    parameter, gradient, first, second = arrays
    with pytest.raises(ShapeError):
        adam.adam_update(parameter, gradient, first, second, 0.1, 0.9, 0.999, 1e-7)
