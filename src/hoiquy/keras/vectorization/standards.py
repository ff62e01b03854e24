"""What TextVectorization does to texts before it looks up their tokens.

Texts are bytes in UTF-8. As in TensorFlow, only the letters of ASCII are lowered and only its white
space separates words.
"""

import string
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from hoiquy.keras.concrete import as_bytes, decoded
from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.tensors import AnyArray, eager_tensor
from hoiquy.keras.vectorization.ragged import RaggedTensor

STANDARDS = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLITS = ("whitespace", "character")
_PUNCTUATION = string.punctuation.encode()


def standardized(texts: AnyArray, standard: Any) -> Any:
    """Texts, bytes of any shape, as a name of `STANDARDS` or a function says.

    Raises:
        KerasTypeError: A function returns something else than texts.
    """
    if standard is None:
        return texts
    if callable(standard):
        return _by_function(texts, standard)
    lowers = standard.startswith("lower")
    strips = standard.endswith("strip_punctuation")
    changed = np.empty(texts.size, object)
    for i, text in enumerate(texts.ravel().tolist()):
        lowered = text.lower() if lowers else text
        changed[i] = lowered.translate(None, _PUNCTUATION) if strips else lowered
    return changed.reshape(texts.shape)


def _by_function(texts: AnyArray, function: Callable[[Any], Any]) -> Any:
    """What a function of a script gives: it gets a tensor of bytes, as on TensorFlow.

    A function of NumPy, such as np.char.lower, does not take it; it gets an array of NumPy's texts,
    as on other backends.
    """
    try:
        given = function(eager_tensor(texts.view(np.ndarray), None))
    except (TypeError, AttributeError, ValueError) as error:
        unicode = np.array([decoded(one) for one in texts.ravel().tolist()]).reshape(texts.shape)
        try:
            given = function(unicode)
        except Exception:
            raise error from None
    if isinstance(given, RaggedTensor):
        return given
    try:
        return as_bytes(given, "standardize: the result")
    except KerasError as error:
        raise KerasTypeError(f"{error}; the function has to return texts") from None


def split_texts(texts: Any, split: Any) -> Any:
    """Tokens of each text: rows of a RaggedTensor, or the array itself without a split.

    Args:
        texts: Bytes, (rows,) or (rows, 1); of rank 0 one text.
        split: "whitespace", "character", a function or None.

    Raises:
        KerasError: The texts have another shape, or a function gives no tokens.
    """
    if split is None or isinstance(texts, RaggedTensor):
        return texts
    if texts.ndim > 1:
        if texts.shape[-1] != 1:
            raise KerasError(
                f"TextVectorization splits one text a row, got the shape {texts.shape}: give the "
                "shape (rows,) or (rows, 1), or split=None"
            )
        texts = texts[..., 0]
    if callable(split):
        return _split_by_function(texts, split)
    if texts.ndim > 1:
        raise KerasError(f"TextVectorization takes texts of shape (rows, 1), got {texts.shape}")
    cut = bytes.split if split == "whitespace" else _characters
    if texts.ndim == 0:
        return np.array([*cut(texts.item()), b""], object)[:-1]
    return RaggedTensor([_row(cut(text)) for text in texts.tolist()])


def _row(tokens: Iterable[bytes]) -> AnyArray:
    listed = list(tokens)
    row = np.empty(len(listed), object)
    row[:] = listed
    return row


def _characters(text: bytes) -> list[bytes]:
    return [one.encode() for one in text.decode("utf-8", "replace")]


def _split_by_function(texts: AnyArray, function: Callable[[Any], Any]) -> Any:
    given = function(eager_tensor(texts.view(np.ndarray), None))
    if isinstance(given, RaggedTensor):
        return given
    if (
        isinstance(given, list | tuple)
        and given
        and isinstance(given[0], list | tuple | np.ndarray)
    ):
        return RaggedTensor([_row(as_bytes(row, "split: a row").tolist()) for row in given])
    try:
        return as_bytes(given, "split: the result")
    except KerasError as error:
        raise KerasTypeError(f"{error}; the function has to return tokens") from None


def ngrams_of(tokens: Any, widths: Sequence[int]) -> Any:
    """Neighbouring tokens joined by a space: all of the first width, then those of the next."""

    def of_row(row: AnyArray) -> AnyArray:
        words = row.tolist()
        return _row(
            b" ".join(words[i : i + width])
            for width in widths
            for i in range(len(words) - width + 1)
        )

    if isinstance(tokens, RaggedTensor):
        return RaggedTensor([of_row(row) for row in tokens.rows])
    if tokens.ndim <= 1:
        return of_row(np.atleast_1d(tokens))
    rows = [of_row(row) for row in tokens.reshape(-1, tokens.shape[-1])]
    return np.array(rows, object).reshape(*tokens.shape[:-1], -1)


def function_name(function: Callable[..., Any]) -> str:
    """How a configuration names a function of a script."""
    return getattr(function, "__name__", type(function).__name__)
