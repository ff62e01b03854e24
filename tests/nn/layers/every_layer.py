"""Every layer of hoiquy by name, small and with random weights, and inputs for it."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from hoiquy.nn.layers import (
    GRU,
    LSTM,
    Bidirectional,
    ConcatPooling,
    Dense,
    Dropout,
    Embedding,
    Layer,
    MaxPooling,
    MeanPooling,
    NgramEmbedding,
    Recurrent,
    SimpleRNN,
    Wide,
)
from hoiquy.text import FIRST_WORD
from other_layers import DROPPING as DROPPING_OTHERS
from other_layers import OTHERS, of_one_input

# No size is a multiple of 8, the width of a vector, and no two are equal.
TIME, BATCH, FEATURES, UNITS, ROWS = 6, 5, 3, 7, 9

Mask = NDArray[np.bool_]
Build = Callable[[Generator, DTypeLike], Layer]


def _recurrent(
    kind: type[Recurrent], rng: Generator, dtype: DTypeLike, **options: Any
) -> Recurrent:
    return kind("layer", kind.initial_parameters(FEATURES, UNITS, rng, dtype), **options)


def _bidirectional(
    kind: type[Recurrent], rng: Generator, dtype: DTypeLike, **options: Any
) -> Bidirectional:
    forward, backward = (_recurrent(kind, rng, dtype, **options) for _ in range(2))
    return Bidirectional.create("layer", forward, backward)


def _dense(activation: str, rng: Generator, dtype: DTypeLike) -> Dense:
    return Dense.create("layer", FEATURES, UNITS, activation, rng, dtype)


def _embedding(rng: Generator, dtype: DTypeLike, word_dropout: float = 0.0) -> Embedding:
    return Embedding.create("layer", 2 * ROWS, ROWS, UNITS, rng, dtype, word_dropout)


def _ngram_embedding(rng: Generator, dtype: DTypeLike, word_dropout: float = 0.0) -> NgramEmbedding:
    return NgramEmbedding.with_ngrams(_embedding(rng, dtype, word_dropout), some_ngrams())


def _wide(rng: Generator, dtype: DTypeLike, ngrams: bool = False) -> Wide:
    embedding = (_ngram_embedding if ngrams else _embedding)(rng, dtype)
    return Wide.for_embedding("layer", embedding, UNITS)


def some_ngrams() -> NDArray[np.int32]:
    """Most pairs and every fifth run of three of the words; some are met, some are not."""
    words = range(FIRST_WORD, ROWS)
    runs = [(0, *run) for run in product(words, repeat=2)][1:]
    runs += list(product(words, repeat=3))[::5]
    return np.array(runs, np.int32)


def _recurrent_layers() -> dict[str, Build]:
    cells: dict[str, tuple[type[Recurrent], dict[str, Any]]] = {
        "simple_rnn tanh": (SimpleRNN, {"activation": "tanh"}),
        "simple_rnn relu": (SimpleRNN, {"activation": "relu"}),
        "lstm": (LSTM, {}),
        "gru": (GRU, {}),
    }
    layers: dict[str, Build] = {}
    for name, (kind, options) in cells.items():
        for prefix, build in (("", _recurrent), ("bidirectional ", _bidirectional)):
            for suffix, sequences in ((", last", False), (", sequences", True)):
                layers[prefix + name + suffix] = partial(
                    build, kind, return_sequences=sequences, **options
                )
    return layers


RECURRENT: dict[str, Build] = _recurrent_layers()
POOLING: dict[str, Build] = {
    "max pooling": lambda rng, dtype: MaxPooling("layer"),
    "concat pooling": lambda rng, dtype: ConcatPooling("layer"),
    "concat pooling, backward features": lambda rng, dtype: ConcatPooling(
        "layer", backward_features=2
    ),
    "mean pooling": lambda rng, dtype: MeanPooling("layer"),
}
EMBEDDINGS: dict[str, Build] = {"embedding": _embedding, "n-gram embedding": _ngram_embedding}
DROPPING: dict[str, Build] = {
    **{f"{name}, drops": partial(build, word_dropout=0.4) for name, build in EMBEDDINGS.items()},
    "dropout": lambda rng, dtype: Dropout("layer", rate=0.4),
    **{f"{name}, drops": partial(build, dropout=0.4) for name, build in RECURRENT.items()},
    **{name: partial(of_one_input, OTHERS[name]) for name in DROPPING_OTHERS},
}
EVERY: dict[str, Build] = {
    **EMBEDDINGS,
    "wide": _wide,
    "wide, n-grams": partial(_wide, ngrams=True),
    **{f"dense {name}": partial(_dense, name) for name in ("linear", "relu", "tanh")},
    **RECURRENT,
    **POOLING,
    **{name: partial(of_one_input, case) for name, case in OTHERS.items()},
    **DROPPING,
}


def build(name: str, rng: Generator, dtype: DTypeLike = np.float64) -> Layer:
    """Make a layer; its weights are random throughout, biases too, so that swapped gates show."""
    layer = EVERY[name](rng, dtype)
    for array in layer.parameters.values():
        array[...] = rng.normal(0, 0.6, array.shape)
    return layer


def inputs_for(name: str, rng: Generator, dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """An input of the layer: indices, vectors or sequences; several inputs are in one vector."""
    if name in OTHERS:
        inputs = OTHERS[name].inputs(rng, dtype, BATCH)
        return inputs[0] if len(inputs) == 1 else np.hstack([x.reshape(BATCH, -1) for x in inputs])
    if "embedding" in name or "wide" in name:
        return rng.integers(0, ROWS, (BATCH, TIME)).astype(np.int32)
    shape = (BATCH, FEATURES) if name.startswith("dense") else (BATCH, TIME, FEATURES)
    return rng.standard_normal(shape).astype(dtype)


def mask_for(x: NDArray[Any]) -> Mask | None:
    """A mask with holes, for sequences of TIME steps."""
    has_steps = x.ndim == 3 or x.dtype == np.int32
    return masks()["holes"] if has_steps and x.shape[1] == TIME else None


def masks() -> dict[str, Mask | None]:
    """Masks (BATCH, TIME) of every kind; the documents of one mask differ in length."""
    step = np.arange(TIME)[None, :]
    length = np.arange(BATCH)[:, None] + TIME - BATCH + 1  # of each document: 2 to TIME
    holes = np.random.default_rng(3).random((BATCH, TIME)) < 0.5
    holes[:2, [0, -1]] = [[True, False], [False, True]]  # begins or ends with a hole
    assert holes.any(axis=1).all()
    empty = step >= TIME - length
    empty[1] = False
    return {
        "no mask": None,
        "padded left": step >= TIME - length,
        "padded right": step < length,
        "holes": holes,
        "a document without a step": empty,
    }
