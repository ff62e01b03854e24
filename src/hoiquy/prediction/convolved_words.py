"""Convolutions over words and their maxima, from products that documents share.

A convolution sums, over the steps of a window, products that each depend on one word. Many
documents have far fewer distinct words than words: each word is multiplied once, and windows sum
what they look up. The logits are those of `Model.logits`: a row's product does not depend on the
other rows, sums run in the same order, and a relu does not change which window is largest.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hoiquy.nn.activations import activation_of
from hoiquy.nn.graph import Graph, Node, Tensor
from hoiquy.nn.kernels import Array, Mask, kernels_for
from hoiquy.nn.layers import Conv1D, Dropout, Embedding, MaxPooling, NgramEmbedding
from hoiquy.nn.layers.base import Backward, Layer
from hoiquy.nn.model import Model
from hoiquy.nn.shards import ShardPool

_ACTIVATIONS = ("linear", "relu")  # f(max(x)) has the bits of max(f(x))
_AT_ONCE = 512  # words whose products a thread computes at a time
_LEAST_REPETITION = 2  # tokens a distinct word; with fewer it does not pay


def with_shared_products(model: Model, tokens: NDArray[np.int32], pool: ShardPool) -> Model:
    """The model for documents of these tokens, or itself where it cannot share products or they
    would not pay.

    tokens: of all documents, padding included or not.
    """
    pairs = _pairs(model.graph)
    if not pairs or not len(tokens) or tokens.min() < 0:
        return model
    used = np.flatnonzero(np.bincount(np.append(tokens, 0)))  # 0 is padding
    rows = min(len(pair.embedding.parameters["embeddings"]) for pair in pairs.values())
    if len(tokens) < _LEAST_REPETITION * len(used) or used[-1] >= rows:
        return model
    position = np.zeros(used[-1] + 1, np.int32)
    position[used] = np.arange(len(used), dtype=np.int32)
    nodes = list(model.graph.nodes)
    for at, pair in pairs.items():
        table = _products(pair, used, pool)
        layer = _WordMaxima(pair.pooling.name, position=position, table=table, pair=pair)
        nodes[at] = Node(layer, (Tensor(-1, 0),))
    return replace(model, graph=_without_unused(replace(model.graph, nodes=nodes)))


@dataclass(frozen=True)
class _Pair:
    """A convolution of an embedding's rows, and the maximum over its windows."""

    embedding: Any
    convolution: Any
    pooling: Any

    @property
    def can_share(self) -> bool:
        """Whether the layers are of these types, with products that depend on one word each."""
        return (
            isinstance(self.embedding, Embedding)
            and not isinstance(self.embedding, NgramEmbedding)
            and isinstance(self.convolution, Conv1D)
            and self.convolution.groups == 1
            and self.convolution.activation in _ACTIVATIONS
            and isinstance(self.pooling, MaxPooling)
            and not self.pooling.keepdims
        )


def _pairs(graph: Graph) -> dict[int, _Pair]:
    """By the position of the node of the maximum."""
    found = {}
    for at, node in enumerate(graph.nodes):
        convolution = _source(graph, node)
        embedding = convolution and _source(graph, convolution)
        if convolution and embedding and embedding.inputs[0].node < 0:
            pair = _Pair(embedding.layer, convolution.layer, node.layer)
            if pair.can_share:
                found[at] = pair
    return found


def _source(graph: Graph, node: Node) -> Node | None:
    """The node whose output a node takes, looking through dropout."""
    at = node.inputs[0].node
    while at >= 0 and isinstance(graph.nodes[at].layer, Dropout):
        at = graph.nodes[at].inputs[0].node
    return graph.nodes[at] if at >= 0 else None


def _products(pair: _Pair, used: NDArray[np.int64], pool: ShardPool) -> Array:
    """(words, steps of a window, filters) of the words in use, then of a vector of zeros.

    Beside a sequence, "same" and "causal" windows reach zeros. The first step adds the bias.
    """
    rows, convolution = pair.embedding.parameters["embeddings"], pair.convolution
    words = rows[used]
    words = np.concatenate([words, np.zeros_like(words[:1])])
    kernel = convolution.parameters["kernel"]
    steps, features, filters = kernel.shape
    weights = np.ascontiguousarray(kernel.transpose(1, 0, 2)).reshape(features, steps * filters)
    bias = np.zeros((steps, filters), words.dtype)
    bias[0] = convolution.bias(filters, words.dtype)
    products = np.empty((len(words), *bias.shape), words.dtype)
    affine = kernels_for(words.dtype).affine

    def run(shard: int, part: slice) -> None:
        products[part] = affine(words[part], weights, bias.ravel()).reshape(-1, *bias.shape)

    list(pool.map(run, len(words), _AT_ONCE))
    return products


@dataclass
class _WordMaxima(Layer):
    """A pair as one layer: indices (batch, time) → (batch, filters).

    position: (rows of the embedding,), of each word in the table.
    table: (words, steps of a window, filters) products; the last word is a vector of zeros.
    """

    position: Any = field(default=None, repr=False)
    table: Any = field(default=None, repr=False)
    pair: Any = None

    def forward(self, x: Array, mask: Mask | None, rng: Generator | None) -> tuple[Array, Backward]:
        windows = self.pair.convolution.windows
        padded = windows.padded(self.position[x.T], len(self.table) - 1)
        count = windows.count(x.shape[1])
        maxima = kernels_for(self.table.dtype).window_maxima(
            padded, self.table, count, windows.stride, windows.dilation
        )
        return activation_of(self.pair.convolution.activation).function(maxima), _no_backward


def _without_unused(graph: Graph) -> Graph:
    """The graph without nodes that no output depends on."""
    used = {tensor.node for tensor in graph.outputs}
    for at in reversed(range(len(graph.nodes))):
        if at in used:
            used |= {tensor.node for tensor in graph.nodes[at].inputs}
    place = {at: new for new, at in enumerate(sorted(used - {-1}))} | {-1: -1}

    def moved(tensors: Any) -> tuple[Tensor, ...]:
        return tuple(Tensor(place[tensor.node], tensor.output) for tensor in tensors)

    nodes = [
        Node(node.layer, moved(node.inputs)) for at, node in enumerate(graph.nodes) if at in used
    ]
    return replace(graph, nodes=nodes, outputs=list(moved(graph.outputs)))


def _no_backward(d_y: Array) -> Any:
    raise NotImplementedError  # predicts only
