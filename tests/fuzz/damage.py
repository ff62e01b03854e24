"""Inputs that are nearly right: bytes, JSON and lines of text, damaged in a few places."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from fuzz.trap import PLANTED

Edit = Callable[[bytes], bytes]

# Numbers that lengths, counts and offsets are read from, as most formats write them.
_NUMBERS = [0, 1, 127, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 10**12, 2**63, 2**64 - 1]
_WRITTEN = [
    number.to_bytes(size, order)  # type: ignore[arg-type]
    for number in _NUMBERS
    for size in (1, 2, 4, 8)
    for order in ("little", "big")
    if number < 2 ** (8 * size)
]


def damaged(valid: bytes) -> SearchStrategy[bytes]:
    """`valid` with one to four edits: bytes flipped, put in, taken out, repeated, or cut off."""
    return st.lists(_edits(len(valid)), min_size=1, max_size=4).map(
        lambda edits: _applied(valid, edits)
    )


def any_bytes(valid: bytes, most: int = 200) -> SearchStrategy[bytes]:
    """A damaged `valid`, bytes that share its beginning at most, or a planted pickle."""
    random = st.one_of(st.binary(max_size=most), st.binary(max_size=most), st.sampled_from(PLANTED))
    started = st.tuples(st.integers(0, min(len(valid), 16)), random).map(
        lambda pair: valid[: pair[0]] + pair[1]
    )
    return st.one_of(damaged(valid), damaged(valid), random, started)


def _applied(content: bytes, edits: list[Edit]) -> bytes:
    for edit in edits:
        content = edit(content)
    return content


def _edits(length: int) -> SearchStrategy[Edit]:
    place = st.integers(0, length)
    span = st.one_of(st.integers(1, 8), st.integers(1, max(length, 1)))
    new = st.one_of(st.sampled_from(_WRITTEN), st.binary(min_size=1, max_size=8))
    return st.one_of(
        st.builds(_flip, place, st.integers(1, 255)),
        st.builds(_overwrite, place, new),
        st.builds(_insert, place, new),
        st.builds(_delete, place, span),
        st.builds(_repeat, place, span, st.integers(2, 40)),
        st.builds(_truncate, place),
    )


def _flip(at: int, mask: int) -> Edit:
    return lambda b: b[:at] + bytes([b[at] ^ mask]) + b[at + 1 :] if at < len(b) else b


def _overwrite(at: int, new: bytes) -> Edit:
    return lambda b: b[:at] + new + b[at + len(new) :]


def _insert(at: int, new: bytes) -> Edit:
    return lambda b: b[:at] + new + b[at:]


def _delete(at: int, span: int) -> Edit:
    return lambda b: b[:at] + b[at + span :]


def _repeat(at: int, span: int, times: int) -> Edit:
    return lambda b: b[:at] + b[at : at + span] * times + b[at + span :]


def _truncate(at: int) -> Edit:
    return lambda b: b[:at]


# JSON values that are of a wrong type, out of range, or not JSON at all.
ODD_JSON = [
    "2", "0.5", "null", "true", "0", "-1", "1.5", "1e999", "-1e999", "NaN", "Infinity", "1e400",
    str(2**31), str(2**63), str(2**64), str(10**12), "9" * 400, "9" * 5000, '""', '"x"', '"a\\nb"',
    '"\\u0000"', '"\\ud800"', '"\\u2028"', '"../../outside"', '"/dev/zero"', "[]", "{}", "[[]]",
    "[null]", "[0]", '{"a":1}', "[" * 60 + "]" * 60, "[" * 3000 + "]" * 3000,
    '{"a":' * 3000 + "1" + "}" * 3000, "[" * 100_000, "[1,]", "'x'", "1_000", "",
]  # fmt: skip
_HERE = "\0here"


def damaged_json(valid: Any) -> SearchStrategy[bytes]:
    """JSON of `valid` in which one or two values are odd, missing or there under another key."""
    paths = list(_paths(valid))
    odd = st.one_of(st.sampled_from(ODD_JSON), st.text(max_size=8).map(json.dumps))
    change = st.tuples(
        st.sampled_from(paths), st.sampled_from(["replace", "replace", "delete", "rename"]), odd
    )
    return st.lists(change, min_size=1, max_size=2).map(lambda changes: _changed(valid, changes))


def any_json(valid: Any) -> SearchStrategy[bytes]:
    """JSON that is damaged in its values or in its bytes."""
    written = json.dumps(valid).encode()
    return st.one_of(damaged_json(valid), damaged_json(valid), any_bytes(written))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if _many(value) else ()
    for key, below in inside:
        yield from _paths(below, (*path, key))


def _many(value: Any) -> bool:
    return isinstance(value, list)


def _changed(valid: Any, changes: list[tuple[tuple[Any, ...], str, str]]) -> bytes:
    root = {"": copy.deepcopy(valid)}
    texts = []
    for number, (path, what, odd) in enumerate(changes):
        target: Any = root
        try:
            for key in ("", *path)[:-1]:
                target = target[key]
            key = ("", *path)[-1]
            if what == "replace" or not path:
                target[key] = f"{_HERE}{number}"
                texts.append((f"{_HERE}{number}", odd))
            elif what == "delete":
                del target[key]
            else:
                target[odd if isinstance(target, dict) else 0] = target[key]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    written = json.dumps(root[""])
    for mark, odd in texts:
        written = written.replace(json.dumps(mark), odd)
    return written.encode("utf-8", "surrogatepass")
