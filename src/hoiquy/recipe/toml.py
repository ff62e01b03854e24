"""TOML from elsewhere becomes tables of a size that the rest of the program can take."""

import tomllib
from typing import Any

_DEEPEST = 20  # a recipe has four levels; far deeper ones cannot even be printed in an error


def read_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises ValueError for what is not TOML, is nested too deeply, or has an integer beyond 64 bits.
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
        for inside in value.values() if isinstance(value, dict) else value:
            _check(inside, depth + 1)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("an integer does not fit into 64 bits")  # TOML asks for this error
