"""The labels in a cell of a table; different spellings of one value are one label.

`label_names` returns the names in a cell, `label_key` a key that is equal for names of one class,
and `class_order` a sort key. A cell may be a string, a number of any library, or a list of these.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np

# Characters without width or meaning: byte order and direction marks, soft hyphens.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
# Joiners and variation selectors: kept in a name, ignored in comparisons.
_JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
_NUMBER = re.compile(r"([+-]?)(0|[1-9][0-9]*)(?:\.([0-9]*))?")
_SORTED_BY_SIZE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?")
# An item of a list as Python or NumPy prints it: either quotes, with or without commas.
_ITEM = re.compile(
    r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([+-]?[0-9][0-9.]*|None|True|False))"""
    r"(?:\s*,|\s+|\s*$)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BOOLEANS = ("true", "false")
_DIGITS_OF_FLOAT32 = 9  # with more digits, a number equal to its float32 came from 32 bits
_NO_ITEM = ("[]", "()", "set()")
_LONGEST_LIST = 10_000  # characters of a list in a string


def label_names(value: Any) -> list[str]:
    """Return the distinct names of the labels in a cell.

    None, NaN, NaT, pandas' NA, blank strings and empty lists have no label. The strings "nan", "NA"
    and "null" are names. Names are in NFC with single spaces; 1, 1.0 and "1.00" become "1"; lone
    surrogates become "?". Raises ValueError with a reason for other values, such as a dictionary.
    """
    names: dict[str, str] = {}
    for single in _values(value):
        name = _name(single)
        key = label_key(name)
        if key:
            names.setdefault(key, name)
    return list(names.values())


def label_key(name: str) -> str:
    """Return a key that is equal for names of one class, such as "True" and "true"."""
    key = canonical_name(_JOINERS.sub("", name))
    return key.lower() if key.lower() in _BOOLEANS else key


def canonical_name(text: str) -> str:
    """Return the class name, the same for all spellings of one number or word."""
    valid = text.encode("utf-8", "replace").decode("utf-8")
    name = " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", valid)).split())
    number = _NUMBER.fullmatch(name)
    if number is None:
        return name
    sign, whole, fraction = number.group(1), number.group(2), (number.group(3) or "").rstrip("0")
    size = f"{whole}.{fraction}" if fraction else whole
    return size if size == "0" or sign != "-" else f"-{size}"


def class_order(name: str) -> tuple[bool, Decimal, str]:
    """Sort key: numbers first, by value; then names, alphabetically."""
    if _SORTED_BY_SIZE.fullmatch(name):
        return False, Decimal(name), name
    return True, Decimal(0), name


def _values(value: Any) -> Iterable[Any]:
    """The items of a cell: of a list or array, also one written as text."""
    if isinstance(value, str):
        return _listed(value)
    if isinstance(value, dict):
        raise ValueError("an object, expected a value")
    if isinstance(value, list | tuple | set | frozenset):
        return [inner for item in value for inner in _values(item)]
    if getattr(value, "ndim", None) == 0 and not isinstance(value, np.generic):
        return [value.item()]  # a 0-dimensional array or tensor
    if getattr(value, "ndim", 0) and hasattr(value, "tolist"):
        return _values(value.tolist())
    return [value]


def _listed(text: str) -> Iterable[Any]:
    """The items of a written list; the text itself otherwise."""
    if text.strip() in _NO_ITEM:
        return []
    if not is_written_list(text):
        return [text]
    try:
        values = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        values = _printed(text)
    if isinstance(values, list) and all(isinstance(item, str | None) for item in values):
        return values
    return [text]


def is_written_list(text: str) -> bool:
    """Whether a text is a printed list, tuple, set or array: `['pos']`, `('pos',)`.

    Within parentheses and braces, all items must be quoted, since names may have such brackets.
    """
    text = text.strip()
    if text in _NO_ITEM:
        return True
    if len(text) > _LONGEST_LIST:
        return False
    if text.startswith("[") and text.endswith("]"):
        return True
    return text[:1] + text[-1:] in ("()", "{}") and _printed(text, quoted=True) is not None


def _printed(text: str, quoted: bool = False) -> list[str | None] | None:
    """The items of a list printed by Python or NumPy; None if it is not one.

    quoted: whether all items must be quoted.
    """
    inner = text.strip()[1:-1].rstrip()
    items: list[str | None] = []
    at = 0
    while at < len(inner):
        item = _ITEM.match(inner, at)
        if item is None or (quoted and item[3]):
            return None
        if item[3]:
            items.append(None if item[3] == "None" else item[3])
        else:
            items.append(_ESCAPED.sub(r"\1", item[1] if item[1] is not None else item[2]))
        at = item.end()
    return items


def _name(value: Any) -> str:
    """The name of one value; "" for a missing value."""
    if isinstance(value, str):
        return canonical_name(value)
    if isinstance(value, bytes):
        return canonical_name(value.decode("utf-8", "replace"))
    if _is_missing(value):
        return ""
    if isinstance(value, float | np.floating):
        value = _shortest(value)
    if isinstance(value, Decimal) and value.is_finite():
        value = f"{value:f}"
    return canonical_name(str(value))


def _is_missing(value: Any) -> bool:
    if value is None:
        return True
    try:
        return bool(value != value)  # NaN, NaT, Decimal("NaN")
    except (TypeError, ValueError, ArithmeticError):  # pandas' NA, a signalling NaN
        return True


def _shortest(value: Any) -> Any:
    """The shortest Decimal for a float.

    A float32 0.1, which Python sees as 0.10000000149011612, is 0.1.
    """
    if not np.isfinite(value):
        return str(value)
    spelling = Decimal(repr(float(value)))
    with np.errstate(all="ignore"):
        single = np.float32(value)
    if single == value and len(spelling.as_tuple().digits) > _DIGITS_OF_FLOAT32:
        return Decimal(str(single))
    return spelling
