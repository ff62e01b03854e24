"""The input product of the first recurrent layer, looked up by word.

`Inference.of` multiplies each row of an embedding by the weights of the recurrent layer behind it
and keeps the products: of a large vocabulary, hundreds of megabytes and a tenth of a second. Here
the rows of each shard are multiplied as they come, until that was as much work as all rows; then
all are, once. A compact embedding keeps no products, to be small.

The bits are those of `Model.logits`: a row's product does not depend on the other rows.
"""

import math
import threading
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import ShapeError
from hoiquy.nn.graph import Graph
from hoiquy.nn.kernels import Array, Lookup, Mask, RecurrentKernel
from hoiquy.nn.layers import (
    Bidirectional,
    Dropout,
    Embedding,
    Layer,
    NgramEmbedding,
    Recurrent,
    RecurrentInference,
)
from hoiquy.nn.layers.merge_modes import merged
from hoiquy.nn.model import Model
from hoiquy.runs.compact_rows import CompactRows
from hoiquy.training.inference import Inference, Step

_lock = threading.Lock()  # of one thread that multiplies all rows, while others wait for them
_MANY = 4  # tokens of a call for each row: about what is then multiplied on demand, or more


def inference_of(model: Model, max_length: int) -> Inference:
    """As `Inference.of`, with the products of an embedding's rows computed on demand."""
    layers = [layer for layer in model.layers if not isinstance(layer, Dropout)]
    if model.is_chain and len(layers) > 1:
        embedding, second = layers[:2]
        by_word = isinstance(embedding, Embedding) and not isinstance(embedding, NgramEmbedding)
        if by_word and isinstance(second, Recurrent | Bidirectional):
            rows = embedding.parameters["embeddings"]
            first = _EmbeddedRecurrent(second.name, rows=rows, recurrent=second)
            graph = Graph.chain(model.graph.input_shapes[0], [first, *layers[2:]])
            return replace(Inference.of(replace(model, graph=graph), max_length), model=model)
    return Inference.of(model, max_length)


def project_all(inference: Inference, tokens: float = math.inf) -> None:
    """Compute all products that are kept, unless so few tokens follow that it would not pay."""
    for step in inference.steps:
        for one in getattr(step, "directions", (step,)):
            if isinstance(one, _LookUp) and tokens >= _MANY * len(one.products.rows):
                one.products.project_all()


@dataclass
class Products:
    """x W + bias of an embedding's rows.

    rows: (rows, inputs) float32, or `CompactRows`.
    """

    kernel: RecurrentKernel
    prepared: Any
    rows: Any
    _table: Array | None = None
    _projected: int = 0  # rows so far, counting repetitions

    def look_up(self, indices: NDArray[np.int32]) -> Lookup:
        """(time, batch) indices → what the kernel looks up."""
        if self._table is None and self._projected >= len(self.rows):
            self.project_all()
        if self._table is not None:
            return Lookup(indices, self._table)
        used, positions = np.unique(indices, return_inverse=True)
        if not used.size:
            used = np.zeros(1, np.int32)  # a table has a row
        if not 0 <= used[0] <= used[-1] < len(self.rows):
            raise ShapeError(f"indices {used[0]}..{used[-1]} leave {len(self.rows)} rows")
        self._projected += len(used)
        table = self.kernel.project(self.prepared, self.rows[used])
        return Lookup(positions.reshape(indices.shape).astype(np.int32), table)

    def project_all(self) -> None:
        """Compute the products of all rows, unless the rows are compact."""
        with _lock:
            if self._table is None and self._keeps:
                self._table = self.kernel.project(self.prepared, self.rows)

    @property
    def _keeps(self) -> bool:
        return not isinstance(self.rows, CompactRows)


@dataclass(frozen=True)
class _LookUp(RecurrentInference):
    """A recurrent layer that takes indices."""

    products: Products = field(kw_only=True)

    @classmethod
    def of(cls, layer: Recurrent, rows: Any) -> "_LookUp":
        step = layer.inference()
        settings = {one.name: getattr(step, one.name) for one in fields(step)}
        return cls(**settings, products=Products(step.kernel, step.prepared, rows))

    def _kernel_input(self, x: Any) -> Lookup:
        return self.products.look_up(x.T)


@dataclass(frozen=True)
class _BothDirections:
    """A bidirectional layer that takes indices."""

    merge_mode: str | None
    directions: tuple[_LookUp, _LookUp]

    def __call__(self, x: Any, mask: Mask | None) -> Array:
        first, second = (direction(x, mask) for direction in self.directions)
        if self.directions[1].return_sequences:
            second = second[:, ::-1]
        return merged(self.merge_mode, first, second)[0]


@dataclass
class _EmbeddedRecurrent(Layer):
    """An embedding and the recurrent layer behind it as one layer, for `Inference.of` only."""

    rows: Any = None
    recurrent: Recurrent | Bidirectional | None = None

    def inference(self) -> Step:
        if isinstance(self.recurrent, Recurrent):
            return _LookUp.of(self.recurrent, self.rows)
        assert self.recurrent is not None
        first, second = (_LookUp.of(layer, self.rows) for layer in self.recurrent.directions)
        return _BothDirections(self.recurrent.merge_mode, (first, second))
