"""Forward and backward passes on arrays, one cell or operation per file.

`plain` defines each kernel in NumPy; `fast` computes the same, to rounding, in compiled code.
`kernels_for` selects fast kernels for float32 on a CPU with vector fused multiply-add, and plain
ones otherwise. The environment variable HOIQUY_KERNELS=plain|fast overrides it.
"""

from hoiquy.nn.kernels.memory import recycled_memory, work_array
from hoiquy.nn.kernels.ngram_table import NgramTable
from hoiquy.nn.kernels.row_gradient import (
    Gradient,
    LookupGradient,
    RowGradient,
    TableRows,
    add_gradient,
    add_gradients,
    gradient_values,
)
from hoiquy.nn.kernels.select import (
    Kernels,
    RecurrentKernel,
    fast_recurrent,
    kernel_kind,
    kernels_for,
    must_compile,
)
from hoiquy.nn.kernels.types import (
    FAST_ACTIVATIONS,
    Activation,
    Array,
    Lookup,
    Mask,
    RecurrentWeights,
    State,
)

__all__ = [
    "FAST_ACTIVATIONS",
    "Activation",
    "Array",
    "Gradient",
    "Kernels",
    "Lookup",
    "LookupGradient",
    "Mask",
    "NgramTable",
    "RecurrentKernel",
    "RecurrentWeights",
    "RowGradient",
    "State",
    "TableRows",
    "add_gradient",
    "add_gradients",
    "fast_recurrent",
    "gradient_values",
    "kernel_kind",
    "kernels_for",
    "must_compile",
    "recycled_memory",
    "work_array",
]
