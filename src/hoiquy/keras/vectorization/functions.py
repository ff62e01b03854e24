"""Functions of a script as arguments of layers, and their names in configurations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hoiquy.keras.custom_objects import custom_object
from hoiquy.keras.errors import KerasError, NotSupportedError
from hoiquy.keras.kinds import Kind

_SHOWN = 60


def kind(names: Sequence[str]) -> Kind:
    """One of some names, a function of the script, or None."""

    def read(value: Any, where: str) -> Any:
        if value is None or callable(value) or (isinstance(value, str) and value in names):
            return value
        if isinstance(value, Mapping):
            return _function(value, where)
        known = ", ".join(map(repr, names))
        raise KerasError(f"{where}={str(value)[:_SHOWN]!r}, expected {known}, a function or None")

    return Kind(read, to_config=_config)


def _config(value: Any) -> Any:
    if not callable(value):
        return value
    name = getattr(value, "__name__", type(value).__name__)
    return {
        "module": "builtins",
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


def _function(config: Mapping[str, Any], where: str) -> Callable[..., Any]:
    """The function of the script that a configuration names. Raises NotSupportedError."""
    inner = config.get("config")
    name = str(inner if isinstance(inner, str) else config.get("registered_name"))
    for spelling in (name, name.rpartition(">")[2]):  # "Custom>name" of a registered one
        found = custom_object(spelling)
        if callable(found):
            return found  # type: ignore[no-any-return]
    shown = name.rpartition(">")[2][:_SHOWN]
    raise NotSupportedError(
        f"{where} is a function of a script, which files do not hold: give it by "
        f"load_model(…, custom_objects={{{shown!r}: {shown}}})"
    )
