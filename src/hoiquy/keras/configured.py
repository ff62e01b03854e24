"""Objects that are given by their arguments: losses, metrics, optimizers, initializers and so on.

A class declares its arguments with Keras 3's names, order and defaults as annotated attributes, and
older spellings of them. Its configuration is what Keras writes to files.
"""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, ClassVar, Self, get_origin

import numpy as np

from hoiquy.errors import InputError
from hoiquy.keras.arguments import REQUIRED, Argument, bind
from hoiquy.keras.custom_objects import get_registered_name
from hoiquy.keras.errors import KerasError, KerasTypeError, NotSupportedError
from hoiquy.keras.names import function_name
from hoiquy.keras.usage import record_used


class Configured:
    """An object with arguments, which are attributes of the same names.

    As in a dataclass, the public annotated attributes of a class are its arguments, and their
    values the defaults; an attribute without a value is required. Unlike there, the arguments of a
    base class follow those of the class itself, at other places only if they are annotated again.

    Class attributes:
        MODULE: Keras' module, such as "keras.losses".
        NN: The class of `hoiquy.nn` that computes it, with the same settings, or None.
        ARGUMENTS: Defaults by name, in the order of positions; from the annotations.
        OLDER: Names by older spellings.
        IGNORED: Why an argument has no effect, by its name.
        INSTEAD: What else a script may use instead of a class of its own, for the error.
        OMITTED: Arguments that are left out of the configuration while they are None.
        NEEDS_CONFIG: Whether a class of the script with arguments needs a `get_config`.
    """

    MODULE: ClassVar[str]
    NN: ClassVar[type[Any] | None] = None
    ARGUMENTS: ClassVar[Mapping[str, Any]] = {}
    OLDER: ClassVar[Mapping[str, str]] = {}
    IGNORED: ClassVar[Mapping[str, str]] = {}
    INSTEAD: ClassVar[str] = ""
    OMITTED: ClassVar[tuple[str, ...]] = ()
    NEEDS_CONFIG: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.ARGUMENTS = cls._defaults()
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

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        """The arguments and their defaults, by the annotations of the class and its bases."""
        names: dict[str, None] = {}
        for base in cls.__mro__:
            if base.__module__.startswith("hoiquy."):
                names |= dict.fromkeys(
                    name
                    for name, kind in inspect.get_annotations(base).items()
                    if get_origin(kind) is not ClassVar  # type: ignore[comparison-overlap]
                    and not name.startswith("_")
                )
        return {name: getattr(cls, name, REQUIRED) for name in names}

    def _check(self) -> None:
        """Raise KerasError or NotSupportedError for arguments with wrong values."""
        self.make()

    def _nn_class(self) -> type[Any]:
        """NN. Raises NotSupportedError for a class of the script, which has none."""
        if self.NN is None:
            raise self._error_of_script_class()
        return self.NN

    def _error_of_script_class(self) -> NotSupportedError:
        kind = self.MODULE.rpartition(".")[2]
        return NotSupportedError(
            f"{kind} of the script's own are not supported; use one of {self.MODULE}{self.INSTEAD}"
        )

    @classmethod
    def defines(cls, method: str, base: type[Any]) -> bool:
        """Whether a class of the script replaces a method of a base class."""
        return getattr(cls, method) is not getattr(base, method)

    @property
    def is_of_script(self) -> bool:
        """Whether its class is one of the script."""
        return type(self).__module__.partition(".")[0] != "hoiquy"

    def get_config(self) -> dict[str, Any]:
        """The arguments, as JSON can hold them.

        Raises NotSupportedError for a class of the script with arguments that it does not return.
        """
        kind = type(self)
        has_arguments = kind.__init__ is not Configured.__init__
        if self.NEEDS_CONFIG and self.is_of_script and self.NN is None and has_arguments:
            raise NotSupportedError(
                f"{kind.__name__} needs a get_config() that returns its arguments"
            )
        return {
            name: plain_value(getattr(self, name))
            for name in self.ARGUMENTS
            if not (name in self.OMITTED and getattr(self, name) is None)
        }

    def serialized(self) -> dict[str, Any]:
        """Keras 3's configuration with the class."""
        kind = type(self)
        own = self.is_of_script
        return {
            "module": None if own else self.MODULE,
            "class_name": kind.__name__,
            "config": self.get_config(),
            "registered_name": get_registered_name(kind) if own else None,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """An object from what `get_config` returned. Raises KerasError."""
        return cls(**config)

    def nn_settings(self) -> dict[str, Any]:
        """The arguments that are fields of the class NN, by name."""
        names = [one.name for one in fields(self._nn_class()) if one.init]
        return {name: getattr(self, name) for name in names if hasattr(self, name)}

    def make(self) -> Any:
        """The object of `hoiquy.nn`.

        Raises:
            KerasError: A setting has a wrong value.
            NotSupportedError: It is an object of a class of the script.
        """
        make = self._nn_class()
        with self.as_keras_errors():
            return make(**self.nn_settings())

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
    return plain_value(value)


class NamedFunction:
    """A loss or a metric as a function with a name of Keras."""

    def __init__(self, name: str) -> None:
        self.__name__ = self.name = name

    def serialized(self) -> dict[str, Any]:
        """Keras 3's configuration of a function."""
        return {
            "module": "builtins",
            "class_name": "function",
            "config": self.name,
            "registered_name": "function",
        }

    def __repr__(self) -> str:
        return f"<function {self.name}>"


class ScriptFunction(NamedFunction):
    """A function of the script, or an object with `__call__`."""

    def __init__(self, function: Any) -> None:
        super().__init__(function_name(function))
        self.function = function

    def __call__(self, *args: Any) -> Any:
        """What the function gives."""
        return self.function(*args)

    def serialized(self) -> dict[str, Any]:
        """Keras' configuration of a function."""
        return NamedFunction(get_registered_name(self.function)).serialized()


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
        return value.serialized()
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
