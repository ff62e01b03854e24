"""A recurrent layer of hoiquy and one of Keras with the same settings, weights and inputs."""

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from hoiquy.nn import layers
from hoiquy.nn.layers import Bidirectional, Context, Layer, Recurrent, StackedRecurrent

Array = NDArray[Any]
BATCH, TIME, FEATURES, UNITS = 5, 6, 3, 4
SEED = 7  # of the generator that drops
OUTPUTS, GRADIENTS = 1e-5, 1e-4
CELLS = ("SimpleRNN", "LSTM", "GRU")


@dataclass
class Case:
    """What is compared.

    options: of the recurrent layer. outer: of Bidirectional, if there is one. cells: those of a
    stack, instead of `kind`.
    """

    kind: str = "LSTM"
    options: dict[str, Any] = field(default_factory=dict)
    mask: str = "none"
    initial: bool = False
    training: bool = False
    outer: dict[str, Any] | None = None
    cells: tuple[str, ...] = ()
    seed: int = 1


def hoiquy_layer(case: Case) -> Layer:
    rng = np.random.default_rng(case.seed)
    options = dict(case.options)
    if case.cells:
        names = ("activation", "recurrent_activation", "recurrent_dropout", "dropout", "use_bias")
        own = {key: options.pop(key) for key in names if key in options}
        cells = [
            getattr(layers, kind)("cell", units=UNITS + position, **own)
            for position, kind in enumerate(case.cells)
        ]
        layer: Layer = StackedRecurrent.of("layer", cells, **options)
    else:
        layer = getattr(layers, case.kind)("layer", units=UNITS, **options)
        if case.outer is not None:
            assert isinstance(layer, Recurrent)
            layer = Bidirectional.around("layer", layer, **case.outer)
    layer.build([(BATCH, TIME, FEATURES)], rng)
    for array in layer.parameters.values():
        array[...] = rng.normal(0, 0.6, array.shape)
    return layer


def keras_layer(case: Case, like: Layer) -> Any:
    options = dict(case.options)
    if case.cells:
        names = ("activation", "recurrent_activation", "recurrent_dropout", "dropout", "use_bias")
        own = {key: options.pop(key) for key in names if key in options}
        cells = [
            getattr(keras.layers, f"{kind}Cell")(UNITS + position, **own)
            for position, kind in enumerate(case.cells)
        ]
        layer = keras.layers.RNN(cells, **options)
    else:
        layer = getattr(keras.layers, case.kind)(UNITS, **options)
        if case.outer is not None:
            layer = keras.layers.Bidirectional(layer, **case.outer)
    layer.build((BATCH, TIME, FEATURES))
    layer.set_weights(list(like.parameters.values()))
    return layer


def inputs_of(case: Case, layer: Layer) -> tuple[list[Array], NDArray[np.bool_] | None]:
    """x and, if they are given, initial states; and the mask."""
    rng = np.random.default_rng(case.seed + 1)
    arrays = [rng.standard_normal((BATCH, TIME, FEATURES)).astype(np.float32)]
    if case.initial:
        sizes = [part.units for part in recurrent_parts(layer) for _ in range(part.n_states)]
        arrays += [rng.uniform(-1, 1, (BATCH, size)).astype(np.float32) for size in sizes]
    step, length = np.arange(TIME), rng.integers(1, TIME + 1, (BATCH, 1))
    masks = {
        "none": None, "left": step >= TIME - length, "right": step < length,
        "holes": rng.random((BATCH, TIME)) < 0.6,
    }  # fmt: skip
    return arrays, masks[case.mask]


def recurrent_parts(layer: Any) -> list[Recurrent]:
    if isinstance(layer, Bidirectional):
        return list(layer.directions)
    return layer.layers if isinstance(layer, StackedRecurrent) else [layer]


def keras_cells(layer: Any) -> list[Any]:
    if isinstance(layer, keras.layers.Bidirectional):
        return [layer.forward_layer.cell, layer.backward_layer.cell]
    cell = layer.cell
    return list(cell.cells) if isinstance(cell, keras.layers.StackedRNNCells) else [cell]


def drop_the_same(ours: Layer, theirs: Any, x: Array) -> None:
    """Give Keras' cells the factors that our layer draws from a generator with SEED."""
    rng = np.random.default_rng(SEED)
    for part, cell in zip(recurrent_parts(ours), keras_cells(theirs), strict=True):
        inputs, state = part.dropout_rates().draw(x, part.units, rng)
        for name, factors in (("_dropout_mask", inputs), ("_recurrent_dropout_mask", state)):
            if factors is not None:
                by_gate = hasattr(cell, "dropout_mask_count")
                one = factors if factors.ndim == 2 else factors[0]
                given = [jnp.asarray(f) for f in factors] if by_gate else jnp.asarray(one)
                object.__setattr__(cell, name, given)
        if isinstance(ours, StackedRecurrent):
            x = np.zeros((*x.shape[:2], part.units), np.float32)


def ours_and_theirs(case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    """Outputs, gradients of the inputs and of the parameters, of both layers."""
    ours = hoiquy_layer(case)
    theirs = keras_layer(case, ours)
    arrays, mask = inputs_of(case, ours)
    rng = np.random.default_rng(SEED) if case.training else None
    call = ours.call(arrays, [mask] + [None] * (len(arrays) - 1), Context(rng))
    weigh = np.random.default_rng(case.seed + 2)
    d_outputs = [weigh.standard_normal(y.shape).astype(np.float32) for y in call.outputs]
    outputs = [y.copy() for y in call.outputs]
    d_inputs, gradients = call.backward(d_outputs)

    def run(trained: Any, given: Any) -> Any:
        if case.training:
            drop_the_same(ours, theirs, arrays[0])
        kwargs = {"initial_state": _nested(case, ours, given[1:])} if case.initial else {}
        y, _ = theirs.stateless_call(
            trained, [v.value for v in theirs.non_trainable_variables], given[0], mask=mask,
            training=case.training, **kwargs,
        )  # fmt: skip
        return jax.tree.leaves(y)

    def loss(trained: Any, given: Any) -> Any:
        found = run(trained, given)
        return sum(jnp.vdot(y, d) for y, d in zip(found, d_outputs, strict=True)), found

    trained = [variable.value for variable in theirs.trainable_variables]
    given = [jnp.asarray(array) for array in arrays]
    compiled = jax.jit(jax.grad(loss, (0, 1), has_aux=True))
    (their_d_parameters, their_d_inputs), their_outputs = compiled(trained, given)
    return (
        {"y": outputs, "d": [*d_inputs, *(gradients[key] for key in ours.parameters)]},
        {"y": their_outputs, "d": [*their_d_inputs, *their_d_parameters]},
    )


def _nested(case: Case, ours: Layer, states: list[Any]) -> list[Any]:
    """Initial states as Keras takes them: those of each stacked cell apart."""
    if not case.cells:
        return states
    nested, remaining = [], list(states)
    for part in recurrent_parts(ours):
        nested.append(remaining[: part.n_states])
        remaining = remaining[part.n_states :]
    return nested


def assert_same(case: Case) -> None:
    """Outputs within 1e-5 and gradients within 1e-4 of those of Keras."""
    ours, theirs = ours_and_theirs(case)
    for what, tolerance in (("y", OUTPUTS), ("d", GRADIENTS)):
        assert len(ours[what]) == len(theirs[what])
        for place, (found, expected) in enumerate(zip(ours[what], theirs[what], strict=True)):
            assert found.shape == expected.shape, (what, place)
            error = np.abs(found - np.asarray(expected)).max()
            scale = max(1.0, float(np.abs(expected).max()))
            assert error / scale < tolerance, f"{what}{place} is off by {error}: {case}"
