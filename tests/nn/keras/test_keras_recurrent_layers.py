"""Each option of the recurrent layers, and random combinations, against real Keras."""

from typing import Any

import keras
import numpy as np
import pytest
from recurrent_twins import (
    BATCH,
    CELLS,
    FEATURES,
    TIME,
    UNITS,
    Case,
    assert_same,
    hoiquy_layer,
    keras_layer,
)

from hoiquy.nn.layers import Context

pytestmark = pytest.mark.keras

MASKS = ["none", "left", "right", "holes"]
OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "no bias": {"use_bias": False},
    "sequences": {"return_sequences": True},
    "states": {"return_state": True},
    "both": {"return_sequences": True, "return_state": True},
    "backwards": {"go_backwards": True, "return_sequences": True, "return_state": True},
    "zeros": {"zero_output_for_mask": True, "return_sequences": True, "return_state": True},
    "zeros, last": {"zero_output_for_mask": True},
    "relu": {"activation": "relu"},
    "linear": {"activation": "linear"},
    "softmax": {"activation": "softmax"},
    "softsign": {"activation": "softsign"},
}
GATED: dict[str, dict[str, Any]] = {
    "hard_sigmoid": {"recurrent_activation": "hard_sigmoid"},
    "all relu": {"activation": "relu", "recurrent_activation": "sigmoid"},
    "softmax gates": {"recurrent_activation": "softmax"},
}
DROPOUT: dict[str, dict[str, Any]] = {
    "inputs": {"dropout": 0.3},
    "state": {"recurrent_dropout": 0.4},
    "inputs and state": {"dropout": 0.3, "recurrent_dropout": 0.4},
}


def mask_of(position: int) -> str:
    """Another kind of mask for each case."""
    return MASKS[position % len(MASKS)]


@pytest.mark.parametrize("kind", CELLS)
def test_options_one_by_one(kind: str) -> None:
    cases = [*OPTIONS.values(), *(GATED.values() if kind != "SimpleRNN" else ())]
    for position, options in enumerate(cases, CELLS.index(kind)):
        assert_same(Case(kind, options, mask_of(position), initial=position % 3 == 0))


@pytest.mark.parametrize("mask", MASKS)
def test_every_mask(mask: str) -> None:
    for position, name in enumerate(("both", "backwards", "zeros", "zeros, last")):
        assert_same(Case(CELLS[position % 3], OPTIONS[name], mask, initial=True))


def test_reset_before_the_product() -> None:
    every = (OPTIONS["both"], OPTIONS["no bias"], GATED["hard_sigmoid"], DROPOUT["state"])
    for position, more in enumerate(every):
        options = {"reset_after": False, **more}
        assert_same(Case("GRU", options, mask_of(position), initial=True, training=True))


@pytest.mark.parametrize("kind", CELLS)
def test_dropout(kind: str) -> None:
    more = (OPTIONS["both"], OPTIONS["backwards"], OPTIONS["relu"])
    for position, options in enumerate(DROPOUT.values()):
        assert_same(Case(kind, {**options, **more[position]}, mask_of(position), training=True))


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_gate_drops_its_own_inputs_with_implementation_1(kind: str) -> None:
    assert_same(Case(kind, {"dropout": 0.3, "implementation": 1}, training=True))


def test_nothing_is_dropped_at_inference() -> None:
    assert_same(Case("LSTM", DROPOUT["inputs and state"]))


@pytest.mark.parametrize("merge_mode", ["concat", "sum", "mul", "ave", None])
def test_bidirectional(merge_mode: str | None) -> None:
    outer = {"merge_mode": merge_mode}
    assert_same(Case("LSTM", OPTIONS["both"], "holes", initial=True, outer=outer))
    assert_same(Case("GRU", OPTIONS["default"], "left", outer=outer))


def test_both_directions_drop_what_they_draw() -> None:
    options = DROPOUT["inputs and state"]
    assert_same(Case("LSTM", options, "right", training=True, outer={"merge_mode": "concat"}))


@pytest.mark.parametrize("cells", [("LSTM",), ("SimpleRNN", "LSTM"), ("GRU", "LSTM", "GRU")])
def test_stacked_cells(cells: tuple[str, ...]) -> None:
    assert_same(Case(options=OPTIONS["both"], mask="holes", cells=cells, initial=True))
    assert_same(Case(options=OPTIONS["backwards"], mask="left", cells=cells))
    assert_same(Case(options=OPTIONS["zeros, last"], mask="right", cells=cells))


@pytest.mark.parametrize("seed", range(10))
def test_random_combinations(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kind = str(rng.choice(CELLS))
    flags = ("return_sequences", "return_state", "go_backwards", "zero_output_for_mask", "use_bias")
    options: dict[str, Any] = {name: bool(rng.random() < 0.5) for name in flags}
    options["activation"] = str(rng.choice(["tanh", "tanh", "relu", "linear", "softsign"]))
    if kind != "SimpleRNN":
        options["recurrent_activation"] = str(rng.choice(["sigmoid", "sigmoid", "hard_sigmoid"]))
    if kind == "GRU":
        options["reset_after"] = bool(rng.random() < 0.7)
    for name in ("dropout", "recurrent_dropout"):
        options[name] = float(rng.choice([0, 0, 0.3]))
    outer = None
    if rng.random() < 0.4:
        outer = {"merge_mode": rng.choice(["concat", "sum", "mul", "ave"])}
        options["go_backwards"] = False
    assert_same(
        Case(
            kind, options, str(rng.choice(MASKS)), initial=bool(rng.random() < 0.4),
            training=bool(rng.random() < 0.7), outer=outer, seed=seed + 10,
        )
    )  # fmt: skip


@pytest.mark.parametrize("outer", [None, {"merge_mode": "concat"}])
@pytest.mark.parametrize("kind", CELLS)
def test_stateful_layers_begin_where_they_ended(kind: str, outer: dict[str, Any] | None) -> None:
    case = Case(kind, {"stateful": True, "return_sequences": True}, outer=outer)
    ours = hoiquy_layer(case)
    theirs = keras_layer(case, ours)
    rng = np.random.default_rng(3)
    for step in range(4):
        x = rng.standard_normal((BATCH, TIME, FEATURES)).astype(np.float32)
        mask = rng.random((BATCH, TIME)) < 0.7
        if step == 3:
            ours.reset_states()
            theirs.reset_states()
        shards = [slice(0, 2), slice(2, BATCH)]
        found = [
            ours.call([x[rows]], [mask[rows]], Context(rows=rows)).outputs[0] for rows in shards
        ]
        np.testing.assert_allclose(np.concatenate(found), theirs(x, mask=mask), atol=1e-5)


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("options", [{}, {"use_bias": False}, {"unit_forget_bias": False}])
def test_parameters_have_the_shapes_of_keras(kind: str, options: dict[str, Any]) -> None:
    if "unit_forget_bias" in options and kind != "LSTM":
        return
    for more in ({}, {"reset_after": False}) if kind == "GRU" else ({},):
        case = Case(kind, {**options, **more})
        ours = hoiquy_layer(case)
        layer = getattr(keras.layers, kind)(UNITS, **case.options)
        layer.build((BATCH, TIME, FEATURES))
        found = {key: array.shape for key, array in ours.parameters.items()}
        assert found == {weight.name: tuple(weight.shape) for weight in layer.weights}
        fresh = type(ours)("layer", units=UNITS, **case.options)
        fresh.build([(None, None, FEATURES)], np.random.default_rng(1))
        if fresh.use_bias:
            np.testing.assert_array_equal(fresh.parameters["bias"], np.asarray(layer.cell.bias))
