"""Windows that slide over the steps of a sequence, for local pooling and convolutions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hoiquy.nn.kernels import Array

Padding = Literal["valid", "same", "causal"]


@dataclass(frozen=True)
class Windows:
    """The windows of a layer's settings.

    size: steps in a window. stride: from one window to the next. dilation: from one step of a
    window to the next. padding: "valid" has none; "same" centres the windows; with "causal" a
    window ends at its step.
    """

    size: int
    stride: int = 1
    dilation: int = 1
    padding: Padding = "valid"

    @property
    def reach(self) -> int:
        """Steps from the first to the last one of a window, both included."""
        return (self.size - 1) * self.dilation + 1

    def count(self, time: int | None) -> int | None:
        """How many windows a sequence of so many steps has; None if that is not known."""
        if time is None:
            return None
        if self.padding == "valid":
            return max(0, (time - self.reach) // self.stride + 1)
        return -(-time // self.stride)

    def _margins(self, time: int) -> tuple[int, int]:
        """How many steps are added at each side."""
        if self.padding == "valid":
            return 0, 0
        if self.padding == "causal":
            return self.reach - 1, 0
        count = -(-time // self.stride)
        total = max(0, (count - 1) * self.stride + self.reach - time)
        return total // 2, total - total // 2

    def padded(self, x: Array, value: float) -> Array:
        """x (time, ...) with steps of this value at both sides."""
        left, right = self._margins(len(x))
        if left == right == 0:
            return x
        widths = [(left, right)] + [(0, 0)] * (x.ndim - 1)
        return np.pad(x, widths, constant_values=value)

    def unpadded(self, padded: Array, time: int) -> Array:
        """The steps of `padded` that are not padding."""
        left, _ = self._margins(time)
        return padded[left : left + time]

    def places(self, time: int) -> Iterator[slice]:
        """For each step of a window: where it is, over all windows, in the padded sequence."""
        count = self.count(time) or 0
        for step in range(self.size):
            begin = step * self.dilation
            yield slice(begin, begin + (count - 1) * self.stride + 1, self.stride)
