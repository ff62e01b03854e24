"""Classes and functions of the script by name, for configurations and files."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from hoiquy.keras.errors import KerasError

__all__ = [
    "CustomObjectScope", "custom_object_scope", "get_custom_objects", "get_registered_name",
    "get_registered_object", "register_keras_serializable",
]  # fmt: skip

_registered: dict[str, Any] = {}
_names: dict[int, str] = {}
_scopes: ContextVar[tuple[Mapping[str, Any], ...]] = ContextVar("scopes", default=())


def get_custom_objects() -> dict[str, Any]:
    """All objects that are registered by name; a script may add to it."""
    return _registered


@contextmanager
def custom_object_scope(*objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Find these objects by name within the block."""
    given = tuple(one for one in objects if one)
    token = _scopes.set((*given, *_scopes.get()))
    try:
        yield
    finally:
        _scopes.reset(token)


CustomObjectScope = custom_object_scope


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[Any], Any]:
    """Register a class or function of the script: files that name it are loaded with it.

    Raises KerasError for a class without `get_config`.
    """

    def decorate(registered: Any) -> Any:
        if inspect.isclass(registered) and not hasattr(registered, "get_config"):
            raise KerasError(f"{registered.__name__} has no get_config, which files need")
        full = f"{package}>{name or registered.__name__}"
        _registered[full] = registered
        _names[id(registered)] = full
        return registered

    return decorate


def get_registered_name(obj: Any) -> str:
    """The name by which files name a class or a function."""
    return _names.get(id(obj), getattr(obj, "__name__", type(obj).__name__))


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Any = None
) -> Any:
    """The object of a name; None if there is none."""
    for known in (custom_objects or {}, *_scopes.get(), _registered, module_objects or {}):
        if name in known:
            return known[name]
    return None


def custom_object(name: Any) -> Any:
    """The script's object of a name, with or without the package; None if there is none."""
    if not isinstance(name, str):
        return None
    found = get_registered_object(name)
    if found is not None:
        return found
    matching = [one for full, one in _registered.items() if full.rpartition(">")[2] == name]
    return matching[0] if len(matching) == 1 else None
