"""Embeddings whose rows are float16 or int8 in memory; they predict, and cannot be trained."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import RunError
from hoiquy.nn.graph import Node
from hoiquy.nn.kernels import Array
from hoiquy.nn.layers import Embedding, NgramEmbedding
from hoiquy.nn.layers.base import Backward, Gradients
from hoiquy.nn.model import Model
from hoiquy.runs.compact_rows import CompactRows, CompactType, expanded


@dataclass
class CompactEmbedding(Embedding):
    """An embedding whose parameters are `CompactRows`."""

    def look_up(self, x: NDArray[np.int32], of_shard: bool = False) -> tuple[Array, Backward]:
        rows = self.parameters["embeddings"]
        self._check_range(x, len(rows))
        return rows[x], _no_backward


class CompactNgramEmbedding(NgramEmbedding, CompactEmbedding):
    """The same with n-grams."""


def embedding_names(model: Model) -> list[str]:
    """The names of the parameters that may be compact."""
    return [
        f"{layer.name}/{key}"
        for layer in model.layers
        if isinstance(layer, Embedding)
        for key in layer.parameters
    ]


def compact_rows(model: Model, type: CompactType) -> dict[str, CompactRows]:
    """The rows of the embeddings, rounded. Raises InputError."""
    return {name: CompactRows.of(model.parameters[name], type) for name in embedding_names(model)}


def with_compact_rows(model: Model, rows: Mapping[str, CompactRows], source: str) -> Model:
    """A model that shares all arrays but those of `rows`, by name.

    Raises RunError, naming `source`, if a name is not a parameter of an embedding.
    """
    wrong = [name for name in rows if name not in embedding_names(model)]
    if wrong:
        raise RunError(f"{source} is damaged: {wrong[0]} has to be float32")
    new: dict[int, Embedding] = {}
    for layer in model.layers:
        found = (
            {}
            if not isinstance(layer, Embedding)
            else {
                key: rows[f"{layer.name}/{key}"]
                for key in layer.parameters
                if f"{layer.name}/{key}" in rows
            }
        )
        if found:
            new[id(layer)] = _compact(layer, found)
    nodes = [Node(new.get(id(node.layer), node.layer), node.inputs) for node in model.graph.nodes]
    return replace(model, graph=replace(model.graph, nodes=nodes))


def expanded_model(model: Model) -> Model:
    """A copy with float32 rows; the model itself if it has them."""
    if not any(isinstance(one, CompactRows) for one in model.parameters.values()):
        return model
    copy = deepcopy(model)
    for layer in copy.layers:
        layer.parameters = expanded(layer.parameters)
    return copy


def _compact(layer: Any, rows: Mapping[str, Any]) -> Embedding:
    kind = CompactNgramEmbedding if isinstance(layer, NgramEmbedding) else CompactEmbedding
    settings = {field.name: getattr(layer, field.name) for field in fields(layer) if field.init}
    return kind(**settings | {"parameters": layer.parameters | rows})


def _no_backward(d_y: Array) -> tuple[None, Gradients]:
    raise NotImplementedError("a compact embedding cannot be trained")
