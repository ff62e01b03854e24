"""An object in place of a name that Keras or TensorFlow has and `hoiquy.keras` has not."""

import sys
from typing import Any, NoReturn

from hoiquy.keras.errors import MissingNameError
from hoiquy.keras.import_hook.advice import advice
from hoiquy.keras.import_hook.call_site import decorates
from hoiquy.keras.usage import record_raised

_VALUES = (str, bytes, int, float, complex, list, tuple, dict, set)


def raise_missing(name: str) -> NoReturn:
    """Record and raise that a name is not supported, with what to use instead."""
    record_raised(name)
    raise MissingNameError(f"{name} is not in hoiquy.keras; {advice(name)}")


class StandIn:
    """Can be imported, named, passed on, decorated with and derived from; any use of it raises.

    An attribute of a stand-in is one, too. Nothing is an instance of it.

    Raises:
        MissingNameError: On a call, on an operator, in a condition, in a loop, and on creating an
            object of a derived class.
    """

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def __repr__(self) -> str:
        return f"<{self._name}: not in hoiquy.keras>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return StandIn(f"{self._name}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> "StandIn":
        if decorates(sys._getframe(1)):
            return self
        raise_missing(self._name)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type]:
        return (type(self._name, (_DerivedFromStandIn,), {"_stand_in_name": self._name}),)

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, subclass: type) -> bool:
        return False

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        # Raises for a value only: `typing.Optional[…]` compares its argument with other types.
        if isinstance(other, _VALUES) or hasattr(other, "__array__"):
            raise_missing(self._name)
        return self is other

    def __or__(self, other: object) -> Any:  # a type hint such as `tf.Tensor | None`
        return self

    __ror__ = __or__


class _DerivedFromStandIn:
    """The base of classes that a script derives from a stand-in; it may never create an object."""

    _stand_in_name = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__()

    def __new__(cls, *args: Any, **kwargs: Any) -> "_DerivedFromStandIn":
        raise_missing(cls._stand_in_name)


def _raise_on_use(self: StandIn, *args: Any, **kwargs: Any) -> NoReturn:
    raise_missing(self._name)


_USES = """
    setattr delattr bool len iter next reversed contains getitem setitem delitem enter exit aenter
    aexit await aiter int float complex index array lt le gt ge add sub mul matmul truediv
    floordiv mod pow and xor lshift rshift radd rsub rmul rmatmul rtruediv rfloordiv rmod rpow rand
    rxor rlshift rrshift neg pos abs invert round
"""
for _use in _USES.split():
    setattr(StandIn, f"__{_use}__", _raise_on_use)
