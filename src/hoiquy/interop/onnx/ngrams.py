"""N-grams and the wide branch as ONNX operators."""

import numpy as np
from numpy.typing import NDArray

from hoiquy.interop.onnx.buckets import BucketLookup
from hoiquy.interop.onnx.nodes import Nodes
from hoiquy.nn.kernels import NgramTable
from hoiquy.nn.kernels.ngram_table import FIRST_INDEX, INDEX_BITS, LONGEST
from hoiquy.nn.layers import Wide
from hoiquy.text import FIRST_WORD


def add_ngram_rows(nodes: Nodes, indices: str, table: NgramTable) -> list[str]:
    """Add the lookup of the n-grams that end at each word, one output per length of n-grams.

    indices: (batch, time) int64. Each output is (batch, time) int64, rows from 1, or 0 for none, as
    returned by `find_ngrams`.
    """
    keys = table.keys[table.keys != 0]
    lookup = _Lookup(nodes, keys, table.rows[table.keys != 0].astype(np.int64))
    lengths = np.unique(_lengths(keys)).tolist()
    words = [indices]
    for _ in range(1, max(lengths, default=1)):
        words.append(_one_step_later(nodes, words[-1]))
    return [lookup.rows_of(words[:length]) for length in lengths]


def add_wide(nodes: Nodes, wide: Wide, indices: str, ngram_rows: list[str]) -> str:
    """Add the sum of the weights of each document's distinct words and n-grams.

    indices, ngram_rows: (batch, time) int64. Returns logits (batch, classes). Rows are sorted so
    that duplicates are neighbours.
    """
    zero = nodes.constant(np.array(0, np.int64))
    offset = nodes.constant(np.array(wide.word_rows - 1, np.int64))
    rows = [indices]
    for found in ngram_rows:
        is_found = nodes.add("Greater", found, zero)
        rows.append(nodes.add("Where", is_found, nodes.add("Add", found, offset), zero))
    all_rows = nodes.add("Concat", *rows, axis=1) if len(rows) > 1 else indices
    width = nodes.add("Gather", nodes.add("Shape", all_rows), nodes.axes(1))
    ordered, _ = nodes.add_sorted(all_rows, width)
    first = nodes.add("Not", nodes.add("Equal", ordered, _one_step_later(nodes, ordered)))
    is_word = nodes.add("Greater", ordered, nodes.constant(np.array(FIRST_WORD - 1, np.int64)))
    counted = nodes.add("Where", nodes.add("And", first, is_word), ordered, zero)
    weights = wide.parameters["weights"].copy()
    weights[0] = 0  # of duplicates and padding
    table = nodes.constant(weights, f"{wide.name}/weights")
    return nodes.add("ReduceSum", nodes.add("Gather", table, counted), nodes.axes(1), keepdims=0)


class _Lookup:
    """The keys and rows as constants, for n-grams of any length."""

    def __init__(self, nodes: Nodes, keys: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
        self._nodes, self._lookup = nodes, BucketLookup(nodes, keys, "ngrams")
        by_place = np.concatenate([np.zeros(1, np.int64), rows[self._lookup.buckets.order]])
        self._rows = nodes.constant(by_place, "ngrams/rows")

    def rows_of(self, words: list[str]) -> str:
        """Look up n-grams; words: the last word of each first, then the one before, and so on."""
        nodes = self._nodes
        zero = nodes.constant(np.array(0, np.int64))
        least = nodes.constant(np.array(FIRST_INDEX - 1, np.int64))
        key, all_words = words[0], nodes.add("Greater", words[0], least)
        for place, word in enumerate(words[1:], start=1):
            factor = nodes.constant(np.array(1 << INDEX_BITS * place, np.int64))
            key = nodes.add("Add", key, nodes.add("Mul", word, factor))
            all_words = nodes.add("And", all_words, nodes.add("Greater", word, least))
        found = nodes.add("Gather", self._rows, self._lookup.places(key))
        return nodes.add("Where", all_words, found, zero)


def _one_step_later(nodes: Nodes, x: str) -> str:
    """Shift (batch, time) int64 one step to the right, with 0 in the first step."""
    padded = nodes.add("Pad", x, nodes.axes(0, 1, 0, 0))
    return nodes.add("Slice", padded, nodes.axes(0), nodes.axes(-1), nodes.axes(1))


def _lengths(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of words of each key."""
    parts = [(keys >> INDEX_BITS * place) > 0 for place in range(LONGEST)]
    return np.asarray(np.sum(parts, axis=0, dtype=np.int64))
