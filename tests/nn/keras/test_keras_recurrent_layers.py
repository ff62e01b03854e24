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
    "no bias": {"use_bias": False, "return_sequences": True},
    "both": {"return_sequences": True, "return_state": True},
    "backwards": {"go_backwards": True, "return_sequences": True, "return_state": True},
    "zeros": {"zero_output_for_mask": True, "return_sequences": True, "return_state": True},
    "zeros, last": {"zero_output_for_mask": True},
    "relu": {"activation": "relu"},
    "softmax": {"activation": "softmax", "return_state": True},
}
ZEROED = {"zeros": "holes", "zeros, last": "right"}  # masks that zero an output
GATED: dict[str, dict[str, Any]] = {
    "hard_sigmoid": {"recurrent_activation": "hard_sigmoid"},
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


OF_KIND = [
    pytest.param(kind, name, marks=[] if position % 3 == CELLS.index(kind) else pytest.mark.slow)
    for kind in CELLS
    for position, name in enumerate([*OPTIONS, *(GATED if kind != "SimpleRNN" else ())])
]


@pytest.mark.parametrize(("kind", "name"), OF_KIND)
def test_options_one_by_one(kind: str, name: str) -> None:
    """Each option of one kind of cell; the slow tests have those of all."""
    options, position = (OPTIONS | GATED)[name], [*OPTIONS, *GATED].index(name)
    mask = ZEROED.get(name, mask_of(position))
    assert_same(Case(kind, options, mask, initial=position % 3 == 0))


@pytest.mark.slow
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", ["both", "backwards", "zeros", "zeros, last"])
def test_every_mask(name: str, mask: str) -> None:
    assert_same(Case("LSTM", OPTIONS[name], mask, initial=True))


@pytest.mark.parametrize("name", ["both", pytest.param("no bias", marks=pytest.mark.slow)])
def test_reset_before_the_product(name: str) -> None:
    options = {"reset_after": False, **OPTIONS[name], **DROPOUT["state"], **GATED["hard_sigmoid"]}
    assert_same(Case("GRU", options, "holes", initial=True, training=True))


DROPS = [
    pytest.param(kind, name, marks=[] if position == CELLS.index(kind) else pytest.mark.slow)
    for kind in CELLS
    for position, name in enumerate(reversed(DROPOUT))
]


@pytest.mark.parametrize(("kind", "name"), DROPS)
def test_dropout(kind: str, name: str) -> None:
    options = {**DROPOUT[name], **OPTIONS["backwards"]}
    assert_same(Case(kind, options, mask_of(CELLS.index(kind) + 1), training=True))


@pytest.mark.slow
def test_nothing_is_dropped_at_inference() -> None:
    assert_same(Case("LSTM", DROPOUT["inputs and state"]))


SLOW_MODES = [pytest.param(mode, marks=pytest.mark.slow) for mode in ("sum", "mul", "ave")]


@pytest.mark.parametrize("merge_mode", ["concat", None, *SLOW_MODES])
def test_bidirectional(merge_mode: str | None) -> None:
    outer = {"merge_mode": merge_mode}
    assert_same(Case("LSTM", OPTIONS["both"], "holes", initial=True, outer=outer))


@pytest.mark.slow
@pytest.mark.parametrize("merge_mode", ["concat", "sum", "mul", "ave", None])
def test_bidirectional_with_the_last_output(merge_mode: str | None) -> None:
    assert_same(Case("GRU", OPTIONS["default"], "left", outer={"merge_mode": merge_mode}))


@pytest.mark.slow
def test_both_directions_drop_what_they_draw() -> None:
    options = DROPOUT["inputs and state"]
    assert_same(Case("LSTM", options, "right", training=True, outer={"merge_mode": "concat"}))


def test_stacked_cells() -> None:
    cells = ("GRU", "LSTM", "SimpleRNN")
    assert_same(Case(options=OPTIONS["both"], mask="holes", cells=cells, initial=True))


@pytest.mark.slow
@pytest.mark.parametrize("cells", [("SimpleRNN", "LSTM"), ("GRU", "LSTM", "GRU")])
def test_more_stacked_cells(cells: tuple[str, ...]) -> None:
    assert_same(Case(options=OPTIONS["backwards"], mask="left", cells=cells))
    assert_same(Case(options=OPTIONS["zeros, last"], mask="right", cells=cells))


SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 60))]


@pytest.mark.parametrize("seed", SEEDS)
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


BOTH = {"merge_mode": "concat"}
STATEFUL = [("LSTM", None), ("GRU", BOTH)]
MORE = [("GRU", None), ("SimpleRNN", None), ("LSTM", BOTH), ("SimpleRNN", BOTH)]
SLOW_STATEFUL = [pytest.param(*case, marks=pytest.mark.slow) for case in MORE]


@pytest.mark.parametrize(("kind", "outer"), [*STATEFUL, *SLOW_STATEFUL])
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
