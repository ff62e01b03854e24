"""The order in which Python 2.7 (64 bits) iterates over a dict of strings.

Keras' IMDB files were made by it: words that occur equally often are ranked in this order. Python 2
hashes strings without a random seed, so the order depends on the strings and on nothing else.
"""

from collections.abc import Iterable

_WORD = 2**64 - 1
_MULTIPLIER = 1_000_003  # of the string hash
_MINIMAL_SLOTS = 8
_LARGE = 50_000  # entries; from there on, a table that is full grows more slowly


def python2_order(keys: Iterable[bytes]) -> list[bytes]:
    """Return distinct keys, inserted one after the other, in the order of iteration."""
    table: list[tuple[bytes, int] | None] = [None] * _MINIMAL_SLOTS
    for used, key in enumerate(keys, 1):
        _insert(table, (key, _hash(key)))
        if used * 3 >= len(table) * 2:
            table = _grown(table, used * (2 if used > _LARGE else 4))
    return [entry[0] for entry in table if entry is not None]


def _hash(key: bytes) -> int:
    """The hash of Python 2, as an unsigned integer."""
    if not key:
        return 0
    value = key[0] << 7
    for byte in key:
        value = ((_MULTIPLIER * value) & _WORD) ^ byte
    value ^= len(key)
    return _WORD - 1 if value == _WORD else value  # -1 marks an error and becomes -2


def _insert(table: list[tuple[bytes, int] | None], entry: tuple[bytes, int]) -> None:
    """Put an entry into the first free slot that its hash leads to."""
    last = len(table) - 1
    slot = perturbation = entry[1]
    while table[slot & last] is not None:
        slot = 5 * slot + perturbation + 1
        perturbation >>= 5
    table[slot & last] = entry


def _grown(table: list[tuple[bytes, int] | None], needed: int) -> list[tuple[bytes, int] | None]:
    """Return a table with more than `needed` slots, filled in the order of the old one."""
    slots = _MINIMAL_SLOTS
    while slots <= needed:
        slots *= 2
    larger: list[tuple[bytes, int] | None] = [None] * slots
    for entry in table:
        if entry is not None:
            _insert(larger, entry)
    return larger
