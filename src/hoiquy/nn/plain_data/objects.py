"""Initializers, regularizers and constraints: a name, or a table with `type` and settings."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import Any, get_type_hints

import numpy as np

from hoiquy.errors import InputError
from hoiquy.nn import initializers
from hoiquy.nn.constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from hoiquy.nn.plain_data.values import nearest, plain_value, read_value, shown
from hoiquy.nn.regularizers import L1L2, OrthogonalRegularizer, Regularizer

_DEFAULT_FACTOR = 0.01  # of l1 and l2 by name alone, as in Keras

Kinds = Mapping[str, Callable[..., Any]]

REGULARIZERS: Kinds = {
    "l1": partial(L1L2, l1=_DEFAULT_FACTOR),
    "l2": partial(L1L2, l2=_DEFAULT_FACTOR),
    "l1_l2": partial(L1L2, l1=_DEFAULT_FACTOR, l2=_DEFAULT_FACTOR),
    "orthogonal": OrthogonalRegularizer,
}
CONSTRAINTS: Kinds = {
    "max_norm": MaxNorm, "min_max_norm": MinMaxNorm, "non_neg": NonNeg, "unit_norm": UnitNorm,
}  # fmt: skip
_ONLY = {"l1": ("l1",), "l2": ("l2",)}  # settings of a kind, where not all of the class


def read_initializer(value: Any, where: str) -> initializers.Initializer:
    """The initializer of a name or a table. Raises InputError."""
    found: initializers.Initializer = _read(
        value, initializers.INITIALIZERS, "an initializer", where
    )
    return found


def read_regularizer(value: Any, where: str) -> Regularizer:
    """The regularizer of a name or a table. Raises InputError."""
    found: Regularizer = _read(value, REGULARIZERS, "a regularizer", where)
    return found


def read_constraint(value: Any, where: str) -> Constraint:
    """The constraint of a name or a table. Raises InputError."""
    found: Constraint = _read(value, CONSTRAINTS, "a constraint", where)
    return found


def plain_initializer(initializer: Any) -> Any:
    """What `read_initializer` reads back; None for an array. Raises InputError if it is unknown."""
    if isinstance(initializer, initializers.Constant) and np.ndim(initializer.value):
        return None
    return _plain(initializer, initializers.INITIALIZERS)


def plain_regularizer(regularizer: Any) -> Any:
    """What `read_regularizer` reads back."""
    if isinstance(regularizer, L1L2):
        given = {name: value for name, value in vars(regularizer).items() if value}
        return {"type": "_".join(given) or "l2", **(given or {"l2": 0.0})}
    return _plain(regularizer, REGULARIZERS)


def plain_constraint(constraint: Any) -> Any:
    """What `read_constraint` reads back."""
    return _plain(constraint, CONSTRAINTS)


def _read(value: Any, kinds: Kinds, what: str, where: str) -> Any:
    table = {"type": value} if isinstance(value, str) else value
    if not isinstance(table, Mapping) or not isinstance(table.get("type"), str):
        raise InputError(f"{where} = {shown(value)}: expected {what}: a name, or a table with type")
    kind = table["type"]
    if kind not in kinds:
        known = ", ".join(kinds)
        raise InputError(f"{where} = {kind!r}{nearest(kind, kinds)}; allowed: {known}")
    make = kinds[kind]
    of_class: Any = make.func if isinstance(make, partial) else make
    hints = get_type_hints(of_class)
    names = _ONLY.get(kind) or tuple(one.name for one in fields(of_class))
    settings = {}
    for name, given in table.items():
        if name == "type":
            continue
        if name not in names:
            known = ", ".join(names) or "none"
            raise InputError(
                f"{where}: {kind} has no setting {name!r}{nearest(name, names)}; allowed: {known}"
            )
        hint = float if name == "value" else hints[name]  # of a constant
        settings[name] = read_value(given, hint, f"{where}.{name}")
    return make(**settings)


def _plain(value: Any, kinds: Kinds) -> Any:
    kind = next((name for name, make in kinds.items() if make is type(value)), None)
    if kind is None:
        raise InputError(f"{type(value).__name__} cannot be written as plain data")
    given = {
        one.name: getattr(value, one.name)
        for one in fields(value)
        if getattr(value, one.name) != one.default
    }
    settings = {name: plain_value(one) for name, one in given.items()}
    return {"type": kind, **settings} if settings else kind
