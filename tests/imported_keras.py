"""Runs code of scripts for Keras in this process, with the import hook on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import hoiquy.keras
from hoiquy.keras import install, uninstall, usage
from hoiquy.keras.import_hook.places import ROOTS


@contextmanager
def import_hook() -> Iterator[None]:
    """The hook on, and the real modules out of sight, which other tests may have imported."""
    real = {name: sys.modules.pop(name) for name in [*sys.modules] if _root(name) in ROOTS}
    usage.clear()
    install()
    try:
        yield
    finally:
        uninstall()
        sys.modules.update(real)
        usage.clear()


def run_code(folder: Path, text: str) -> dict[str, Any]:
    """Run a script from a file, as a user has it, and return its names."""
    file = folder / f"script_{len([*folder.iterdir()])}.py"
    file.write_text(text, encoding="utf-8")
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, str(file), "exec"), names)
    return names


def put_module(monkeypatch: pytest.MonkeyPatch, path: str, **names: Any) -> ModuleType:
    """Put a module with these public names at a path below `hoiquy.keras`.

    Real modules below it, which other tests may have imported, are out of sight.
    """
    module = ModuleType(f"hoiquy.keras.{path}")
    vars(module).update(names)
    vars(module)["__all__"] = [*names]
    parent, _, last = path.rpartition(".")
    holder: Any = sys.modules[f"hoiquy.keras.{parent}"] if parent else hoiquy.keras
    for name in [name for name in sys.modules if name.startswith(f"{module.__name__}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(holder, last, module, raising=False)
    monkeypatch.setattr(holder, "__all__", [*{*holder.__all__, last}])
    return module


def _root(module: str) -> str:
    return module.partition(".")[0]
