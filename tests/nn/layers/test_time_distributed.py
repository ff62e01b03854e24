"""TimeDistributed: a layer on every step, its masks, its logits, shared arrays."""

import numpy as np
import pytest

from hoiquy.errors import ShapeError
from hoiquy.nn.graph import Graph, GraphLayer
from hoiquy.nn.layers import (
    GRU,
    Context,
    Dense,
    Dropout,
    MeanPooling,
    TimeDistributed,
)

RNG = np.random.default_rng(1)


def steps(layer: TimeDistributed, *shape: int) -> TimeDistributed:
    layer.build([(None, *shape)], RNG)
    return layer


def test_a_step_is_computed_as_if_it_were_alone() -> None:
    layer = steps(TimeDistributed("steps", layer=Dense("dense", units=4, activation="tanh")), 6, 3)
    x = RNG.normal(size=(5, 6, 3)).astype(np.float32)
    time_first = np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1)
    for array in (x, time_first):
        (y,) = layer.call([array], [None], Context()).outputs
        for t in range(6):
            alone, _ = layer.layer.forward(array[:, t], None, None)
            assert y[:, t].tobytes() == alone.tobytes()


def test_arrays_are_those_of_the_layer() -> None:
    dense = Dense("dense", units=4)
    layer = steps(TimeDistributed("steps", layer=dense), 6, 3)
    assert layer.parameters is dense.parameters
    assert layer.trained_parameters
    dense.trainable = False
    assert not layer.trained_parameters


def test_the_logits_layer_is_one_for_every_step() -> None:
    layer = steps(TimeDistributed("tags", layer=Dense("d", units=4, activation="softmax")), 6, 3)
    logits_layer = layer.logits_layer()
    assert logits_layer is not None
    assert (layer.final_activation, logits_layer.final_activation) == ("softmax", "linear")
    assert logits_layer.parameters is layer.parameters
    x = RNG.normal(size=(5, 6, 3)).astype(np.float32)
    (y,), (logits,) = (one.call([x], [None], Context()).outputs for one in (layer, logits_layer))
    powers = np.exp(logits)
    np.testing.assert_allclose(y, powers / powers.sum(axis=-1, keepdims=True), atol=1e-6)
    assert TimeDistributed("steps", layer=Dropout("drop")).logits_layer() is None


def test_a_mask_of_steps_is_passed_on() -> None:
    layer = steps(TimeDistributed("steps", layer=Dense("dense", units=4)), 6, 3)
    mask = RNG.random((5, 6)) < 0.5
    x = RNG.normal(size=(5, 6, 3)).astype(np.float32)
    np.testing.assert_array_equal(layer.call([x], [mask], Context()).masks[0], mask)


def test_a_mask_within_the_steps_goes_to_the_layer() -> None:
    """Words of sentences of a document: a sentence counts if a word of it does."""
    layer = TimeDistributed("sentences", layer=MeanPooling("words"))
    x = RNG.normal(size=(2, 3, 4, 5))
    mask = np.arange(4) < np.array([[4, 2, 1], [3, 1, 0]])[:, :, None]
    (y,), (sentences,), _ = layer.call([x], [mask], Context())
    np.testing.assert_array_equal(sentences, [[True, True, True], [True, True, False]])
    np.testing.assert_allclose(y[0, 1], x[0, 1, :2].mean(axis=0))
    assert not y[1, 2].any()


def test_a_nested_graph_reads_each_step() -> None:
    """A hierarchical network: a GRU over the words of each sentence."""
    gru = GRU("gru", GRU.initial_parameters(5, 3, RNG, np.float32))
    dense = Dense.create("dense", 3, 2, "tanh", RNG, np.float32)
    nested = GraphLayer.of("nested", Graph.chain((None, 4, 5), [gru, dense]))
    layer = TimeDistributed("sentences", layer=nested)
    x = RNG.normal(size=(2, 3, 4, 5)).astype(np.float32)
    call = layer.call([x], [None], Context())
    assert layer.output_shapes([(None, 3, 4, 5)]) == ((None, 3, 2),)
    assert call.outputs[0].shape == (2, 3, 2)
    (d_x,), gradients = call.backward([np.ones((2, 3, 2), np.float32)])
    assert d_x is not None and d_x.shape == x.shape
    assert gradients.keys() == layer.parameters.keys()


def test_wrong_shapes_are_refused() -> None:
    layer = TimeDistributed("steps", layer=Dense("dense", units=4))
    with pytest.raises(ShapeError, match=r"steps: .*\(None, 3\), expected \(batch, time, ...\)"):
        layer.build([(None, 3)], RNG)
    with pytest.raises(ShapeError, match=r"dense: .*a known last dimension"):
        layer.build([(None, 3, None)], RNG)
