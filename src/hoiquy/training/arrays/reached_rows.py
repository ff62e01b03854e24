"""Which rows of an embedding its training has reached: only these need gradients and updates.

An embedding often has many more rows than its words: 88,584 where indices stay below 10,000. A row
that no batch has reached has zero gradients and zero moments, and no update changes it.
"""

from collections.abc import Iterator, Sequence

from hoiquy.nn.graph import Graph, GraphLayer
from hoiquy.nn.layers import Embedding, Layer
from hoiquy.nn.optimizers import Optimizer
from hoiquy.training.arrays.data import AnyArray


class ReachedRows:
    """Sets `Embedding.used_rows` for a graph that is trained with an optimizer.

    Only embeddings whose indices are all inputs of the graph are limited, and only if the optimizer
    begins with them: restored moments may belong to any row.
    """

    def __init__(self, graph: Graph, optimizer: Optimizer) -> None:
        restored = {name for arrays in optimizer.slots.values() for name in arrays}
        self._limited: list[tuple[Embedding, list[int]]] = []
        self._others: list[Embedding] = []
        for layer in nested_layers(graph.layers):
            if not isinstance(layer, Embedding):
                continue
            inputs = [node.inputs[0] for node in graph.nodes if node.layer is layer]
            direct = bool(inputs) and all(tensor.node < 0 for tensor in inputs)
            if direct and f"{layer.name}/embeddings" not in restored:
                self._limited.append((layer, [tensor.output for tensor in inputs]))
            else:
                self._others.append(layer)

    def extend(self, inputs: Sequence[AnyArray]) -> None:
        """Add the rows that a batch of inputs reaches; another graph may train the same layers."""
        for layer, positions in self._limited:
            reached = [int(inputs[i].max()) + 1 for i in positions if inputs[i].size]
            rows = max([layer.used_rows or 0, *reached])
            layer.used_rows = min(rows, len(layer.parameters["embeddings"]))
        for layer in self._others:
            layer.used_rows = None


def nested_layers(layers: Sequence[Layer]) -> Iterator[Layer]:
    """The layers, those of nested graphs and those that wrappers hold."""
    for layer in layers:
        yield layer
        if isinstance(layer, GraphLayer):
            yield from nested_layers(layer.graph.layers)
        inner = getattr(layer, "layer", None)
        if isinstance(inner, Layer):
            yield from nested_layers([inner])
