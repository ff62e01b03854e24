"""Keras' names and spellings over the networks of `hoiquy.nn`, without Keras installed.

import_hook/    install and uninstall: `import keras` finds these names
runner/         `python -m hoiquy.keras script.py`
usage.py        records what a program uses, for the report
errors.py       errors for what is not supported
lazy.py         attributes that are imported on first use
"""

from typing import TYPE_CHECKING

from hoiquy.keras.lazy import lazy_attributes

if TYPE_CHECKING:
    from hoiquy.keras.import_hook.hook import (
        install,
        load_ipython_extension,
        uninstall,
        unload_ipython_extension,
    )
    from hoiquy.keras.usage import report

__all__ = [
    "install",
    "load_ipython_extension",
    "report",
    "uninstall",
    "unload_ipython_extension",
]

_HOOK = f"{__name__}.import_hook.hook"
_MODULES = {
    "install": _HOOK,
    "load_ipython_extension": _HOOK,
    "report": f"{__name__}.usage",
    "uninstall": _HOOK,
    "unload_ipython_extension": _HOOK,
}

__getattr__, __dir__ = lazy_attributes(__name__, _MODULES)
