"""The gradient of an embedding; called by `hoiquy.nn.kernels.fast.embedding`."""

from typing import Any

from hoiquy.nn.kernels.fast.jit.compiler import compiled


@compiled
def scatter_add(indices: Any, d_y: Any, d_embeddings: Any, part: Any, parts: Any) -> None:
    """Add to every `parts`-th row from row `part` on."""
    time, batch, units = d_y.shape
    for t in range(time):
        for r in range(batch):
            if indices[t, r] % parts != part:
                continue
            row = d_embeddings[indices[t, r]]
            d = d_y[t, r]
            for j in range(units):
                row[j] += d[j]
