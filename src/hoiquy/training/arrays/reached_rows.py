"""Which rows of an embedding its training has reached: only these need gradients and updates.

An embedding often has many more rows than a training has read words: 88,584 where indices stay
below 10,000, and rare words come late. A row that no batch has reached has zero gradients and zero
moments, and no update changes it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hoiquy.nn.graph import Graph
from hoiquy.nn.kernels import TableRows
from hoiquy.nn.layers import Embedding
from hoiquy.nn.optimizers import Optimizer
from hoiquy.training.arrays.data import AnyArray
from hoiquy.training.shard_plan import nested_layers

_FEW = 0.75  # of the rows; to update more of them one by one is slower than all of them


class ReachedRows:
    """Sets `Embedding.reached` for a graph that is trained with an optimizer.

    Only embeddings whose indices are all inputs of the graph are limited, and only if the optimizer
    begins with them: restored moments may belong to any row.
    """

    def __init__(self, graph: Graph, optimizer: Optimizer) -> None:
        restored = {name for arrays in optimizer.slots.values() for name in arrays}
        self._limited: list[tuple[Embedding, list[int], NDArray[np.bool_]]] = []
        self._others: list[Embedding] = []
        for layer in nested_layers(graph.layers):
            if not isinstance(layer, Embedding):
                continue
            inputs = [node.inputs[0] for node in graph.nodes if node.layer is layer]
            direct = bool(inputs) and all(tensor.node < 0 for tensor in inputs)
            begins = f"{layer.name}/embeddings" not in restored
            if direct and begins and not optimizer.moves_without_gradient:
                reached = np.zeros(len(layer.parameters["embeddings"]), np.bool_)
                self._limited.append((layer, [tensor.output for tensor in inputs], reached))
            else:
                self._others.append(layer)

    def extend(self, inputs: Sequence[AnyArray]) -> None:
        """Add the rows that a batch of inputs reaches; another graph may train the same layers."""
        for layer, positions, reached in self._limited:
            before = np.count_nonzero(reached)
            with np.errstate(invalid="ignore"):  # the layer refuses what is not an index
                for position in positions:
                    rows = np.asarray(inputs[position]).astype(np.int64)
                    reached[np.clip(rows, 0, len(reached) - 1)] = True
            count = np.count_nonzero(reached)
            if count > _FEW * len(reached):
                layer.reached = None
            elif layer.reached is None or count > before or len(layer.reached.rows) != count:
                numbers = np.cumsum(reached, dtype=np.int32) - 1
                layer.reached = TableRows(np.flatnonzero(reached), numbers)
        for layer in self._others:
            layer.reached = None
