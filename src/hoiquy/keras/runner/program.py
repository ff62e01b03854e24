"""What is run as `__main__`: a script, a module or a notebook, as Python itself runs it."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from hoiquy.errors import HoiquyError, InputError
from hoiquy.keras.runner import figures
from hoiquy.keras.runner.exported import compiled_script
from hoiquy.keras.runner.notebook import notebook_cells


@dataclass
class Program:
    """Code to run, and what it finds in `sys` and in its module.

    Attributes:
        code: The pieces of code, each compiled when the one before has run.
        argv: `sys.argv`.
        folder: `sys.path[0]`, or None to leave it as it is.
        names: Attributes of the module `__main__`.
        after_each: Called after each piece of code.
    """

    code: Sequence[Callable[[], CodeType]]
    argv: list[str]
    folder: str | None = None
    names: dict[str, Any] = field(default_factory=dict)
    after_each: Callable[[], None] = lambda: None

    def run(self) -> None:
        """Run the code; its exceptions pass through."""
        main = ModuleType("__main__")
        vars(main).update({"__builtins__": sys.modules["builtins"], **self.names})
        sys.modules["__main__"] = main
        sys.argv = self.argv
        if self.folder is not None and not sys.flags.safe_path:
            sys.path[0] = self.folder
        for compiled in self.code:
            exec(compiled(), vars(main))
            self.after_each()


class NoModuleError(HoiquyError):
    """There is no module of this name to run; the exit code is Python's, 1."""


def script_program(path: str, arguments: Sequence[str]) -> Program:
    """A script, or a notebook by its suffix .ipynb.

    Raises:
        InputError: If the file cannot be read, or a notebook is damaged.
    """
    file = Path(path).absolute()
    try:
        source = file.read_bytes()
    except OSError as error:
        raise InputError(f"can't open {path}: {error.strerror or error}") from error
    argv, folder = [path, *arguments], str(file.resolve().parent)
    if file.suffix == ".ipynb":
        cells = notebook_cells(file, source)
        return Program(cells, argv, folder, {"display": print}, figures.show_after_cell)
    names = {
        "__file__": str(file),
        "__cached__": None,
        "__loader__": SourceFileLoader("__main__", str(file)),
    }
    return Program([lambda: compiled_script(source, str(file))], argv, folder, names)


def module_program(name: str, arguments: Sequence[str]) -> Program:
    """A module, or the `__main__` of a package, as `python -m` finds it.

    Raises:
        NoModuleError: If there is none.
    """
    sys.argv = ["-m", *arguments]  # what Python shows to a package that is imported on the way
    spec = _spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = _spec(f"{name}.__main__")
        if spec is None:
            raise NoModuleError(f"No module named {name}.__main__: {name} is a package without it")
    if spec is None or not isinstance(spec.loader, InspectLoader):
        raise NoModuleError(f"No module named {name}")
    names = {
        "__file__": spec.origin,
        "__cached__": spec.cached,
        "__loader__": spec.loader,
        "__package__": spec.parent,
        "__spec__": spec,
    }
    code = spec.loader.get_code(spec.name)
    if code is None:
        raise NoModuleError(f"No code object available for {name}")
    return Program([lambda: code], [spec.origin or name, *arguments], None, names)


def _spec(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except (ModuleNotFoundError, ValueError) as error:
        raise NoModuleError(f"No module named {name}") from error
