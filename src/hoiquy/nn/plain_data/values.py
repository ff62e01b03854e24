"""Plain values of settings, checked by the type hints of the fields that take them."""

import difflib
import math
from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from hoiquy.errors import InputError

NONE = "none"  # what files write for None, which TOML lacks
_LONGEST = 60  # characters of a wrong value in an error


def read_value(value: Any, hint: Any, where: str) -> Any:
    """A value of a file as the type of a field: lists become tuples, "none" becomes None.

    Raises InputError, naming `where`, if the value does not fit.
    """
    if not _fits(value, hint):
        raise InputError(f"{where} = {shown(value)}: expected {described(hint)}")
    return _converted(value, hint)


def plain_value(value: Any) -> Any:
    """A value as files hold it."""
    if value is None:
        return NONE
    if isinstance(value, tuple | list):
        return [plain_value(one) for one in value]
    return value


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the name closest to a word, or an empty text."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {found[0]!r}?)" if found else ""


def shown(value: Any) -> str:
    """A wrong value, shortened, for an error."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def described(hint: Any) -> str:
    """A type hint in words."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(described(one) for one in arguments))
    if origin is Literal:
        return ", ".join(map(repr, arguments))
    if origin is tuple:
        return f"a list of {described(arguments[0])}s"
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return f"{NONE!r}" if hint is NoneType else names.get(hint, "another value")


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is NoneType:
        return value is None or value == NONE
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in arguments)
    if origin is Literal:
        return value in arguments
    if origin is tuple:
        if not isinstance(value, list | tuple):
            return False
        if arguments[-1] is Ellipsis:
            return all(_fits(one, arguments[0]) for one in value)
        return len(value) == len(arguments) and all(map(_fits, value, arguments))
    if isinstance(value, bool) or hint is bool:
        return isinstance(value, bool) and hint is bool
    if hint is float:
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(hint, type) and isinstance(value, hint)


def _converted(value: Any, hint: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if value in (None, NONE) and NoneType in arguments:
            return None
        return _converted(value, next(one for one in arguments if _fits(value, one)))
    if origin is tuple:
        kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(map(_converted, value, kinds))
    return float(value) if hint is float else value
