"""Attributes of a package that are imported on first use, so that importing it costs nothing."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_attributes(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package.

    package: its `__name__`. modules: the module of each attribute; an attribute whose name is the
    last part of its module is the module itself.
    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(modules[name])
        return module if modules[name].rpartition(".")[2] == name else getattr(module, name)

    def names() -> list[str]:
        return sorted(modules)

    return get, names
