"""Between rows of numbers, as layers see them, and the blocked layout of the fast kernels.

(time, batch, features) becomes [time][block of 8 features][row][8]: padded with zeros to whole
blocks, and to as many rows as the target has. Dropout of inputs is part of the way, in and out.
"""

from typing import Any

import numpy as np

from hoiquy.kernels.fast.compiler import compiled
from hoiquy.kernels.fast.microkernel import LANES

NO_FACTORS = np.empty((0, 0), np.float32)


@compiled
def block(x: Any, factors: Any, out: Any) -> None:
    """out = x, times factors (batch, features) at every step unless they are empty."""
    time, batch, features = x.shape
    whole = features // LANES
    ragged = out.shape[1] > whole or out.shape[2] > batch
    for t in range(time):
        if ragged:
            out[t] = np.float32(0)
        for r in range(batch):
            source = x[t, r]
            for b in range(whole):
                target = out[t, b, r]
                part = source[b * LANES : b * LANES + LANES]
                if factors.size > 0:
                    factor = factors[r, b * LANES : b * LANES + LANES]
                    for lane in range(LANES):
                        target[lane] = part[lane] * factor[lane]
                else:
                    for lane in range(LANES):
                        target[lane] = part[lane]
            for j in range(whole * LANES, features):
                scale = factors[r, j] if factors.size > 0 else np.float32(1)
                out[t, whole, r, j - whole * LANES] = source[j] * scale


@compiled
def unblock(blocked: Any, factors: Any, out: Any) -> None:
    """The inverse of `block`, times the factors again; padding is left behind."""
    time, batch, features = out.shape
    whole = features // LANES
    for t in range(time):
        for r in range(batch):
            target = out[t, r]
            for b in range(whole):
                source = blocked[t, b, r]
                part = target[b * LANES : b * LANES + LANES]
                if factors.size > 0:
                    factor = factors[r, b * LANES : b * LANES + LANES]
                    for lane in range(LANES):
                        part[lane] = source[lane] * factor[lane]
                else:
                    for lane in range(LANES):
                        part[lane] = source[lane]
            for j in range(whole * LANES, features):
                scale = factors[r, j] if factors.size > 0 else np.float32(1)
                target[j] = blocked[t, whole, r, j - whole * LANES] * scale
