"""Values of scripts as tensors: numbers in TensorFlow's types, texts as bytes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.keras.errors import KerasError, KerasTypeError
from hoiquy.keras.tensors import AnyArray, EagerTensor, KerasTensor, eager_tensor

STRING = np.dtype(object)
_ESCAPED = "surrogateescape"  # bytes that are not UTF-8 survive decoding and encoding


def as_tensor(value: Any, dtype: Any = None, what: str = "the value") -> EagerTensor:
    """A tensor of an array, a pandas object, a number, a text, or lists of them.

    Args:
        value: Python's whole numbers become int32, its other numbers float32, texts UTF-8.
        dtype: Of the tensor: a type of NumPy, its name, or "string"; None for that of the value.
        what: A name for errors.

    Raises:
        KerasError: Lists are of different lengths, or a value does not fit the type.
        KerasTypeError: The value is symbolic, or there is no such type.
    """
    if isinstance(value, KerasTensor):
        raise KerasTypeError(
            f"{what} is a symbolic tensor, which has no values: use layers, or call this on arrays"
        )
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(value, EagerTensor) and wanted in (None, value.dtype):
        return value
    array = _array(value, what)
    if array.dtype.kind in "OSU":
        array = as_bytes(array, what) if wanted in (None, STRING) else _numbers(array, what)
    elif wanted == STRING:
        raise KerasError(
            f"{what} holds numbers, expected texts: convert them by str or astype(str)"
        )
    elif wanted is None and not hasattr(value, "dtype") and not _holds_numpy(value):
        array = _of_python(array)
    if wanted is not None:
        array = array.astype(wanted, copy=False)
    return eager_tensor(np.asarray(array), None)


def as_dtype(dtype: Any) -> np.dtype[Any]:
    """The type of NumPy of a type of TensorFlow or its name. Raises KerasTypeError."""
    name = getattr(dtype, "name", dtype)
    if name in ("string", "str", "object", str, bytes) or name is STRING:
        return STRING
    try:
        found: np.dtype[Any] = np.dtype(name)
    except TypeError:
        raise KerasTypeError(f"dtype={dtype!r} is unknown") from None
    return found


def dtype_name(dtype: np.dtype[Any]) -> str:
    """TensorFlow's name of a type: "string" for texts."""
    return "string" if dtype.kind in "OSU" else dtype.name


def as_bytes(values: Any, what: str = "the value") -> NDArray[np.object_]:
    """An array of texts as one of bytes. Raises KerasError where an entry is not a text."""
    array = np.asarray(values)
    if array.dtype.kind == "S":
        return array.astype(object)
    flat = np.empty(array.size, object)
    for i, text in enumerate(array.ravel().tolist()):
        if isinstance(text, str):
            flat[i] = encoded(text)
        elif isinstance(text, bytes):
            flat[i] = text
        else:
            raise KerasError(
                f"{what} holds {text!r}, expected texts: leave out or fill missing values, for "
                "example by fillna('') of pandas"
            )
    return flat.reshape(array.shape)


def encoded(text: str) -> bytes:
    """A text in UTF-8."""
    return text.encode("utf-8", "surrogatepass" if not _has_escapes(text) else _ESCAPED)


def decoded(text: bytes) -> str:
    """A text from UTF-8; other bytes come back by `encoded`."""
    return text.decode("utf-8", _ESCAPED)


def _has_escapes(text: str) -> bool:
    return not text.isascii() and any("\udc80" <= one <= "\udcff" for one in text)


def _array(value: Any, what: str) -> AnyArray:
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    try:
        # Not as an array of NumPy's texts, which all have the room of the longest.
        kind = object if isinstance(_first_entry(value), str | bytes) else None
        array: AnyArray = np.asarray(value, kind)
    except ValueError:
        raise KerasError(
            f"{what} holds sequences of different lengths: make them equally long with "
            "pad_sequences(…, maxlen=…)"
        ) from None
    return array


def _numbers(array: AnyArray, what: str) -> AnyArray:
    """An array of objects that are numbers."""
    if array.dtype.kind == "O":
        items = array.ravel().tolist()
        if not any(isinstance(item, str | bytes) for item in items):
            return np.array(items).reshape(array.shape)
    raise KerasError(f"{what} holds texts, expected numbers")


def _of_python(array: AnyArray) -> AnyArray:
    if array.dtype == np.float64:
        return array.astype(np.float32)
    limits = np.iinfo(np.int32)
    if array.dtype == np.int64 and (
        not array.size or (limits.min <= array.min() and array.max() <= limits.max)
    ):
        return array.astype(np.int32)
    return array


def _holds_numpy(value: Any) -> bool:
    return isinstance(_first_entry(value), np.ndarray | np.generic)


def _first_entry(value: Any) -> Any:
    """The first entry of nested lists, which is not a list; the value itself if it is not one."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return value
