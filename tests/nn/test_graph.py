"""A graph: several inputs and outputs, shared layers, frozen layers, nested graphs."""

import numpy as np
import pytest

from gradients import assert_gradients
from hoiquy.errors import ShapeError
from hoiquy.nn.graph import Graph, GraphLayer, Node, Tensor
from hoiquy.nn.layers import GRU, Context, Dense, Dropout, Layer

RNG = np.random.default_rng(1)
BATCH = 5


def dense(name: str, inputs: int, units: int, activation: str = "tanh") -> Dense:
    layer = Dense.create(name, inputs, units, activation, RNG, np.float64)
    layer.parameters["bias"][...] = RNG.normal(size=units)
    return layer


def two_by_two() -> Graph:
    """Two inputs; one layer called on both; an output that is used again, and a second one."""
    shared, after, last = dense("shared", 3, 4), dense("after", 4, 4), dense("last", 4, 2)
    nodes = [
        Node(shared, (Tensor(-1, 0),)),
        Node(shared, (Tensor(-1, 1),)),
        Node(after, (Tensor(0, 0),)),
        Node(after, (Tensor(1, 0),)),
        Node(last, (Tensor(2, 0),)),
    ]
    return Graph([(None, 3), (None, 3)], nodes, [Tensor(4, 0), Tensor(3, 0), Tensor(2, 0)])


def inputs() -> list[np.ndarray]:
    return [RNG.normal(size=(BATCH, 3)) for _ in range(2)]


def assert_graph_gradients(graph: Graph, arrays: list[np.ndarray], seed: int | None = None) -> None:
    """Against central differences, of the parameters and of the inputs."""

    def rngs(position: int) -> np.random.Generator:
        return np.random.default_rng([seed or 0, position])

    forward = graph.forward(arrays, rngs)
    weights = [RNG.normal(size=output.shape) for output in forward.outputs]
    d_inputs, gradients = graph.backward(forward, weights)

    def loss() -> float:
        outputs = graph.forward(arrays, rngs).outputs
        return float(sum(np.vdot(y, w) for y, w in zip(outputs, weights, strict=True)))

    names = [f"input {i}" for i in range(len(arrays))]
    found = dict(gradients) | dict(zip(names, d_inputs, strict=True))
    assert_gradients(
        loss, graph.trained_parameters | dict(zip(names, arrays, strict=True)), found, RNG
    )


def test_gradients_of_shared_layers_and_several_outputs() -> None:
    graph = two_by_two()
    assert graph.output_shapes() == [(None, 2), (None, 4), (None, 4)]
    assert_graph_gradients(graph, inputs())


def test_gradients_with_dropout_and_of_a_nested_graph() -> None:
    inner = Graph.chain((None, 4), [Dropout("drop", rate=0.4), dense("inside", 4, 3)])
    nested = GraphLayer.of("nested", inner)
    nodes = [
        Node(dense("first", 3, 4), (Tensor(-1, 0),)),
        Node(nested, (Tensor(0, 0),)),
        Node(dense("last", 3, 2), (Tensor(1, 0),)),
    ]
    graph = Graph([(None, 3)], nodes, [Tensor(2, 0), Tensor(1, 0)])
    assert graph.parameters["nested/inside/kernel"] is inner.parameters["inside/kernel"]
    assert graph.output_shapes() == [(None, 2), (None, 3)]
    assert_graph_gradients(graph, inputs()[:1], seed=3)


def test_an_output_without_a_gradient_does_not_count() -> None:
    graph, arrays = two_by_two(), inputs()
    forward = graph.forward(arrays)
    only_last = [np.ones_like(forward.outputs[0]), None, None]
    _, gradients = graph.backward(forward, only_last)
    alone = Graph(graph.input_shapes, graph.nodes, graph.outputs[:1])
    _, expected = alone.backward(alone.forward(arrays), only_last[:1])
    for name, gradient in expected.items():
        np.testing.assert_array_equal(gradients[name], gradient)


@pytest.mark.parametrize("frozen", ["shared", "after", "last"])
def test_a_frozen_layer_passes_gradients_on_and_gets_none(frozen: str) -> None:
    graph = two_by_two()
    everything = graph.backward(
        graph.forward(arrays := inputs()), d := [np.ones((BATCH, n)) for n in (2, 4, 4)]
    )[1]
    next(layer for layer in graph.layers if layer.name == frozen).trainable = False
    _, gradients = graph.backward(graph.forward(arrays), d)
    assert gradients.keys() == {name for name in everything if not name.startswith(frozen)}
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(gradient, everything[name])


def test_no_gradient_is_computed_below_the_first_trained_layer() -> None:
    class Watched(Layer):
        def forward(self, x, mask, rng):  # type: ignore[no-untyped-def]
            def backward(d_y):  # type: ignore[no-untyped-def]
                raise AssertionError("not needed")

            return x, backward

    graph = Graph.chain((None, 3), [Watched("watched"), dense("dense", 3, 2)])
    forward = graph.forward(inputs()[:1], context=Context(wants_d_inputs=False))
    graph.backward(forward, [np.ones((BATCH, 2))])


def test_dropout_of_one_layer_does_not_depend_on_another() -> None:
    """A node's random numbers are its own: one more layer that drops does not move them."""
    drop = Dropout("drop", rate=0.5)
    ones = [np.ones((BATCH, 6), np.float32)]
    alone = Graph.chain((None, 6), [drop, Dropout("none", rate=0.0)])
    with_other = Graph.chain((None, 6), [drop, Dropout("other", rate=0.5)])
    (one,), (other,) = (
        graph.forward(ones, np.random.default_rng).calls[0].outputs for graph in (alone, with_other)
    )
    np.testing.assert_array_equal(one, other)
    assert 0 < (one == 0).sum() < 30


def test_masks_follow_the_layers() -> None:
    parameters = GRU.initial_parameters(3, 2, RNG, np.float32)
    graph = Graph.chain(
        (None, 4, 3), [Dropout("drop"), GRU("gru", parameters, return_sequences=True)]
    )
    mask = np.arange(4) < np.array([[2], [4]])
    x = RNG.normal(size=(2, 4, 3)).astype(np.float32)
    (y,), (out,), *_ = graph.forward([x], masks=[mask])
    np.testing.assert_array_equal(out, mask)
    x[0, 2:] = 9
    np.testing.assert_array_equal(graph.forward([x], masks=[mask]).outputs[0], y)


def test_two_layers_of_one_name_are_refused() -> None:
    with pytest.raises(ShapeError, match="two layers have the name 'dense'"):
        Graph.chain((None, 3), [dense("dense", 3, 3), dense("dense", 3, 3)])
