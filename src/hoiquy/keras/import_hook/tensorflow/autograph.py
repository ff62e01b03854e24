"""Switches without effect, as `tensorflow.autograph`: there is no graph to translate into."""

from collections.abc import Callable
from typing import Any

__all__ = ["do_not_convert", "set_verbosity"]


def do_not_convert(func: Callable[..., Any] | None = None) -> Any:
    """Return the function itself."""
    return (lambda decorated: decorated) if func is None else func


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Do nothing."""
