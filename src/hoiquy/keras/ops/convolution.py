"""Convolution along the steps of sequences."""

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval

from hoiquy.keras.arguments import one_of
from hoiquy.keras.errors import NotSupportedError
from hoiquy.keras.values.operation import operation

__all__ = ["conv"]


@operation("inputs", "kernel", module="nn")
def conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """Sums of products of a kernel with the steps around each step.

    Args:
        inputs: (rows, steps, features).
        kernel: (width, features, filters).
        strides: The distance of the places, a number or a list of one.
        padding: "valid", "same", or "causal", in capitals, too.
        data_format: "channels_last", or None.
        dilation_rate: The distance of the steps of a place, a number or a list of one.

    Returns (rows, places, filters).

    Raises:
        NotSupportedError: There are further axes, or features are not the last.
        KerasError: There is no such padding.
    """
    if np.ndim(getval(inputs)) != 3 or data_format in ("channels_first", "NCW"):
        raise NotSupportedError("conv is for arrays (rows, steps, features) only")
    padding = one_of("conv", "padding", padding.lower(), ["valid", "same", "causal"])
    stride, dilation = (int(np.ravel(one)[0]) for one in (strides, dilation_rate))
    width, steps = np.shape(getval(kernel))[0], np.shape(getval(inputs))[1]
    span = (width - 1) * dilation
    if padding != "valid":
        places = -(-steps // stride)
        needed = span if padding == "causal" else max((places - 1) * stride + span + 1 - steps, 0)
        before = needed if padding == "causal" else needed // 2
        inputs = anp.pad(inputs, [(0, 0), (before, needed - before), (0, 0)])
        steps += needed
    total: Any = 0.0
    for place in range(width):
        start = place * dilation
        part = inputs[:, start : start + steps - span : stride]
        total = total + anp.tensordot(part, kernel[place], axes=([2], [0]))
    return total
