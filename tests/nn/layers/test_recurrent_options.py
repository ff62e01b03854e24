"""The options of the recurrent layers: gradients in float64, states, kernels, and wrong use."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gradients import assert_gradients
from hoiquy.errors import InputError, ShapeError
from hoiquy.nn.activations import leaky_relu
from hoiquy.nn.graph import Graph, GraphLayer, Node, Tensor
from hoiquy.nn.kernels import FAST_ACTIVATIONS, kernel_kind
from hoiquy.nn.kernels.plain.recurrent import PlainRecurrent
from hoiquy.nn.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Context,
    Layer,
    Recurrent,
    SimpleRNN,
    StackedRecurrent,
)

BATCH, TIME, FEATURES, UNITS = 3, 5, 2, 3
KINDS: tuple[type[Recurrent], ...] = (SimpleRNN, LSTM, GRU)
every_kind = pytest.mark.parametrize("kind", KINDS)
Array = NDArray[Any]


def built(layer: Layer, seed: int = 1, dtype: Any = np.float64) -> Any:
    rng = np.random.default_rng(seed)
    layer.build([(BATCH, TIME, FEATURES)], rng, dtype)
    for array in layer.parameters.values():
        array[...] = rng.normal(0, 0.6, array.shape)
    return layer


def make(kind: type[Recurrent], dtype: Any = np.float64, **options: Any) -> Any:
    return built(kind("layer", units=UNITS, **options), dtype=dtype)


def sequences(rng: np.random.Generator, dtype: Any = np.float64) -> Array:
    return rng.standard_normal((BATCH, TIME, FEATURES)).astype(dtype)


def given_states(layer: Any, rng: np.random.Generator) -> list[Array]:
    parts = layer.directions if isinstance(layer, Bidirectional) else [layer]
    parts = layer.layers if isinstance(layer, StackedRecurrent) else parts
    sizes = [part.units for part in parts for _ in range(part.n_states)]
    return [rng.uniform(-1, 1, (BATCH, size)) for size in sizes]


def assert_call_gradients(layer: Layer, arrays: list[Array], mask: Any, drops: bool) -> None:
    """Central differences of the weighted sum of all outputs, for all inputs and parameters."""

    def outputs() -> Any:
        rng = np.random.default_rng(11) if drops else None
        return layer.call(arrays, [mask, *[None] * (len(arrays) - 1)], Context(rng))

    rng = np.random.default_rng(5)
    call = outputs()
    d_outputs = [rng.standard_normal(y.shape) for y in call.outputs]
    d_inputs, gradients = call.backward(d_outputs)
    variables = dict(layer.parameters) | {str(i): array for i, array in enumerate(arrays)}
    gradients |= {str(i): d for i, d in enumerate(d_inputs)}

    def loss() -> float:
        return sum(float(np.vdot(y, d)) for y, d in zip(outputs().outputs, d_outputs, strict=True))

    assert_gradients(loss, variables, gradients, rng, small=0)


def random_options(kind: type[Recurrent], rng: np.random.Generator) -> dict[str, Any]:
    flags = ("return_sequences", "return_state", "go_backwards", "zero_output_for_mask", "use_bias")
    options: dict[str, Any] = {flag: bool(rng.random() < 0.5) for flag in flags}
    options["activation"] = str(rng.choice(["tanh", "softsign", "linear", "softmax"]))
    for rate in ("dropout", "recurrent_dropout"):
        options[rate] = float(rng.choice([0, 0.3]))
    if kind is not SimpleRNN:
        options["recurrent_activation"] = str(rng.choice(["sigmoid", "softmax"]))
        options["implementation"] = int(rng.integers(1, 3))
    if kind is GRU:
        options["reset_after"] = bool(rng.random() < 0.5)
    return options


@pytest.mark.parametrize("seed", range(12))
@every_kind
def test_gradients_of_random_combinations(kind: type[Recurrent], seed: int) -> None:
    rng = np.random.default_rng(seed)
    options = random_options(kind, rng)
    layer: Any = kind("layer", units=UNITS, **options)
    if seed % 3 == 1:
        layer.go_backwards = False
        modes = ["concat", "sum", "mul", "ave", None]
        layer = Bidirectional.around("layer", layer, merge_mode=modes[rng.integers(5)])
    elif seed % 3 == 2:
        own = {key: value for key, value in options.items() if key not in ("use_bias",)}
        cells = [kind("a", units=UNITS, **own), LSTM("b", units=2)]
        layer = StackedRecurrent.of(
            "layer", cells, return_state=options["return_state"],
            return_sequences=options["return_sequences"], go_backwards=options["go_backwards"],
        )  # fmt: skip
    layer = built(layer, seed)
    arrays = [sequences(rng), *(given_states(layer, rng) if rng.random() < 0.5 else [])]
    mask = rng.random((BATCH, TIME)) < 0.7 if rng.random() < 0.7 else None
    assert_call_gradients(layer, arrays, mask, drops=bool(rng.random() < 0.7))


@every_kind
def test_states_alone_can_have_a_gradient(kind: type[Recurrent]) -> None:
    """An encoder: its output is not used, its states are."""
    for dtype in (np.float64, np.float32):
        layer = make(kind, dtype, return_sequences=True, return_state=True)
        rng = np.random.default_rng(2)
        x = sequences(rng, dtype)
        y, *states = layer.call([x], [None], Context()).outputs
        d_states = [rng.standard_normal(state.shape).astype(dtype) for state in states]
        without, d_none = layer.call([x], [None], Context()).backward([None, *d_states])
        zeros, d_zeros = layer.call([x], [None], Context()).backward([np.zeros_like(y), *d_states])
        np.testing.assert_array_equal(without[0], zeros[0])
        for key, gradient in d_none.items():
            np.testing.assert_array_equal(gradient, d_zeros[key])
            assert gradient.any(), key


@every_kind
def test_the_last_output_is_the_hidden_state(kind: type[Recurrent]) -> None:
    layer = make(kind, np.float32, return_state=True)
    x = sequences(np.random.default_rng(3), np.float32)
    mask = np.random.default_rng(4).random((BATCH, TIME)) < 0.6
    y, hidden, *_ = layer.call([x], [mask], Context()).outputs
    np.testing.assert_array_equal(y, hidden)


@every_kind
def test_inputs_may_go_without_a_gradient(kind: type[Recurrent]) -> None:
    layer = make(kind)
    x = sequences(np.random.default_rng(3))
    call = layer.call([x], [None], Context(wants_d_inputs=False))
    (d_x,), gradients = call.backward([np.ones_like(call.outputs[0])])
    assert d_x is None and gradients.keys() == layer.parameters.keys()


COVERED: list[dict[str, Any]] = [
    {}, {"use_bias": False}, {"go_backwards": True}, {"return_state": True}, {"dropout": 0.3},
    {"recurrent_dropout": 0.3}, {"dropout": 0.3, "recurrent_dropout": 0.3}, {"stateful": True},
    {"zero_output_for_mask": True, "return_sequences": True},
    *({"activation": name, "recurrent_dropout": 0.3 * (i % 2)}
      for i, name in enumerate(FAST_ACTIVATIONS)),
]  # fmt: skip
COVERED_BY_GATES: list[dict[str, Any]] = [
    {"recurrent_activation": "hard_sigmoid"}, {"recurrent_activation": "hard_sigmoid",
     "activation": "relu"}, {"recurrent_activation": "relu"}, {"recurrent_activation": "tanh",
     "activation": "softsign", "recurrent_dropout": 0.3},
]  # fmt: skip
RESET_BEFORE: list[dict[str, Any]] = [
    {"reset_after": False, **options} for options in (*COVERED[:9], *COVERED_BY_GATES)
]


@pytest.mark.skipif(kernel_kind(np.float32) == "plain", reason="fast kernels cannot run here")
@every_kind
def test_fast_kernels_compute_these_options(
    kind: type[Recurrent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plain ones give the same, and are not used."""
    rng = np.random.default_rng(7)
    x, mask = sequences(rng, np.float32), rng.random((BATCH, TIME)) < 0.7

    def everything(layer: Any) -> list[Array]:
        call = layer.call([x], [mask], Context(np.random.default_rng(1)))
        d_outputs = [np.cos(np.arange(y.size)).reshape(y.shape).astype("f4") for y in call.outputs]
        outputs = [y.copy() for y in call.outputs]
        (d_x,), gradients = call.backward(d_outputs)
        return [*outputs, d_x, *gradients.values()]

    def forbidden(*arguments: Any, **options: Any) -> None:
        raise AssertionError("a plain kernel was called")

    everywhere = COVERED if kind is SimpleRNN else COVERED + COVERED_BY_GATES
    for options in everywhere + (RESET_BEFORE if kind is GRU else []):
        with monkeypatch.context() as patch:
            patch.setenv("HOIQUY_KERNELS", "plain")
            expected = everything(make(kind, np.float32, **options))
        layer = make(kind, np.float32, **options)
        assert layer.plain_reason() is None
        with monkeypatch.context() as patch:
            patch.setattr(PlainRecurrent, "forward", forbidden)
            patch.setattr(PlainRecurrent, "backward", forbidden)
            found = everything(layer)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, 2e-5, 2e-5, err_msg=str(options))


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (SimpleRNN("", units=2, activation="relu"), None),
        (SimpleRNN("", units=2, activation="gelu"), "activation='gelu'"),
        (LSTM("", units=2, recurrent_activation="silu"), "recurrent_activation='silu'"),
        (GRU("", units=2, recurrent_activation="hard_sigmoid"), None),
        (GRU("", units=2, reset_after=False), None),
        (SimpleRNN("", units=2, activation=leaky_relu(0.1)), "activation='leaky_relu'"),
        (Bidirectional.around("", GRU("", units=2, activation="softmax")), "activation='softmax'"),
        (StackedRecurrent.of("", [LSTM("", units=2), SimpleRNN("", units=2, activation="mish")]),
         "activation='mish'"),
    ],
)  # fmt: skip
def test_a_layer_says_why_it_is_computed_by_plain_kernels(layer: Any, reason: str | None) -> None:
    assert layer.plain_reason() == reason


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_gates_drop_the_same_unless_the_state_drops_or_implementation_is_1(kind: Any) -> None:
    x, rng = np.zeros((BATCH, TIME, FEATURES)), np.random.default_rng(1)
    one = kind("", units=UNITS, dropout=0.3).dropout_rates().draw(x, UNITS, rng)
    assert one.inputs is not None and one.inputs.shape == (BATCH, FEATURES) and one.state is None
    for options in ({"implementation": 1}, {"recurrent_dropout": 0.5}):
        of_gates = kind("", units=UNITS, dropout=0.3, **options).dropout_rates().draw(x, UNITS, rng)
        assert of_gates.inputs is not None
        assert of_gates.inputs.shape == (kind.gates, BATCH, FEATURES)
        assert not np.array_equal(of_gates.inputs[0], of_gates.inputs[1])
    assert of_gates.state is not None and of_gates.state.shape == (kind.gates, BATCH, UNITS)


@every_kind
def test_inference_is_a_call_without_dropout(kind: type[Recurrent]) -> None:
    rng = np.random.default_rng(8)
    x, mask = sequences(rng, np.float32), rng.random((BATCH, TIME)) < 0.7
    options = {"dropout": 0.4, "return_sequences": True, "go_backwards": True}
    for zero in (False, True):
        layer = make(kind, np.float32, zero_output_for_mask=zero, **options)
        expected = layer.call([x], [mask], Context()).outputs[0]
        np.testing.assert_array_equal(layer.inference()(x, mask), expected)
        both = Bidirectional.around("both", kind("", units=UNITS, return_sequences=True))
        both = built(both, dtype=np.float32)
        expected = both.call([x], [mask], Context()).outputs[0]
        np.testing.assert_array_equal(both.inference()(x, mask), expected)


@every_kind
def test_stateful_layers_need_the_batch_size_and_keep_to_it(kind: type[Recurrent]) -> None:
    layer = kind("rnn", units=UNITS, stateful=True)
    with pytest.raises(ShapeError, match=r"rnn: .*a fixed batch size, since it is stateful"):
        layer.build([(None, TIME, FEATURES)], np.random.default_rng(1))
    layer = make(kind, stateful=True)
    x = sequences(np.random.default_rng(1))
    first = layer.call([x], [None], Context()).outputs[0]
    assert not np.allclose(layer.call([x], [None], Context()).outputs[0], first)
    layer.reset_states()
    np.testing.assert_array_equal(layer.call([x], [None], Context()).outputs[0], first)
    with pytest.raises(ShapeError, match=f"batches of the {BATCH} rows .* this one has 2"):
        layer.call([x[:2]], [None], Context())
    with pytest.raises(ShapeError, match=f"this one has {BATCH + 1}"):
        layer.call([x[:1]], [None], Context(rows=slice(BATCH, BATCH + 1)))
    assert layer.fixed_batch_size == BATCH
    assert Graph.chain((BATCH, TIME, FEATURES), [layer]).fixed_batch_size == BATCH
    assert Graph.chain((None, TIME, FEATURES), [make(kind)]).fixed_batch_size is None


def test_wrong_shapes() -> None:
    layer = LSTM("lstm", units=UNITS)
    with pytest.raises(ShapeError, match=r"lstm: .* expected \(batch, time, features\)"):
        layer.output_shapes([(None, FEATURES)])
    with pytest.raises(ShapeError, match=r"lstm: .* a known last dimension"):
        layer.build([(None, TIME, None)], np.random.default_rng(1))
    for states in ([(None, UNITS)], [(None, UNITS), (None, UNITS + 1)]):
        with pytest.raises(ShapeError, match=r"lstm: initial states .* expected 2 of \(batch, 3\)"):
            layer.output_shapes([(None, TIME, FEATURES), *states])


def test_bidirectional_refuses_layers_that_do_not_fit() -> None:
    lstm = LSTM("lstm", units=UNITS)
    with pytest.raises(InputError, match="both layers have go_backwards=True"):
        Bidirectional.around("both", LSTM("", units=UNITS, go_backwards=True))
    with pytest.raises(InputError, match="merge_mode='max'"):
        Bidirectional.around("both", lstm, merge_mode="max")
    other = LSTM("", units=UNITS, go_backwards=True, return_sequences=True)
    with pytest.raises(InputError, match=r"return_sequences is False .* and True"):
        Bidirectional.around("both", lstm, other)
    wider = LSTM("", units=UNITS + 1, go_backwards=True)
    shapes = [(None, TIME, FEATURES)]
    assert Bidirectional.around("both", lstm, wider).output_shapes(shapes) == ((None, 7),)
    with pytest.raises(ShapeError, match="cannot be merged by sum"):
        Bidirectional.around("both", lstm, wider, merge_mode="sum").output_shapes(shapes)


@every_kind
def test_a_graph_passes_states_from_layer_to_layer(kind: type[Recurrent]) -> None:
    """An encoder gives its states to a decoder; all gradients are those of central differences."""
    encoder = make(kind, return_state=True, return_sequences=False)
    decoder = make(kind, return_sequences=True)
    encoder.name, decoder.name = "encoder", "decoder"
    states = tuple(Tensor(0, 1 + i) for i in range(encoder.n_states))
    nodes = [Node(encoder, (Tensor(-1, 0),)), Node(decoder, (Tensor(-1, 1), *states))]
    shape = (None, TIME, FEATURES)
    layer = GraphLayer.of("model", Graph([shape, shape], nodes, [Tensor(1, 0)]))
    rng = np.random.default_rng(9)
    assert_call_gradients(layer, [sequences(rng), sequences(rng)], None, drops=False)
