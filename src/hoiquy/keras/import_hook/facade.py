"""The modules that a script imports: their names are those of `hoiquy.keras`, or stand-ins."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from hoiquy.keras.import_hook.call_site import takes_a_stand_in
from hoiquy.keras.import_hook.lookup import MISSING, find, public_names
from hoiquy.keras.import_hook.places import (
    imported_there,
    is_old_module,
    names_only_of_keras,
    places,
)
from hoiquy.keras.import_hook.releases import release
from hoiquy.keras.import_hook.stand_in import StandIn


class Facade(ModuleType):
    """A module of Keras or TensorFlow by name, of hoiquy by content."""

    def __getattr__(self, name: str) -> Any:
        module = self.__name__
        if name == "__version__":
            return release(module)
        if name == "__all__":
            names = {*public_names(places(module)), *imported_there(module)}
            return sorted(names | {*names_only_of_keras(module)})
        if name.startswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value, whole = find(places(module), name), f"{module}.{name}"
        if isinstance(value, ModuleType) or (value is MISSING and is_old_module(whole)):
            return import_module(whole)
        if value is not MISSING:
            return value
        elsewhere = imported_there(module).get(name)
        if elsewhere is not None:
            parent, _, last = elsewhere.rpartition(".")
            return getattr(import_module(parent), last)
        if takes_a_stand_in(sys._getframe(1)):
            return StandIn(whole)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *public_names(places(self.__name__))})
