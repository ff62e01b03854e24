"""The functions of the kernels in `fast/compiled.py`, by name."""

from collections.abc import Callable
from typing import Any

from hoiquy.nn.kernels.fast.jit import (
    adam,
    blocking,
    dropout,
    embedding,
    gate_dropout,
    matmul,
    ngrams,
    packing,
    sequence,
    window_maxima,
)

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "adam_update": adam.adam_update,
    "adam_update_rows": adam.adam_update_rows,
    "block": blocking.block,
    "unblock": blocking.unblock,
    "multiply": matmul.multiply,
    "pack": packing.pack,
    "pack_transpose": packing.pack_transpose,
    "unpack": packing.unpack,
    "dropout": dropout.dropout,
    "scatter_add": embedding.scatter_add,
    "find_ngrams": ngrams.find_ngrams,
    "window_maxima": window_maxima.window_maxima,
    "run_forward": sequence.run_forward,
    "run_backward": sequence.run_backward,
    "run_forward_by_gate": gate_dropout.run_forward,
    "run_backward_by_gate": gate_dropout.run_backward,
}
