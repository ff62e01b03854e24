"""Modules that import the module which uses them: found at the first use."""

from importlib import import_module
from typing import Any


def late(module: str) -> Any:
    """A module of `hoiquy.keras`, such as "saving": models call it, and it makes models."""
    return import_module(f"hoiquy.keras.{module}")
