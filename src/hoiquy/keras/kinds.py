"""Kinds of arguments: how a value is checked, handed to `hoiquy.nn` and saved."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.late import late
from hoiquy.nn.activations import activation_of
from hoiquy.nn.kernels import FAST_ACTIVATIONS


def _same(value: Any) -> Any:
    return value


def _unchecked(value: Any, where: str) -> Any:
    return value


@dataclass(frozen=True)
class Kind:
    """read: (value, "Layer: argument") → the value kept; to_nn, to_config: from the value kept."""

    read: Callable[[Any, str], Any] = _unchecked
    to_nn: Callable[[Any], Any] = _same
    to_config: Callable[[Any], Any] = _same


def _integer(value: Any, where: str) -> int:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise KerasTypeError(f"{where}={value!r}, expected a whole number")
    return int(value)


def _positive(value: Any, where: str) -> int:
    number = _integer(value, where)
    if number < 1:
        raise KerasError(f"{where}={number}, expected 1 or more")
    return number


def _units(value: Any, where: str) -> int:
    """A positive number; a fraction is cut off, as in Keras 1 and 2: Dense(words / 2)."""
    return _positive(int(value) if isinstance(value, float | np.floating) else value, where)


def _number(value: Any, where: str) -> float:
    if not isinstance(value, Real):
        raise KerasTypeError(f"{where}={value!r}, expected a number")
    return float(value)


def _rate(value: Any, where: str) -> float:
    rate = 0.0 if value is None else _number(value, where)
    if not 0 <= rate <= 1:
        raise KerasError(f"{where}={value!r}, expected a rate from 0 to 1")
    return rate


def _boolean(value: Any, where: str) -> bool:
    if value not in (True, False):
        raise KerasTypeError(f"{where}={value!r}, expected True or False")
    return bool(value)


def optional(kind: Kind) -> Kind:
    """As `kind`, or None."""
    return Kind(
        lambda value, where: None if value is None else kind.read(value, where),
        lambda value: None if value is None else kind.to_nn(value),
        lambda value: None if value is None else kind.to_config(value),
    )


def choice(*allowed: Any) -> Kind:
    """One of a few values."""

    def read(value: Any, where: str) -> Any:
        if value not in allowed:
            known = ", ".join(repr(each) for each in allowed)
            raise KerasError(f"{where}={value!r}, expected one of {known}")
        return value

    return Kind(read)


def one_integer(value: Any, where: str) -> int:
    """A positive number, also as a list of one, as Conv1D takes it."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return _positive(value, where)


def only(allowed: Any, why: str) -> Kind:
    """An argument that only one value is supported for."""

    def read(value: Any, where: str) -> Any:
        if value is not allowed and value != allowed:
            raise NotSupportedError(f"{where}={value!r} is not supported: {why}")
        return value

    return Kind(read)


def _made(value: Any) -> Any:
    return value.make()


def _cell_activation(value: Any) -> Any:
    """A name for what the fast kernels compute, else the activation of `hoiquy.nn`."""
    if value.name in FAST_ACTIVATIONS and isinstance(value.to_nn(), str):
        return value.name
    return activation_of(value.to_nn())


def _of_module(module: str, to_nn: Callable[[Any], Any] = _made) -> Kind:
    """Objects of `hoiquy.keras.initializers` and the like, by name, configuration or object."""

    def read(value: Any, where: str) -> Any:
        return late(module).get(value)

    def to_config(value: Any) -> Any:
        return late(module).serialize(value)

    return Kind(read, to_nn, to_config)


def _one_axis(value: Any, where: str) -> int:
    """One axis, also as a list of one, as Keras 2 saves it."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return _integer(value, where)


def _axes(value: Any, where: str) -> int | tuple[int, ...]:
    if isinstance(value, Integral):
        return int(value)
    return tuple(int(axis) for axis in value)


ANY = Kind()
AXES = Kind(_axes)
INTEGER = Kind(_integer)
ONE_AXIS = Kind(_one_axis)
POSITIVE = Kind(_positive)
UNITS = Kind(_units)
ONE_INTEGER = Kind(one_integer, to_config=lambda value: [value])
NUMBER = Kind(_number)
RATE = Kind(_rate)
BOOLEAN = Kind(_boolean)
ACTIVATION = _of_module("activations", lambda value: value.to_nn())
CELL_ACTIVATION = _of_module("activations", _cell_activation)
INITIALIZER = _of_module("initializers")
REGULARIZER = optional(_of_module("regularizers"))
CONSTRAINT = optional(_of_module("constraints"))
