"""Convert to and from the blocked layout; called by `hoiquy.nn.kernels.fast.blocking`."""

from typing import Any

import numpy as np

from hoiquy.nn.kernels.fast.jit.compiler import address, compiled
from hoiquy.nn.kernels.fast.jit.microkernel import copy_scaled
from hoiquy.nn.kernels.fast.lanes import BLOCK_BYTES, LANES


@compiled
def block(x: Any, factors: Any, out: Any) -> None:
    """out = x (time, batch, features) times factors (batch, features) at every step."""
    time, batch, features = x.shape
    blocks, rows = out.shape[1], out.shape[2]
    whole = features // LANES
    for t in range(time):
        if blocks > whole or rows > batch:
            out[t] = np.float32(0)
        for r in range(batch):
            source, factor = address(x[t, r]), address(factors[r])
            target = address(out[t]) + r * BLOCK_BYTES
            for b in range(whole):
                place = b * BLOCK_BYTES
                copy_scaled(source + place, factor + place, target + place * rows)
            for j in range(whole * LANES, features):
                out[t, whole, r, j - whole * LANES] = x[t, r, j] * factors[r, j]


@compiled
def unblock(blocked: Any, factors: Any, out: Any) -> None:
    """The inverse of `block` without the padding, times the factors again."""
    time, batch, features = out.shape
    rows = blocked.shape[2]
    whole = features // LANES
    for t in range(time):
        for r in range(batch):
            source = address(blocked[t]) + r * BLOCK_BYTES
            target, factor = address(out[t, r]), address(factors[r])
            for b in range(whole):
                place = b * BLOCK_BYTES
                copy_scaled(source + place * rows, factor + place, target + place)
            for j in range(whole * LANES, features):
                out[t, r, j] = blocked[t, whole, r, j - whole * LANES] * factors[r, j]
