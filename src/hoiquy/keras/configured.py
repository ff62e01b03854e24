"""Objects that are given by their arguments: losses, metrics, optimizers, initializers and so on.

A class lists its arguments with Keras 3's names, order and defaults, and older spellings of them.
Its configuration is what Keras writes to files.
"""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, ClassVar, Self

import numpy as np

from hoiquy.errors import InputError
from hoiquy.keras.arguments import REQUIRED, Argument, bind
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.usage import record_used


class Configured:
    """An object with arguments, which become attributes of the same names.

    Class attributes:
        MODULE: Keras' module, such as "keras.losses".
        NN: The class of `hoiquy.nn` that computes it, with the same settings, or None.
        ARGUMENTS: Defaults by name, in the order of positions.
        OLDER: Names by older spellings.
        IGNORED: Why an argument has no effect, by its name.
        OMITTED: Arguments that are left out of the configuration while they are None.
    """

    MODULE: ClassVar[str]
    NN: ClassVar[type[Any] | None] = None
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {}
    OLDER: ClassVar[Mapping[str, str]] = {}
    IGNORED: ClassVar[Mapping[str, str]] = {}
    OMITTED: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__signature__ = _signature(cls.ARGUMENTS)  # type: ignore[attr-defined]

    def __init__(self, *positional: Any, **named: Any) -> None:
        """Set the arguments.

        Raises:
            KerasTypeError: One is unknown, missing or given twice.
            KerasError: One has a wrong value.
            NotSupportedError: `hoiquy.nn` cannot compute it.
        """
        kind = type(self).__name__
        record_used(f"{self.MODULE.removeprefix('keras.')}.{kind}")
        older: dict[str, list[str]] = {}
        for spelling, name in self.OLDER.items():
            older.setdefault(name, []).append(spelling)
        arguments = [
            Argument(name, default, old=tuple(older.get(name, ())))
            for name, default in self.ARGUMENTS.items()
        ]
        named = {n: v for n, v in named.items() if v or n not in self.IGNORED}
        bound = bind(kind, arguments, (), self.IGNORED, positional, named)
        for name, value in bound.items():
            setattr(self, name, value)
        self._check()

    def _check(self) -> None:
        """Raise KerasError or NotSupportedError for arguments with wrong values."""

    def get_config(self) -> dict[str, Any]:
        """The arguments, as JSON can hold them."""
        return {
            name: plain_value(getattr(self, name))
            for name in self.ARGUMENTS
            if not (name in self.OMITTED and getattr(self, name) is None)
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """An object from what `get_config` returned. Raises KerasError."""
        return cls(**config)

    def nn_settings(self) -> dict[str, Any]:
        """The arguments that are fields of the class NN, by name."""
        assert self.NN is not None
        names = [one.name for one in fields(self.NN) if one.init]
        return {name: getattr(self, name) for name in names if hasattr(self, name)}

    def make(self) -> Any:
        """The object of `hoiquy.nn`.

        Raises:
            KerasError: A setting has a wrong value.
            NotSupportedError: `hoiquy.nn` has no such class.
        """
        if self.NN is None:
            raise NotSupportedError(f"{type(self).__name__} is not supported")
        with self.as_keras_errors():
            return self.NN(**self.nn_settings())

    @contextmanager
    def as_keras_errors(self) -> Iterator[None]:
        """Raise errors of wrong settings as KerasErrors that name the class."""
        try:
            yield
        except (KerasError, KerasTypeError):
            raise
        except (InputError, TypeError, ValueError) as error:
            raise KerasError(f"{type(self).__name__}: {error}") from error

    def __repr__(self) -> str:
        given = {
            name: getattr(self, name)
            for name, default in self.ARGUMENTS.items()
            if repr(getattr(self, name)) != repr(default)
        }
        listed = ", ".join(f"{name}={value!r}" for name, value in given.items())
        return f"{type(self).__name__}({listed})"


def serialized(value: Any) -> Any:
    """Keras 3's serialized form of an object, a function's name or a plain value."""
    if hasattr(value, "serialized"):
        return value.serialized()
    if isinstance(value, Configured):
        return {
            "module": value.MODULE,
            "class_name": type(value).__name__,
            "config": value.get_config(),
            "registered_name": None,
        }
    return plain_value(value)


def plain_value(value: Any) -> Any:
    """A value that JSON can hold; arrays and objects as Keras 3 writes them."""
    if isinstance(value, np.ndarray):
        array = {"value": value.tolist(), "dtype": str(value.dtype)}
        return {"class_name": "__numpy__", "config": array}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return [plain_value(one) for one in value]
    if isinstance(value, Mapping):
        return {key: plain_value(one) for key, one in value.items()}
    if isinstance(value, Configured):
        return serialized(value)
    if isinstance(value, float):
        return float(value)  # of subclasses, too
    return value


def _signature(arguments: Mapping[str, Any]) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    empty = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(name, kind, default=empty if default is REQUIRED else default)
            for name, default in sorted(arguments.items(), key=lambda item: item[1] is not REQUIRED)
        ]
    )
