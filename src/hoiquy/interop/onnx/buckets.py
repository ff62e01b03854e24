"""Look integers up in a set of keys; ONNX has no hash table of integers.

The keys are sorted into buckets by their remainder modulo a prime. A number is compared with as
many keys, from the start of its bucket, as the fullest bucket has. Keys are unique, so a key of the
next bucket cannot match.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hoiquy.interop.onnx.nodes import Nodes

_BUCKETS_PER_KEY = 4  # keeps the fullest bucket to a few keys


class Buckets(NamedTuple):
    """The buckets of distinct keys.

    Attributes:
        modulus: The number of buckets.
        fullest: The number of keys of the fullest one.
        starts: (modulus,) the first place of each.
        order: (keys,) for each place, which key it has.
    """

    modulus: int
    fullest: int
    starts: NDArray[np.int64]
    order: NDArray[np.int64]


def bucketed(keys: NDArray[np.int64]) -> Buckets:
    """Sort distinct keys, 0 or more, into buckets."""
    modulus = _prime_from(_BUCKETS_PER_KEY * len(keys) + 1)
    order = np.argsort(keys % modulus, kind="stable")
    sizes = np.bincount(keys % modulus, minlength=modulus)
    return Buckets(modulus, max(1, int(sizes.max())), np.cumsum(sizes) - sizes, order)


class BucketLookup:
    """A lookup in a set of keys, which stores them once for all its nodes."""

    def __init__(self, nodes: Nodes, keys: NDArray[np.int64], name: str) -> None:
        """Add the keys as constants. name: of the constants."""
        self._nodes, self.buckets = nodes, bucketed(keys)
        # The last bucket may be read past its end; no key is negative.
        tail = np.full(self.buckets.fullest, -1)
        self._modulus = nodes.constant(np.array(self.buckets.modulus, np.int64))
        self._starts = nodes.constant(self.buckets.starts, f"{name}/starts")
        self._keys = nodes.constant(
            np.concatenate([keys[self.buckets.order], tail]), f"{name}/keys"
        )

    def places(self, sought: str) -> str:
        """Add the place of each number among the keys in `buckets.order`, from 1; 0 for none."""
        nodes = self._nodes
        zero, one = (nodes.constant(np.array(number, np.int64)) for number in (0, 1))
        place = nodes.add("Gather", self._starts, nodes.add("Mod", sought, self._modulus))
        found = zero
        for _ in range(self.buckets.fullest):
            same = nodes.add("Equal", nodes.add("Gather", self._keys, place), sought)
            place = nodes.add("Add", place, one)
            found = nodes.add("Where", same, place, found)
        return found


def _prime_from(number: int) -> int:
    while any(number % divisor == 0 for divisor in range(2, int(number**0.5) + 1)):
        number += 1
    return max(number, 2)
