"""The largest sums over windows; called by `hoiquy.nn.kernels.fast.window_maxima`."""

from typing import Any

from hoiquy.nn.kernels.fast.jit.compiler import compiled


@compiled
def window_maxima(
    indices: Any, table: Any, windows: Any, stride: Any, dilation: Any, sums: Any, maxima: Any
) -> None:
    """sums: (channels,), overwritten."""
    channels = sums.size
    for r in range(indices.shape[1]):
        largest = maxima[r]
        for w in range(windows):
            if w > 0 and _repeats(indices, r, w, table.shape[1], stride, dilation):
                continue
            first = table[indices[w * stride, r], 0]
            for j in range(channels):
                sums[j] = first[j]
            for k in range(1, table.shape[1]):
                row = table[indices[w * stride + k * dilation, r], k]
                for j in range(channels):
                    sums[j] += row[j]
            if w == 0:
                for j in range(channels):
                    largest[j] = sums[j]
            for j in range(channels):
                largest[j] = max(largest[j], sums[j])


@compiled
def _repeats(indices: Any, r: Any, w: Any, steps: Any, stride: Any, dilation: Any) -> bool:
    """Whether a window looks up what the one before does, as along padding."""
    for k in range(steps):
        at = w * stride + k * dilation
        if indices[at, r] != indices[at - stride, r]:
            return False
    return True
