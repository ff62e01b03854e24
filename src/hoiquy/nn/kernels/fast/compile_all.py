"""Compile every fast kernel into the cache: `python -m hoiquy.nn.kernels.fast.compile_all`.

`training.kernel_compilation` runs it with a folder as its argument while documents are read. Then
it ends when its standard input is closed, so that it does not outlive its parent, and removes its
temporary folder.
"""

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hoiquy.nn.kernels.fast.cache import CacheBuilder, is_complete, usable_folder
from hoiquy.nn.kernels.fast.compiler import compile_into
from hoiquy.nn.kernels.ngram_table import LONGEST, NgramTable
from hoiquy.nn.kernels.select import Kernels, load_kernels
from hoiquy.nn.kernels.types import Array, RecurrentWeights

GATES = {"simple_rnn_tanh": 1, "simple_rnn_relu": 1, "lstm": 4, "gru": 3}
TIME, BATCH, INPUTS, UNITS = 3, 2, 4, 5


def compile_all(destination: Path, watched: bool = False) -> None:
    """Compile all fast kernels into `destination`. Raises OSError.

    watched: exit at once when standard input is closed.
    """
    if is_complete(destination):
        return
    builder = CacheBuilder(destination)
    if watched:
        _exit_with_input(builder)
    try:
        compile_into(builder.folder)
        call_all_kernels()
        builder.finish()
    except BaseException:
        builder.abandon()
        raise


def call_all_kernels() -> None:
    """Call every fast kernel, which compiles it or loads it from the cache."""
    call_kernels([name for name in Kernels._fields if name != "kind"])


def call_kernels(names: Sequence[str], kernels: Kernels | None = None) -> None:
    """Call fast kernels on small arrays, with every signature that a model uses.

    A signature that is not called here is compiled again in every process that needs it. Raises
    KeyError for a kernel that is missing here.
    """
    kernels = kernels or load_kernels("fast")
    for name in names:
        if name in GATES:
            _call_cell(kernels, name, GATES[name])
        else:
            _CALLS[name](kernels)


def _call_embedding(kernels: Kernels) -> None:
    indices = np.zeros((TIME, BATCH), np.int32)
    kernels.embedding_backward(indices, _ones(TIME, BATCH, INPUTS), 1)


def _call_find_ngrams(kernels: Kernels) -> None:
    table = NgramTable.of(np.ones((1, LONGEST), np.int32))
    kernels.find_ngrams(np.zeros((TIME, BATCH), np.int32), table)


def _call_adam(kernels: Kernels) -> None:
    kernels.adam_update(*(_ones(8) for _ in range(4)), 1e-3, 0.9, 0.999, 1e-7)


def _call_affine(kernels: Kernels) -> None:
    kernels.affine(_ones(BATCH, INPUTS), _ones(INPUTS, 3), _ones(3))


def _call_dropout(kernels: Kernels) -> None:
    kernels.dropout(_ones(BATCH, INPUTS), np.zeros((BATCH, INPUTS), np.uint16), 1, 1.0)


def _call_sampled_softmax(kernels: Kernels) -> None:
    words = np.arange(BATCH, dtype=np.int32)
    kernels.sampled_softmax(_ones(BATCH), _ones(BATCH, BATCH), words, words)


_CALLS = {
    "embedding_backward": _call_embedding,
    "find_ngrams": _call_find_ngrams,
    "affine": _call_affine,
    "dropout": _call_dropout,
    "adam_update": _call_adam,
    "sampled_softmax": _call_sampled_softmax,
}


def _call_cell(kernels: Kernels, name: str, gates: int) -> None:
    kernel, weights, x = getattr(kernels, name), _weights(gates), _ones(TIME, BATCH, INPUTS)
    y, saved = kernel.forward(x, weights)
    kernel.backward(np.ones_like(y), weights, saved)
    kernel.infer(x, kernel.prepare(weights))
    y, saved = kernel.forward(x, weights, state_factors=_ones(gates, BATCH, UNITS))
    kernel.backward(np.ones_like(y), weights, saved)


def _weights(gates: int) -> RecurrentWeights:
    bias = _ones(2, gates * UNITS) if gates == 3 else _ones(gates * UNITS)
    return RecurrentWeights(_ones(INPUTS, gates * UNITS), _ones(UNITS, gates * UNITS), bias)


def _ones(*shape: int) -> Array:
    return np.ones(shape, np.float32)


def _exit_with_input(builder: CacheBuilder) -> None:
    def watch() -> None:
        os.read(0, 1)  # not through sys.stdin, whose lock would be held while Python exits
        builder.abandon()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        compile_all(Path(sys.argv[1]), watched=True)
    else:
        compile_all(usable_folder())
