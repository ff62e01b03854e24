"""Patterns of RE2, which TensorFlow uses, as patterns of Python's `re`.

They differ in: classes of POSIX such as [[:alpha:]], Unicode properties such as \\p{L}, \\z, \\C,
the flag U, and what \\d, \\w, \\s and \\b mean, which is ASCII in RE2. In replacements, \\0 is the
whole match.
"""

import re
import sys
import unicodedata
import warnings
from functools import lru_cache

from hoiquy.keras.errors import KerasError

_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f", "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~",
    "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ", "upper": "A-Z", "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_SPECIAL = re.compile(
    r"\\p\{\^?(?P<name>\w+)\}|\\P\{(?P<other>\w+)\}|\\[pP](?P<letter>[A-Z])"
    r"|\[:(?P<not>\^?)(?P<posix>[a-z]+):\]|\\Q(?P<literal>.*?)(?:\\E|$)|(?P<escape>\\.)",
    re.DOTALL,
)
_ESCAPES = {r"\z": r"\Z", r"\C": r"[\s\S]", r"\s": r"\t\n\f\r ", r"\S": None}


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern for `re`. Raises KerasError where it is wrong, or means nothing to `re`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "[[" is one bracket in RE2
            return re.compile(_translated(pattern), re.ASCII)
    except (re.error, KeyError) as error:
        raise KerasError(f"the regular expression {pattern!r} is not supported: {error}") from error


def replacement(rewrite: str) -> str:
    r"""The replacement for `re`: \0 is the whole match, other backslashes stand for themselves."""
    return re.sub(r"\\(\d|\\|.)", _reference, rewrite, flags=re.DOTALL)


def _reference(found: re.Match[str]) -> str:
    return (
        rf"\g<{found[1]}>" if found[1].isdigit() else r"\\" + ("" if found[1] == "\\" else found[1])
    )


def _translated(pattern: str) -> str:
    """Character by character: inside of a class, sets are written without brackets of their own."""
    parts, place, inside = [], 0, False
    while place < len(pattern):
        found = _SPECIAL.match(pattern, place)
        if found is not None and not (found["posix"] and not inside):
            parts.append(_replaced(found, inside))
            place = found.end()
            continue
        letter = pattern[place]
        if letter == "[" and not inside:
            begin = re.compile(r"\[\^?\]?").match(pattern, place)
            assert begin is not None
            parts.append(begin[0].replace("]", r"\]"))
            place, inside = begin.end(), True
            continue
        if letter == "]" and inside:
            inside = False
        elif letter == "[" and inside:
            letter = r"\["
        parts.append(letter)
        place += 1
    return "".join(parts)


def _replaced(found: re.Match[str], inside: bool) -> str:
    if found["literal"] is not None:
        return re.escape(found["literal"])
    if found["posix"] is not None:
        return _set(_POSIX[found["posix"]], bool(found["not"]), inside)
    if found["escape"] is None:
        name = found["name"] or found["other"] or found["letter"]
        negated = found[0].startswith(r"\P") != ("^" in found[0])
        return _set(_category(name), negated, inside)
    if found["escape"] in (r"\s", r"\S"):
        return _set(r"\t\n\f\r ", found["escape"] == r"\S", inside)
    return _ESCAPES.get(found["escape"]) or found["escape"]


def _set(ranges: str, negated: bool, inside: bool) -> str:
    if not inside:
        return f"[{'^' if negated else ''}{ranges}]"
    if negated:
        raise KeyError("a negated set inside of a set")
    return ranges


@lru_cache(maxsize=32)
def _category(name: str) -> str:
    """The letters of a Unicode category, such as "L" or "Nd", as ranges."""
    if not any(unicodedata.category(one).startswith(name) for one in "aA1.\u0301 $\x00ªǅ٠ⅷ²"):
        raise KeyError(f"the Unicode property {name}")
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)).startswith(name):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
