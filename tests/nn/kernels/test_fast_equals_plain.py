"""The fast kernels against the plain ones in float64, over any sizes, masks and magnitudes."""

from typing import Any

import numpy as np
import pytest
from cells import CELLS, Array, random_mask, random_state, random_weights, run
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hoiquy.nn.kernels import Lookup, RecurrentWeights, State
from hoiquy.nn.kernels.fast import adam as fast_adam
from hoiquy.nn.kernels.fast import affine as fast_affine
from hoiquy.nn.kernels.fast import dropout as fast_dropout
from hoiquy.nn.kernels.fast import embedding as fast_embedding
from hoiquy.nn.kernels.plain import adam, affine, dropout, embedding

# float32 rounds at 6e-8, and a sum of products of size s by some 6e-8 * s; a whole sequence forward
# and backward adds a few dozen of those up. Plain kernels in float32 are as far off.
TOLERANCE = 1e-5

seeds = st.integers(0, 2**32 - 1)
# 1, not multiples of 8, exact vectors (8), exact panels (16), and one more than each.
sizes = st.sampled_from([1, 2, 3, 5, 7, 8, 9, 12, 15, 16, 17, 23, 24, 25, 33])
DROPS = ["", "inputs", "inputs by gate", "state", "both"]
every_cell = pytest.mark.parametrize("name", CELLS)


def in_float64(weights: RecurrentWeights) -> RecurrentWeights:
    return RecurrentWeights(*(array.astype(np.float64) for array in weights))


def random_factors(
    drops: str, gates: int, sizes: tuple[int, int, int], rng: np.random.Generator
) -> dict[str, Any]:
    """Factors of inputs and states for (batch, inputs, units), as `forward` takes them."""
    batch, inputs, units = sizes
    shapes = {
        "factors": {"inputs": (batch, inputs), "inputs by gate": (gates, batch, inputs)},
        "state_factors": {"state": (gates, batch, units)},
    }
    shapes["factors"]["both"] = (gates, batch, inputs)
    shapes["state_factors"]["both"] = (gates, batch, units)
    return {
        name: rng.choice([0, 1.5], of[drops]).astype(np.float32) if drops in of else None
        for name, of in shapes.items()
    }


def assert_close(fast: Array, reference: Array, scale: float, what: str) -> None:
    assert fast.dtype == np.float32 and fast.shape == reference.shape, what
    if reference.size:
        error = np.abs(fast - reference).max() / (scale * max(1.0, np.abs(reference).max()))
        assert error < TOLERANCE, f"{what}: off by {error}"


@every_cell
@given(
    seed=seeds, time=st.integers(0, 9), batch=sizes, inputs=sizes, units=sizes,
    mask_kind=st.sampled_from(["none", "left", "right", "holes"]),
    scale=st.sampled_from([0.01, 1.0, 20.0]), sequence=st.booleans(),
    want_d_x=st.booleans(), begins=st.booleans(), drops=st.sampled_from(DROPS),
    ends=st.booleans(),
)  # fmt: skip
# One of everything; more steps than weight gradients are added for in one go; the lab's own widths.
@example(1, 1, 1, 1, 1, "none", 1.0, True, True, True, "inputs", True)
@example(2, 11, 33, 3, 5, "holes", 1.0, True, True, True, "", False)
@example(3, 3, 150, 3, 5, "left", 1.0, True, True, False, "inputs", False)
@example(4, 9, 32, 128, 200, "none", 1.0, False, True, True, "inputs", False)
@example(5, 11, 33, 3, 5, "holes", 1.0, True, True, True, "state", True)
@example(6, 9, 32, 128, 200, "none", 1.0, False, True, True, "both", True)
# Steps that no row counts at, alone and for longer than products of several steps are computed.
@example(7, 160, 5, 3, 5, "right", 1.0, True, True, True, "", True)
@example(8, 160, 2, 3, 5, "holes", 1.0, False, True, False, "", False)
@example(9, 160, 4, 3, 5, "left", 1.0, True, False, True, "", False)
@settings(max_examples=60, deadline=None)
def test_cells(
    name: str, seed: int, time: int, batch: int, inputs: int, units: int, mask_kind: str,
    scale: float, sequence: bool, want_d_x: bool, begins: bool, drops: str, ends: bool,
) -> None:  # fmt: skip
    cell, rng = CELLS[name], np.random.default_rng(seed)
    weights = random_weights(cell, inputs, units, rng)
    x = (scale * rng.standard_normal((time, batch, inputs))).astype(np.float32)
    mask = random_mask(mask_kind, time, batch, rng)
    d_shape = (time, batch, units) if sequence else (batch, units)
    d_hidden = rng.standard_normal(d_shape).astype(np.float32)
    initial = random_state(cell, batch, units, rng) if begins else None
    d_last = random_state(cell, batch, units, rng) if ends else None
    factors = random_factors(drops, cell.gates, (batch, inputs, units), rng)
    arrays = [x, d_hidden, *weights, *(a for a in (mask, *factors.values()) if a is not None)]
    before = [array.copy() for array in arrays]

    rest = {"initial": initial, **factors}
    fast = run(cell, "fast", x, weights, mask, d_hidden, want_d_x, d_last, **rest)

    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)  # inputs unmodified
    plain = run(
        cell, "plain", x.astype(np.float64), in_float64(weights), mask,
        d_hidden.astype(np.float64), want_d_x, d_last, **rest,
    )  # fmt: skip
    scale = max(1.0, scale)
    assert_close(fast.hidden, plain.hidden, scale, "hidden")
    for found, reference in zip(fast.last, plain.last, strict=True):
        assert (found is None) == (reference is None)
        if found is not None:
            assert_close(found, reference, scale, "last states")
    if name == "simple_rnn relu":
        # At the kink both slopes are right, and rounding decides which one is taken.
        assume(np.array_equal(fast.hidden > 0, plain.hidden > 0))
    assert (fast.d_x is None) == (plain.d_x is None) == (not want_d_x)
    if fast.d_x is not None and plain.d_x is not None:
        assert_close(fast.d_x, plain.d_x, scale, "d_x")
    for field in RecurrentWeights._fields:
        found, reference = getattr(fast.d_weights, field), getattr(plain.d_weights, field)
        assert_close(found, reference, scale, f"d_{field}")
    for found, reference in zip(fast.d_initial, plain.d_initial, strict=True):
        assert (found is None) == (reference is None)
        if found is not None:
            assert_close(found, reference, scale, "d_initial")


@every_cell
@given(
    seed=seeds, time=st.integers(0, 9), batch=sizes, inputs=sizes, units=sizes,
    mask_kind=st.sampled_from(["none", "left", "right", "holes"]), sequence=st.booleans(),
    begins=st.booleans(),
)  # fmt: skip
@example(1, 1, 1, 1, 1, "none", True, True)
@settings(max_examples=60, deadline=None)
def test_inference_gives_the_bits_of_training(
    name: str, seed: int, time: int, batch: int, inputs: int, units: int, mask_kind: str,
    sequence: bool, begins: bool,
) -> None:  # fmt: skip
    """Also from a table of inputs multiplied once, for one row, and in two goes."""
    kernel, rng = CELLS[name].fast, np.random.default_rng(seed)
    weights = random_weights(CELLS[name], inputs, units, rng)
    embeddings = rng.standard_normal((40, inputs)).astype(np.float32)
    indices = rng.integers(0, 40, (time, batch)).astype(np.int32)
    mask = random_mask(mask_kind, time, batch, rng)
    initial = random_state(CELLS[name], batch, units, rng) if begins else None
    x = embeddings[indices]
    trained, _ = kernel.forward(x, weights, mask, initial, sequences=sequence)
    prepared = kernel.prepare(weights)
    found, last = kernel.infer(x, prepared, mask, initial, sequences=sequence)
    np.testing.assert_array_equal(found, trained)
    if sequence:
        last = State(*(None if part is None else part[-1] for part in last))

    lookup = Lookup(indices, kernel.project(prepared, embeddings))
    looked_up, last_looked_up = kernel.infer(lookup, prepared, mask, initial, sequences=sequence)
    np.testing.assert_array_equal(looked_up, trained)
    np.testing.assert_array_equal(
        last_looked_up.hidden[-1] if sequence else last_looked_up.hidden, last.hidden
    )

    cut = time // 2
    first, second = (
        None if mask is None else mask[part] for part in (slice(cut), slice(cut, None))
    )
    _, middle = kernel.infer(x[:cut], prepared, first, initial, sequences=False)
    after, end = kernel.infer(x[cut:], prepared, second, middle, sequences=sequence)
    np.testing.assert_array_equal(after, trained[cut:] if sequence else trained)
    np.testing.assert_array_equal(end.hidden[-1] if sequence else end.hidden, last.hidden)

    row = None if initial is None else State(*(None if a is None else a[:1] for a in initial))
    single, _ = kernel.infer(
        x[:, :1], prepared, None if mask is None else mask[:, :1], row, sequences=sequence
    )
    np.testing.assert_array_equal(single, trained[..., :1, :])


@every_cell
@given(seed=seeds, time=st.integers(1, 9), batch=sizes, inputs=sizes, units=sizes)
@settings(max_examples=30, deadline=None)
def test_plain_inference(
    name: str, seed: int, time: int, batch: int, inputs: int, units: int
) -> None:
    """The plain kernels know the same three ways, and all states."""
    cell, rng = CELLS[name], np.random.default_rng(seed)
    weights = random_weights(cell, inputs, units, rng)
    embeddings = rng.standard_normal((40, inputs)).astype(np.float32)
    indices = rng.integers(0, 40, (time, batch)).astype(np.int32)
    initial = random_state(cell, batch, units, rng)
    expected, _ = cell.plain.forward(embeddings[indices], weights, None, initial)
    for kernel in (cell.plain, cell.fast):
        prepared = kernel.prepare(weights)
        lookup = Lookup(indices, kernel.project(prepared, embeddings))
        hidden, states = kernel.infer(lookup, prepared, None, initial)
        assert_close(hidden, expected, 1, "hidden")
        assert states.hidden.shape == (time + 1, batch, units)
        np.testing.assert_array_equal(states.hidden[0], initial.hidden)
        np.testing.assert_array_equal(states.hidden[1:], hidden)
        last, end = kernel.infer(lookup, prepared, None, initial, sequences=False)
        np.testing.assert_array_equal(last, hidden[-1])
        if cell.has_carry:
            assert states.carry is not None and end.carry is not None
            np.testing.assert_array_equal(states.carry[-1], end.carry)
            np.testing.assert_array_equal(states.carry[0], initial.carry)


@given(seed=seeds, rows=sizes, inputs=sizes, units=sizes)
@settings(max_examples=30, deadline=None)
def test_affine(seed: int, rows: int, inputs: int, units: int) -> None:
    rng = np.random.default_rng(seed)
    x, kernel, bias = (
        rng.standard_normal(shape).astype(np.float32)
        for shape in ((rows, inputs), (inputs, units), (units,))
    )
    found = fast_affine.affine(x, kernel, bias)
    assert_close(found, affine.affine(x, kernel, bias), np.sqrt(inputs), "affine")
    np.testing.assert_array_equal(fast_affine.affine(x[:1], kernel, bias), found[:1])


@given(seed=seeds, shape=st.tuples(sizes, sizes, sizes), threshold=st.integers(0, 65535))
@settings(max_examples=30, deadline=None)
def test_dropout(seed: int, shape: tuple[int, ...], threshold: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape).astype(np.float32)
    bits = rng.integers(0, 65536, shape).astype(np.uint16)
    found = fast_dropout.dropout(x, bits, threshold, 1.25)
    np.testing.assert_array_equal(found, dropout.dropout(x, bits, threshold, 1.25))
    np.testing.assert_array_equal(found != 0, (bits >= threshold) & (x != 0))


def test_ranks_as_magnitudes_over_a_long_sequence() -> None:
    """What exercise 1 feeds in: word indices up to 10,000, for 200 steps."""
    cell, rng = CELLS["simple_rnn relu"], np.random.default_rng(1)
    weights = random_weights(cell, 1, 40, rng)
    x = rng.integers(0, 10_000, (200, 4, 1)).astype(np.float32)
    d_hidden = rng.standard_normal((4, 40)).astype(np.float32)
    fast = run(cell, "fast", x, weights, None, d_hidden)
    plain = run(
        cell, "plain", x.astype(np.float64), in_float64(weights), None, d_hidden.astype(np.float64)
    )
    assert np.abs(plain.hidden).max() > 10_000
    assert_close(fast.hidden, plain.hidden, 1, "hidden")
    assert_close(fast.d_weights.recurrent_kernel, plain.d_weights.recurrent_kernel, 1, "recurrent")


@every_cell
@pytest.mark.parametrize("large", [100.0, 1e4, 1e30])
def test_saturated_gates_are_exact(name: str, large: float) -> None:
    cell, units = CELLS[name], 5
    gates = np.resize([large, -large], cell.gates * units).astype(np.float32)
    bias = np.zeros((2, gates.size) if cell.biases == 2 else gates.size, np.float32)
    weights = RecurrentWeights(gates[None], np.zeros((units, gates.size), np.float32), bias)
    x = np.ones((3, 2, 1), np.float32)
    d_hidden = np.ones((2, units), np.float32)
    fast, plain = (run(cell, kind, x, weights, None, d_hidden) for kind in ("fast", "plain"))
    np.testing.assert_allclose(fast.hidden, plain.hidden, rtol=1e-6, atol=1e-6)
    for gradient in fast.d_weights:
        assert np.isfinite(gradient).all()


@every_cell
@pytest.mark.parametrize("bad", [np.nan, -np.nan])
def test_nan_goes_through(name: str, bad: float) -> None:
    cell, rng = CELLS[name], np.random.default_rng(2)
    weights = random_weights(cell, 3, 11, rng)
    x = rng.standard_normal((6, 4, 3)).astype(np.float32)
    d_hidden = np.ones((4, 11), np.float32)
    x[2, 1, 0] = bad
    fast = run(cell, "fast", x, weights, None, d_hidden)
    expected = np.zeros((6, 4), bool)
    expected[2:, 1] = True  # this document from this step on, and no other
    hidden, _ = cell.fast.forward(x, weights)
    np.testing.assert_array_equal(np.isnan(hidden), np.repeat(expected[:, :, None], 11, 2))
    assert np.isnan(fast.d_weights.kernel).any()


@every_cell
def test_nan_in_the_gradient_goes_through(name: str) -> None:
    cell, rng = CELLS[name], np.random.default_rng(3)
    weights = random_weights(cell, 3, 11, rng)
    x = rng.standard_normal((6, 4, 3)).astype(np.float32)
    d_hidden = np.ones((6, 4, 11), np.float32)
    d_hidden[5, 2] = np.nan
    fast = run(cell, "fast", x, weights, None, d_hidden)
    assert fast.d_x is not None and np.isnan(fast.d_x[:, 2]).any()
    assert not np.isnan(np.delete(fast.d_x, 2, axis=1)).any()
    assert all(np.isnan(gradient).any() for gradient in fast.d_weights)


@every_cell
def test_arrays_need_not_be_contiguous(name: str) -> None:
    cell, rng = CELLS[name], np.random.default_rng(4)
    weights = random_weights(cell, 6, 7, rng)
    x = rng.standard_normal((3, 5, 12)).astype(np.float32)[::-1, :, ::2]
    d_hidden = rng.standard_normal((5, 3, 7)).astype(np.float32).transpose(1, 0, 2)
    mask = (rng.random((5, 3)) < 0.7).T
    fortran = RecurrentWeights(*(np.asfortranarray(array) for array in weights))
    wide = RecurrentWeights(*(np.repeat(array, 2, axis=-1)[..., ::2] for array in weights))
    expected = run(cell, "fast", x.copy(), weights, mask.copy(), d_hidden.copy())
    for odd in (fortran, wide):
        outcome = run(cell, "fast", x, odd, mask, d_hidden)
        np.testing.assert_array_equal(outcome.hidden, expected.hidden)
        np.testing.assert_array_equal(outcome.d_x, expected.d_x)
        for found, reference in zip(outcome.d_weights, expected.d_weights, strict=True):
            np.testing.assert_array_equal(found, reference)


@given(seed=seeds, time=st.integers(0, 6), batch=sizes, units=sizes, rows=st.integers(1, 12))
@settings(max_examples=50, deadline=None)
def test_embedding_backward(seed: int, time: int, batch: int, units: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    indices = rng.integers(0, rows, (time, batch)).astype(np.int32)
    d_y = rng.standard_normal((time, batch, units)).astype(np.float32)
    before = indices.copy(), d_y.copy()
    fast = fast_embedding.embedding_backward(indices, d_y, rows)
    turned = fast_embedding.embedding_backward(indices[::-1], d_y[::-1], rows)
    reference = embedding.embedding_backward(indices, d_y.astype(np.float64), rows)
    assert_close(fast, reference, 1, "d_embeddings")
    assert_close(turned, reference, 1, "d_embeddings, not contiguous")
    embedding.embedding_backward(indices, d_y.astype(np.float64), rows, reference)
    assert fast_embedding.embedding_backward(indices, d_y, rows, fast) is fast
    assert_close(fast, reference, 1, "added to what was there")
    np.testing.assert_array_equal(indices, before[0])
    np.testing.assert_array_equal(d_y, before[1])


@given(seed=seeds, shape=st.tuples(sizes, sizes), scale=st.sampled_from([1e-6, 1.0, 1e6]))
@settings(max_examples=30, deadline=None)
def test_adam_update(seed: int, shape: tuple[int, int], scale: float) -> None:
    rng = np.random.default_rng(seed)
    fast = [rng.standard_normal(shape).astype(np.float32), *np.zeros((2, *shape), np.float32)]
    plain = [array.astype(np.float64) for array in fast]
    for step in range(1, 6):
        gradient = (scale * rng.standard_normal(shape)).astype(np.float32)
        copy = gradient.copy()
        numbers: Any = (0.05 / step, 0.9, 0.999, 1e-7)
        fast_adam.adam_update(fast[0], gradient, fast[1], fast[2], *numbers)
        adam.adam_update(plain[0], gradient.astype(np.float64), plain[1], plain[2], *numbers)
        np.testing.assert_array_equal(gradient, copy)
    for found, reference, size in zip(fast, plain, (1, scale, scale**2), strict=True):
        assert_close(found / np.float32(size), reference / size, 1, "Adam")


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("layout", ["strided", "fortran", "reversed"])
def test_adam_updates_arrays_that_are_not_contiguous(place: int, layout: str) -> None:
    rng = np.random.default_rng(5)
    arrays = list(np.abs(rng.standard_normal((4, 3, 5))).astype(np.float32))
    odd = [array.copy() for array in arrays]
    if layout == "strided":
        odd[place] = np.repeat(arrays[place], 2, axis=1)[:, ::2]
    elif layout == "fortran":
        odd[place] = np.asfortranarray(arrays[place])
    else:
        odd[place] = arrays[place][::-1].copy()[::-1]
    assert not odd[place].flags.c_contiguous
    for some in (arrays, odd):
        fast_adam.adam_update(*some, 0.1, 0.9, 0.999, 1e-7)
    for expected, found in zip(arrays, odd, strict=True):
        np.testing.assert_array_equal(found, expected)


@every_cell
def test_gradients_of_any_number_of_units_are_contiguous(name: str) -> None:
    cell, rng = CELLS[name], np.random.default_rng(6)
    for inputs, units in [(1, 1), (3, 1), (1, 8), (2, 9)]:
        weights = random_weights(cell, inputs, units, rng)
        x = rng.standard_normal((4, 2, inputs)).astype(np.float32)
        outcome = run(cell, "fast", x, weights, None, np.ones((2, units), np.float32))
        assert all(gradient.flags.c_contiguous for gradient in outcome.d_weights)


@every_cell
def test_any_order_of_memory_gives_the_same(name: str) -> None:
    """A mask (batch, time) in rows arrives here as columns; inputs may be read-only."""
    cell, rng = CELLS[name], np.random.default_rng(6)
    weights = random_weights(cell, 3, 5, rng)
    x = rng.standard_normal((4, 7, 3)).astype(np.float32)
    d_hidden, factors = np.ones((7, 5), np.float32), np.ones((cell.gates, 7, 5), np.float32)
    mask = rng.random((4, 7)) < 0.7

    def bits(x: Any, masked: Any) -> list[bytes]:
        outcomes = [
            run(cell, "fast", x, weights, masked, d_hidden),
            run(cell, "fast", x, weights, masked, d_hidden, state_factors=factors),
        ]
        return [a.tobytes() for o in outcomes for a in (o.hidden, o.d_x, *o.d_weights)]

    read_only = np.asfortranarray(x)
    read_only.flags.writeable = False
    expected = bits(x, mask)
    assert bits(read_only, np.asfortranarray(mask)) == expected
    assert bits(x[:, ::-1][:, ::-1], mask[::-1][::-1]) == expected
