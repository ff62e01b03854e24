"""The labels in a cell of a table: values, not spellings.

`label_names` gives the names in a cell, `label_key` what two names of one class have in common, and
`class_order` sorts names. A cell may be a string, a number of any library, or a list of them.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np

# Characters without width or meaning in a name: marks of byte order and direction, soft hyphens.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
# These change how the characters beside them are drawn: kept in a name, ignored where two compare.
_JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
_NUMBER = re.compile(r"([+-]?)(0|[1-9][0-9]*)(?:\.([0-9]*))?")
_SORTED_BY_SIZE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?")
# Of a list as Python and NumPy print it: in either quotes, with commas between or without.
_ITEM = re.compile(
    r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([+-]?[0-9][0-9.]*|None|True|False))"""
    r"(?:\s*,|\s+|\s*$)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BOOLEANS = ("true", "false")
_DIGITS_OF_FLOAT32 = 9  # a 32-bit number of which 64 bits show more has come from 32 bits
_NO_ITEM = ("[]", "()", "set()")
_LONGEST_LIST = 10_000  # characters of a list that is written as a string


def label_names(value: Any) -> list[str]:
    """The names of the labels in a cell: none, one, or several that differ.

    No label: None, NaN, NaT, pandas' NA, and strings and lists with nothing in them. The strings
    "nan", "NA" and "null" are names. A name is in Unicode's form NFC, with single spaces; of 1, 1.0
    and "1.00" it is "1". Half characters (lone surrogates) become "?".
    Raises ValueError for a value that is no label, such as a dictionary: in a few words, why.
    """
    names: dict[str, str] = {}
    for single in _values(value):
        name = _name(single)
        key = label_key(name)
        if key:
            names.setdefault(key, name)
    return list(names.values())


def label_key(name: str) -> str:
    """Equal for names of one class: without joiners and variation selectors, "True" as "true"."""
    key = canonical_name(_JOINERS.sub("", name))
    return key.lower() if key.lower() in _BOOLEANS else key


def canonical_name(text: str) -> str:
    """A label as a class is called: the same for all spellings of one number or word."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    name = " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", sound)).split())
    number = _NUMBER.fullmatch(name)
    if number is None:
        return name
    sign, whole, fraction = number.group(1), number.group(2), (number.group(3) or "").rstrip("0")
    size = f"{whole}.{fraction}" if fraction else whole
    return size if size == "0" or sign != "-" else f"-{size}"


def class_order(name: str) -> tuple[bool, Decimal, str]:
    """A key to sort classes by: numbers first, by size; then names by the alphabet."""
    if _SORTED_BY_SIZE.fullmatch(name):
        return False, Decimal(name), name
    return True, Decimal(0), name


def _values(value: Any) -> Iterable[Any]:
    """What is in a cell: the items of a list or an array, also of one that is written as text."""
    if isinstance(value, str):
        return _listed(value)
    if isinstance(value, dict):
        raise ValueError("an object, expected a value")
    if isinstance(value, list | tuple | set | frozenset):
        return [inner for item in value for inner in _values(item)]
    if getattr(value, "ndim", None) == 0 and not isinstance(value, np.generic):
        return [value.item()]  # an array or a tensor of no dimension
    if getattr(value, "ndim", 0) and hasattr(value, "tolist"):
        return _values(value.tolist())
    return [value]


def _listed(text: str) -> Iterable[Any]:
    """The items of what `is_written_list` knows; any other text as it is."""
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
    """Whether a text is a list, a tuple, a set or an array as CSV has it: `['pos']`, `('pos',)`.

    Within round brackets and braces, all must be in quotes, since names may have brackets.
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
    """The items of a list that Python or NumPy printed; None if it is none.

    quoted: whether all must be in quotes.
    """
    inner = text.strip()[1:-1].rstrip()
    found: list[str | None] = []
    at = 0
    while at < len(inner):
        item = _ITEM.match(inner, at)
        if item is None or (quoted and item[3]):
            return None
        if item[3]:
            found.append(None if item[3] == "None" else item[3])
        else:
            found.append(_ESCAPED.sub(r"\1", item[1] if item[1] is not None else item[2]))
        at = item.end()
    return found


def _name(value: Any) -> str:
    """The name of one value; "" for none."""
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
    """The fewest digits that give this number, as a Decimal.

    Parquet's and NumPy's 0.1 in 32 bits, which reaches Python as 0.10000000149011612, is 0.1.
    """
    if not np.isfinite(value):
        return str(value)
    spelling = Decimal(repr(float(value)))
    with np.errstate(all="ignore"):
        single = np.float32(value)
    if single == value and len(spelling.as_tuple().digits) > _DIGITS_OF_FLOAT32:
        return Decimal(str(single))
    return spelling
