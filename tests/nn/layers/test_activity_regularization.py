"""ActivityRegularization: the penalty is in the loss and its gradient in the backward pass."""

import numpy as np

from gradients import assert_gradients
from hoiquy.nn.graph import Graph, GraphLayer
from hoiquy.nn.layers import ActivityRegularization, Context, Dense
from hoiquy.nn.regularizers import L1L2
from hoiquy.nn.whole_batch import WholeBatch

RNG = np.random.default_rng(3)


def penalised() -> Graph:
    dense = Dense("dense", units=4, activation="tanh")
    dense.build([(None, 3)], RNG, np.float64)
    penalty = ActivityRegularization("penalty", regularizer=L1L2(0.3, 0.2))
    last = Dense("last", units=2)
    last.build([(None, 4)], RNG, np.float64)
    return Graph.chain((None, 3), [dense, penalty, last])


def assert_penalised(graph: Graph) -> None:
    x = RNG.normal(size=(5, 3))
    forward = graph.forward([x])
    d_y = RNG.normal(size=forward.outputs[0].shape)
    (d_x,), gradients = graph.backward(forward, [d_y])
    assert sum(forward.penalties) > 0

    def loss() -> float:
        again = graph.forward([x])
        return float(np.vdot(again.outputs[0], d_y)) + sum(again.penalties)

    assert_gradients(loss, {**graph.parameters, "x": x}, {**gradients, "x": d_x}, RNG)


def test_gradients() -> None:
    assert_penalised(penalised())


def test_gradients_in_a_nested_graph() -> None:
    assert_penalised(Graph.chain((None, 3), [GraphLayer.of("nested", penalised())]))


def test_the_penalties_of_the_parts_of_a_batch_add_up_to_its_own() -> None:
    graph, x = penalised(), RNG.normal(size=(5, 3))
    of_batch = Context(batch=WholeBatch(5))
    parts = [graph.forward([x[rows]], context=of_batch) for rows in (slice(3), slice(3, 5))]
    found = sum(penalty for part in parts for penalty in part.penalties)
    whole = graph.forward([x])
    np.testing.assert_allclose(found, sum(whole.penalties))
    y = whole.calls[0].outputs[0]
    np.testing.assert_allclose(found, (0.3 * np.abs(y).sum() + 0.2 * (y * y).sum()) / 5)
