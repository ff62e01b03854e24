"""The class of layers' classes: it sees the classes that a script derives from them."""

import sys
from typing import Any

from hoiquy.keras.late import late

_CODE = frozenset(("build", "call", "compute_mask"))  # what a class of the script may replace


class LayerType(type):
    """Puts `DerivedLayer` before the built-in layer that a class of the script with code has."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], members: dict[str, Any], **options: Any
    ) -> Any:
        if "__module__" not in members:  # by type(name, bases, members)
            members = {**members, "__module__": sys._getframe(1).f_globals.get("__name__")}
        own = not str(members["__module__"]).startswith("hoiquy.")
        has_code = own and not _CODE.isdisjoint(members)
        runs_code = any(getattr(base, "runs_script_code", False) for base in bases)
        if has_code and not runs_code and any(hasattr(base, "nn_class") for base in bases):
            bases = (late("layers.derived_layer").DerivedLayer, *bases)
        return super().__new__(mcs, name, bases, members, **options)
