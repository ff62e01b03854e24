"""Functions of texts, as `tensorflow.strings`: texts are bytes in UTF-8.

Without `encoding`, letters are those of ASCII and lengths those of bytes, as in TensorFlow.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from hoiquy.keras.concrete import STRING, as_dtype, as_tensor, decoded, encoded
from hoiquy.keras.errors import KerasError
from hoiquy.keras.tensors import EagerTensor, eager_tensor
from hoiquy.keras.vectorization.ragged import RaggedTensor
from hoiquy.keras.vectorization.regular_expressions import compiled, replacement
from hoiquy.keras.vectorization.standards import ngrams_of

__all__ = [
    "as_string", "bytes_split", "join", "length", "lower", "ngrams", "reduce_join",
    "regex_full_match", "regex_replace", "split", "strip", "substr", "to_number", "unicode_split",
    "upper",
]  # fmt: skip


def _each(texts: Any, function: Callable[[bytes], Any], dtype: Any = STRING) -> Any:
    """function(text) of each text, in the shape of the texts."""
    if isinstance(texts, RaggedTensor):
        return RaggedTensor([_each(row, function, dtype) for row in texts.rows], dtype)
    tensor = as_tensor(texts, STRING, "the input")
    changed = np.empty(tensor.size, dtype)
    changed[:] = [function(text) for text in tensor.ravel().tolist()]
    return eager_tensor(changed.reshape(tensor.shape), None)


def lower(input: Any, encoding: str = "", name: Any = None) -> Any:
    """Small letters; with encoding="utf-8" of all alphabets, else of ASCII only."""
    return _each(input, (lambda text: encoded(decoded(text).lower())) if encoding else bytes.lower)


def upper(input: Any, encoding: str = "", name: Any = None) -> Any:
    """Capital letters, as `lower`."""
    return _each(input, (lambda text: encoded(decoded(text).upper())) if encoding else bytes.upper)


def strip(input: Any, name: Any = None) -> Any:
    """Without white space at both ends."""
    return _each(input, bytes.strip)


def regex_replace(
    input: Any, pattern: str, rewrite: str, replace_global: bool = True, name: Any = None
) -> Any:
    r"""Matches of a regular expression of RE2 replaced.

    Args:
        input: Texts.
        pattern: Of RE2; most of them are also those of Python.
        rewrite: The replacement of a match; \1 to \9 are its groups, \0 is all of it.
        replace_global: False for the first match only.
        name: Has no effect.

    Raises:
        KerasError: The pattern is wrong.
    """
    expression, with_ = compiled(_text(pattern)), replacement(_text(rewrite))
    count = 0 if replace_global else 1
    return _each(input, lambda text: encoded(expression.sub(with_, decoded(text), count=count)))


def regex_full_match(input: Any, pattern: str, name: Any = None) -> Any:
    """Whether the whole text matches a regular expression. Raises KerasError."""
    expression = compiled(_text(pattern))
    return _each(input, lambda text: expression.fullmatch(decoded(text)) is not None, np.bool_)


def split(input: Any, sep: Any = None, maxsplit: int = -1, name: Any = None) -> Any:
    """The parts of each text: between white space of ASCII, or between separators."""
    between = encoded(sep) if isinstance(sep, str) else sep or None
    return _cut(input, lambda text: text.split(between, maxsplit))


def unicode_split(input: Any, input_encoding: str = "UTF-8", *_: Any, **__: Any) -> Any:
    """The characters of each text."""
    return _cut(input, lambda text: [one.encode() for one in text.decode("utf-8", "replace")])


def bytes_split(input: Any, name: Any = None) -> Any:
    """The bytes of each text."""
    return _cut(input, lambda text: [text[i : i + 1] for i in range(len(text))])


def _cut(texts: Any, function: Callable[[bytes], list[bytes]]) -> Any:
    tensor = as_tensor(texts, STRING, "the input")
    if tensor.ndim == 0:
        return _row(function(tensor.item()))
    if tensor.ndim > 1:
        raise KerasError(f"texts of shape {tensor.shape} cannot be split: squeeze them to (rows,)")
    return RaggedTensor([_row(function(text)) for text in tensor.tolist()])


def _row(parts: list[bytes]) -> EagerTensor:
    row = np.empty(len(parts), object)
    row[:] = parts
    return eager_tensor(row, None)


def ngrams(data: Any, ngram_width: Any, separator: str = " ", **_: Any) -> Any:
    """Neighbouring tokens joined, of one width or of several."""
    if separator != " ":
        raise KerasError(f"tf.strings.ngrams: separator={separator!r}, expected a space")
    widths = [ngram_width] if isinstance(ngram_width, int) else list(ngram_width)
    tokens = data if isinstance(data, RaggedTensor) else as_tensor(data, STRING).view(np.ndarray)
    return ngrams_of(tokens, widths)


def join(inputs: Any, separator: str = "", name: Any = None) -> EagerTensor:
    """The texts at the same place of several tensors joined."""
    tensors = np.broadcast_arrays(*(as_tensor(each, STRING) for each in inputs))
    between = encoded(separator)
    rows = zip(*(each.ravel().tolist() for each in tensors), strict=True)
    return eager_tensor(_row([between.join(row) for row in rows]).reshape(tensors[0].shape), None)


def reduce_join(inputs: Any, axis: Any = None, separator: str = "", **_: Any) -> Any:
    """The texts of a row, or with axis=None all texts, joined."""
    between = encoded(separator)
    if isinstance(inputs, RaggedTensor):
        return _row([between.join(row.tolist()) for row in inputs.rows])
    tensor = as_tensor(inputs, STRING)
    if axis is None or tensor.ndim == 1:
        return as_tensor(between.join(tensor.ravel().tolist()))
    moved = np.moveaxis(tensor, int(axis), -1)
    rows = moved.reshape(-1, moved.shape[-1]).tolist()
    return eager_tensor(_row([between.join(row) for row in rows]).reshape(moved.shape[:-1]), None)


def length(input: Any, unit: str = "BYTE", name: Any = None) -> Any:
    """The number of bytes, or with unit="UTF8_CHAR" of characters."""
    in_bytes = unit == "BYTE"
    return _each(input, lambda text: len(text if in_bytes else decoded(text)), np.int32)


def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: Any = None) -> Any:
    """A part of each text: so many bytes, or characters, from a place on."""
    first, count = int(pos), int(len)

    def part(text: bytes) -> bytes:
        units: Any = text if unit == "BYTE" else decoded(text)
        chosen = units[first:][:count]
        return chosen if unit == "BYTE" else encoded(chosen)

    return _each(input, part)


def to_number(input: Any, out_type: Any = np.float32, name: Any = None) -> Any:
    """The numbers that texts write. Raises KerasError."""
    dtype = as_dtype(out_type)
    read = int if dtype.kind in "iu" else float

    def number(text: bytes) -> Any:
        try:
            return read(text)
        except ValueError:
            raise KerasError(f"tf.strings.to_number: {decoded(text)!r} is not a number") from None

    return _each(input, number, dtype)


def as_string(input: Any, *_: Any, **__: Any) -> EagerTensor:
    """Numbers as texts, of which floats have six decimals."""
    tensor = as_tensor(input)
    shown = "{:f}" if tensor.dtype.kind == "f" else "{}"
    texts = [encoded(shown.format(one)) for one in tensor.ravel().tolist()]
    return eager_tensor(_row(texts).reshape(tensor.shape), None)


def _text(value: Any) -> str:
    """A pattern that may be a tensor."""
    item = value.item() if isinstance(value, np.ndarray) else value
    return decoded(item) if isinstance(item, bytes) else str(item)
