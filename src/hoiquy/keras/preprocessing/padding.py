"""`pad_sequences`: sequences of different lengths become one array."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.keras.errors import KerasError, KerasTypeError

_SIDES = ("pre", "post")


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> NDArray[Any]:
    """Pad and truncate sequences to the same length, as `keras.utils.pad_sequences`.

    Args:
        sequences: Lists, tuples or arrays, one a sample; their elements may be arrays of one shape.
        maxlen: Length of the result; None for that of the longest sequence.
        dtype: Of the result; `object` for strings.
        padding: "pre" or "post", the side that is filled with `value`.
        truncating: "pre" or "post", the side that is cut off a longer sequence.
        value: What to fill with.

    Returns:
        (samples, maxlen, ...), with the shape of an element in place of the dots.

    Raises:
        KerasError: A sequence is no sequence, or elements have different shapes; a side is unknown;
            `value` is a string and `dtype` does not hold strings. It is a ValueError.
        KerasTypeError: `maxlen` is no integer. It is a TypeError.
    """
    if not hasattr(sequences, "__len__"):
        raise KerasError(
            f"pad_sequences: sequences is a {type(sequences).__name__}, expected a list of "
            "sequences; for a generator, pass list(...)"
        )
    rows = list(sequences)
    lengths = _lengths(rows)
    width = _width(maxlen, lengths)
    _check_value(value, dtype)
    shape = next((np.asarray(row).shape[1:] for row, n in zip(rows, lengths, strict=True) if n), ())
    padded = np.full((len(rows), width, *shape), value, dtype=dtype)
    if not any(lengths):
        return padded  # Keras does not look at the sides then
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in _SIDES:
            raise KerasError(f"pad_sequences: {name} is {side!r}, expected 'pre' or 'post'")
    if width:  # for 0, Keras fails for sequences of several elements
        _fill(padded, rows, padding, truncating)
    return padded


def _lengths(rows: list[Any]) -> list[int]:
    lengths = []
    for number, row in enumerate(rows):
        if isinstance(row, str | bytes):
            raise KerasError(
                f"pad_sequences: sequence {number} is a text, {row[:40]!r}; encode texts first, "
                "for example by Tokenizer.texts_to_sequences"
            )
        try:
            lengths.append(len(row))
        except TypeError as error:
            raise KerasError(
                f"pad_sequences: sequence {number} is {row!r}, expected a list, tuple or array; "
                "for a single sequence, pass [sequence]"
            ) from error
    return lengths


def _width(maxlen: Any, lengths: list[int]) -> int:
    if maxlen is None:
        if not lengths:
            raise KerasError("pad_sequences: there are no sequences; pass maxlen to get an array")
        return max(lengths)
    try:
        width = operator.index(maxlen)
    except TypeError as error:
        raise KerasTypeError(
            f"pad_sequences: maxlen is {maxlen!r}, expected an integer or None"
        ) from error
    if width < 0:
        raise KerasError(f"pad_sequences: maxlen is {width}, expected at least 0")
    return width


def _check_value(value: Any, dtype: Any) -> None:
    holds_strings = np.issubdtype(dtype, np.str_) or np.issubdtype(dtype, np.bytes_)
    if isinstance(value, str) and dtype is not object and not holds_strings:
        raise KerasError(
            f"pad_sequences: value is the string {value!r}, but dtype is {dtype!r}; pass "
            "dtype=object for strings"
        )


def _fill(padded: NDArray[Any], rows: Sequence[Any], padding: str, truncating: str) -> None:
    width, shape = padded.shape[1], padded.shape[2:]
    for number, row in enumerate(rows):
        if not len(row):
            continue
        try:
            cut = np.asarray(row[-width:] if truncating == "pre" else row[:width], padded.dtype)
        except (ValueError, TypeError, OverflowError) as error:
            raise _not_converted(error, number, padded.dtype) from error
        if cut.shape[1:] != shape:
            raise KerasError(
                f"pad_sequences: elements of sequence {number} have shape {cut.shape[1:]}, those "
                f"of the first sequence {shape}; all must agree"
            )
        start = 0 if padding == "post" else width - len(cut)
        padded[number, start : start + len(cut)] = cut


def _not_converted(error: Exception, number: int, dtype: np.dtype[Any]) -> Exception:
    """An error of the same type, or a KerasError, which names the sequence."""
    message = f"pad_sequences: sequence {number} cannot become {dtype} ({error})"
    if isinstance(error, ValueError):
        return KerasError(message)
    return KerasTypeError(message) if isinstance(error, TypeError) else type(error)(message)
