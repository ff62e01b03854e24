"""Compiled code sees addresses: nothing that does not fit may get past the Python functions."""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from cells import CELLS, Array, random_weights

from hoiquy.errors import ShapeError
from hoiquy.nn.kernels import Lookup, RecurrentWeights, State
from hoiquy.nn.kernels.fast import adam, affine, compiled, dropout, embedding
from hoiquy.nn.kernels.fast.abi import Kernel
from hoiquy.nn.kernels.fast.parameters import ArrayOf, Group

TIME, BATCH, INPUTS, UNITS = 7, 3, 5, 6

every_cell = pytest.mark.parametrize("name", CELLS)


@pytest.fixture(autouse=True)
def compiled_code_is_out_of_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that is missing fails its test instead of corrupting memory."""

    def forbidden(*arguments: Any) -> None:
        raise AssertionError("arrays that do not fit reached the compiled code")

    for kernel in compiled.KERNELS:
        if kernel.name not in CONVERSIONS:  # which take what was checked
            monkeypatch.setattr(compiled, kernel.name, forbidden)


def good(name: str) -> dict[str, Array]:
    rng = np.random.default_rng(1)
    weights = random_weights(CELLS[name], INPUTS, UNITS, rng)
    state = rng.standard_normal((2, BATCH, UNITS)).astype(np.float32)
    return {
        "x": rng.standard_normal((TIME, BATCH, INPUTS)).astype(np.float32),
        "mask": np.ones((TIME, BATCH), bool),
        "factors": np.ones((BATCH, INPUTS), np.float32),
        "state_factors": np.ones((CELLS[name].gates, BATCH, UNITS), np.float32),
        "hidden": state[0],
        "carry": state[1],
        **weights._asdict(),
    }


def call(name: str, function: str, arrays: dict[str, Array]) -> Any:
    kernel = CELLS[name].fast
    weights = RecurrentWeights(*(arrays[key] for key in RecurrentWeights._fields))
    initial = State(arrays["hidden"], arrays["carry"] if CELLS[name].has_carry else None)
    x, mask = arrays["x"], arrays["mask"]
    if function == "infer":
        return kernel.infer(x, kernel.prepare(weights), mask, initial)
    factors = {key: arrays[key] for key in ("factors", "state_factors")}
    return kernel.forward(x, weights, mask, initial, **factors)


CONVERSIONS = ("block", "unblock", "pack", "pack_transpose", "unpack")
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
    "states of a row too few": ("hidden", lambda h: h[1:]),
    "states of a unit too few": ("hidden", lambda h: h[:, 1:]),
    "states with an axis too many": ("hidden", lambda h: h[None]),
    "states of float64": ("hidden", lambda h: h.astype(np.float64)),
    "factors for every step": ("factors", lambda f: np.repeat(f[None], TIME, 0)),
    "factors of a row too few": ("factors", lambda f: f[1:]),
    "factors of float64": ("factors", lambda f: f.astype(np.float64)),
    "factors for five gates": ("factors", lambda f: np.repeat(f[None], 5, 0)),
    "state factors without gates": ("state_factors", lambda f: f[0]),
    "state factors for a gate too many": ("state_factors", lambda f: f[[0, *range(len(f))]]),
    "state factors of a unit too few": ("state_factors", lambda f: f[..., 1:]),
    "state factors of a row too few": ("state_factors", lambda f: f[:, 1:]),
    "state factors of float64": ("state_factors", lambda f: f.astype(np.float64)),
}


@pytest.mark.parametrize("function", ["forward", "infer"])
@every_cell
def test_forward_refuses(name: str, function: str) -> None:
    arrays = good(name)
    accepted = []
    for spoilt, (key, change) in SPOILT.items():
        if "factors" in key and function == "infer":
            continue  # nothing is dropped at inference
        try:
            call(name, function, {**arrays, key: change(arrays[key])})
        except ShapeError:
            continue
        except AssertionError as error:
            assert "reached the compiled code" in str(error)
        accepted.append(spoilt)
    assert accepted == []


@pytest.mark.parametrize("carry", [None, np.zeros((BATCH, UNITS + 1), np.float32)])
def test_the_lstm_refuses_to_begin_with_half_a_state(carry: Array | None) -> None:
    arrays = good("lstm")
    weights = RecurrentWeights(*(arrays[key] for key in RecurrentWeights._fields))
    with pytest.raises(ShapeError):
        CELLS["lstm"].fast.forward(arrays["x"], weights, initial=State(arrays["hidden"], carry))


def test_the_gru_refuses_a_carry() -> None:
    arrays = good("gru")
    weights = RecurrentWeights(*(arrays[key] for key in RecurrentWeights._fields))
    initial = State(arrays["hidden"], arrays["carry"])
    with pytest.raises(ShapeError):
        CELLS["gru"].fast.forward(arrays["x"], weights, initial=initial)


@pytest.mark.parametrize("bias", [(3 * UNITS,), (1, 3 * UNITS)])
def test_the_gru_refuses_a_single_bias(bias: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError):
        call("gru", "forward", {**good("gru"), "bias": np.zeros(bias, np.float32)})


TABLE_COLUMNS = {
    "simple_rnn tanh": 8, "simple_rnn relu": 8, "lstm": 32, "gru": 24, "gru reset before": 24,
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("indices", lambda i: i[0]),
        ("indices", lambda i: i + 1),
        ("indices", lambda i: i - 1),
        ("indices", lambda i: i.astype(np.float32)),
        ("table", lambda t: t[:, :-1].copy()),
        ("table", lambda t: t[:3]),
        ("table", lambda t: t[None]),
        ("table", lambda t: t.astype(np.float64)),
        ("table", np.asfortranarray),
    ],
)
@every_cell
def test_a_lookup_is_refused(name: str, key: str, change: Callable[[Array], Array]) -> None:
    weights = random_weights(CELLS[name], INPUTS, UNITS, np.random.default_rng(1))
    lookup = Lookup(INDICES, np.zeros((4, TABLE_COLUMNS[name]), np.float32))
    lookup = lookup._replace(**{key: change(getattr(lookup, key))})
    prepared = CELLS[name].fast.prepare(weights)
    with pytest.raises(ShapeError):
        CELLS[name].fast.infer(lookup, prepared)


@every_cell
@pytest.mark.parametrize("change", [lambda e: e[:, 1:], lambda e: e[None], np.float64])
def test_project_refuses(name: str, change: Callable[[Array], Array]) -> None:
    weights = random_weights(CELLS[name], INPUTS, UNITS, np.random.default_rng(1))
    prepared = CELLS[name].fast.prepare(weights)
    with pytest.raises(ShapeError):
        CELLS[name].fast.project(prepared, change(np.zeros((4, INPUTS), np.float32)))


def passed_forward(
    name: str, monkeypatch: pytest.MonkeyPatch, units: int = UNITS, sequences: bool = True
) -> Any:
    """The weights, and what a forward pass saves (made up: the compiled code is left out)."""
    cell = CELLS[name]
    weights = random_weights(cell, INPUTS, units, np.random.default_rng(1))
    x = np.zeros((TIME, BATCH, INPUTS), np.float32)
    with monkeypatch.context() as patch:
        patch.setattr(compiled, "run_forward", lambda *arguments: None)
        return weights, cell.fast.forward(x, weights, sequences=sequences)[1]


@pytest.mark.parametrize(
    "shape",
    [
        (TIME, BATCH, UNITS + 1),
        (TIME, BATCH + 1, UNITS),
        (TIME + 1, BATCH, UNITS),
        (BATCH, UNITS - 1),
        (BATCH - 1, UNITS),
        (BATCH * UNITS,),
        (UNITS,),
        (1, TIME, BATCH, UNITS),
    ],
)
@every_cell
def test_backward_refuses_a_gradient_that_does_not_fit(
    name: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for sequences in (True, False):
        weights, saved = passed_forward(name, monkeypatch, sequences=sequences)
        with pytest.raises(ShapeError):
            CELLS[name].fast.backward(np.zeros(shape, np.float32), weights, saved)


@every_cell
def test_backward_refuses_the_gradient_of_the_other_kind_of_output(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sequences, shape in ((False, (TIME, BATCH, UNITS)), (True, (BATCH, UNITS))):
        weights, saved = passed_forward(name, monkeypatch, sequences=sequences)
        with pytest.raises(ShapeError):
            CELLS[name].fast.backward(np.zeros(shape, np.float32), weights, saved)


@every_cell
def test_backward_refuses_a_gradient_of_float64(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    weights, saved = passed_forward(name, monkeypatch)
    with pytest.raises(ShapeError):
        CELLS[name].fast.backward(np.zeros((TIME, BATCH, UNITS)), weights, saved)


@pytest.mark.parametrize(("inputs", "units"), [(INPUTS, 16), (INPUTS, 1), (INPUTS + 8, UNITS)])
@every_cell
def test_backward_refuses_the_weights_of_another_layer(
    name: str, inputs: int, units: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, saved = passed_forward(name, monkeypatch, UNITS if units != 1 else 16)
    other = random_weights(CELLS[name], inputs, units, np.random.default_rng(2))
    with pytest.raises(ShapeError):
        CELLS[name].fast.backward(np.zeros((TIME, BATCH, units), np.float32), other, saved)


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


@pytest.mark.parametrize(
    "into",
    [np.zeros((5, UNITS)), np.zeros((4, UNITS), "f4"), np.zeros((UNITS, 5), "f4").T],
)
def test_embedding_backward_adds_to_nothing_else(into: Array) -> None:
    with pytest.raises(ShapeError):
        embedding.embedding_backward(INDICES, D_Y, 5, into)


GOOD_AFFINE = [np.ones(shape, np.float32) for shape in ((3, 5), (5, 2), (2,))]


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("spoil", [lambda a: a[1:], lambda a: a[None], lambda a: a.astype("f8")])
def test_affine_refuses(place: int, spoil: Callable[[Array], Array]) -> None:
    arrays = list(GOOD_AFFINE)
    arrays[place] = spoil(arrays[place])
    if [a.shape for a in arrays] == [(2, 5), (5, 2), (2,)]:
        return  # a row fewer is as good
    with pytest.raises(ShapeError):
        affine.affine(*arrays)


@pytest.mark.parametrize(
    ("x", "bits"),
    [
        (np.ones((3, 2), np.float32), np.ones((2, 3), np.uint16)),
        (np.ones((3, 2), np.float32), np.ones((3, 2), np.uint8)),
        (np.ones((3, 2)), np.ones((3, 2), np.uint16)),
    ],
)
def test_dropout_refuses(x: Array, bits: Array) -> None:
    with pytest.raises(ShapeError):
        dropout.dropout(x, bits, 5, 1.0)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    "spoil",
    [
        lambda array: array[:-1],
        lambda array: array.T,
        lambda array: array.astype(np.float64),
    ],
)
def test_adam_refuses(place: int, spoil: Callable[[Array], Array]) -> None:
    arrays: list[Array] = list(np.ones((4, 2, 3), np.float32))
    arrays[place] = spoil(arrays[place])
    parameter, gradient, first, second = arrays
    with pytest.raises(ShapeError):
        adam.adam_update(parameter, gradient, first, second, 0.1, 0.9, 0.999, 1e-7)


@pytest.mark.parametrize("change", [lambda d: d[1:], lambda d: d[:, 1:], np.float64])
@every_cell
def test_backward_refuses_gradients_of_the_last_states(
    name: str, change: Callable[[Array], Array], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, saved = passed_forward(name, monkeypatch)
    d_hidden, d_state = (np.zeros((*lead, BATCH, UNITS), np.float32) for lead in ((TIME,), ()))
    carry = d_state if CELLS[name].has_carry else None
    with pytest.raises(ShapeError):
        CELLS[name].fast.backward(d_hidden, weights, saved, d_last=State(change(d_state), carry))


KEPT = np.ones((2, 3, 4), np.float32)
READ_ONLY = KEPT[:]
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize(
    ("place", "spoilt"),
    [
        (0, KEPT.astype(np.float64)),
        (0, KEPT.astype(">f4")),
        (0, KEPT[0]),
        (0, np.asfortranarray(KEPT)),
        (0, KEPT[:, ::2]),
        (2, READ_ONLY),
    ],
)
def test_the_call_itself_refuses_other_types(place: int, spoilt: Array) -> None:
    types = [ArrayOf(KEPT.dtype, 3), "int64", ArrayOf(KEPT.dtype, 3, written=True)]
    kernel = Kernel("nothing", *types)
    kernel._function = lambda words: 0
    arguments: list[Any] = [KEPT, 1, KEPT]
    kernel(*arguments)
    kernel(READ_ONLY, 1, KEPT)
    arguments[place] = spoilt
    with pytest.raises(ShapeError, match="nothing: an array"):
        kernel(*arguments)


def test_the_words_of_a_call() -> None:
    seen: list[bytes] = []
    pair = Group(State, (ArrayOf(KEPT.dtype, 3), ArrayOf(np.dtype(np.bool_), 2)))
    kernel = Kernel("nothing", "int64", pair, "float32", "uint64", "uint16")
    kernel._function = lambda words: seen.append(words) or 0  # type: ignore[func-returns-value]
    nothing = np.empty((0, 5), np.bool_)
    kernel(-3, State(READ_ONLY, nothing), 0.1, 2**64 - 1, 7)
    assert seen == [
        struct.pack("=q4q3q", -3, READ_ONLY.ctypes.data, 2, 3, 4, nothing.ctypes.data, 0, 5)
        + struct.pack("=f4xQq", 0.1, 2**64 - 1, 7)
    ]


def test_a_kernel_that_fails_is_an_internal_error() -> None:
    kernel = Kernel("nothing")
    kernel._function = lambda words: 1
    with pytest.raises(RuntimeError, match="internal error: the kernel nothing failed"):
        kernel()
