"""The numerical core: X_forward and X_backward, one cell a file, nothing but arrays.

`plain` defines what a kernel means; `fast` must agree with it to rounding. `kernels_for` picks:
fast for float32 on a processor with fused multiply-add vectors, plain otherwise. The environment
variable HOIQUY_KERNELS=plain|fast overrides it.
"""

from hoiquy.nn.kernels.memory import recycled_memory, work_array
from hoiquy.nn.kernels.ngram_table import NgramTable
from hoiquy.nn.kernels.row_gradient import (
    Gradient,
    RowGradient,
    add_gradient,
    add_gradients,
    gradient_values,
)
from hoiquy.nn.kernels.select import (
    Kernels,
    RecurrentKernel,
    kernel_kind,
    kernels_for,
    must_compile,
)
from hoiquy.nn.kernels.types import (
    Array,
    Lookup,
    Mask,
    RecurrentWeights,
    State,
)

__all__ = [
    "Array",
    "Gradient",
    "Kernels",
    "Lookup",
    "Mask",
    "NgramTable",
    "RecurrentKernel",
    "RecurrentWeights",
    "RowGradient",
    "State",
    "add_gradient",
    "add_gradients",
    "gradient_values",
    "kernel_kind",
    "kernels_for",
    "must_compile",
    "recycled_memory",
    "work_array",
]
