"""A linear classifier of n-grams as ONNX operators.

    characters (batch, length) int64   code points of the text, padded with 0
    words (batch, words) int64         places among the known words, from 1; 0 for others, padding

The graph computes the keys of n-grams as `linear/ngram_keys.py` does: products modulo 2^64 are
those of int64, and shifts are those of uint64. It looks the keys up, sorts what it found to count
it, and multiplies by the weights of the n-grams that a document has.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hoiquy.interop.ensemble_inputs import WORDS, linear_inputs
from hoiquy.interop.onnx.buckets import BucketLookup
from hoiquy.interop.onnx.nodes import Nodes
from hoiquy.linear.features import NgramSettings
from hoiquy.linear.model import LinearClassifier
from hoiquy.linear.ngram_keys import FIRST, NEXT, ROW_BITS, SECOND, word_keys


def add_linear(nodes: Nodes, classifier: LinearClassifier, sources: Mapping[str, str]) -> str:
    """Add the margins of the classes; return their name, (batch, classes) float32.

    sources: the names of the inputs that `linear_inputs` lists.
    """
    settings, tables = classifier.features.settings, classifier.features.tables
    weights, begin = classifier.weights, 0
    intercept = weights.intercept.astype(np.float32)[None]
    margins = nodes.constant(intercept, "linear/intercept")
    for kind, table in zip(linear_inputs(classifier.features), tables, strict=True):
        if not len(table):
            continue
        lookup = BucketLookup(nodes, table.keys.astype(np.int64), f"linear/{kind}")
        if kind == WORDS:
            words = classifier.features.words
            found = _found_words(nodes, lookup, sources[kind], words, settings.words)
        else:
            found = _found_characters(nodes, lookup, sources[kind], settings)
        coefficients = weights.coefficients[begin : begin + len(table)]
        begin += len(table)
        order = lookup.buckets.order
        values, different = _add_values(nodes, found, table.idf[order], settings.binary, kind)
        own = _add_product(nodes, values, different, coefficients[order], kind)
        margins = nodes.add("Add", margins, own)
    return margins


def _found_words(
    nodes: Nodes, lookup: BucketLookup, number: str, words: bytes, longest: int
) -> list[str]:
    """The places of the n-grams of words, of each length (batch, words)."""
    keys = np.concatenate([np.zeros(1, np.uint64), word_keys(words)])
    table = nodes.constant(keys.astype(np.int64), "linear/words/of_words")
    key = following = nodes.add("Gather", table, number)
    is_word = valid = nodes.add("Greater", number, _zero(nodes))
    found = [_looked_up(nodes, lookup, key, valid)]
    for _ in range(1, longest):
        following, is_word = _next(nodes, following), _next_bool(nodes, is_word)
        key = _appended(nodes, key, following)
        valid = nodes.add("And", valid, is_word)
        found.append(_looked_up(nodes, lookup, key, valid))
    return found


def _found_characters(
    nodes: Nodes, lookup: BucketLookup, following: str, settings: NgramSettings
) -> list[str]:
    """The places of the n-grams of characters, of each length (batch, length)."""
    assert settings.characters is not None
    shortest, longest = settings.characters
    key = _mixed(nodes, following)
    valid = nodes.add("Greater", following, _zero(nodes))
    space = nodes.constant(np.array(ord(" "), np.int64))
    is_space = begins = nodes.add("Equal", following, space)
    inside, found = "", []
    for length in range(1, longest + 1):
        if length > 1:
            if length > 2 and not settings.across_words:
                inside = nodes.add("Or", inside, is_space) if inside else is_space
            following, is_space = _next(nodes, following), _next_bool(nodes, is_space)
            key = _appended(nodes, key, following)
            valid = nodes.add("Greater", following, _zero(nodes))  # all before are, too
        kept = valid
        if length <= 2:
            spaces = nodes.add("And", begins, is_space)
            kept = nodes.add("And", kept, nodes.add("Not", spaces))
        if inside:
            kept = nodes.add("And", kept, nodes.add("Not", inside))
        if length >= shortest:
            found.append(_looked_up(nodes, lookup, key, kept))
    return found


def _looked_up(nodes: Nodes, lookup: BucketLookup, key: str, valid: str) -> str:
    kinds = nodes.onnx.TensorProto
    bits = nodes.constant(np.array(ROW_BITS, np.uint64))
    sought = nodes.add("Cast", key, to=kinds.UINT64)
    sought = nodes.add("BitShift", sought, bits, direction="RIGHT")
    places = lookup.places(nodes.add("Cast", sought, to=kinds.INT64))
    return nodes.add("Where", valid, places, _zero(nodes))


def _add_values(
    nodes: Nodes, found: list[str], idf: NDArray[np.float32], binary: bool, kind: str
) -> tuple[str, str]:
    """Add TF-IDF rows of length 1, and the places of their n-grams, (batch, positions) each.

    Args:
        nodes: The graph.
        found: Places of n-grams, (batch, positions) each, from 1; 0 for none.
        idf: (n-grams,) by place.
        binary: See `NgramSettings`.
        kind: Of n-grams.
    """
    idf_of = nodes.constant(np.concatenate([np.zeros(1, np.float32), idf]), f"linear/{kind}/idf")
    different, counts = _add_counted(nodes, found)
    one = nodes.constant(np.array(1, np.float32))
    values = nodes.add("Gather", idf_of, different)
    if not binary:
        frequency = nodes.add("Add", nodes.add("Log", nodes.add("Max", counts, one)), one)
        values = nodes.add("Mul", frequency, values)
    squares = nodes.add("ReduceSum", nodes.add("Mul", values, values), nodes.axes(1))
    # A row with an n-gram is at least as long as its idf, which is at least 1.
    lengths = nodes.add("Max", nodes.add("Sqrt", squares), one)
    return nodes.add("Div", values, lengths), different


def _add_product(
    nodes: Nodes, values: str, different: str, coefficients: NDArray[np.float32], kind: str
) -> str:
    """Add the product of `_add_values` with coefficients by place, (batch, classes)."""
    # numbers of float16, see `fit_weights`
    half = np.pad(coefficients, ((1, 0), (0, 0))).astype(np.float16)
    table = nodes.constant(half, f"linear/{kind}/coefficients")
    values = nodes.add("Unsqueeze", values, nodes.axes(1))
    weights = nodes.add("Gather", table, different)
    weights = nodes.add("Cast", weights, to=nodes.onnx.TensorProto.FLOAT)
    product = nodes.add("MatMul", values, weights)
    return nodes.add("Squeeze", product, nodes.axes(1))


def _add_counted(nodes: Nodes, found: list[str]) -> tuple[str, str]:
    """Add the different numbers of each row, and how often each occurs, as float32.

    Equal numbers are neighbours once a row is sorted. Each run of them has a number, and what is
    in the row is added up by these.
    """
    kinds = nodes.onnx.TensorProto
    joined = nodes.add("Concat", *found, axis=1)
    width = nodes.add("Gather", nodes.add("Shape", joined), nodes.axes(1))
    ordered, _ = nodes.add_sorted(joined, width)
    before = nodes.add("Pad", ordered, nodes.axes(0, 1, 0, 0))
    before = nodes.add("Slice", before, nodes.axes(0), nodes.axes(-1), nodes.axes(1))
    begins = nodes.add("Not", nodes.add("Equal", ordered, before))
    run = nodes.add("Cast", begins, to=kinds.INT64)
    run = nodes.add("CumSum", run, nodes.constant(np.array(1, np.int64)))
    most = nodes.add("ReduceMax", run, keepdims=0)
    runs = nodes.add("Add", most, nodes.constant(np.array(1, np.int64)))
    rows = nodes.add("Gather", nodes.add("Shape", joined), nodes.axes(0))
    shape = nodes.add("Concat", rows, nodes.add("Unsqueeze", runs, nodes.axes(0)), axis=0)
    zeros = nodes.add("Expand", _zero(nodes), shape)
    different = nodes.add("ScatterElements", zeros, run, ordered, axis=1, reduction="max")
    ones = nodes.add("Expand", nodes.constant(np.array(1, np.int64)), nodes.add("Shape", run))
    counts = nodes.add("ScatterElements", zeros, run, ones, axis=1, reduction="add")
    return different, nodes.add("Cast", counts, to=kinds.FLOAT)


def _appended(nodes: Nodes, key: str, following: str) -> str:
    product = nodes.add("Mul", key, _signed(nodes, NEXT))
    return _mixed(nodes, nodes.add("Add", product, following))


def _mixed(nodes: Nodes, key: str) -> str:
    """The finaliser of splitmix64, on (batch, time) int64."""
    key = nodes.add("Add", key, _signed(nodes, NEXT))
    key = nodes.add("Mul", _shifted(nodes, key, 30), _signed(nodes, FIRST))
    key = nodes.add("Mul", _shifted(nodes, key, 27), _signed(nodes, SECOND))
    return _shifted(nodes, key, 31)


def _shifted(nodes: Nodes, key: str, bits: int) -> str:
    """The exclusive or of a key and itself shifted to the right."""
    kinds = nodes.onnx.TensorProto
    unsigned = nodes.add("Cast", key, to=kinds.UINT64)
    by = nodes.constant(np.array(bits, np.uint64))
    shifted = nodes.add("BitShift", unsigned, by, direction="RIGHT")
    return nodes.add("Cast", nodes.add("BitwiseXor", unsigned, shifted), to=kinds.INT64)


def _signed(nodes: Nodes, number: int) -> str:
    return nodes.constant(np.array(number, np.uint64).astype(np.int64))


def _zero(nodes: Nodes) -> str:
    return nodes.constant(np.array(0, np.int64))


def _next(nodes: Nodes, x: str) -> str:
    """Shift (batch, time) int64 one step to the left, with 0 in the last step."""
    padded = nodes.add("Pad", x, nodes.axes(0, 0, 0, 1))
    end = nodes.axes(np.iinfo(np.int64).max)
    return nodes.add("Slice", padded, nodes.axes(1), end, nodes.axes(1))


def _next_bool(nodes: Nodes, x: str) -> str:
    number = nodes.add("Cast", x, to=nodes.onnx.TensorProto.INT64)
    return nodes.add("Cast", _next(nodes, number), to=nodes.onnx.TensorProto.BOOL)
