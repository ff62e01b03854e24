"""Reads untrusted TOML: limits size, nesting and integers."""

import tomllib
from pathlib import Path
from typing import Any

from hoiquy.errors import RecipeError
from hoiquy.system.bounded_read import read_regular_file

_MAX_BYTES = 2**20
_DEEPEST = 20  # a recipe has four levels; printing far deeper ones fails


def read_toml_file(path: Path, what: str) -> dict[str, Any]:
    """Return the tables of a TOML file; errors call it `what`. Raises RecipeError."""
    try:
        # utf-8-sig: some Windows editors write a byte order mark
        content = read_regular_file(path, _MAX_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise RecipeError(f"cannot read the {what} {path}: {reason}") from error
    return parse_toml(content, str(path))


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Return the tables of a TOML text; errors name `source`. Raises RecipeError."""
    try:
        return read_toml(text)
    except ValueError as error:
        raise RecipeError(f"{source} is not valid TOML: {error}") from error


def read_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises ValueError if it is not TOML, is nested too deeply, or has an integer beyond 64 bits.
    """
    try:
        tables = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    _check(tables, 1)
    return tables


def _check(value: Any, depth: int) -> None:
    if isinstance(value, dict | list):
        if depth > _DEEPEST:
            raise ValueError("it is nested too deeply")
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("an integer does not fit into 64 bits")
