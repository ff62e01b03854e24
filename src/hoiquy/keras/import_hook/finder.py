"""Finds the modules of Keras and TensorFlow for Python's import system."""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from hoiquy.keras.import_hook.call_site import handles_import_error, user_frame
from hoiquy.keras.import_hook.facade import Facade
from hoiquy.keras.import_hook.lookup import module_at
from hoiquy.keras.import_hook.places import ROOTS, is_old_module, places


class Finder(MetaPathFinder, Loader):
    """Makes a `Facade` of every module below `ROOTS`.

    Where hoiquy has nothing at its place, all names of the module are stand-ins, unless the
    script handles the ImportError: then the module is not found.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in ROOTS:
            return None
        if not self._exists(fullname):
            frame = user_frame(sys._getframe(1))
            if frame is not None and handles_import_error(frame, "ModuleNotFoundError"):
                return None
        return ModuleSpec(fullname, self, origin="hoiquy.keras", is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Facade(spec.name, "Names of Keras and TensorFlow, from hoiquy.keras.")

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run: names are looked up when they are used."""

    @staticmethod
    def _exists(fullname: str) -> bool:
        return is_old_module(fullname) or any(
            module_at(place) is not None for place in places(fullname)
        )
