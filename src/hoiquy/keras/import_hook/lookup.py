"""Finds public names in the modules of `hoiquy.keras`."""

import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

from hoiquy.keras.import_hook.places import KERAS

# What `hoiquy.keras` has and Keras has not.
_NOT_OF_KERAS = {
    "install",
    "load_ipython_extension",
    "report",
    "uninstall",
    "unload_ipython_extension",
}

MISSING: Final = object()


def module_at(place: str) -> ModuleType | None:
    """The module at a place, imported where necessary, or None where there is none."""
    if place not in sys.modules:
        parent = place.rpartition(".")[0]
        inside = module_at(parent)
        if inside is None or not hasattr(inside, "__path__") or find_spec(place) is None:
            return None
    return import_module(place)


def find(places: Iterable[str], name: str) -> Any:
    """The first public object of that name at one of the places, or `MISSING`."""
    for place in places:
        module = module_at(place)
        if module is None or not _may_be_public(module, name):
            continue
        value = getattr(module, name, MISSING)
        if value is not MISSING and _is_public(module, name, value):
            return value
    return MISSING


def public_names(places: Iterable[str]) -> list[str]:
    """The public names at the places, sorted; nothing listed in an `__all__` is imported."""
    names = set()
    for place in places:
        module = module_at(place)
        if module is not None:
            listed = vars(module).get("__all__")
            names |= {
                name
                for name in (dir(module) if listed is None else listed)
                if _may_be_public(module, name)
                and (listed is not None or _is_public(module, name, getattr(module, name, MISSING)))
            }
    return sorted(names)


def _may_be_public(module: ModuleType, name: str) -> bool:
    """Decides without getting the attribute, which may import a module."""
    hidden = name in _NOT_OF_KERAS and module.__name__ == KERAS
    return not hidden and (not name.startswith("_") or name in vars(module).get("__all__", ()))


def _is_public(module: ModuleType, name: str, value: Any) -> bool:
    """Whether the attribute belongs to hoiquy, and is not only imported for its own use."""
    if value is MISSING:
        return False
    if "__all__" in vars(module):
        return name in module.__all__
    if isinstance(value, ModuleType):
        return value.__name__.startswith(f"{KERAS}.")
    origin = getattr(value, "__module__", None)
    return not isinstance(origin, str) or origin.partition(".")[0] == "hoiquy"
