"""Dropout; called by `hoiquy.nn.kernels.fast.dropout`."""

from typing import Any

from hoiquy.nn.kernels.fast.jit.activations import ZERO
from hoiquy.nn.kernels.fast.jit.compiler import compiled


@compiled
def dropout(x: Any, bits: Any, threshold: Any, scale: Any, out: Any) -> None:
    for j in range(x.size):
        out[j] = x[j] * (scale if bits[j] >= threshold else ZERO)
