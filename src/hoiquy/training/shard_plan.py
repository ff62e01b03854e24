"""The shards of a network's batches: more of them where there is more to compute."""

from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from hoiquy.nn.graph import Graph, GraphLayer
from hoiquy.nn.layers import Dense, Embedding, Layer, Wide
from hoiquy.nn.shards import shard_rows


def planned_rows(graph: Graph, batch: int, steps: int) -> int:
    """The rows of each shard but the last of a training batch.

    They depend on the network, the batch and its time steps, never on threads or machines.
    """
    if graph.couples_rows:
        return max(1, batch)
    work, parameters = step_work(graph, batch, steps)
    return shard_rows(batch, work, parameters)


def step_work(graph: Graph, batch: int, steps: int) -> tuple[float, int]:
    """About how many operations a training step takes, and the parameters but embeddings."""
    of_steps, of_rows = 0, 0
    for layer in nested_layers(graph.layers):
        size = sum(array.size for array in layer.parameters.values())
        if isinstance(layer, Dense):
            of_rows += size
        elif not isinstance(layer, Embedding | Wide | GraphLayer):
            of_steps += size
    return operations(batch, steps, of_steps, of_rows), of_steps + of_rows


def operations(batch: int, steps: int, of_steps: int, of_rows: int) -> float:
    """Of a training step with so many parameters that are used at every step, or once for a row.

    Each takes a multiplication and an addition forwards, and as many for both gradients.
    """
    return 6.0 * batch * (steps * of_steps + of_rows)


def time_steps(graph: Graph, inputs: Sequence[NDArray[Any]]) -> int:
    """The steps of the longest input: of indices, or of vectors; 1 without such an input."""
    steps = 1
    for node in graph.nodes:
        for tensor in node.inputs:
            if tensor.node < 0:
                x = inputs[tensor.output]
                is_index = isinstance(node.layer, Embedding) or x.dtype.kind in "iu"
                if x.ndim > 2 or (x.ndim == 2 and is_index):
                    steps = max(steps, x.shape[1])
    return steps


def nested_layers(layers: Sequence[Layer]) -> Iterator[Layer]:
    """The layers, those of nested graphs and those that wrappers hold."""
    for layer in layers:
        yield layer
        if isinstance(layer, GraphLayer):
            yield from nested_layers(layer.graph.layers)
        inner = getattr(layer, "layer", None)
        if isinstance(inner, Layer):
            yield from nested_layers([inner])
