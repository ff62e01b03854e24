"""The arguments of `add_weight` in the spellings of Keras 1, 2 and 3."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hoiquy.keras import initializers
from hoiquy.keras.arguments import unknown_argument
from hoiquy.keras.errors import KerasError, KerasTypeError, as_value_errors
from hoiquy.keras.kinds import CONSTRAINT, REGULARIZER
from hoiquy.keras.layers.weights import Variable
from hoiquy.keras.names import automatic_name
from hoiquy.keras.seed import next_generator
from hoiquy.keras.shapes import as_shape
from hoiquy.keras.tensors import AnyArray

_KNOWN = ("shape", "initializer", "name", "dtype", "trainable", "regularizer", "constraint")
_WITHOUT_EFFECT = (
    "aggregation", "autocast", "collections", "experimental_autocast", "getter",
    "overwrite_with_gradient", "partitioner", "synchronization", "use_resource",
)  # fmt: skip


@dataclass
class AddedWeight:
    """An array of a layer of the script, with what it is penalised and projected by."""

    variable: Variable
    regularizer: Any = None
    constraint: Any = None


def added_weight(owner: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> AddedWeight:
    """The array of an `add_weight` call.

    Args:
        owner: The layer's name.
        args: Keras 1: shape, initializer, name. Keras 2: name, shape, dtype or initializer.
            Keras 3: shape, initializer, dtype.
        kwargs: By name.

    Raises:
        KerasError: The shape is not known, or an initializer gives another one.
        KerasTypeError: An argument is unknown.
    """
    where = f"{owner}: add_weight"
    given = {**_by_name(args), **kwargs}
    for name in given:
        if name not in _KNOWN and name not in _WITHOUT_EFFECT:
            raise unknown_argument("add_weight", name, _KNOWN)
    shape = given.get("shape")
    shape = (shape,) if isinstance(shape, int | np.integer) else as_shape(shape or (), where)
    if None in shape:
        raise KerasError(f"{where}: shape={shape} has an unknown size; give the Input a fixed one")
    dtype = _dtype(given.get("dtype"))
    initializer = given.get("initializer")
    if initializer is None:
        initializer = "glorot_uniform" if dtype.kind == "f" else "zeros"
    array = np.array(_initial_values(initializer, shape), dtype, order="C")
    name = str(given.get("name") or automatic_name("variable"))
    trainable = given.get("trainable")
    variable = Variable(array, name, f"{owner}/{name}", trainable is None or bool(trainable))
    return AddedWeight(
        variable,
        REGULARIZER.read(given.get("regularizer"), f"{where}: regularizer"),
        CONSTRAINT.read(given.get("constraint"), f"{where}: constraint"),
    )


def _by_name(args: Sequence[Any]) -> dict[str, Any]:
    if not args:
        return {}
    if isinstance(args[0], str) or args[0] is None:
        names = ["name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint"]
        if len(args) > 2 and not _is_dtype(args[2]):
            names.remove("dtype")
    else:
        names = ["shape", "initializer", "dtype", "trainable"]
        if len(args) > 2 and not _is_dtype(args[2]):
            names = ["shape", "initializer", "name", "regularizer", "trainable", "constraint"]
    if len(args) > len(names):
        raise KerasTypeError(f"add_weight got {len(args)} arguments without a name")
    return dict(zip(names, args, strict=False))


def _is_dtype(value: Any) -> bool:
    try:
        np.dtype(getattr(value, "name", value))
    except TypeError:
        return False
    return value is not None


def _dtype(dtype: Any) -> np.dtype[Any]:
    found = np.dtype(getattr(dtype, "name", dtype) or np.float32)
    return np.dtype(np.float32) if found.kind == "f" else found


def _initial_values(initializer: Any, shape: Any) -> AnyArray:
    """An array by an initializer: a name, an object, or a function of the script."""
    with as_value_errors():
        made: AnyArray = initializers.get(initializer).make()(
            tuple(shape), next_generator(), np.float32
        )
    return made
