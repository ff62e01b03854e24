"""Turns the import hook on and off."""

import sys
from typing import TYPE_CHECKING

from hoiquy.errors import InputError
from hoiquy.keras.import_hook.advice import set_real_run
from hoiquy.keras.import_hook.facade import Facade
from hoiquy.keras.import_hook.finder import Finder
from hoiquy.keras.import_hook.places import ROOTS
from hoiquy.messages import translated

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def install() -> None:
    """Make `import keras` and `import tensorflow` find `hoiquy.keras` in this process.

    It does not matter whether they are installed. A second call does nothing.

    Raises:
        InputError: If the real Keras or TensorFlow is imported already.
    """
    if _installed():
        return
    loaded = [name for name in ROOTS if name in sys.modules]
    if loaded:
        raise InputError(
            f"{loaded[0]} is imported already: call hoiquy.keras.install() before any import of "
            "keras or tensorflow (in a notebook, restart the kernel first)"
        )
    sys.meta_path.insert(0, Finder())


def uninstall() -> None:
    """Undo `install`: later imports find the real Keras and TensorFlow, where installed."""
    for finder in _installed():
        sys.meta_path.remove(finder)
    for name, module in list(sys.modules.items()):
        if isinstance(module, Facade):
            del sys.modules[name]
    set_real_run()


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """What `%load_ext hoiquy.keras` does: `install`, and one line that says so."""
    install()
    set_real_run("this notebook without %load_ext hoiquy.keras")
    line = "import keras and import tensorflow now find hoiquy.keras"
    print(f"hoiquy.keras: {translated(line)}")


def unload_ipython_extension(ipython: "InteractiveShell") -> None:
    """What `%unload_ext hoiquy.keras` does."""
    uninstall()


def _installed() -> list[Finder]:
    return [finder for finder in sys.meta_path if isinstance(finder, Finder)]
